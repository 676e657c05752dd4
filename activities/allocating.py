"""Allocating: contracts that were quoted are awarded together, and each is told what the records hold for it."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from temporalio import activity

from activities.announcing import PortfolioBody, announced, decisions_of, digest_of
from activities.deciding import DecideRequest, Deciding, DecisionRecord, compiled, compiled_authority
from activities.ports import Allocator, Portfolios, Records, Writing
from contracts.approval import ApprovalPlan, SignerFacts
from contracts.decision import Decision
from contracts.errors import Unreachable, WrongState
from contracts.ids import ContractNumber
from contracts.journal import EffectRequest
from contracts.portfolio import ContractWord, Override, PortfolioDecided, PortfolioId
from contracts.quote import Quote
from contracts.service_contract import ENDED, ContractOrder, RulePins
from contracts.value import Code, Count, Digest, EpochDay, Json, Recorded
from contracts.waiving import SignedException
from rules.canonical import digest
from rules.decide import assess
from rules.portfolio.answer import Allocation, AllocationStatus, Progress, Solved
from rules.portfolio.awarding import reason_for_nobody
from rules.portfolio.consenting import portfolio_plan
from rules.portfolio.gathering import Entry, PortfolioRules, gathered, standing

ROUNDS = 5
"""How often it is decided again because the facts changed while it was decided."""


class Waiting(Recorded):
    """A contract that asks to be decided: the digest of its opened quotes, and who would not sign it."""

    number: ContractNumber
    quotes: Digest | None = None
    declined: dict[Code, str] = {}


class AllocateRequest(EffectRequest):
    """
    Decide *waiting* on *day* as the order of *portfolio* says; what *fixed* contracts were awarded stands.

    Constraints *set_aside* have given way; *overrides* are added to those that are left.
    """

    portfolio: PortfolioId
    day: EpochDay
    waiting: tuple[Waiting, ...]
    fixed: tuple[ContractNumber, ...] = ()
    set_aside: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()


class LetGoRequest(EffectRequest):
    """Take back what is reserved for *contracts*, which are decided again or have left."""

    contracts: tuple[ContractNumber, ...]


class LetGo(Recorded):
    """The contracts for which something was taken back."""

    contracts: tuple[ContractNumber, ...]


class TakeUpRequest(EffectRequest):
    """
    Give a contract what *portfolio* decided for it under *allotted*; it must have the digest *decision*.

    *pins* and *office* are those of its order, so that its history says by itself how it was assessed.
    """

    portfolio: PortfolioId
    allotted: Count
    decision: Digest
    pins: RulePins
    office: Code


class TellRequest(Recorded):
    """Tell *portfolio* what a contract has to say."""

    portfolio: PortfolioId
    word: ContractWord


class Heard(Recorded):
    """Whether the portfolio is still there to listen."""

    is_open: bool


class _Overtaken(Exception):
    """The facts changed while they were decided upon."""


class Allocating:
    """Awards contracts together, reserves what was awarded in the same transaction, and carries word between them."""

    def __init__(self, records: Records, deciding: Deciding, allocator: Allocator, portfolios: Portfolios) -> None:
        self._records = records
        self._deciding = deciding
        self._allocator = allocator
        self._portfolios = portfolios

    @activity.defn
    def allocate(self, request: AllocateRequest) -> PortfolioDecided:
        """
        Gather, decide, check, reserve and keep; a worker that dies on the way leaves nothing behind.

        The search is outside of the transaction. If the facts are others when its answer is to be kept, it is decided
        again on those.

        Raises:
            Unreachable: If the facts kept changing; to be tried again.
        """
        for _ in range(ROUNDS):
            seen = self._records.look(lambda writing: self._gathered(writing, request))
            found = self._allocator.allocate(seen.document, _heartbeat()) if seen.waiting else None
            body, decisions = self._body(request.portfolio, seen, found or _nothing_to_decide(seen))
            decided = announced(body, decisions, seen.titles, self._plan(seen, decisions))
            keep = partial(self._keep, request=request, seen=seen, body=body, decisions=decisions, decided=decided)
            try:
                return self._records.once(request, keep, PortfolioDecided)
            except _Overtaken:
                continue
        raise Unreachable(f"the facts of {request.portfolio} changed {ROUNDS} times while it was decided")

    @activity.defn
    def let_go(self, request: LetGoRequest) -> LetGo:
        """Take reservations back; a contract without any has none to take."""

        def act(writing: Writing) -> LetGo:
            return LetGo(contracts=tuple(number for number in request.contracts if writing.release(number)))

        return self._records.once(request, act, LetGo)

    @activity.defn
    def take_up(self, request: TakeUpRequest) -> DecisionRecord:
        """
        Return what was decided for a contract, with the facts that it follows from.

        Raises:
            WrongState: If the records hold another decision than the one that the portfolio announced.
        """

        def act(writing: Writing) -> DecisionRecord:
            facts, decision = writing.decision(request.number, request.allotted)
            if digest_of(decision) != request.decision:
                raise WrongState(f"the decision of {request.number} is not the one {request.portfolio} announced")
            body = writing.portfolio_decision(request.portfolio, request.allotted, PortfolioBody)
            return DecisionRecord(facts=facts, decision=decision, exceptions=body.exceptions.get(request.number, ()))

        return self._records.once(request, act, DecisionRecord)

    @activity.defn
    async def tell(self, request: TellRequest) -> Heard:
        """
        Tell a portfolio, which begins with this if it has not begun yet.

        Raises:
            Unreachable: If the portfolio is not registered yet; to be tried again.
        """
        order = self._records.look(lambda writing: writing.portfolio(request.portfolio))
        if order is None:
            raise Unreachable(f"portfolio {request.portfolio} is not registered yet; start its batch again")
        return Heard(is_open=await self._portfolios.tell(order, request.word))

    def _keep(
        self,
        writing: Writing,
        request: AllocateRequest,
        seen: _Gathered,
        body: PortfolioBody,
        decisions: Mapping[str, Decision],
        decided: PortfolioDecided,
    ) -> PortfolioDecided:
        """Keep the decision and reserve what it awards, if what it was made on is still so."""
        if self._gathered(writing, request, seen.waiting) != seen:
            raise _Overtaken
        for number, decision in decisions.items():
            writing.release(number)
            writing.keep_decision(number, request.occurrence, seen.waiting[number].facts, decision)
            writing.reserve(seen.orders[number].contract, decision, request.day)
        writing.keep_portfolio_decision(request.portfolio, request.occurrence, body, body.digest)
        return decided

    def _body(self, portfolio: str, seen: _Gathered, solved: Solved) -> tuple[PortfolioBody, dict[str, Decision]]:
        """What the records are to hold, and the decision of each contract."""
        decisions = decisions_of(portfolio, seen.waiting, solved.allocation, seen.titles)
        body = PortfolioBody(
            portfolio=portfolio,
            document=seen.document,
            seconds=self._allocator.seconds,
            idle=(*seen.idle, *solved.idle),
            solved=solved,
            outside=seen.outside,
            decisions={number: digest_of(decision) for number, decision in decisions.items()},
            exceptions={number: signed for number, signed in seen.signed.items() if signed},
        )
        return body, decisions

    def _plan(self, seen: _Gathered, decisions: Mapping[str, Decision]) -> ApprovalPlan:
        if not decisions:
            return ApprovalPlan()
        parts = [
            (compiled_authority(self._records, seen.orders[number].pins), seen.waiting[number].facts, decision)
            for number, decision in decisions.items()
        ]
        return portfolio_plan(parts, seen.signers, seen.starter)

    def _gathered(
        self, writing: Writing, request: AllocateRequest, known: Mapping[str, Entry] | None = None
    ) -> _Gathered:
        """
        Return what is known of the contracts at this moment, and the document that it makes.

        A contract whose facts are those of its *known* entry is not assessed again.
        """
        order = writing.portfolio(request.portfolio)
        if order is None:
            raise WrongState(f"portfolio {request.portfolio} is not registered")
        now = _Gathered(order.started_by.user, writing.signers(), PortfolioRules.model_validate(order.rules))
        for each in sorted(request.waiting, key=lambda waiting: waiting.number):
            self._assess(writing, request, each, now, (known or {}).get(each.number))
        fixed = [_standing(writing, number) for number in sorted(request.fixed)]
        free = writing.free_capacity((*(each.number for each in request.waiting), *request.fixed))
        now.document, now.idle = gathered(
            request.portfolio,
            request.day,
            now.rules,
            [*now.waiting.values(), *fixed],
            free,
            [override for override in request.overrides if override.contract in now.waiting],
            request.set_aside,
        )
        return now

    def _assess(
        self, writing: Writing, request: AllocateRequest, asking: Waiting, now: _Gathered, known: Entry | None
    ) -> None:
        """Assess one contract; one that has ended meanwhile is left out, one with nobody to go to is outside."""
        order, stage = writing.order(asking.number)
        if stage in ENDED:
            return
        quotes = writing.quotes(asking.number)
        if asking.quotes is not None and quotes_digest(quotes) != asking.quotes:
            raise WrongState(f"the records do not hold the quotes that {asking.number} joined with")
        policy = compiled(self._records, order.pins)
        facts, signed = self._deciding.facts(writing, policy, _question(request, order, quotes, asking.declined))
        entry = known if known is not None and known.facts == facts else Entry(facts, assess(policy, facts))
        if not entry.assessment.prices:
            now.outside[asking.number] = reason_for_nobody(entry.assessment.excluded)
            return
        now.orders[asking.number], now.waiting[asking.number], now.signed[asking.number] = order, entry, signed


@dataclass
class _Gathered:
    """The contracts at one moment: orders, entries and exceptions by number, those with nobody, and the document."""

    starter: str
    signers: tuple[SignerFacts, ...]
    rules: PortfolioRules
    orders: dict[str, ContractOrder] = field(default_factory=dict)
    waiting: dict[str, Entry] = field(default_factory=dict)
    signed: dict[str, tuple[SignedException, ...]] = field(default_factory=dict)
    outside: dict[str, str] = field(default_factory=dict)
    document: Json = field(default_factory=dict)
    idle: tuple[str, ...] = ()

    @property
    def titles(self) -> dict[str, str]:
        """What the constraints are called, by id."""
        return {each.id: each.title or "" for each in self.rules.constraints}


def quotes_digest(quotes: Iterable[Quote]) -> Digest:
    """Return what a contract says its opened quotes by when it joins."""
    ordered = sorted(quotes, key=lambda quote: (quote.round, quote.member))
    return digest([quote.model_dump(mode="json") for quote in ordered])


def _question(
    request: AllocateRequest, order: ContractOrder, quotes: tuple[Quote, ...], declined: dict[str, str]
) -> DecideRequest:
    """What a contract would ask if it were decided by itself; nobody draws lots in a portfolio."""
    return DecideRequest(
        workflow_id=request.workflow_id,
        number=order.contract.number,
        step=request.step,
        occurrence=request.occurrence,
        contract=order.contract,
        pins=order.pins,
        quotes=quotes,
        declined=declined,
        day=request.day,
        office=order.office,
    )


def _standing(writing: Writing, number: str) -> Entry:
    """A contract whose award stands, as it was decided."""
    last = writing.last_decision(number)
    if last is None:
        raise WrongState(f"{number} has been awarded nothing that could stand")
    return standing(*last)


def _nothing_to_decide(seen: _Gathered) -> Solved:
    """Everybody who waited has ended, or has nobody to go to."""
    name = seen.document["metadata"]["name"]
    return Solved(
        allocation=Allocation(
            status=AllocationStatus.OPTIMAL, portfolio=name, policy=name, digest=digest(seen.document), aims=()
        )
    )


def _heartbeat() -> Callable[[Progress], None]:
    """What says that the search is at work, and how far it is; it may be called from the solver's own thread."""
    here = contextvars.copy_context()
    return lambda progress: here.run(activity.heartbeat, progress)
