"""A contract on one page: what it is, who does how much, what happened day by day, and what is open."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from contracts.agreement import AgreementState
from contracts.calendar import SHANGHAI, iso_day
from contracts.category import Category
from contracts.decision import Fee, Share
from contracts.delivery import SettlementKind, SettlementLine
from contracts.errors import UnknownName
from contracts.journal import Happening
from contracts.organisation import Company, Person
from contracts.service_contract import ServiceContract
from contracts.task import MemberTask
from lianyue.cli.output import say, table
from lianyue.cli.session import Opened
from lianyue.packs import read_category, shipped
from lianyue.records.kept import ContractSummary
from lianyue.settings import Settings
from lianyue.story import sentence, term
from rules.explain.shown import money


@dataclass(frozen=True)
class ContractPage:
    """All that `contract show` tells."""

    summary: ContractSummary
    contract: ServiceContract
    shares: tuple[Share, ...]
    fees: tuple[Fee, ...]
    settlements: tuple[SettlementLine, ...]
    story: tuple[Happening, ...]
    tasks: tuple[MemberTask, ...]
    names: dict[str, str]
    language: str

    def as_document(self) -> dict[str, Any]:
        """Return the page for programs; every happening with its sentence."""
        told = [{**each.model_dump(mode="json"), "sentence": self._sentence(each)} for each in self.story]
        return {
            "summary": self.summary.model_dump(mode="json"),
            "contract": self.contract.model_dump(mode="json"),
            "shares": [share.model_dump(mode="json") for share in self.shares],
            "fees": [fee.model_dump(mode="json") for fee in self.fees],
            "settlements": [line.model_dump(mode="json") for line in self.settlements],
            "story": told,
            "open_tasks": [task.model_dump(mode="json") for task in self.tasks],
        }

    def print(self) -> None:
        """Print the page for people."""
        self._print_head()
        self._print_money()
        self._print_story()
        rows = [
            (task.id, task.title, self._name(task.company), task.user or "", day_and_time(task.due_at))
            for task in self.tasks
        ]
        if rows:
            table(("任务", "事项", "单位", "经办", "期限"), rows, "待办任务")

    def _print_head(self) -> None:
        summary, contract = self.summary, self.contract
        stage = term("stage", summary.stage.value, self.language) + ("（暂停）" if summary.is_suspended else "")
        say(f"{summary.number} {summary.title}")
        say(f"  委托方 {self._name(summary.client)} · {summary.category} · {contract.park} · 阶段 {stage}")
        say(f"  期限 {contract.starts_on} 至 {contract.ends_on} · 预算 {money(summary.value_fen, self.language)}")
        if summary.total_fen:
            say(f"  合同额 {money(summary.total_fen, self.language)}")
        if self.shares:
            rows = [
                (self._name(share.member), share.role, money(share.amount_fen, self.language)) for share in self.shares
            ]
            table(("成员单位", "角色", "份额"), rows, "份额")

    def _print_money(self) -> None:
        """Print what is owed out of the shares, and what was settled or is to be paid back."""
        owed = [
            (fee.level, self._name(fee.payer), self._payee(fee), money(fee.amount_fen, self.language), fee.note)
            for fee in self.fees
        ]
        if owed:
            table(("项目", "付款", "收款", "金额", "说明"), owed, "从份额中支付")
        settled = [
            (
                self._name(line.member),
                self._settled(line),
                money(line.agreed_fen, self.language),
                money(line.deduction_fen, self.language),
                money(line.payable.gross_fen, self.language),
                money(line.payable.vat_fen, self.language),
            )
            for line in self.settlements
        ]
        if settled:
            table(("成员单位", "节点", "约定", "扣款", "应付（含税）", "其中税额"), settled, "结算")

    def _payee(self, fee: Fee) -> str:
        return term("payee", fee.payee, self.language) if fee.payee.islower() else self._name(fee.payee)

    def _settled(self, line: SettlementLine) -> str:
        if line.kind is SettlementKind.CLAW_BACK:
            due = f"，{iso_day(line.due_day)}前付清" if line.due_day is not None else ""
            return f"第{line.plan_version}版变更退回{due}"
        return self._name(f"milestone:{line.milestone}")

    def _print_story(self) -> None:
        for day, happenings in groupby(self.story, key=lambda each: each.on.astimezone(SHANGHAI).date()):
            say(day.isoformat())
            for each in happenings:
                say(f"  {each.on.astimezone(SHANGHAI):%H:%M} {self._sentence(each)}")

    def _sentence(self, happening: Happening) -> str:
        return sentence(happening, self.names, self.language)

    def _name(self, code: str) -> str:
        return self.names.get(code, code)


def page_of(records: Opened, settings: Settings, number: str) -> ContractPage:
    """Return the page of contract *number*, or raise UnknownName."""
    reading = records.reading
    summary, contract = reading.contract(number), reading.order(number).contract
    tasks = reading.tasks(number=number, open_only=False)
    shares, fees = _division(records, number)
    return ContractPage(
        summary=summary,
        contract=contract,
        shares=shares,
        fees=fees,
        settlements=reading.settlements(number),
        story=reading.happenings(number),
        tasks=tuple(task for task in tasks if task.is_open),
        names={
            **names_of(records.directory.companies(), records.directory.persons()),
            **{task.id: task.title for task in tasks},
            **_milestones(settings, contract.category),
        },
        language=settings.language,
    )


def names_of(companies: tuple[Company, ...], persons: tuple[Person, ...]) -> dict[str, str]:
    """Return the names of companies by code and of people by user name."""
    return {each.code: each.name for each in companies} | {each.user: each.name for each in persons}


def day_and_time(moment: Any) -> str:
    """Write a moment as the alliance's clock shows it in Shanghai; nothing, if there is none."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""


def _division(records: Opened, number: str) -> tuple[tuple[Share, ...], tuple[Fee, ...]]:
    """The shares and fees in force, else those last agreed or decided."""
    agreements = records.reading.agreements(number)
    in_force = [each for each in agreements if each.state is AgreementState.IN_FORCE]
    for agreement in (*in_force, *agreements[-1:]):
        return agreement.version.agreement.shares, agreement.version.agreement.fees
    decisions = records.reading.decisions(number)
    return (decisions[-1].decision.shares, decisions[-1].decision.fees) if decisions else ((), ())


def _milestones(settings: Settings, code: str) -> dict[str, str]:
    return {f"milestone:{each.code}": each.title_zh for each in category_of(settings, code).pack.milestones}


def category_of(settings: Settings, code: str) -> Category:
    """Return one category, without the time it takes to read all, or raise UnknownName."""
    for folder in (shipped(), *([settings.packs] if settings.packs else [])):
        if (folder / code).is_dir():
            return read_category(folder / code)
    raise UnknownName(f"there is no category {code!r} in this installation; set LIANYUE_PACKS", where="category")
