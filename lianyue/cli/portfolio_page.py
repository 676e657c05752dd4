"""A portfolio as people and programs see it: its contracts, what was decided for them, and what is still open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from activities.announcing import PortfolioBody
from contracts.portfolio import PortfolioOrder
from contracts.service_contract import ENDED, Stage
from contracts.task import MemberTask
from lianyue.cli.allocate_page import BOUND, STATUSES, SUMMARY
from lianyue.cli.output import say, table
from lianyue.records.kept import ContractSummary, KeptPortfolioDecision
from lianyue.story import term
from lianyue.wiring import Wiring
from rules.explain.shown import money
from rules.portfolio.answer import Allocation

SIGNED = (Stage.SIGNED, Stage.DELIVERED, Stage.REVIEWED)


@dataclass(frozen=True)
class PortfolioPage:
    """Everything that is shown of one portfolio."""

    order: PortfolioOrder
    contracts: tuple[ContractSummary, ...]
    decisions: tuple[KeptPortfolioDecision, ...]
    members: dict[str, tuple[str, ...]]
    """Who was last awarded what, by number."""
    tasks: tuple[MemberTask, ...]
    is_over: bool

    @classmethod
    def of(cls, wiring: Wiring, portfolio: str) -> PortfolioPage:
        """
        Return the page of *portfolio*.

        Raises:
            UnknownName: If there is no such portfolio.
        """
        order = wiring.portfolios.order(portfolio)
        contracts = wiring.portfolios.contracts(portfolio)
        kept = {each.number: wiring.reading.decisions(each.number) for each in contracts}
        members = {number: decided[-1].decision.selected for number, decided in kept.items() if decided}
        tasks = [
            task for task in wiring.reading.tasks(number=order.number) if task.id.startswith(f"portfolio/{portfolio}:")
        ]
        decisions, is_over = wiring.portfolios.decisions(portfolio), bool(wiring.portfolios.histories(portfolio))
        return cls(order, contracts, decisions, members, tuple(tasks), is_over)

    @property
    def last(self) -> Allocation | None:
        """The answer that was last decided."""
        if not self.decisions:
            return None
        return PortfolioBody.model_validate_json(self.decisions[-1].body_json).solved.allocation

    def as_line(self) -> dict[str, Any]:
        """Return what a list says of it."""
        stages = [each.stage for each in self.contracts]
        return {
            "id": self.order.id,
            "title": self.order.title,
            "contracts": len(stages),
            "signed": sum(stage in SIGNED for stage in stages),
            "out": sum(stage in ENDED and stage is not Stage.REVIEWED for stage in stages),
            "decisions": len(self.decisions),
            "over": self.is_over,
        }

    def as_row(self, language: str) -> tuple[str, ...]:
        """Return the line of a table."""
        line, last = self.as_line(), self.last
        status = STATUSES[last.status.value].in_(language) if last else "—"
        return (line["id"], line["title"], *(str(line[name]) for name in ("contracts", "signed", "out")), status)

    def as_document(self) -> dict[str, Any]:
        """Return the page as JSON."""
        last = self.last
        return {
            **self.as_line(),
            "rows": [
                {
                    "number": each.number,
                    "title": each.title,
                    "stage": each.stage.value,
                    "members": list(self.members.get(each.number, ())),
                    "amount_fen": each.total_fen,
                }
                for each in self.contracts
            ],
            "last": last.model_dump(mode="json") if last else None,
            "digests": [each.digest for each in self.decisions],
            "tasks": [task.id for task in self.tasks],
        }

    def print(self, language: str, progress: dict[str, Any] | None) -> None:
        """Write the page for people."""
        say(f"{self.order.title}（{self.order.id}）")
        if progress:
            say(_searching(progress, language))
        last = self.last
        if last is not None:
            _say_answer(last, len(self.decisions), language)
        rows = [
            (
                *(each.number, each.title, term("stage", each.stage.value, language)),
                "、".join(self.members.get(each.number, ())),
            )
            for each in self.contracts
        ]
        table(("编号", "名称", "阶段", "承接"), rows, f"合同 {len(rows)} 份")
        for task in self.tasks:
            say(f"待办 {task.id}：{task.title}")


def _say_answer(answer: Allocation, decisions: int, language: str) -> None:
    status = STATUSES[answer.status.value].in_(language)
    if answer.objective is not None:
        objective, price = money(answer.objective, language), money(answer.price_fen or 0, language)
        said = SUMMARY.in_(language).format(status=status, objective=objective, price=price)
        say(f"第{decisions}次决定：{said}")
    else:
        say(f"第{decisions}次决定：{status}")
    if answer.bound is not None and answer.gap_bp is not None:
        say(BOUND.in_(language).format(bound=money(answer.bound, language), gap=answer.gap_bp))
    for rule in answer.binding:
        say(f"  {rule.id}：{money(rule.cost, language)}")


def _searching(progress: dict[str, Any], language: str) -> str:
    found, bound = progress.get("objective"), progress.get("bound")
    best = money(found, language) if found is not None else "—"
    return f"正在求解：已得 {best}，下界 {money(bound, language) if bound is not None else '—'}"
