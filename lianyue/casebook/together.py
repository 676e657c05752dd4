"""A portfolio as people and programs see it: its contracts, who was awarded them and why, and what is still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from activities.announcing import PortfolioBody
from contracts.decision import Decision, Share
from contracts.ids import portfolio_workflow
from contracts.portfolio import PortfolioOrder
from contracts.service_contract import ENDED, Stage
from contracts.task import MemberTask, TaskKind
from contracts.value import Digest, Json, Recorded
from lianyue.audit.together import body_of
from lianyue.records.kept import ContractSummary
from lianyue.records.opened import Opened
from rules.explain.together import TogetherTold
from rules.explain.tongue import Tongue
from rules.portfolio.answer import Allocation, AllocationStatus, AwardReason, Progress
from rules.portfolio.documents import PolicySpec

SIGNED = (Stage.SIGNED, Stage.DELIVERED, Stage.REVIEWED)


class PortfolioState(StrEnum):
    """What a portfolio is at: quotes, a search, other rules, an approval, or signatures; or it is over."""

    GATHERING = "gathering"
    SEARCHING = "searching"
    ADJUSTING = "adjusting"
    APPROVING = "approving"
    SIGNING = "signing"
    OVER = "over"


class PortfolioLine(Recorded):
    """A portfolio on one line; ``signed`` and ``out`` count contracts, ``decisions`` how often it was decided."""

    id: str
    title: str
    state: PortfolioState
    contracts: int
    signed: int
    out: int
    decisions: int
    over: bool
    status: AllocationStatus | None = None
    price_fen: int | None = None


class ContractAwarded(Recorded):
    """
    A contract of a portfolio with its last award, and why it went there.

    ``amount_fen`` is what is agreed at present, ``awarded_fen`` what the award comes to, ``outside`` why there is
    nobody for it.
    """

    number: str
    title: str
    category: str
    stage: Stage
    amount_fen: int
    awarded_fen: int = 0
    members: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()
    why: AwardReason | None = None
    outside: str = ""


class PortfolioAccount(PortfolioLine):
    """
    A portfolio on a page: contracts, rules, the last answer with bound and gap, and what people said to it.

    ``rules`` are those of the last decision, ``idle`` the ids of those that count nothing any more; ``digests`` are
    what history has of each decision. ``approvals`` are all tasks of the portfolio itself, adjustments too; ``tasks``
    the ids of the open ones. ``progress`` is how far a search that is under way has come.
    """

    started_by: str
    rows: tuple[ContractAwarded, ...]
    rules: PolicySpec
    last: Allocation | None = None
    idle: tuple[str, ...] = ()
    digests: tuple[Digest, ...] = ()
    approvals: tuple[MemberTask, ...] = ()
    tasks: tuple[str, ...] = ()
    progress: Progress | None = None

    def searched(self, progress: Progress | None) -> PortfolioAccount:
        """Return the account with the *progress* of a search, if one is under way."""
        if progress is None:
            return self
        return self.model_copy(update={"progress": progress, "state": PortfolioState.SEARCHING})

    def told(self, tongue: Tongue) -> TogetherTold:
        """Return who tells of the answer in *tongue*."""
        return TogetherTold(tongue, self.rules)


def account_of(records: Opened, portfolio: str) -> PortfolioAccount:
    """
    Return the account of *portfolio*, without the progress that only the server knows.

    Raises:
        UnknownName: If there is no such portfolio.
        Invalid: If a decision does not have the digest that it was kept under.
    """
    order = records.portfolios.order(portfolio)
    bodies = _bodies(records, portfolio)
    board = records.reading.board(portfolio_workflow(portfolio))
    contracts, decided = records.portfolios.contracts(portfolio), records.portfolios.decided(portfolio)
    line = _line(records, order, contracts, board, len(bodies))
    last = bodies[max(bodies)] if bodies else None
    return PortfolioAccount(
        **line.model_dump(exclude={"status", "price_fen"}),
        **_outcome(last),
        started_by=order.started_by.user,
        rows=tuple(_row(each, decided.get(each.number), bodies) for each in contracts),
        rules=_rules(order, last),
        last=last.solved.allocation if last else None,
        idle=last.idle if last else (),
        digests=tuple(body.digest for _, body in sorted(bodies.items())),
        approvals=board,
        tasks=tuple(task.id for task in board if task.is_open),
    )


def lines_of(records: Opened) -> tuple[PortfolioLine, ...]:
    """Return all portfolios by name."""
    return tuple(_decided_line(records, order) for order in records.portfolios.orders())


def _decided_line(records: Opened, order: PortfolioOrder) -> PortfolioLine:
    board = records.reading.board(portfolio_workflow(order.id))
    decisions = records.portfolios.decisions(order.id)
    line = _line(records, order, records.portfolios.contracts(order.id), board, len(decisions))
    body = PortfolioBody.model_validate_json(decisions[-1].body_json) if decisions else None
    return line.model_copy(update=_outcome(body))


def _line(
    records: Opened,
    order: PortfolioOrder,
    contracts: Sequence[ContractSummary],
    board: Sequence[MemberTask],
    decisions: int,
) -> PortfolioLine:
    stages, over = [each.stage for each in contracts], records.portfolios.is_over(order.id)
    return PortfolioLine(
        id=order.id,
        title=order.title,
        state=_state(over, decisions, [task.kind for task in board if task.is_open]),
        contracts=len(stages),
        signed=sum(stage in SIGNED for stage in stages),
        out=sum(stage in ENDED and stage is not Stage.REVIEWED for stage in stages),
        decisions=decisions,
        over=over,
    )


def _state(over: bool, decisions: int, waited_for: Sequence[TaskKind]) -> PortfolioState:
    if over:
        return PortfolioState.OVER
    if TaskKind.ADJUST in waited_for:
        return PortfolioState.ADJUSTING
    if TaskKind.APPROVE in waited_for:
        return PortfolioState.APPROVING
    return PortfolioState.SIGNING if decisions else PortfolioState.GATHERING


def _outcome(body: PortfolioBody | None) -> Json:
    if body is None:
        return {}
    answer = body.solved.allocation
    return {"status": answer.status, "price_fen": answer.price_fen}


def _bodies(records: Opened, portfolio: str) -> dict[int, PortfolioBody]:
    """What was decided, by occurrence."""
    return {each.occurrence: body_of(each) for each in records.portfolios.decisions(portfolio)}


def _rules(order: PortfolioOrder, last: PortfolioBody | None) -> PolicySpec:
    """The rules as they were last decided by, with what coordinators have set aside or added; else as registered."""
    stated = last.document["spec"] if last else order.rules
    return PolicySpec.model_validate({name: stated[name] for name in PolicySpec.model_fields if name in stated})


def _row(
    contract: ContractSummary, decided: tuple[int, Decision] | None, bodies: Mapping[int, PortfolioBody]
) -> ContractAwarded:
    """A contract by the decision that it was last awarded in: in a later one its award only stands."""
    row = ContractAwarded(
        **{name: getattr(contract, name) for name in ("number", "title", "category", "stage")},
        amount_fen=contract.total_fen,
        outside=bodies[max(bodies)].outside.get(contract.number, "") if bodies else "",
    )
    if decided is None:
        return row
    occurrence, decision = decided
    reasons = bodies[occurrence].solved.allocation.reasons if occurrence in bodies else ()
    return row.model_copy(
        update={
            "awarded_fen": decision.amount_fen,
            "members": decision.selected,
            "shares": decision.shares,
            "why": next((each for each in reasons if each.contract == contract.number), None),
        }
    )
