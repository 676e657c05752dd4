"""Read, decide, write: however many do it at once, nobody decides on what is no longer so."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from activities.ports import Writing
from activities.recording import Written
from contracts.service_contract import ServiceContract
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords
from lianyue.records.writing import SqlWriting
from rules.select.methods import BalancedCap, Rotation, Select, WeightedRotation
from tests.lianyue.records.samples import AT, DAY, DIGEST, order, request, write
from tests.lianyue.records.taking import NEED_M2, QUEUE, take_if_free, take_turn

TAKING = Path(__file__).parent / "taking.py"
CONTRACTS = 24
ROTATION = Rotation(method="rotation", queue="turns")
WEIGHTED = WeightedRotation(method="weighted_rotation", queue="turns", weights={"LGNY": 1, "LGWY": 2})
CAPPED = BalancedCap(method="balanced_cap", queue="turns", cap="700000")
SHARES = {
    "rotation": {"LGNY": 12, "LGWY": 12, "nobody": 0},
    "weighted_rotation": {"LGNY": 8, "LGWY": 16, "nobody": 0},
    "balanced_cap": {"LGNY": 7, "LGWY": 7, "nobody": 10},
}
"""How many of two dozen contracts of 1,000 yuan each member has in the end."""


@pytest.fixture
def contracts(alliance: Database) -> tuple[ServiceContract, ...]:
    """Two dozen contracts that compete for the 500 m2 of LGNY."""
    orders = [order(f"LY-2025-{serial:04}", needs={"m2": NEED_M2}) for serial in range(1, CONTRACTS + 1)]
    for each in orders:
        Door(alliance).register(each, DIGEST, AT)
    return tuple(each.contract for each in orders)


def test_threads_neither_overrun_capacity_nor_lose_turns(
    alliance: Database, contracts: tuple[ServiceContract, ...]
) -> None:
    """Eight threads that decide on a free capacity take it up exactly, and every turn is counted."""
    records = SqlRecords(alliance)

    def decide(contract: ServiceContract) -> Written:
        return records.once(request(step="decide", number=contract.number), take_if_free(contract), Written)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(decide, contracts))

    assert {"taken": 5, "full": CONTRACTS - 5} == counted(answers)
    assert_taken(alliance)


@pytest.mark.chaos
def test_processes_neither_overrun_capacity_nor_lose_turns(
    alliance: Database, contracts: tuple[ServiceContract, ...], records_url: str
) -> None:
    """Four processes, each trying every contract, take the capacity up exactly, each contract once."""
    started = [
        subprocess.Popen([sys.executable, str(TAKING), records_url, str(offset)], stdout=subprocess.PIPE)
        for offset in range(4)
    ]
    answers = [json.loads(process.communicate(timeout=120)[0]) for process in started]

    assert [answers[0]] * 4 == answers
    assert {"taken": 5, "full": CONTRACTS - 5} == counted([Written(key=key) for key in answers[0].values()])
    assert_taken(alliance)


@pytest.mark.parametrize("stated", [ROTATION, WEIGHTED, CAPPED], ids=lambda stated: stated.method)
def test_threads_take_turns_as_one_after_another(
    alliance: Database, contracts: tuple[ServiceContract, ...], stated: Select
) -> None:
    """Eight threads that take turns leave the queue and the ledger that one would leave, and nobody has two at once."""
    records = SqlRecords(alliance)

    def decide(contract: ServiceContract) -> Written:
        return records.once(request(step="decide", number=contract.number), take_turn(stated, contract), Written)

    with ThreadPoolExecutor(8) as threads:
        winners = [answer.key for answer in threads.map(decide, contracts)]

    expected = SHARES[stated.method]
    assert expected == {code: winners.count(code) for code in ("LGNY", "LGWY", "nobody")}
    assert {code: expected[code] * 100_000 for code in ("LGNY", "LGWY")} == write(alliance, awarded)


def awarded(writing: SqlWriting) -> dict[str, int]:
    """What the ledger says that each member was given."""
    free = order("LY-2025-9999").contract
    return {each.member.code: each.ledger.awarded_fen for each in writing.candidates(free, DAY)}


def test_repeated_by_all_threads_acts_once(records: SqlRecords, reading: Reading) -> None:
    """One effect asked for by eight threads at once is had once, and all are told the same."""
    acted: list[int] = []

    def act(_: Writing) -> Written:
        acted.append(1)
        return Written(key=str(len(acted)))

    ask: Callable[[int], Written] = lambda _: records.once(request(), act, Written)  # noqa: E731
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(16)))

    assert [Written(key="1")] * 16 == answers
    assert [1] == acted


def counted(answers: list[Written]) -> dict[str, int]:
    """How many were answered what."""
    keys = [answer.key for answer in answers]
    return {key: keys.count(key) for key in ("taken", "full")}


def assert_taken(database: Database) -> None:
    """LGNY's capacity is taken up and not overrun, and the queue has had as many turns."""
    free = order("LY-2025-9999").contract

    def look(writing: SqlWriting) -> tuple[int, int]:
        (candidate,) = [each for each in writing.candidates(free, DAY) if each.member.code == "LGNY"]
        return candidate.ledger.reserved["m2"], len(writing.queue(QUEUE).order)

    assert (500, 5) == write(database, look)
