"""The signing ceremony: every contract of an example from its start to its last review, then the proof of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from contracts.organisation import Role
from contracts.service_contract import ENDED, ServiceContract
from lianyue.audit.exporting import exported
from lianyue.audit.replay import AuditReport
from lianyue.audit.verifying import verify_bundles
from lianyue.desk.desk import Desk
from lianyue.instance import Instance
from lianyue.settings import Settings
from lianyue.side_by_side import side_by_side
from lianyue.simulate.example import Example
from lianyue.simulate.people import People
from lianyue.wiring import Wiring

SIDE_BY_SIDE = 14
"""So many contracts are under way at once: enough for two cores, few enough that nobody is late by queueing."""

LOOK_SECONDS = 0.3

BUNDLES = "bundles"
"""The folder below the data into which every contract is exported."""

Progress = Callable[[str, int, int], None]
"""Called with the phase, how many are done, and how many there are."""


class CategorySum(BaseModel):
    """What was signed in one category."""

    contracts: int
    amount_fen: int
    quantity: int
    unit: str


class MemberSum(BaseModel):
    """What one member signed for."""

    contracts: int
    amount_fen: int


class Ceremony(BaseModel):
    """The figures of a ceremony, as `demo --json` prints them."""

    model_config = ConfigDict(frozen=True)

    contracts: int
    amount_fen: int
    members: int
    by_category: dict[str, CategorySum]
    by_member: dict[str, MemberSum]
    stages: dict[str, int]
    verified: int
    acts: int
    failed_checks: tuple[str, ...] = ()
    seconds: int


async def hold(instance: Instance, desk: Desk, example: Example, progress: Progress) -> Ceremony:
    """Play *example* on a started *instance* to its end; every contract is then exported and proved."""
    began = time.monotonic()
    instance.wiring.directory.load(example.alliance)
    day_seconds = 86_400 / instance.settings.clock_speed
    people = People(desk, example.script, day_seconds=day_seconds)
    numbers = [contract.number for contract in example.contracts]
    starting = asyncio.create_task(_start_in_turn(desk, example, progress))
    await people.live(lambda: starting.done() and _ended(desk, numbers) == len(numbers))
    await starting
    await _until_archived(instance.wiring, numbers, progress)
    reports = await _prove(instance.settings, numbers, progress)
    return _figures(instance.wiring, example, reports, people.acts, round(time.monotonic() - began))


async def _start_in_turn(desk: Desk, example: Example, progress: Progress) -> None:
    """Start the contracts one after another, never more under way than SIDE_BY_SIDE."""
    starter = next(person.user for person in example.alliance.people if Role.COORDINATOR in person.roles)
    numbers = [contract.number for contract in example.contracts]
    for place, contract in enumerate(example.contracts):
        while place - (ended := await asyncio.to_thread(_ended, desk, numbers[:place])) >= SIDE_BY_SIDE:
            progress("contracts", ended, len(numbers))
            await asyncio.sleep(LOOK_SECONDS)
        await desk.start(contract, starter)
    while (ended := await asyncio.to_thread(_ended, desk, numbers)) < len(numbers):
        progress("contracts", ended, len(numbers))
        await asyncio.sleep(LOOK_SECONDS)
    progress("contracts", ended, len(numbers))


def _ended(desk: Desk, numbers: list[str]) -> int:
    wanted = set(numbers)
    return sum(summary.number in wanted and summary.stage in ENDED for summary in desk.reading.contracts())


async def _until_archived(wiring: Wiring, numbers: list[str], progress: Progress) -> None:
    """The archivist follows each contract by a moment."""
    for place, number in enumerate(numbers):
        while not await asyncio.to_thread(wiring.reading.histories, number):  # noqa: ASYNC110 - the worker keeps them
            await asyncio.sleep(LOOK_SECONDS)
        progress("archives", place + 1, len(numbers))


async def _prove(settings: Settings, numbers: list[str], progress: Progress) -> list[AuditReport]:
    """Export every contract, and prove what was exported as an auditor does anywhere, on all cores."""
    folder = settings.data / BUNDLES
    folder.mkdir(parents=True, exist_ok=True)

    def proved() -> Iterator[AuditReport]:
        for done, report in enumerate(side_by_side(partial(_prove_lot, settings, folder), numbers), start=1):
            progress("proofs", done, len(numbers))
            yield report

    return await asyncio.to_thread(lambda: list(proved()))


def _prove_lot(settings: Settings, folder: Path, numbers: list[str]) -> list[AuditReport]:
    wiring = Wiring(settings)
    files = [folder / f"{number}.zip" for number in numbers]
    for number, file in zip(numbers, files, strict=True):
        file.write_bytes(exported(wiring, number))
    return asyncio.run(_proofs(numbers, files))


async def _proofs(numbers: list[str], files: list[Path]) -> list[AuditReport]:
    checks = [each async for each in verify_bundles(file.read_bytes() for file in files)]
    return [AuditReport(number=number, checks=found) for number, found in zip(numbers, checks, strict=True)]


def _figures(wiring: Wiring, example: Example, reports: list[AuditReport], acts: int, seconds: int) -> Ceremony:
    by_category = {
        total.category: CategorySum(
            contracts=total.contracts,
            amount_fen=total.amount_fen,
            quantity=_quantity(example.contracts, total.category),
            unit=wiring.categories[total.category].pack.quantity_unit,
        )
        for total in wiring.totals.signed_by_category()
    }
    by_member = {
        total.member: MemberSum(contracts=total.contracts, amount_fen=total.amount_fen)
        for total in wiring.totals.signed_by_member()
    }
    failed = [
        f"{report.number}: {check.name}: {check.detail}"
        for report in reports
        for check in report.checks
        if not check.ok
    ]
    return Ceremony(
        contracts=sum(each.contracts for each in by_category.values()),
        amount_fen=sum(each.amount_fen for each in by_category.values()),
        members=len(by_member),
        by_category=by_category,
        by_member=by_member,
        stages={stage.value: count for stage, count in wiring.totals.contracts_by_stage().items() if count},
        verified=sum(report.ok for report in reports),
        acts=acts,
        failed_checks=tuple(failed),
        seconds=seconds,
    )


def _quantity(contracts: tuple[ServiceContract, ...], category: str) -> int:
    return sum(contract.quantity for contract in contracts if contract.category == category)
