"""What holds of every method, whatever the facts: order, outsiders, reasons, and cascades that end."""

from __future__ import annotations

import random
from typing import Any

import pytest

from contracts.decision import Decision, DecisionOutcome
from contracts.facts import Candidate, ContractFacts, DrawFacts, Facts, LedgerFacts, MemberFacts, QueueFacts, QuoteFacts
from rules.decide import decide
from rules.policy import CompiledPolicy, compile_policy
from rules.select.lottery import commitment_to
from rules.select.undoing import given_back
from tests.rules.select.contests import CODES, some
from tests.rules.test_decide import PARAMS, TYPES

POLICY = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {{name: trial, title: 试行, reference: [章程]}}
spec:
  effective: {{from: "2025-01-01"}}
  types: alliance-core
  params: few
  match: {{category: any}}
  eligibility:
    - {{id: served, require: contract.park in member.parks, message: 不服务该园区}}
  scoring:
    - {{id: score, title: 得分, weight_bp: 10000, score: member.score_bp}}
  select: {select}
  divide: {{method: {divide}}}
"""
ROTATION = "{method: rotation, queue: turns}"
WEIGHTED = "{method: weighted_rotation, queue: turns, weight: member.score_bp / 2000}"
METHODS = {
    "direct": '{method: direct, member: "\'AA\'", rationale: price, limit: "900"}',
    "mini_competition": '{method: mini_competition, ceiling: "120", abnormally_low_bp: 2000}',
    "scored": "{method: scored, tie: [ledger.awards, member.code]}",
    "rotation": ROTATION,
    "weighted_rotation": WEIGHTED,
    "weighted_rotation by map": "{method: weighted_rotation, queue: turns, weights: {AA: 3, BB: 1, CC: 0, DD: 2}}",
    "deficit": "{method: deficit, target: member.score_bp - 2000, look_ahead: true}",
    "balanced_cap": '{method: balanced_cap, queue: turns, cap: "1500"}',
    "cascade": f"{{method: cascade, rank_by: {ROTATION}}}",
    "incumbent": f"{{method: incumbent, min_score_bp: 4000, premium_bp: 500, max_renewals: 2, rank_by: {WEIGHTED}}}",
    "territory": "{method: territory, homes: {north: BB}, basis: 服务半径, rank_by: {method: lottery}}",
    "lottery": "{method: lottery}",
    "optimise": "{method: optimise, cost: quote.price_fen, k_min: 2, k_max: 3, groups: "
    "[{id: good, where: member.score_bp >= 6000, at_least: 1}, {id: busy, where: ledger.awards > 1, at_most: 1}]}",
    "top_k": f"{{method: top_k, k_min: 2, k_max: 3, rank_by: {ROTATION}}}",
}
SEED = "0f" * 32
EACH = 250
"""Random facts for a method and a property; a dozen of both and more make over 3,000 for each method's parts."""


def policy(name: str) -> CompiledPolicy:
    """The trial policy that selects so."""
    divide = "equal" if name in ("optimise", "top_k") else "whole"
    return compile_policy(POLICY.format(select=METHODS[name], divide=divide), PARAMS, TYPES)


def candidate(chance: random.Random, code: str, park: str = "north") -> Candidate:
    """A member with small figures, so that equals are frequent."""
    return Candidate(
        member=MemberFacts(code=code, parks=(park,), score_bp=chance.randrange(0, 10_000, 2_000)),
        quote=QuoteFacts(price_fen=chance.randrange(90, 140, 10)),
        ledger=LedgerFacts(awarded_fen=chance.randrange(0, 1_500, 250), awards=chance.randrange(4)),
    )


