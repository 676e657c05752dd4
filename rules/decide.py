"""The decision: one policy edition and one set of facts become who does how much, with every reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.decision import (
    Attempt,
    Decision,
    DecisionOutcome,
    ExclusionReason,
    PolicyReference,
    ScoreParts,
    Screening,
    Waiver,
)
from contracts.errors import Invalid
from contracts.facts import Facts, QueueFacts, QuoteFacts
from rules.canonical import digest
from rules.check import Checked
from rules.divide.measures import Measures
from rules.divide.methods import Asked
from rules.divide.sharing import Shared, measured_fen, shared
from rules.documents.policy import DECLINED, NO_QUOTE, AmountSource
from rules.eligibility import Examined, Trace, asked_on, examine, examined_on, ground_of
from rules.formula import Evaluated, Scene, calculate, value_of
from rules.policy import CompiledPolicy
from rules.scoring import score
from rules.select.chain import draws_lots, keeps_declined_turns
from rules.select.measuring import Measured, measured, terms_of
from rules.select.ranking import Contender, Selected
from rules.select.selecting import select
from rules.table.evaluate import worked_out

ENGINE = "lianyue-rules/1"

Reasons = dict[str, tuple[ExclusionReason, ...]]


def facts_digest(facts: Facts) -> str:
    """
    Return the digest of *facts*, which does not depend on the order of the candidates.

    A field at its default is left out, so that a fact which later editions learn to read changes no older digest.
    """
    ordered = sorted(facts.candidates, key=lambda candidate: candidate.member.code)
    in_order = facts.model_copy(update={"candidates": tuple(ordered)})
    return digest(in_order.model_dump(mode="json", exclude_defaults=True))


def matches(policy: CompiledPolicy, facts: Facts) -> bool:
    """Say whether *policy* is for the contract in *facts*: the category, and the condition if there is one."""
    if not policy.spec.match.takes(facts.contract.category):
        return False
    when = policy.expressions.when
    return when is None or calculate(when, ground_of(policy, facts)).value is True


def screen(policy: CompiledPolicy, facts: Facts) -> Screening:
    """
    Say who may quote, and each reason why somebody may not; quotes are not looked at.

    Where nobody may and the policy falls back on another after that, the other says.

    Raises:
        Invalid: If the policy is not for this contract, a candidate is listed twice, or a parameter has no value.
    """
    _refuse_foreign(policy, facts)
    first = _screened(policy, facts)
    then = _fallback(policy, facts, DecisionOutcome.NO_ELIGIBLE)
    if first.eligible or then is None:
        return first
    attempt = Attempt(policy=first.policy, outcome=DecisionOutcome.NO_ELIGIBLE, excluded=first.excluded)
    later = screen(then, facts)
    return later.model_copy(update={"after": (attempt, *later.after)})


def _screened(policy: CompiledPolicy, facts: Facts) -> Screening:
    examined = examine(policy, facts)
    return Screening(
        policy=policy.reference(facts.day),
        facts_digest=facts_digest(facts),
        eligible=tuple(each.code for each in examined if not each.reasons),
        excluded={each.code: each.reasons for each in examined if each.reasons},
        engine=ENGINE,
        waived={each.code: each.waived for each in examined if each.waived},
    )


def decide(policy: CompiledPolicy, facts: Facts, *, steps: bool = False) -> Decision:
    """
    Decide who does how much; not to find anybody is an outcome.

    The order of the candidates is irrelevant. A rule that cannot be calculated excludes the member, with the error as
    the reason. The shares sum to the amount. Where the policy comes to nothing and falls back on another after that,
    the other decides on the same facts, and ``after`` says what was tried first; a fallback that is not for this
    contract changes nothing. With *steps* each line of the trace also has what every part of its expression came to,
    and each variable a line of its own; to record, a decision is made without.

    Raises:
        TooMuchWork: If the rules look at more of the facts than a decision may.
        Invalid: If the policy is not for this contract, the facts contradict themselves or lack the queue or the
            draw, the optimisation exceeds its budget, or the division is impossible (the message names the members).
    """
    _refuse_foreign(policy, facts)
    first = _decided(policy, facts, steps=steps)
    then = _fallback(policy, facts, first.outcome)
    if then is None:
        return first
    later = decide(then, facts, steps=steps)
    turns = dict.fromkeys((*first.queue_turns, *later.queue_turns))
    return later.model_copy(
        update={
            "after": (_attempt(first), *later.after),
            "queue_turns": tuple(turns),
            "queue_after": later.queue_after or first.queue_after,
        }
    )


def _fallback(policy: CompiledPolicy, facts: Facts, outcome: DecisionOutcome) -> CompiledPolicy | None:
    """The policy that decides after *outcome*, if there is one and it is for this contract."""
    stated, then = policy.spec.fallback, policy.fallback
    if stated is None or then is None or outcome not in stated.after:
        return None
    return then if matches(then, facts) else None


def _attempt(decision: Decision) -> Attempt:
    return Attempt(
        policy=decision.policy,
        outcome=decision.outcome,
        excluded=decision.excluded,
        trace=decision.trace,
        note=decision.note,
    )


def _decided(policy: CompiledPolicy, facts: Facts, *, steps: bool) -> Decision:
    ground = ground_of(policy, facts)
    field = _field(policy, facts, ground, steps=steps)
    selected = _selected(policy, facts, field, ground)
    excluded = {**field.excluded, **{code: (reason,) for code, reason in selected.barred.items()}}
    measures = _measures(policy, field, selected, ground)
    amount_fen = _amount(policy, facts, field, selected, measures)
    division = _shared(policy, facts, selected, amount_fen, measures)
    winners = tuple(share.member for share in division.shares)
    return Decision(
        outcome=selected.outcome,
        policy=policy.reference(facts.day),
        facts_digest=facts_digest(facts),
        method=policy.spec.select.method,
        division=policy.spec.divide.method,
        eligible=tuple(each.code for each in field.contenders if each.code not in excluded),
        excluded=dict(sorted(excluded.items())),
        scores=field.scores,
        ranking=selected.ranking,
        selected=winners,
        amount_fen=amount_fen,
        shares=division.shares,
        fees=division.fees,
        ties=selected.ties,
        trace=(*field.trace, *division.trace),
        queue_turns=selected.turns,
        queue_after=selected.queue or _queue_kept(policy, facts),
        abnormally_low=selected.abnormally_low,
        engine=ENGINE,
        note="；".join(note for note in (selected.note, division.note) if note),
        waived=field.waived,
    )


@dataclass(frozen=True)
class Assessment:
    """
    What a policy says of every candidate before anybody is selected: who may have the award, and how good each is.

    ``reference`` and ``amount`` are those of the policy that had somebody to choose from: it, or a fallback of it.
    """

    reference: PolicyReference
    amount: AmountSource
    prices: dict[str, int]
    """The price of everybody eligible, by member."""
    scores: dict[str, ScoreParts]
    excluded: dict[str, tuple[ExclusionReason, ...]]
    trace: tuple[Trace, ...]
    waived: dict[str, tuple[Waiver, ...]]
    after: tuple[Attempt, ...] = ()


def assess(policy: CompiledPolicy, facts: Facts) -> Assessment:
    """
    Say who of the candidates may have the award, and how each scores; whom to select is for somebody else to say.

    Ceilings, caps and least numbers of quotes of the method of selection hold all the same. Where nobody may and the
    policy falls back on another after that, the other says.

    Raises:
        Invalid: If the policy is not for this contract, or the facts contradict themselves.
    """
    _refuse_foreign(policy, facts)
    ground = ground_of(policy, facts)
    field = _field(policy, facts, ground, steps=False)
    barred, outcome = _barred(policy, facts, field, ground)
    fit = [each for each in field.contenders if outcome is DecisionOutcome.AWARDED and each.code not in barred]
    found = Assessment(
        reference=policy.reference(facts.day),
        amount=policy.spec.amount,
        prices={each.code: each.price_fen for each in sorted(fit, key=lambda each: each.code)},
        scores=field.scores,
        excluded=dict(sorted({**field.excluded, **barred}.items())),
        trace=field.trace,
        waived=field.waived,
    )
    then = None if found.prices else _fallback(policy, facts, outcome)
    if then is None:
        return found
    attempt = Attempt(policy=found.reference, outcome=outcome, excluded=found.excluded, trace=found.trace)
    later = assess(then, facts)
    return replace(later, after=(attempt, *later.after))


def _barred(policy: CompiledPolicy, facts: Facts, field: _Field, ground: Scene) -> tuple[Reasons, DecisionOutcome]:
    """Whom the method of selection bars by a ceiling or a cap, and whether it selects anybody; lots bar nobody."""
    if draws_lots(policy.spec.select) and field.contenders:
        return {}, DecisionOutcome.AWARDED
    selected = _selected(policy, facts, field, ground)
    return {code: (reason,) for code, reason in selected.barred.items()}, selected.outcome


@dataclass(frozen=True)
class _Field:
    """Everybody after the rules: who is still in, and why the others are not."""

    contenders: tuple[Contender, ...]
    scenes: dict[str, Scene]
    scores: dict[str, ScoreParts]
    excluded: Reasons
    trace: tuple[Trace, ...]
    waived: dict[str, tuple[Waiver, ...]]


def _refuse_foreign(policy: CompiledPolicy, facts: Facts) -> None:
    if not matches(policy, facts):
        contract = facts.contract
        raise Invalid(f"policy {policy.name!r} is not for {contract.number} of category {contract.category!r}")


def _field(policy: CompiledPolicy, facts: Facts, ground: Scene, *, steps: bool) -> _Field:
    """Put rules and scores to everybody."""
    shared = ground.anew(is_traced=steps)
    asked = asked_on(shared, policy)
    examined = examined_on(shared, policy, facts, asked)
    quotes = {each.code: quote for each in examined if (quote := _quote(facts, each)) is not None}
    scenes = _scenes(policy, examined, quotes)
    scored = {each.code: score(policy, each.code, scenes[each.code]) for each in examined if each.code in scenes}
    gauged = measured(policy, {code: scenes[code] for code, found in scored.items() if not found.reasons})
    excluded = {
        **{each.code: reasons for each in examined if (reasons := _reasons(each, quotes))},
        **{code: found.reasons for code, found in scored.items() if found.reasons},
        **{code: found.reasons for code, found in gauged.items() if found.reasons},
    }
    contenders = [
        _contender(policy, scenes[code], scored[code].score.total_bp, found)
        for code, found in gauged.items()
        if not found.reasons
    ]
    rule_trace = [
        line for part in (*(each.passed_over for each in asked), *(e.trace for e in examined)) for line in part
    ]
    score_trace = [line for found in scored.values() for line in found.trace]
    method_trace = [line for found in gauged.values() for line in found.trace]
    scores = {code: found.score for code, found in scored.items() if policy.spec.scoring and not found.reasons}
    waived = {each.code: each.waived for each in examined if each.waived}
    trace = (*rule_trace, *score_trace, *method_trace)
    return _Field(tuple(contenders), scenes, scores, excluded, trace, waived)


def _quote(facts: Facts, examined: Examined) -> QuoteFacts | None:
    """The member's quote; a framework call-off has the framework's price, which is the contract's value."""
    if facts.contract.framework:
        return QuoteFacts(price_fen=facts.contract.value_fen)
    return examined.candidate.quote


