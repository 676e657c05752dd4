"""A dry run of an example: every contract decided by the shipped books, without a server or a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from activities.packs import contract_facts
from contracts.calendar import epoch_day, iso_day
from contracts.category import Category
from contracts.decision import Decision
from contracts.facts import Candidate, CertificateFacts, Facts, LedgerFacts, MemberFacts, QueueFacts, QuoteFacts
from contracts.money import split
from contracts.organisation import Company, CompanyKind
from contracts.service_contract import QuotingMode, ServiceContract
from contracts.task import TaskKind
from lianyue.books import texts
from lianyue.packs import categories
from lianyue.simulate.example import Example, load
from lianyue.simulate.script import Departure, Deviation
from rules.decide import decide, screen
from rules.library import Library
from rules.policy import CompiledPolicy
from rules.select.chain import queue_of
from rules.select.undoing import given_back
from rules.standing import opening

EXAMPLES = Path(__file__).parents[1] / "examples"
CEREMONY = "lingang-2025"
SMALL = ["01-one-member", "02-three-quotes", "03-late-delivery", "04-split-keys"]
DECISION_DAY = epoch_day("2025-07-01")


@cache
def example(name: str = CEREMONY) -> Example:
    """One example, read strictly."""
    return load(EXAMPLES / name)


@cache
def packs() -> dict[str, Category]:
    """The shipped categories."""
    return categories()


@cache
def library() -> Library:
    """The shipped books."""
    return Library.of(texts(None))


def companies(kind: CompanyKind, of: Example) -> list[Company]:
    """The companies of one kind, ordered by code."""
    return sorted((c for c in of.alliance.companies if c.kind is kind), key=lambda company: company.code)


def story(word: str) -> ServiceContract:
    """The one contract whose story begins with *word*."""
    (found,) = [contract for contract in example().contracts if contract.story.startswith(word)]
    return found


def policy_of(contract: ServiceContract) -> CompiledPolicy:
    """The policy that a contract is decided by: its own, else its category's, else the default."""
    if contract.policy:
        return library().policy(contract.policy, DECISION_DAY)
    return library().policy_for(contract.category, DECISION_DAY)


class DryRun:
    """The contracts of an example decided one after the other, with ledger, capacity and queues carried along."""

    def __init__(self, of: Example, order: Sequence[ServiceContract] = ()) -> None:
        self.example = of
        self.queues: dict[str, QueueFacts] = {}
        self.decisions: dict[str, Decision] = {}
        self.facts: dict[str, Facts] = {}
        self.refused: dict[str, Decision] = {}
        for contract in order or of.contracts:
            self._conclude(contract)

    def _conclude(self, contract: ServiceContract) -> None:
        """Decide until somebody signs, as the workflow does."""
        declined: dict[str, str] = {}
        while True:
            decision = self._decide(contract, declined)
            self.decisions[contract.number] = decision
            refusal = self._refusal(contract, decision)
            if refusal is None or refusal.company in declined:
                return
            self.refused[contract.number] = decision
            declined[str(refusal.company)] = refusal.reason

    def _refusal(self, contract: ServiceContract, decision: Decision) -> Deviation | None:
        for deviation in self.example.script.deviations:
            fits = (deviation.number, deviation.kind, deviation.act) == (
                *(contract.number, TaskKind.SIGN),
                Departure.DECLINE,
            )
            if fits and deviation.company in decision.selected:
                return deviation
        return None

    def _decide(self, contract: ServiceContract, declined: dict[str, str]) -> Decision:
        policy = policy_of(contract)
        queue = self._queue(policy, self.decisions.pop(contract.number, None), self.facts.get(contract.number))
        facts = self.facts_of(contract).model_copy(update={"declined": declined, "queue": queue})
        facts = facts.model_copy(update={"candidates": tuple(self._quoting(policy, contract, facts))})
        decision = decide(policy, facts)
        self.facts[contract.number] = facts
        if decision.queue_after:
            self.queues[decision.queue_after.name] = decision.queue_after
        return decision

    def facts_of(self, contract: ServiceContract) -> Facts:
        """The facts before anybody has quoted."""
        considered = tuple(
            Candidate(member=self._member(company, contract), ledger=self._ledger(company.code, contract))
            for company in companies(CompanyKind.MEMBER, self.example)
            if not contract.candidates or company.code in contract.candidates
        )
        return Facts(
            decision_day=iso_day(DECISION_DAY),
            contract=contract_facts(contract, packs()[contract.category].pack, considered),
            candidates=considered,
        )

    def _quoting(self, policy: CompiledPolicy, contract: ServiceContract, facts: Facts) -> Iterator[Candidate]:
        """The candidates of the decision: all in a call-off, else those who were asked and quoted."""
        if contract.quoting.mode is QuotingMode.FRAMEWORK:
            yield from facts.candidates
            return
        before = facts.model_copy(update={"declined": {}})
        prices = self.example.script.quotes[contract.number]
        asked = [code for code in screen(policy, before).eligible if code in prices]
        for candidate in facts.candidates:
            code = candidate.member.code
            if code in asked:
                quote = QuoteFacts(price_fen=prices[code], order=asked.index(code))
                yield candidate.model_copy(update={"quote": quote})

    def _queue(self, policy: CompiledPolicy, earlier: Decision | None, before: Facts | None) -> QueueFacts | None:
        name = queue_of(policy.spec.select)
        if name is None:
            return None
        queue = self.queues.get(name, QueueFacts(name=name))
        if earlier and earlier.queue_after and before and before.queue:
            return given_back(queue, before.queue, earlier.queue_after)
        return queue

    def _member(self, company: Company, contract: ServiceContract) -> MemberFacts:
        facts = MemberFacts(
            code=company.code,
            categories=tuple(sorted(company.categories)),
            parks=tuple(sorted(company.parks)),
            certificates=tuple(
                CertificateFacts(
                    code=paper.code,
                    valid_from_day=epoch_day(paper.valid_from),
                    valid_to_day=epoch_day(paper.valid_to),
                )
                for paper in company.certificates
            ),
            capacity=company.capacity,
            joined_day=epoch_day(company.joined_on),
        )
        for brought in self.example.alliance.standings:
            if (brought.member, brought.category) == (company.code, contract.category):
                first = opening(brought.member, brought.category, brought.score_bp, facts.joined_day)
                return facts.model_copy(update={"band": first.band.value, "score_bp": first.score_bp})
        return facts

    def _ledger(self, member: str, contract: ServiceContract) -> LedgerFacts:
        awarded: list[int] = []
        reserved: Counter[str] = Counter()
        for other in self.example.contracts:
            decision = self.decisions.get(other.number)
            amounts = {share.member: share.amount_fen for share in decision.shares} if decision else {}
            if member not in amounts or other.number == contract.number:
                continue
            for resource, need in other.needs.items():
                reserved[resource] += split(need, amounts)[member]
            if other.category == contract.category:
                awarded.append(amounts[member])
        last = DECISION_DAY if awarded else 0
        return LedgerFacts(
            awarded_fen=sum(awarded), awards=len(awarded), last_award_day=last, reserved=dict(sorted(reserved.items()))
        )


@cache
def ceremony() -> DryRun:
    """The ceremony, decided in the order of the file."""
    return DryRun(example())
