"""The decision: one policy edition and one set of facts become who does how much, with every reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.decision import Decision, DecisionOutcome, ExclusionReason, ScoreParts, Screening
from contracts.errors import Invalid
from contracts.facts import Facts, QuoteFacts
from contracts.money import yuan
from rules.canonical import digest
from rules.check import Checked
from rules.divide.sharing import Shared, shared
from rules.documents import ABOVE_CEILING, DECLINED, NO_QUOTE, AmountSource
from rules.eligibility import Examined, Trace, examine, ground_of
from rules.formula import Evaluated, Scene, calculate
from rules.policy import CompiledPolicy
from rules.scoring import score
from rules.select.ranking import Contender, Selected, Terms, select

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

    Raises:
        Invalid: If the policy is not for this contract, a candidate is listed twice, or a parameter has no value.
    """
    _refuse_foreign(policy, facts)
    examined = examine(policy, facts)
    return Screening(
        policy=policy.reference(facts.day),
        facts_digest=facts_digest(facts),
        eligible=tuple(each.code for each in examined if not each.reasons),
        excluded={each.code: each.reasons for each in examined if each.reasons},
        engine=ENGINE,
    )


def decide(policy: CompiledPolicy, facts: Facts, *, steps: bool = False) -> Decision:
    """
    Decide who does how much; not to find anybody is an outcome.

    The order of the candidates is irrelevant. A rule that cannot be calculated excludes the member, with the error as
    the reason. The shares sum to the amount. With *steps* each line of the trace also has what every part of its
    expression came to, and each variable a line of its own; to record, a decision is made without.

    Raises:
        TooMuchWork: If the rules look at more of the facts than a decision may.
        Invalid: If the policy is not for this contract, the facts contradict themselves or lack the queue, or the
            division is impossible (the message names the members).
    """
    _refuse_foreign(policy, facts)
    field = _field(policy, facts, steps=steps)
    selected = _selected(policy, facts, field)
    excluded = {**field.excluded, **_over(field, selected)}
    amount_fen = _amount(policy, facts, field, selected)
    division = _shared(policy, facts, field, selected, amount_fen)
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
        ties=selected.ties,
        trace=(*field.trace, *division.trace),
        queue_turns=selected.turns,
        engine=ENGINE,
        note="；".join(note for note in (selected.note, division.note) if note),
    )


@dataclass(frozen=True)
class _Field:
    """Everybody after the rules: who is still in, and why the others are not."""

    contenders: tuple[Contender, ...]
    scenes: dict[str, Scene]
    scores: dict[str, ScoreParts]
    excluded: Reasons
    trace: tuple[Trace, ...]


def _refuse_foreign(policy: CompiledPolicy, facts: Facts) -> None:
    if not matches(policy, facts):
        contract = facts.contract
        raise Invalid(f"policy {policy.name!r} is not for {contract.number} of category {contract.category!r}")


def _field(policy: CompiledPolicy, facts: Facts, *, steps: bool) -> _Field:
    """Put rules and scores to everybody."""
    examined = examine(policy, facts, is_traced=steps)
    quotes = {each.code: quote for each in examined if (quote := _quote(facts, each)) is not None}
    scenes = _scenes(examined, quotes)
    scored = {each.code: score(policy, each.code, scenes[each.code]) for each in examined if each.code in scenes}
    excluded = {
        **{each.code: reasons for each in examined if (reasons := _reasons(each, quotes))},
        **{code: found.reasons for code, found in scored.items() if found.reasons},
    }
    contenders = [
        _contender(policy, code, scenes[code], found.score.total_bp, quotes[code].price_fen)
        for code, found in scored.items()
        if not found.reasons
    ]
    rule_trace = [line for each in examined for line in each.trace]
    score_trace = [line for found in scored.values() for line in found.trace]
    scores = {code: found.score for code, found in scored.items() if policy.spec.scoring and not found.reasons}
    return _Field(tuple(contenders), scenes, scores, excluded, (*rule_trace, *score_trace))


def _quote(facts: Facts, examined: Examined) -> QuoteFacts | None:
    """The member's quote; a framework call-off has the framework's price, which is the contract's value."""
    if facts.contract.framework:
        return QuoteFacts(price_fen=facts.contract.value_fen)
    return examined.candidate.quote