def _reasons(examined: Examined, quotes: Mapping[str, QuoteFacts]) -> tuple[ExclusionReason, ...]:
    if examined.reasons or examined.code in quotes:
        return examined.reasons
    return (ExclusionReason(rule=NO_QUOTE, message="未提交有效报价", reads={"quote": None}),)


def _scenes(policy: CompiledPolicy, examined: Sequence[Examined], quotes: Mapping[str, QuoteFacts]) -> dict[str, Scene]:
    """The scene of each eligible member with a quote, who all see the best price among them."""
    offering = [each for each in examined if not each.reasons and each.code in quotes]
    best = min((quotes[each.code].price_fen for each in offering), default=0)
    return {
        each.code: _quoted(policy, each.scene, quote=quotes[each.code].model_dump(mode="json"), best_price_fen=best)
        for each in offering
    }


def _quoted(policy: CompiledPolicy, scene: Scene, **names: Any) -> Scene:
    """The *scene* with the *names* of a quote and the variables that read it."""
    return scene.with_names(**names).with_variables(policy.expressions.variables.quoted, worked_out)[0]


def _contender(policy: CompiledPolicy, scene: Scene, score_bp: int, gauged: Measured) -> Contender:
    tie = tuple(value_of(formula, scene, f"the tie key of {gauged.code}") for formula in policy.expressions.tie)
    price_fen, awarded_fen = scene.bindings["quote"]["price_fen"], scene.bindings["ledger"]["awarded_fen"]
    return Contender(gauged.code, score_bp, price_fen, tie, awarded_fen, gauged.measure, gauged.groups)


