"""Deciding: one recorded answer of the pinned rules to the facts of the day, and the turn and capacity it takes."""

from __future__ import annotations

from temporalio import activity

from activities.packs import contract_facts, pinned_pack
from activities.ports import Records, Writing
from contracts.calendar import iso_day
from contracts.decision import ApprovalNeed, Decision, DecisionOutcome
from contracts.facts import Candidate, Facts, QueueFacts, QuoteFacts
from contracts.journal import EffectRequest
from contracts.quote import Quote
from contracts.service_contract import QuotingMode, RulePins, ServiceContract
from contracts.value import Code, EpochDay, Recorded
from rules.authority import CompiledAuthority, approvals_needed, compile_authority
from rules.decide import decide
from rules.policy import CompiledPolicy, compile_policy
from rules.select.methods import Rotation

MEASURES = ("quantity", "unit_price_fen", "unit_price_per")
"""The fields of a quote's form, besides its price, that rules may read; all packs call them so."""


class DecideRequest(EffectRequest):
    """Decide on *day* among the members that quoted; ``declined`` have already refused this award."""

    contract: ServiceContract
    pins: RulePins
    quotes: tuple[Quote, ...]
    declined: dict[Code, str]
    day: EpochDay


class DecisionRecord(Recorded):
    """A decision with the facts it follows from and the approvals it needs."""

    facts: Facts
    decision: Decision
    approvals: tuple[ApprovalNeed, ...]


class ReleaseRequest(EffectRequest):
    """Take back what was reserved for a contract, of one member or of all."""

    member: Code | None = None


class Released(Recorded):
    """Whose reservation was taken back."""

    members: tuple[Code, ...]


class Deciding:
    """Lets the rules decide, and reserves what they awarded in the same transaction."""

    def __init__(self, records: Records) -> None:
        self._records = records

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
        facts = self._facts(writing, policy, request)
        decision = decide(policy, facts)
        writing.keep_decision(request.number, request.occurrence, facts, decision)
        if decision.queue_turns and facts.queue:
            writing.take_turns(facts.queue.name, _order_after(facts.queue, facts.candidates), decision.queue_turns)
        needed: tuple[ApprovalNeed, ...] = ()
        if decision.outcome is DecisionOutcome.AWARDED:
            writing.reserve(request.contract, decision, request.day)
            needed = approvals_needed(compiled_authority(self._records, request.pins), facts, decision)
        return DecisionRecord(facts=facts, decision=decision, approvals=needed)

    def _facts(self, writing: Writing, policy: CompiledPolicy, request: DecideRequest) -> Facts:
        pack = pinned_pack(self._records, request.pins.pack)
        candidates = writing.candidates(request.contract, request.day)
        return Facts(
            decision_day=iso_day(request.day),
            contract=contract_facts(request.contract, pack),
            candidates=_with_quotes(candidates, request),
            queue=_queue(writing, policy),
            declined=dict(sorted(request.declined.items())),
        )


def compiled(records: Records, pins: RulePins) -> CompiledPolicy:
    """Return the pinned policy, compiled; equal pins are compiled once per process."""
    return compile_policy(records.text(pins.policy), records.text(pins.params), records.text(pins.types))


def compiled_authority(records: Records, pins: RulePins) -> CompiledAuthority:
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


def _order_after(queue: QueueFacts, candidates: tuple[Candidate, ...]) -> tuple[str, ...]:
    """A member seen for the first time joins at the end; nobody else's place changes."""
    joining = [candidate.member.code for candidate in candidates if candidate.member.code not in queue.order]
    return (*queue.order, *sorted(joining))


def _queue(writing: Writing, policy: CompiledPolicy) -> QueueFacts | None:
    """The durable queue of a policy that rotates."""
    select = policy.spec.select
    return writing.queue(select.queue) if isinstance(select, Rotation) else None
