"""A small alliance for tests: real workflows, records and desk on a server where a month is a moment."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.api.testservice.v1 import LockTimeSkippingRequest, UnlockTimeSkippingRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts.errors import AllianceError
from contracts.ids import contract_workflow, portfolio_workflow
from contracts.organisation import Alliance, Certificate, Company, CompanyKind, Person, Role
from contracts.portfolio import PortfolioOutcome
from contracts.service_contract import Outcome, ServiceContract
from contracts.task import MemberTask, TaskKind, TaskReceipt
from contracts.value import Json
from lianyue.books import publish
from lianyue.desk.desk import Desk
from lianyue.desk.people import actor_named
from lianyue.payloads.codec import converter_of
from lianyue.settings import Settings
from lianyue.simulate.answers import answer, paper
from lianyue.simulate.openings import shares_of
from lianyue.simulate.script import Script
from lianyue.wiring import Wiring
from rules.portfolio.documents import Portfolio

ORIGIN = "2025-07-01T09:00:00+08:00"
PATIENCE_SECONDS = 20
QUIET_SECONDS = 0.3
SHUTDOWN_SECONDS = 10

MEMBERS = ("NORTH", "LAKE", "HILL")
OFFICE_ROLES = {
    "coord": (Role.COORDINATOR, Role.SIGNER, Role.DESK_OFFICER),
    "deputy": (Role.COORDINATOR, Role.SIGNER),
    "desk": (Role.DESK_OFFICER, Role.FINANCE_LEAD),
    "money": (Role.FINANCE_LEAD,),
    "judge": (Role.REVIEWER,),
    **{f"council{place}": (Role.COUNCIL_MEMBER,) for place in range(1, 10)},
}


def small_alliance() -> Alliance:
    """Return an alliance of three members (北极星, 湖岸, 山脚), one client and an office."""
    members = tuple(_member(code) for code in MEMBERS)
    office = Company(code="OFFICE", name="联盟办公室", name_en="Office", kind=CompanyKind.OFFICE, synthetic=True)
    client = Company(code="HARBOUR", name="港口平台", name_en="Harbour", kind=CompanyKind.CLIENT, synthetic=True)
    people = [Person(user=user, name=user, company="OFFICE", roles=roles) for user, roles in OFFICE_ROLES.items()]
    people.append(Person(user="buyer", name="buyer", company="HARBOUR", roles=(Role.BUYER, Role.SIGNER)))
    for code in MEMBERS:
        users = (code.lower(), f"{code.lower()}.deputy")
        people += [Person(user=user, name=user, company=code, roles=(Role.HANDLER, Role.SIGNER)) for user in users]
    return Alliance(
        name="小联盟", name_en="Small", office="OFFICE", companies=(office, client, *members), people=tuple(people)
    )


def _member(code: str) -> Company:
    held = ("legal_person", "electric_installation", "food_licence", "health_certificates", "food_safety_manager")
    certificates = tuple(
        Certificate(code=kind, number=f"{code}-{kind}", valid_from="2020-01-01", valid_to="2035-12-31") for kind in held
    )
    return Company(
        code=code,
        name={"NORTH": "北极星", "LAKE": "湖岸", "HILL": "山脚"}[code],
        name_en=code.title(),
        kind=CompanyKind.MEMBER,
        categories=("property", "greening", "canteen", "pv"),
        parks=("lingang",),
        certificates=certificates,
        capacity={"m2": 100_000, "green_m2": 500_000},
        synthetic=True,
    )


def small_contract(number: str = "LY-2025-0001", **changes: Any) -> ServiceContract:
    """Return a property contract of 640,000 yuan that three members may quote for; *changes* override fields."""
    return ServiceContract(
        **{
            "number": number,
            "title": "港口一期物业服务",
            "category": "property",
            "client": "HARBOUR",
            "park": "lingang",
            "value_fen": 64_000_000,
            "quantity": 21_000,
            "starts_on": "2025-08-01",
            "ends_on": "2026-07-31",
            "needs": {"m2": 21_000},
            "terms": {
                "site": "港口一期",
                "price_form": "lump_sum",
                "scope": "综合管理与秩序维护",
                "service_grade": 2,
            },
            **changes,
        }
    )


def greening_contract(number: str = "LY-2025-0001", **changes: Any) -> ServiceContract:
    """Return a greening contract of 900,000 yuan, which can be divided among members."""
    terms = {"site": "港口一期", "price_form": "per_area", "scope": "绿地养护", "care_grade": 2, "trees": 120}
    values = {"title": "港口一期绿化养护", "category": "greening", "value_fen": 90_000_000, "quantity": 60_000}
    return small_contract(number, **{**values, "needs": {"green_m2": 60_000}, "terms": terms, **changes})


def exception_text(name: str = "north-in-south", **changes: Any) -> str:
    """Return an exception to the rule on parks for NORTH, granted by council1; *changes* override its spec."""
    spec = {
        "policy": "property",
        "waives": ["park"],
        "members": ["NORTH"],
        "effective": {"from": "2025-07-01", "to": "2025-10-01"},
        "reason": "南区暂无登记的成员单位",
        "granted_by": {"user": "council1", "role": "council_member", "day": "2025-07-01"},
        **changes,
    }
    metadata = {"name": name, "title": "南区物业例外", "owner": "联盟办公室", "reference": ["理事会决议2025-17"]}
    document = {"apiVersion": "lianyue/v1", "kind": "PolicyException", "metadata": metadata, "spec": spec}
    return json.dumps(document, ensure_ascii=False)


ONE_EACH = {"id": "one-each", "type": "max_contracts", "value": 1, "priority": 3, "title": "每家至多一份"}


def small_portfolio(*constraints: Json, name: str = "ceremony", **spec: Any) -> Portfolio:
    """Return a portfolio of the small alliance; by default nobody receives more than one contract."""
    quotes = [{"member": code, "price_fen": 1} for code in MEMBERS]
    contract = {"number": "LY-2025-0001", "category": "property", "value_fen": 1, "quotes": quotes}
    rules: Json = {"decision_day": "2025-07-01", "constraints": list(constraints or (ONE_EACH,)), **spec}
    members = [{"code": code} for code in MEMBERS]
    return Portfolio.model_validate(
        {
            "apiVersion": "lianyue/v1",
            "kind": "Portfolio",
            "metadata": {"name": name, "title": "小联盟签约大会", "synthetic": True},
            "spec": {"members": members, "contracts": [contract], **rules},
        }
    )


PRICES = {"NORTH": 63_000_000, "LAKE": 63_500_000, "HILL": 64_000_000}


class House:
    """An alliance at work; people are asked to act, and time passes when told to."""

    def __init__(self, wiring: Wiring, desk: Desk, environment: WorkflowEnvironment) -> None:
        self.wiring = wiring
        self.desk = desk
        self.environment = environment
        self.client = environment.client
        self.script = Script()

    async def start(self, contract: ServiceContract, prices: dict[str, int] | None = None) -> str:
        """Start *contract*; members will quote *prices*. Return its number."""
        quotes = {**self.script.quotes, contract.number: PRICES if prices is None else prices}
        self.script = self.script.model_copy(update={"quotes": quotes})
        await self.desk.start(contract, "coord")
        return contract.number

    async def start_together(
        self, prices: Mapping[str, Mapping[str, int]], portfolio: Portfolio | None = None, **changes: Any
    ) -> None:
        """Start small contracts under the numbers of *prices*, to be decided together by *portfolio*."""
        document = portfolio or small_portfolio()
        quotes = {**self.script.quotes, **{number: dict(asked) for number, asked in prices.items()}}
        self.script = self.script.model_copy(update={"quotes": quotes})
        for number in prices:
            await self.desk.register(small_contract(number, **changes), "coord", document.metadata.name)
        for begun in self.desk.begun_together(document, list(prices), "coord"):
            await begun

    async def portfolio_outcome(self, portfolio: str = "ceremony") -> PortfolioOutcome:
        """Wait for the end of a portfolio."""
        handle = self.client.get_workflow_handle(portfolio_workflow(portfolio), result_type=PortfolioOutcome)
        return await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)

    async def task(self, kind: TaskKind, company: str | None = None, number: str | None = None) -> MemberTask:
        """Wait until a task of *kind* (for *company*) is open, and return it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for task in await asyncio.to_thread(self.desk.reading.tasks, number=number):
                if task.kind is kind and company in (None, task.company):
                    return task
            await asyncio.sleep(0.03)
        open_now = [task.id for task in self.desk.reading.tasks()]
        raise TimeoutError(f"no open task of kind {kind} for {company}; open are {open_now}")

    async def answer(
        self, kind: TaskKind, company: str | None = None, user: str | None = None, **content: Any
    ) -> TaskReceipt:
        """Have the next open task of *kind* answered as expected, or with *content*."""
        task = await self.task(kind, company)
        return await self.desk.submit(task.id, user or self.user_for(task), content or self.usual(task))

    async def answer_all(self, kind: TaskKind, count: int) -> None:
        """Have *count* tasks of *kind* answered as expected, one after another."""
        for _ in range(count):
            await self.answer(kind)

    async def approve(self, count: int = 2) -> None:
        """Have the award approved."""
        await self.answer_all(TaskKind.APPROVE, count)

    async def sign_all(self, parties: int = 3) -> None:
        """Have every party sign."""
        await self.answer_all(TaskKind.SIGN, parties)

    async def deliver_all(self, milestones: int) -> None:
        """Have *milestones* delivered and accepted."""
        for _ in range(milestones):
            await self.answer(TaskKind.DELIVER)
            await self.answer(TaskKind.ACCEPT)

    async def review_all(self, members: int = 1) -> None:
        """Have everybody rate and every member reply."""
        await self.answer_all(TaskKind.RATE, 2)
        await self.answer_all(TaskKind.REPLY, members)

    def usual(self, task: MemberTask) -> Json:
        """Return the answer that is expected to *task*; what a delivery names is handed over with it."""
        if task.kind is TaskKind.OPEN_QUOTES:
            return shares_of(self.desk, task, self.user_for(task))
        if task.kind is TaskKind.DELIVER and task.is_open:
            actor = actor_named(self.desk.directory, self.user_for(task))
            self.desk.evidence.take(task.id, actor, "paper.pdf", io.BytesIO(paper(task)))
        contract = self.desk.reading.order(task.number).contract
        return answer(task, contract, self.desk.orders.category(contract), self.script, None)

    def user_for(self, task: MemberTask) -> str:
        """Return somebody who may take *task*; each approval of one award goes to somebody else."""
        starter = self.desk.reading.order(task.number).started_by.user
        taken = {person for each in self._approvals(task) if each.answered_by for person in each.answered_by.persons}
        fit = [
            person.user
            for person in self.desk.directory.persons(task.company)
            if task.role in person.roles and task.user in (None, person.user)
        ]
        others = [user for user in fit if task.kind is not TaskKind.APPROVE or user not in {starter, *taken}]
        return min(others)

    def _approvals(self, task: MemberTask) -> list[MemberTask]:
        every = self.desk.reading.tasks(number=task.number, open_only=False)
        award = task.id.rpartition("-")[2]
        return [each for each in every if each.kind is TaskKind.APPROVE and each.id.rpartition("-")[2] == award]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until *holds* does; what a workflow does by itself reaches the records a moment later."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await asyncio.to_thread(holds):
            if time.monotonic() > deadline:
                raise TimeoutError("what was waited for has not come true")
            await asyncio.sleep(0.03)

    async def pass_days(self, days: float) -> None:
        """
        Let *days* pass on the server; timers that fall due meanwhile fire.

        Time must not jump while a worker is at work, or the server takes it for dead: what is under way ends first.
        """
        await asyncio.sleep(QUIET_SECONDS)
        await self.environment.sleep(timedelta(days=days))

    async def outcome(self, number: str = "LY-2025-0001") -> Outcome:
        """Wait for the end of a contract; nobody acts any more, and days pass until it has come."""
        handle = self.client.get_workflow_handle(contract_workflow(number), result_type=Outcome)
        deadline = time.monotonic() + PATIENCE_SECONDS
        async with self._time_flies():
            while (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{number} has not ended; open are {self.desk.reading.tasks(number=number)}")
                await asyncio.sleep(0.05)
        return await handle.result()

    @asynccontextmanager
    async def _time_flies(self) -> AsyncIterator[None]:
        """Let the server jump to the next timer whenever no worker is at work."""
        service = self.client.test_service
        await service.unlock_time_skipping(UnlockTimeSkippingRequest())
        try:
            yield
        finally:
            await service.lock_time_skipping(LockTimeSkippingRequest())

    def verbs(self, number: str = "LY-2025-0001") -> list[str]:
        """Return what happened to a contract, by verb, in order."""
        return [happening.verb for happening in self.desk.reading.happenings(number)]

    async def refusal(self, attempt: Any) -> AllianceError:
        """Await *attempt*, which must be refused, and return the refusal."""
        try:
            await attempt
        except AllianceError as error:
            return error
        raise AssertionError("this should have been refused")


@asynccontextmanager
async def house(data: Path, records_url: str = "", **settings: Any) -> AsyncIterator[House]:
    """Open a house on the time-skipping server, with its records in *data* or at *records_url*."""
    binary = str(Path(sys.executable).parent / "temporal-test-server")
    values = {"data": data, "clock_origin": ORIGIN, "database_url": records_url, "sqlite_synchronous": "OFF"}
    chosen = Settings(**{**values, **settings})
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=binary, data_converter=converter_of(chosen)
    ) as environment:
        wiring = Wiring(chosen)
        publish(wiring.records, None, wiring.categories)
        wiring.directory.load(small_alliance())
        async with _at_work(wiring.worker(environment.client)):
            yield House(wiring, wiring.desk(environment.client), environment)
        wiring.database.close()


@asynccontextmanager
async def _at_work(worker: Worker) -> AsyncIterator[None]:
    """
    Let *worker* work, and stop it once it is quiet.

    A worker that is stopped in the middle of a task may wait for this server for ever; then it is let go.
    """
    working = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await asyncio.sleep(QUIET_SECONDS)
        stopping = asyncio.create_task(worker.shutdown())
        await asyncio.wait({stopping, working}, timeout=SHUTDOWN_SECONDS)
        working.cancel()