def _selected(policy: CompiledPolicy, facts: Facts, field: _Field, ground: Scene) -> Selected:
    if not field.contenders:
        return Selected(*_nobody(field.excluded))
    return select(policy.spec.select, policy.spec.select.tie, field.contenders, terms_of(policy, facts, ground.anew()))


def _queue_kept(policy: CompiledPolicy, facts: Facts) -> QueueFacts | None:
    """The queue where nobody took a turn and who declined has it back."""
    return facts.queue if facts.declined and keeps_declined_turns(policy.spec.select) else None


def _nobody(excluded: Reasons) -> tuple[DecisionOutcome]:
    """Why nobody is left: all that could have declined, or did not quote, or none may."""
    only = [reasons[0].rule for reasons in excluded.values() if len(reasons) == 1]
    if DECLINED in only:
        return (DecisionOutcome.EXHAUSTED,)
    return (DecisionOutcome.TOO_FEW_QUOTES if NO_QUOTE in only else DecisionOutcome.NO_ELIGIBLE,)


def _amount(policy: CompiledPolicy, facts: Facts, field: _Field, selected: Selected, measures: Measures) -> int:
    """What is divided: nothing without an award, else the value, the first-ranked price, or what was measured."""
    if not selected.selected:
        return 0
    match policy.spec.amount:
        case AmountSource.VALUE:
            return facts.contract.value_fen
        case AmountSource.QUOTED:
            prices = {contender.code: contender.price_fen for contender in field.contenders}
            return prices[selected.selected[0]]
        case AmountSource.MEASURED:
            measured = measured_fen(policy.spec.divide, selected, measures)
            if not 0 < abs(measured) <= 10**15:
                raise Invalid(f"{facts.contract.number}: what was measured comes to {measured} fen; nothing to divide")
            return measured


