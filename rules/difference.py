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
from rules.explain.tongue import Tongue
from rules.explain.words import OUTCOMES, QUEUE
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

    ``error`` says why there is no other decision. Scores, shares, reasons and waived rules are by member, fees by
    ``level/payer/payee``, shares and fees in fen. ``after`` names what was tried first with its outcome, and
    ``queue_after`` the fields of the queue that are left otherwise.
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
    fees: Mapping[str, Change] | None = None
    waived: Mapping[str, Change] | None = None
    after: Change | None = None
    abnormally_low: Change | None = None
    queue_turns: Change | None = None
    queue_after: Mapping[str, Change] | None = None
    error: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether both decisions say the same."""
        return not any(vars(self).values())

    @property
    def changes_award(self) -> bool:
        """Whether somebody else wins, or somebody wins otherwise: more than scores and reasons are different."""
        return bool(self.error or self.outcome or self.selected or self.amount_fen or self.shares or self.fees)

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
        fees=_changes(_fees(before), _fees(after)),
        waived=_changes(_waived(before), _waived(after)),
        after=_change(_attempts(before), _attempts(after)),
        abnormally_low=_change(list(before.abnormally_low), list(after.abnormally_low)),
        queue_turns=_change(list(before.queue_turns), list(after.queue_turns)),
        queue_after=_changes(_queue(before), _queue(after)),
    )


def _fees(decision: Decision) -> dict[str, int]:
    """What is owed, by level, payer and payee."""
    found: dict[str, int] = {}
    for fee in decision.fees:
        key = f"{fee.level}/{fee.payer}/{fee.payee}"
        found[key] = found.get(key, 0) + fee.amount_fen
    return found


def _waived(decision: Decision) -> dict[str, list[str]]:
    """The rules that exceptions waive, by member."""
    return {member: [waiver.rule for waiver in waivers] for member, waivers in decision.waived.items()}


def _attempts(decision: Decision) -> list[dict[str, str]]:
    """The policies that came to nothing first, each with its outcome."""
    return [{"policy": each.policy.name, "outcome": each.outcome.value} for each in decision.after]


def _queue(decision: Decision) -> dict[str, Any]:
    """The fields of the queue as it is left; none where it is not touched."""
    return decision.queue_after.model_dump(mode="json", exclude_defaults=True) if decision.queue_after else {}


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
    yield from _further_sentences(difference, tongue)


def _further_sentences(difference: DecisionDifference, tongue: Tongue) -> Iterator[str]:
    """What changes besides who does how much: fees, waivers, what was tried first, and what the queue keeps."""
    for line, fee in (difference.fees or {}).items():
        level, payer, payee = line.split("/")
        parties = {"level": level, "payer": tongue.member(payer), "payee": tongue.payee(payee)}
        yield tongue.say("fee changes", **parties, **_both(fee, tongue.money, tongue.money(0)))
    for member, rules in (difference.waived or {}).items():
        nothing = tongue.say("nothing at all")
        yield tongue.say("waived changes", member=tongue.member(member), **_both(rules, tongue.row, nothing))
    if difference.after:
        yield tongue.say("after changes", **_both(difference.after, lambda tried: _tried(tried, tongue)))
    for key, change in (("low changes", difference.abnormally_low), ("turns changes", difference.queue_turns)):
        if change:
            yield tongue.say(key, **_both(change, tongue.members))
    if difference.queue_after:
        yield tongue.say(
            "queue changes", fields=tongue.row([tongue.word(QUEUE, name) for name in difference.queue_after])
        )


def _both(change: Change, written: Any, missing: str = "—") -> dict[str, str]:
    sides = {"before": change.before, "after": change.after}
    return {side: missing if value is None else written(value) for side, value in sides.items()}


def _tried(attempts: Sequence[Mapping[str, str]], tongue: Tongue) -> str:
    """Policies with their outcomes in a row."""
    told = [tongue.bracketed(each["policy"], _outcome(each["outcome"], tongue)) for each in attempts]
    return tongue.row(told) or tongue.say("nothing at all")


def _outcome(word: str, tongue: Tongue) -> str:
    return tongue.word(OUTCOMES, word)


def _reasons(found: Sequence[ExclusionReason], tongue: Tongue) -> str:
    return tongue.list([f"{reason.rule} {tongue.note(reason.message)}" for reason in found])


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
