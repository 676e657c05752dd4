"""What differs: between two decisions on the same facts, and between two editions of a rule file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from contracts.decision import Decision, ExclusionReason
from contracts.errors import AllianceError
from contracts.facts import Facts
from rules.decide import decide
from rules.explain.shown import points
from rules.explain.telling import Tongue
from rules.explain.words import OUTCOMES
from rules.policy import CompiledPolicy


@dataclass(frozen=True)
class Change:
    """Something that was one way and is another; nothing where it was not there, or is not there any more."""

    before: Any
    after: Any


@dataclass(frozen=True)
class DecisionDifference:
    """
    What another decision on the same facts says otherwise; what is empty is the same.

    ``error`` says why there is no other decision. Scores, shares and reasons are by member, shares in fen.
    """

    outcome: Change | None = None
    excluded: Mapping[str, tuple[ExclusionReason, ...]] | None = None
    admitted: Mapping[str, tuple[ExclusionReason, ...]] | None = None
    reasons: Mapping[str, Change] | None = None
    scores: Mapping[str, Change] | None = None
    ranking: Change | None = None
    selected: Change | None = None
    amount_fen: Change | None = None
    shares: Mapping[str, Change] | None = None
    error: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether both decisions say the same."""
        return not any(vars(self).values())

    @property
    def changes_award(self) -> bool:
        """Whether somebody else wins, or somebody wins otherwise: more than scores and reasons are different."""
        return bool(self.error or self.outcome or self.selected or self.amount_fen or self.shares)

    def as_document(self) -> dict[str, Any]:
        """Return the same as JSON values; what is the same is left out."""
        return {name: _document(value) for name, value in vars(self).items() if value}


def between(before: Decision, after: Decision) -> DecisionDifference:
    """Say what *after* says otherwise than *before*; which edition decided, and its trace, do not count."""
    return DecisionDifference(
        outcome=_change(before.outcome.value, after.outcome.value),
        excluded={m: why for m, why in after.excluded.items() if m not in before.excluded},
        admitted={m: why for m, why in before.excluded.items() if m not in after.excluded},
        reasons=_changes(_reason_ids(before, after), _reason_ids(after, before)),
        scores=_changes(
            {member: score.total_bp for member, score in before.scores.items()},
            {member: score.total_bp for member, score in after.scores.items()},
        ),
        ranking=_change(list(before.ranking), list(after.ranking)),
        selected=_change(list(before.selected), list(after.selected)),
        amount_fen=_change(before.amount_fen, after.amount_fen),
        shares=_changes(
            {share.member: share.amount_fen for share in before.shares},
            {share.member: share.amount_fen for share in after.shares},
        ),
    )


def decided_by(policy: CompiledPolicy, facts: Facts, before: Decision) -> DecisionDifference:
    """Decide *facts* by another *policy*, and say what it says otherwise than *before*, or why it cannot decide."""
    try:
        return between(before, decide(policy, facts))
    except AllianceError as error:
        return DecisionDifference(error=error.message)


def differing_fields(again: BaseModel, recorded: BaseModel) -> tuple[str, ...]:
    """Name the fields in which a value made *again* differs from the *recorded* one."""
    new, old = again.model_dump(mode="json"), recorded.model_dump(mode="json")
    return tuple(name for name in new if new[name] != old.get(name))


def difference_told(difference: DecisionDifference, tongue: Tongue) -> tuple[str, ...]:
    """Tell a difference in sentences."""
    if difference.error:
        return (tongue.say("would fail", error=difference.error.rstrip("。.")),)
    return tuple(_sentences(difference, tongue)) or (tongue.say("same"),)


def _sentences(difference: DecisionDifference, tongue: Tongue) -> Iterator[str]:
    if difference.outcome:
        yield tongue.say("outcome changes", **_both(difference.outcome, lambda word: _outcome(word, tongue)))
    for key, found in (("comes to be excluded", difference.excluded), ("comes to be admitted", difference.admitted)):
        for member, why in (found or {}).items():
            yield tongue.say(key, member=tongue.member(member), reasons=_reasons(why, tongue))
    for member, reasons in (difference.reasons or {}).items():
        yield tongue.say("other reasons", member=tongue.member(member), **_both(reasons, tongue.row))
    for member, score in (difference.scores or {}).items():
        yield tongue.say("score changes", member=tongue.member(member), **_both(score, points))
    for key, change in (("ranking changes", difference.ranking), ("selected changes", difference.selected)):
        if change:
            yield tongue.say(key, **_both(change, tongue.members))
    if difference.amount_fen:
        yield tongue.say("amount changes", **_both(difference.amount_fen, tongue.money))
    for member, share in (difference.shares or {}).items():
        yield tongue.say("share changes", member=tongue.member(member), **_both(share, tongue.money, tongue.money(0)))


def _both(change: Change, written: Any, missing: str = "—") -> dict[str, str]:
    sides = {"before": change.before, "after": change.after}
    return {side: missing if value is None else written(value) for side, value in sides.items()}


def _outcome(word: str, tongue: Tongue) -> str:
    return OUTCOMES[word].in_(tongue.language) if word in OUTCOMES else word


def _reasons(found: Sequence[ExclusionReason], tongue: Tongue) -> str:
    return tongue.list([f"{reason.rule} {reason.message}".rstrip("。.") for reason in found])


def _reason_ids(of: Decision, other: Decision) -> dict[str, list[str]]:
    """The rules against each member that is excluded in both decisions."""
    return {member: [why.rule for why in found] for member, found in of.excluded.items() if member in other.excluded}


def _change(before: Any, after: Any) -> Change | None:
    return None if before == after else Change(before, after)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Change]:
    pairs = {member: (before.get(member), after.get(member)) for member in sorted({**before, **after})}
    return {member: Change(*pair) for member, pair in pairs.items() if pair[0] != pair[1]}


def _document(value: Any) -> Any:
    if isinstance(value, Change):
        return {"before": value.before, "after": value.after}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {name: _document(item) for name, item in value.items()}
    return [_document(item) for item in value] if isinstance(value, tuple) else value
