"""A contract on one page: what it is, who does how much, what happened day by day, and what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from contracts.agreement import AgreementState
from contracts.calendar import SHANGHAI, iso_day
from contracts.category import Category
from contracts.decision import Fee, Share
from contracts.delivery import SettlementKind, SettlementLine
from contracts.errors import UnknownName
from contracts.task import MemberTask
from contracts.value import Json
from lianyue.access.views import Told
from lianyue.cli.output import say, table
from lianyue.packs import read_category, shipped
from lianyue.records.kept import ContractSummary
from lianyue.records.opened import Opened
from lianyue.remote import RemoteDesk
from lianyue.settings import Settings
from lianyue.story import names_of, sentence, term
from lianyue.titles import task_title
from rules.explain.notes import note_in
from rules.explain.shown import money
from rules.explain.words import ENGLISH, Words

WORDS: dict[str, Words] = {
    "head": Words(
        "  委托方 {client} · {category} · {park} · 阶段 {stage}",
        "  client {client} · {category} · {park} · stage {stage}",
    ),
    "term": Words("  期限 {first} 至 {last} · 预算 {value}", "  from {first} to {last} · value {value}"),
    "total": Words("  合同额 {total}", "  agreed {total}"),
    "suspended": Words("（暂停）", " (suspended)"),
    "shares": Words("份额", "Shares"),
    "shares heads": Words("成员单位|角色|份额", "Member|Role|Share"),
    "fees": Words("从份额中支付", "Owed out of the shares"),
    "fees heads": Words("项目|付款|收款|金额|说明", "Fee|From|To|Amount|Note"),
    "settlements": Words("结算", "Settlements"),
    "settlements heads": Words(
        "成员单位|节点|约定|扣款|应付（含税）|其中税额",
        "Member|Milestone|Agreed|Deduction|Payable (with tax)|Tax in it",
    ),
    "paid back": Words("第{version}版变更退回", "paid back by amendment, version {version}"),
    "paid back by": Words("第{version}版变更退回，{day}前付清", "paid back by amendment, version {version}, by {day}"),
    "tasks": Words("待办任务", "Open tasks"),
    "tasks heads": Words("任务|事项|单位|经办|期限", "Task|What|Company|Who|Due"),
}
"""The words of the page; the heads of a table stand between strokes."""


@dataclass(frozen=True)
class ContractPage:
    """All that `contract show` tells."""

    summary: ContractSummary
    contract: Json
    shares: tuple[Share, ...]
    fees: tuple[Fee, ...]
    settlements: tuple[SettlementLine, ...]
    story: tuple[Told, ...]
    tasks: tuple[MemberTask, ...]
    names: dict[str, str]
    language: str

    def as_document(self) -> dict[str, Any]:
        """Return the page for programs; every happening with its sentence."""
        told = [{**each.happening.model_dump(mode="json"), "sentence": each.sentence} for each in self.story]
        return {
            "summary": self.summary.model_dump(mode="json"),
            "contract": self.contract,
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
            (task.id, self._name(task.id), self._name(task.company), task.user or "", day_and_time(task.due_at))
            for task in self.tasks
        ]
        self._print_table("tasks", rows)

    def _say(self, key: str, **facts: Any) -> str:
        return WORDS[key].in_(self.language).format(**facts)

    def _print_table(self, key: str, rows: Sequence[tuple[str, ...]]) -> None:
        """Print a table under its title, if there is something in it."""
        if rows:
            table(self._say(f"{key} heads").split("|"), rows, self._say(key))

    def _print_head(self) -> None:
        summary, contract = self.summary, self.contract
        suspended = self._say("suspended") if summary.is_suspended else ""
        stage = term("stage", summary.stage.value, self.language) + suspended
        client, value = self._name(summary.client), money(summary.value_fen, self.language)
        say(f"{summary.number} {summary.title}")
        say(self._say("head", client=client, category=summary.category, park=contract["park"], stage=stage))
        say(self._say("term", first=contract["starts_on"], last=contract["ends_on"], value=value))
        if summary.total_fen:
            say(self._say("total", total=money(summary.total_fen, self.language)))
        rows = [
            (self._name(share.member), term("part", share.role, self.language), money(share.amount_fen, self.language))
            for share in self.shares
        ]
        self._print_table("shares", rows)

    def _print_money(self) -> None:
        """Print what is owed out of the shares, and what was settled or is to be paid back."""
        owed = [
            (
                fee.level,
                self._name(fee.payer),
                self._payee(fee),
                money(fee.amount_fen, self.language),
                note_in(fee.note, self.language),
            )
            for fee in self.fees
        ]
        self._print_table("fees", owed)
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
        self._print_table("settlements", settled)

    def _payee(self, fee: Fee) -> str:
        return term("payee", fee.payee, self.language) if fee.payee.islower() else self._name(fee.payee)

    def _settled(self, line: SettlementLine) -> str:
        if line.kind is SettlementKind.CLAW_BACK:
            if line.due_day is None:
                return self._say("paid back", version=line.plan_version)
            return self._say("paid back by", version=line.plan_version, day=iso_day(line.due_day))
        return self._name(f"milestone:{line.milestone}")

    def _print_story(self) -> None:
        for day, told in groupby(self.story, key=lambda each: each.happening.on.astimezone(SHANGHAI).date()):
            say(day.isoformat())
            for each in told:
                say(f"  {each.happening.on.astimezone(SHANGHAI):%H:%M} {each.sentence}")

    def _name(self, code: str) -> str:
        return self.names.get(code, code)


def page_of(records: Opened, settings: Settings, number: str) -> ContractPage:
    """Return the page of contract *number*, or raise UnknownName."""
    reading = records.reading
    summary, contract = reading.contract(number), reading.order(number).contract
    tasks = reading.tasks(number=number, open_only=False)
    shares, fees = _division(records, number)
    names = {
        **names_of(records.directory.companies(), records.directory.persons(), settings.language),
        **_milestones(settings, contract.category),
    }
    names |= {task.id: task_title(task, summary.title, names, settings.language) for task in tasks}
    happenings = reading.happenings(number)
    return ContractPage(
        summary=summary,
        contract=contract.model_dump(mode="json"),
        shares=shares,
        fees=fees,
        settlements=reading.settlements(number),
        story=tuple(Told(happening=each, sentence=sentence(each, names, settings.language)) for each in happenings),
        tasks=tuple(task for task in tasks if task.is_open),
        names=names,
        language=settings.language,
    )


def page_from(remote: RemoteDesk, settings: Settings, number: str) -> ContractPage:
    """Return the page of contract *number* as the instance elsewhere tells it, or raise NotThere."""
    seen, directory = remote.contract(number), remote.directory()
    title = seen.summary.title
    names = {
        **names_of(directory.companies, directory.people, settings.language),
        **_milestones(settings, seen.summary.category),
    }
    return ContractPage(
        summary=seen.summary,
        contract=seen.contract,
        shares=seen.shares,
        fees=seen.fees,
        settlements=seen.settlements,
        story=remote.timeline(number, settings.language),
        tasks=seen.open_tasks,
        names=names | {task.id: task_title(task, title, names, settings.language) for task in seen.open_tasks},
        language=settings.language,
    )


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
    milestones = category_of(settings, code).pack.milestones
    is_english = settings.language == ENGLISH
    return {f"milestone:{each.code}": each.title_en if is_english else each.title_zh for each in milestones}


def category_of(settings: Settings, code: str) -> Category:
    """Return one category, without the time it takes to read all, or raise UnknownName."""
    for folder in (shipped(), *([settings.packs] if settings.packs else [])):
        if (folder / code).is_dir():
            return read_category(folder / code)
    raise UnknownName(f"there is no category {code!r} in this installation; set LIANYUE_PACKS", where="category")
