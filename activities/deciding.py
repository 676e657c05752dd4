"""Deciding: one recorded answer of the pinned rules to the facts of the day, and the turn and capacity it takes."""

from __future__ import annotations

from collections.abc import Container, Sequence

from temporalio import activity

from activities.exceptions import exceptions_for, stated
from activities.packs import contract_facts, pinned_pack
from activities.ports import Records, Seals, Signatures, Texts, Writing
from activities.shadowing import shadow_of
from contracts.approval import ApprovalPlan
from contracts.calendar import iso_day
from contracts.decision import Decision, DecisionOutcome
from contracts.facts import Candidate, DrawFacts, Facts, QueueFacts, QuoteFacts
from contracts.journal import EffectRequest
from contracts.portfolio import Override
from contracts.quote import Quote
from contracts.service_contract import QuotingMode, RulePins, ServiceContract
from contracts.value import Code, Digest, EpochDay, Recorded, UserName
from contracts.waiving import SignedException
from rules.authority import CompiledAuthority, approval_plan, compile_authority
from rules.canonical import digest
from rules.decide import decide
from rules.policy import CompiledPolicy, compile_policy
from rules.select.chain import draws_lots, queue_of
from rules.select.undoing import given_back

MEASURES = ("quantity", "unit_price_fen", "unit_price_per")
"""The fields of a quote's form, besides its price, that rules may read; all packs call them so."""


class DecideRequest(EffectRequest):
    """Decide on *day* among the members that quoted; ``declined`` have already refused this award."""

    contract: ServiceContract
    pins: RulePins
    quotes: tuple[Quote, ...]
    declined: dict[Code, str]
    day: EpochDay
    starter: UserName | None = None
    """Who started the contract, and therefore does not approve its award."""
    office: Code
    """The company whose signature is under an exception."""
    draw_commitment: Digest | None = None
    """What the contract order committed to, where the policy draws lots."""
    overrides: tuple[Override, ...] = ()
    """What a coordinator has said against earlier answers, after their approval was refused."""


class DecisionRecord(Recorded):
    """
    A decision with the facts it follows from, and who must and who may not approve it.

    Of a shadow that was decided beside it, the records have all; history has its digest alone.
    """

    facts: Facts
    decision: Decision
    approvals: ApprovalPlan = ApprovalPlan()
    exceptions: tuple[SignedException, ...] = ()
    """The exceptions among the facts as they were signed."""
    shadow_digest: Digest | None = None


class ReleaseRequest(EffectRequest):
    """Take back what was reserved for a contract, of one member or of all."""

    member: Code | None = None


class Released(Recorded):
    """Whose reservation was taken back."""

    members: tuple[Code, ...]


