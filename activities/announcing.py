"""Announcing: what the records hold of a portfolio's decision, and the little that histories and contracts are told."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.approval import ApprovalPlan
from contracts.decision import Decision
from contracts.ids import ContractNumber
from contracts.portfolio import Awarded, PortfolioDecided, PortfolioId, Step
from contracts.value import Digest, Json, Recorded
from contracts.waiving import SignedException
from rules.canonical import digest
from rules.portfolio.answer import Allocation, Solved
from rules.portfolio.awarding import conflict_in_words, decision_of
from rules.portfolio.gathering import Entry


class PortfolioBody(Recorded):
    """
    A portfolio's decision as the records hold it: all that it follows from, and what followed.

    ``document`` is the Portfolio that was decided, ``seconds`` the time limit if there was one; ``decisions`` are the
    digests of what each contract was told.
    """

    portfolio: PortfolioId
    document: Json
    seconds: int | None = None
    idle: tuple[str, ...] = ()
    solved: Solved
    outside: dict[ContractNumber, str] = {}
    decisions: dict[ContractNumber, Digest] = {}
    exceptions: dict[ContractNumber, tuple[SignedException, ...]] = {}

    @property
    def digest(self) -> Digest:
        """What history knows it by."""
        return digest(self.model_dump(mode="json"))


def digest_of(decision: Decision) -> Digest:
    """Return what a portfolio announces a contract's decision by."""
    return digest(decision.model_dump(mode="json"))


def decisions_of(
    portfolio: str, waiting: Mapping[str, Entry], allocation: Allocation, titles: Mapping[str, str]
) -> dict[str, Decision]:
    """Return the decision of each waiting contract that was awarded, by number."""
    awarded = {award.contract for award in allocation.awards}
    return {
        number: decision_of(portfolio, entry, allocation, titles)
        for number, entry in waiting.items()
        if number in awarded
    }


def announced(
    body: PortfolioBody, decisions: Mapping[str, Decision], titles: Mapping[str, str], plan: ApprovalPlan
) -> PortfolioDecided:
    """Return what history keeps of the decision."""
    allocation = body.solved.allocation
    conflict = allocation.conflict
    words = conflict_in_words(conflict, allocation.conflict_with, titles) if conflict else ""
    return PortfolioDecided(
        status=allocation.status.value,
        digest=body.digest,
        engine=allocation.engine,
        objective=allocation.objective,
        bound=allocation.bound,
        gap_bp=allocation.gap_bp,
        amount_fen=sum(decision.amount_fen for decision in decisions.values()),
        awards=tuple(
            Awarded(
                number=number,
                members=decision.selected,
                amount_fen=decision.amount_fen,
                decision=body.decisions[number],
            )
            for number, decision in decisions.items()
        ),
        outside=body.outside,
        idle=body.idle,
        conflict=conflict,
        conflict_says="；".join(each for each in (words, body.solved.says) if each),
        steps=tuple(Step(left_out=each.left_out, price_fen=each.price_fen) for each in allocation.relaxations),
        approvals=plan,
    )
