"""Who is better: the weighted score of each eligible member, each part rounded as it would be on paper."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.decision import ExclusionReason, ScoreParts
from rules.eligibility import Trace, trace_of
from rules.formula import Evaluated, Scene, calculate
from rules.policy import CompiledPolicy, CompiledScore

WHOLE_BP = 10_000


@dataclass(frozen=True)
class Scored:
    """An eligible member's score, or why it has none."""

    score: ScoreParts
    reasons: tuple[ExclusionReason, ...]
    trace: tuple[Trace, ...]


def score(policy: CompiledPolicy, code: str, scene: Scene) -> Scored:
    """
    Score the member *code* in a *scene* with its quote.

    A part is score times weight over 10,000, rounded half up; the total is the sum of the parts, as a reader would
    add them up. A score that cannot be calculated or lies outside 0 to 10,000 excludes the member, with the reason.
    """
    found = [(rule, calculate(rule.score, scene)) for rule in policy.expressions.scoring]
    return Scored(
        _score([(rule, outcome) for rule, outcome in found if not _fault(outcome)]),
        tuple(_reason(rule, outcome) for rule, outcome in found if _fault(outcome)),
        tuple(trace_of(rule.id, code, outcome) for rule, outcome in found),
    )


def _score(found: list[tuple[CompiledScore, Evaluated]]) -> ScoreParts:
    parts = {rule.id: (outcome.value * rule.weight_bp + WHOLE_BP // 2) // WHOLE_BP for rule, outcome in found}
    return ScoreParts(total_bp=sum(parts.values()), parts=parts)


def _fault(outcome: Evaluated) -> str:
    """Why a score cannot be used, or nothing."""
    if outcome.error:
        return f"评分无法计算：{outcome.error}"
    if not 0 <= outcome.value <= WHOLE_BP:
        return f"评分 {outcome.value} 超出 0 至 {WHOLE_BP}"
    return ""


def _reason(rule: CompiledScore, outcome: Evaluated) -> ExclusionReason:
    return ExclusionReason(rule=rule.id, message=f"{rule.title}：{_fault(outcome)}", reads=outcome.reads)