def _reasons(examined: Examined, quotes: Mapping[str, QuoteFacts]) -> tuple[ExclusionReason, ...]:
    if examined.reasons or examined.code in quotes:
        return examined.reasons
    return (ExclusionReason(rule=NO_QUOTE, message="未提交有效报价", reads={"quote": None}),)


def _scenes(examined: Sequence[Examined], quotes: Mapping[str, QuoteFacts]) -> dict[str, Scene]:
    """The scene of each eligible member with a quote, who all see the best price among them."""
    offering = [each for each in examined if not each.reasons and each.code in quotes]
    best = min((quotes[each.code].price_fen for each in offering), default=0)
    return {
        each.code: each.scene.with_names(quote=quotes[each.code].model_dump(mode="json"), best_price_fen=best)
        for each in offering
    }


def _contender(policy: CompiledPolicy, code: str, scene: Scene, score_bp: int, price_fen: int) -> Contender:
    tie = tuple(_value(formula, scene, f"the tie key of {code}") for formula in policy.expressions.tie)
    return Contender(code, score_bp, price_fen, tie)


def _value(formula: Checked, scene: Scene, what: str) -> object:
    found = calculate(formula, scene)
    if found.error:
        raise Invalid(f"{what} cannot be calculated: {found.error} (in {formula.text!r})")
    value: object = found.value
    return value


def _selected(policy: CompiledPolicy, facts: Facts, field: _Field) -> Selected:
    if not field.contenders:
        return Selected(*_nobody(field.excluded))
    ground = ground_of(policy, facts)
    ceiling, member = policy.expressions.ceiling, policy.expressions.member
    terms = Terms(
        ceiling_fen=None if ceiling is None else int(str(_value(ceiling, ground, "the ceiling"))),
        member=None if member is None else str(_value(member, ground, "the member")),
        queue=facts.queue,
        declined=tuple(sorted(facts.declined)),
    )
    return select(policy.spec.select, policy.spec.select.tie, field.contenders, terms)


def _nobody(excluded: Reasons) -> tuple[DecisionOutcome]:
    """Why nobody is left: all that could have declined, or did not quote, or none may."""
    only = [reasons[0].rule for reasons in excluded.values() if len(reasons) == 1]
    if DECLINED in only:
        return (DecisionOutcome.EXHAUSTED,)
    return (DecisionOutcome.TOO_FEW_QUOTES if NO_QUOTE in only else DecisionOutcome.NO_ELIGIBLE,)


def _over(field: _Field, selected: Selected) -> Reasons:
    """The reason against each quote above the ceiling."""
    prices = {contender.code: contender.price_fen for contender in field.contenders}
    return {
        code: (
            ExclusionReason(
                rule=ABOVE_CEILING,
                message=f"报价 {yuan(prices[code])}，高于最高限价 {yuan(selected.ceiling_fen or 0)}",
                reads={"quote.price_fen": prices[code], "ceiling_fen": selected.ceiling_fen},
            ),
        )
        for code in selected.over
    }


def _amount(policy: CompiledPolicy, facts: Facts, field: _Field, selected: Selected) -> int:
    """What is divided: nothing without an award, else the value or the first-ranked selected member's price."""
    if not selected.selected:
        return 0
    if policy.spec.amount is AmountSource.VALUE:
        return facts.contract.value_fen
    prices = {contender.code: contender.price_fen for contender in field.contenders}
    return prices[selected.selected[0]]


def _shared(policy: CompiledPolicy, facts: Facts, field: _Field, selected: Selected, amount_fen: int) -> Shared:
    if len(selected.selected) > 1 and not facts.contract.divisible:
        raise Invalid(f"{facts.contract.number} is indivisible, but policy {policy.name!r} divides it")
    weights = {
        code: _weight(policy, field.scenes[code], field.scores.get(code), code, rank)
        for rank, code in enumerate(selected.selected, start=1)
    }
    return shared(policy.spec.divide, amount_fen, selected, weights)


def _weight(policy: CompiledPolicy, scene: Scene, scored: ScoreParts | None, code: str, rank: int) -> Evaluated | None:
    """What the weight came to for one member, where the method has one."""
    formula = policy.expressions.weight
    if formula is None:
        return None
    found = calculate(formula, scene.with_names(score_bp=scored.total_bp if scored else 0, rank=rank))
    if found.error:
        raise Invalid(f"the weight of {code} cannot be calculated: {found.error} (in {formula.text!r})")
    return found