def facts(chance: random.Random, candidates: list[Candidate]) -> Facts:
    """A contract, a queue in the middle of its life, and a draw."""
    order = tuple(some(chance))
    return Facts(
        decision_day="2025-08-01",
        contract=ContractFacts(
            number="LY-2025-0001",
            category="works",
            client="CLIENT",
            park="north",
            value_fen=chance.randrange(100, 2_000, 100),
            quantity=1,
            starts_day=20_454,
            ends_day=20_818,
            incumbent=chance.choice(("", *CODES)),
            renewals=chance.randrange(4),
        ),
        candidates=tuple(candidates),
        queue=QueueFacts(
            name="turns",
            order=order,
            last=order[0],
            served=order[: chance.randrange(len(order) + 1)],
            credits={code: chance.randint(-3, 3) for code in order},
            weights={code: chance.randint(1, 4) for code in order},
        ),
        draw=DrawFacts(commitment=commitment_to(SEED), seed=SEED),
    )


@pytest.mark.parametrize("name", METHODS)
def test_the_same_facts_in_another_order_give_the_same_bytes(name: str) -> None:
    """However the candidates come in, and how often one decides."""
    chance, trial = random.Random(name), policy(name)
    for _ in range(EACH):
        candidates = [candidate(chance, code, chance.choice(("north", "north", "south"))) for code in some(chance)]
        given = facts(chance, candidates)
        chance.shuffle(candidates)

        again = given.model_copy(update={"candidates": tuple(candidates)})

        assert decide(trial, given).model_dump_json() == decide(trial, again).model_dump_json()


@pytest.mark.parametrize("name", METHODS)
def test_a_member_that_is_not_eligible_changes_nothing(name: str) -> None:
    """Apart from its own reason, and its place at the end of a queue that had not seen it."""
    chance, trial = random.Random(name), policy(name)
    for _ in range(EACH):
        candidates = [candidate(chance, code) for code in some(chance)]
        given = facts(chance, candidates)
        outsider = candidate(chance, "ZZ", "south")

        without = decide(trial, given)
        beside = decide(trial, given.model_copy(update={"candidates": (outsider, *candidates)}))

        assert ["served"] == [reason.rule for reason in beside.excluded["ZZ"]]
        assert told(without) == told(beside)


def told(decision: Decision) -> dict[str, Any]:
    """What a decision says of everybody but ZZ."""
    said = decision.model_dump(mode="json", exclude={"facts_digest", "trace"})
    said["excluded"].pop("ZZ", None)
    for part in ("order", "joining") if said["queue_after"] else ():
        said["queue_after"][part] = [code for code in said["queue_after"][part] if code != "ZZ"]
    return said


@pytest.mark.parametrize("name", METHODS)
def test_whoever_is_not_selected_has_a_rank_or_a_reason(name: str) -> None:
    """And the shares sum to the value, the selected are ranked, and no outcome but an award selects."""
    chance, trial = random.Random(name), policy(name)
    for _ in range(EACH):
        codes = some(chance)
        given = facts(chance, [candidate(chance, code, chance.choice(("north", "south"))) for code in codes])

        decision = decide(trial, given)

        assert sorted(codes) == sorted([*decision.ranking, *decision.excluded])
        assert sorted(decision.eligible) == sorted(decision.ranking)
        assert set(decision.selected) <= set(decision.ranking)
        assert bool(decision.selected) is (decision.outcome is DecisionOutcome.AWARDED)
        assert decision.amount_fen == sum(share.amount_fen for share in decision.shares)


@pytest.mark.parametrize("name", METHODS)
def test_a_cascade_of_refusals_ends(name: str) -> None:
    """Nobody is asked twice, and after as many refusals as members the outcome is that nobody is left."""
    chance, trial = random.Random(name), policy(name)
    for _ in range(EACH // 5):
        candidates = [candidate(chance, code) for code in some(chance)]
        given, asked = facts(chance, candidates), list[str]()
        while (decision := decide(trial, given)).selected:
            asked.append(decision.selected[0])
            queue = given.queue
            if queue and decision.queue_after:
                queue = given_back(decision.queue_after, queue, decision.queue_after)
            given = given.model_copy(update={"declined": dict.fromkeys(asked, "没有人手"), "queue": queue})

        assert len(asked) == len(set(asked)) <= len(candidates)
        assert decision.outcome is not DecisionOutcome.AWARDED
