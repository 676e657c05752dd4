"""Who must approve a portfolio: what the authority matrix asks of its whole amount, and of every contract in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.approval import ApprovalPlan, ApprovalTimeout, Recusal, SignerFacts
from contracts.decision import ApprovalNeed, Decision
from contracts.facts import Facts
from rules.authority import CompiledAuthority, approval_plan

Part = tuple[CompiledAuthority, Facts, Decision]
"""A contract of the portfolio: the matrix it is pinned to, its facts, its decision."""


def portfolio_plan(parts: Sequence[Part], signers: Sequence[SignerFacts], starter: str) -> ApprovalPlan:
    """
    Say who must approve the decisions of *parts* together, and who may not.

    The band is that of the sum. A line that holds for one contract holds for the portfolio, once; whoever is recused
    from one contract is recused from the whole. Where contracts are pinned to different editions all of them ask.
    """
    total = sum(decision.amount_fen for _, _, decision in parts)
    own = [approval_plan(matrix, facts, decision, signers, starter) for matrix, facts, decision in parts]
    lines = [_only(plan, matrix, of_bands=False) for plan, (matrix, _, _) in zip(own, parts, strict=True)]
    first = own[0]
    plans = [*_of_the_whole(parts, total), *lines]
    return ApprovalPlan(
        needs=_needs(plans),
        timeouts=_timeouts(plans),
        distinct_persons=any(plan.distinct_persons for plan in own),
        mandate_depth=min(plan.mandate_depth for plan in own),
        mandates_must_be_dated=any(plan.mandates_must_be_dated for plan in own),
        starter=starter,
        signers=first.signers,
        recused=_recused(own),
    )


def _of_the_whole(parts: Sequence[Part], total_fen: int) -> list[ApprovalPlan]:
    """What the band of the whole amount asks, by each edition of the matrix."""
    found: dict[str, ApprovalPlan] = {}
    for matrix, facts, decision in parts:
        if matrix.digest not in found:
            whole = decision.model_copy(update={"amount_fen": total_fen})
            found[matrix.digest] = _only(approval_plan(matrix, facts, whole, (), None), matrix, of_bands=True)
    return list(found.values())


def _only(plan: ApprovalPlan, matrix: CompiledAuthority, *, of_bands: bool) -> ApprovalPlan:
    """What the bands ask, or what the lines besides them do: those judge a contract by its own amount."""
    bands = {band.id for band in matrix.document.spec.bands}
    needs = tuple(need for need in plan.needs if (need.rule in bands) is of_bands)
    timeouts = tuple(timeout for timeout in plan.timeouts if (timeout.rule in bands) is of_bands)
    return plan.model_copy(update={"needs": needs, "timeouts": timeouts})


def _needs(plans: Iterable[ApprovalPlan]) -> tuple[ApprovalNeed, ...]:
    """Every need once by rule and role, with the largest count that one contract asks for."""
    found: dict[tuple[str, str], ApprovalNeed] = {}
    for plan in plans:
        for need in plan.needs:
            earlier = found.get((need.rule, need.role))
            if earlier is None or need.count > earlier.count:
                found[need.rule, need.role] = need
    return tuple(found.values())


def _timeouts(plans: Iterable[ApprovalPlan]) -> tuple[ApprovalTimeout, ...]:
    found: dict[str, ApprovalTimeout] = {}
    for plan in plans:
        for timeout in plan.timeouts:
            found.setdefault(timeout.rule, timeout)
    return tuple(found.values())


def _recused(plans: Iterable[ApprovalPlan]) -> dict[str, tuple[Recusal, ...]]:
    """By person, each reason once: the first contract that gives it speaks for the others."""
    found: dict[str, dict[str, Recusal]] = {}
    for plan in plans:
        for user, recusals in plan.recused.items():
            for recusal in recusals:
                found.setdefault(user, {}).setdefault(recusal.rule, recusal)
    return {user: tuple(found[user].values()) for user in sorted(found)}