class Deciding:
    """Lets the rules decide, and reserves what they awarded in the same transaction."""

    def __init__(self, records: Records, seals: Seals, signatures: Signatures) -> None:
        self._records = records
        self._seals = seals
        self._signatures = signatures

    @activity.defn
    def decide(self, request: DecideRequest) -> DecisionRecord:
        """Decide and reserve; two contracts can therefore neither take the same turn nor overrun a capacity."""
        return self._records.once(request, lambda writing: self._decide(writing, request), DecisionRecord)

    @activity.defn
    def release(self, request: ReleaseRequest) -> Released:
        """Give reserved capacity and ledger entries back."""
        return self._records.once(
            request, lambda writing: Released(members=writing.release(request.number, request.member)), Released
        )

    def _decide(self, writing: Writing, request: DecideRequest) -> DecisionRecord:
        policy = compiled(self._records, request.pins)
        writing.release(request.number)
        facts, signed = self.facts(writing, policy, request)
        decision = decide(policy, facts)
        writing.keep_decision(request.number, request.occurrence, facts, decision)
        if decision.queue_after:
            writing.keep_queue(decision.queue_after)
        plan = ApprovalPlan()
        if decision.outcome is DecisionOutcome.AWARDED:
            writing.reserve(request.contract, decision, request.day)
            matrix = compiled_authority(self._records, request.pins)
            plan = approval_plan(matrix, facts, decision, writing.signers(), request.starter)
        shadow = self._shadow(writing, request, policy.name, facts)
        return DecisionRecord(facts=facts, decision=decision, approvals=plan, exceptions=signed, shadow_digest=shadow)

    def _shadow(self, writing: Writing, request: DecideRequest, name: str, facts: Facts) -> Digest | None:
        """Let the shadow of the policy decide as well, where there is one; return the digest of what it came to."""
        shadow = shadow_of(self._records, request.pins, name, facts)
        if shadow is None:
            return None
        writing.keep_shadow(request.number, request.occurrence, shadow)
        return digest(shadow.model_dump(mode="json"))

    def facts(
        self, writing: Writing, policy: CompiledPolicy, request: DecideRequest
    ) -> tuple[Facts, tuple[SignedException, ...]]:
        """Return what a decision is made on, and the exceptions among it as they were signed."""
        considered = writing.candidates(request.contract, request.day)
        contract = contract_facts(request.contract, pinned_pack(self._records, request.pins.pack), considered)
        candidates = _with_quotes(considered, request)
        signed = exceptions_for(writing, contract, candidates, request.day)
        facts = Facts(
            decision_day=iso_day(request.day),
            contract=contract,
            candidates=candidates,
            queue=_queue(writing, policy, request.number),
            draw=self._draw(writing, policy, request),
            declined=dict(sorted(request.declined.items())),
            overridden=kept_out([each.member.code for each in candidates], request.overrides, request.declined),
            exceptions=stated(self._signatures, request.office, signed),
        )
        return facts, signed

    def _draw(self, writing: Writing, policy: CompiledPolicy, request: DecideRequest) -> DrawFacts | None:
        """The seed, which comes to light with the decision; the rules check it against the commitment."""
        if request.draw_commitment is None or not any(draws_lots(each.spec.select) for each in policy.chain):
            return None
        ciphertext = writing.sealed_seed(request.number, request.draw_commitment)
        seed = self._seals.open_seed(request.number, ciphertext)
        return DrawFacts(commitment=request.draw_commitment, seed=seed)


def kept_out(members: Sequence[Code], overrides: Sequence[Override], declined: Container[Code]) -> dict[Code, str]:
    """
    Return whom *overrides* keep from the award among *members*, with the reason of each.

    Whoever must have it keeps out the others, unless they all have declined since: then it is for the rules again.
    """
    required = {each.member: each.reason for each in overrides if each.is_required and each.member not in declined}
    found = {each.member: each.reason for each in overrides if not each.is_required}
    if required:
        reason = "；".join(dict.fromkeys(required.values()))
        found |= {code: reason for code in members if code not in required}
    return {code: found[code] for code in sorted(members) if code in found}


def compiled(records: Texts, pins: RulePins) -> CompiledPolicy:
    """Return the pinned policy, compiled; equal pins are compiled once per process."""
    parts = tuple(records.text(part) for part in pins.parts)
    return compile_policy(records.text(pins.policy), records.text(pins.params), records.text(pins.types), parts)


def compiled_authority(records: Texts, pins: RulePins) -> CompiledAuthority:
    """Return the pinned authority matrix, compiled."""
    return compile_authority(records.text(pins.authority), records.text(pins.params), records.text(pins.types))


def _with_quotes(candidates: tuple[Candidate, ...], request: DecideRequest) -> tuple[Candidate, ...]:
    """Give every candidate its quote; where quotes were asked for, only those who quoted remain."""
    quotes = {quote.member: _quote_facts(quote) for quote in request.quotes}
    if request.contract.quoting.mode is QuotingMode.FRAMEWORK:
        return candidates
    return tuple(
        candidate.model_copy(update={"quote": quotes[candidate.member.code]})
        for candidate in candidates
        if candidate.member.code in quotes
    )


def _quote_facts(quote: Quote) -> QuoteFacts:
    """What rules may read of a quote; what a pack's form does not ask for as a whole number stays at its default."""
    measures = {name: quote.content[name] for name in MEASURES if type(quote.content.get(name)) is int}
    return QuoteFacts(price_fen=quote.price_fen, order=quote.order, round=quote.round, **measures)


def _queue(writing: Writing, policy: CompiledPolicy, number: str) -> QueueFacts | None:
    """The durable queue of the policy or its last resort, without what this very contract took of it before."""
    names = [name for each in policy.chain if (name := queue_of(each.spec.select))]
    if not names:
        return None
    queue, earlier = writing.queue(names[0]), writing.last_decision(number)
    before, after = (earlier[0].queue, earlier[1].queue_after) if earlier else (None, None)
    return queue if before is None or after is None else given_back(queue, before, after)