def _shared(policy: CompiledPolicy, facts: Facts, selected: Selected, amount_fen: int, measures: Measures) -> Shared:
    if len(selected.selected) > 1 and not facts.contract.divisible:
        raise Invalid(f"{facts.contract.number} is indivisible, but policy {policy.name!r} divides it")
    return shared(policy.spec.divide, amount_fen, selected, measures, policy.spec.rounding)


def _measures(policy: CompiledPolicy, field: _Field, selected: Selected, ground: Scene) -> Measures:
    """What the division's expressions came to, for each selected member and for the contract."""
    if not selected.selected:
        return Measures()
    whole = ground.anew()
    scenes = {
        code: field.scenes[code].with_names(score_bp=_score_bp(field, code), rank=rank)
        for rank, code in enumerate(selected.selected, start=1)
    }
    return Measures(
        {
            asked.path: {code: _measured(asked, formula, scene, f" of {code}") for code, scene in scenes.items()}
            for asked, formula in policy.expressions.division
            if asked.asks.each_member
        },
        {
            asked.path: _measured(asked, formula, whole, "")
            for asked, formula in policy.expressions.division
            if not asked.asks.each_member
        },
    )


def _score_bp(field: _Field, code: str) -> int:
    scored = field.scores.get(code)
    return scored.total_bp if scored else 0


def _measured(asked: Asked, formula: Checked, scene: Scene, whose: str) -> Evaluated:
    found = calculate(formula, scene)
    if found.error:
        raise Invalid(f"the {asked.path[-1]}{whose} cannot be calculated: {found.error} (in {formula.text!r})")
    return found
