"""Sound policies, every selection with every division that fits it, and random facts for them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from contracts.decision import Decision
from contracts.facts import Candidate, ContractFacts, DrawFacts, Facts, LedgerFacts, MemberFacts, QueueFacts, QuoteFacts
from rules.decide import decide
from rules.policy import CompiledPolicy, compile_policy
from rules.select.lottery import commitment_to
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
  divide: {divide}
"""
TURNS_WEIGHT = "member.score_bp / 2000"
TARGET = "(member.score_bp - 2000)"
ROTATION = "{method: rotation, queue: turns}"
WEIGHTED = f"{{method: weighted_rotation, queue: turns, weight: {TURNS_WEIGHT}}}"
RANKINGS = {
    "mini_competition": '{method: mini_competition, ceiling: "120", abnormally_low_bp: 2000}',
    "scored": "{method: scored}",
    "rotation": ROTATION,
    "weighted_rotation": WEIGHTED,
    "weighted_rotation by map": "{method: weighted_rotation, queue: turns, weights: {AA: 3, BB: 1, CC: 0, DD: 2}}",
    "deficit": f"{{method: deficit, target: {TARGET}, look_ahead: true}}",
    "balanced_cap": '{method: balanced_cap, queue: turns, cap: "1500"}',
    "incumbent": f"{{method: incumbent, min_score_bp: 4000, premium_bp: 500, max_renewals: 2, rank_by: {WEIGHTED}}}",
    "territory": "{method: territory, homes: {north: BB}, basis: 服务半径, rank_by: {method: lottery}}",
    "lottery": "{method: lottery}",
}
"""The methods that put all in order, as a policy states them."""

ONE = {
    **RANKINGS,
    "scored": "{method: scored, tie: [ledger.awards, member.code]}",
    "direct": '{method: direct, member: "\'AA\'", rationale: price, limit: "900"}',
    "cascade": f"{{method: cascade, rank_by: {ROTATION}}}",
}
"""Selections of one member."""

SEVERAL = {
    "optimise": "{method: optimise, cost: quote.price_fen, k_min: 2, k_max: 3, groups: "
    "[{id: good, where: member.score_bp >= 6000, at_least: 1}, {id: busy, where: ledger.awards > 1, at_most: 1}]}",
    **{f"top_k of {name}": f"{{method: top_k, k_min: 2, k_max: 3, rank_by: {by}}}" for name, by in RANKINGS.items()},
}
"""Selections of two or three members."""

SELECTIONS = {**ONE, **SEVERAL}
"""Every method of selecting."""

WEIGHT = 'member.capacity["m2"]'
FLOOR_BP, CAP_BP = 1_000, 6_000
PRO_RATA = {"method": "pro_rata", "weight": WEIGHT}
EACH_AN_EIGHTH = dict.fromkeys(CODES, 1_250)
DIVISIONS: dict[str, dict[str, Any]] = {
    "equal": {"method": "equal"},
    "fixed_share": {"method": "fixed_share", "members_bp": EACH_AN_EIGHTH},
    "rank_tiers": {"method": "rank_tiers", "tiers": {"2": [6_000, 4_000], "3": [5_000, 3_000, 2_000]}},
    "pro_rata": PRO_RATA,
    "score_prop": {"method": "score_prop", "power": 2, "all_zero": "equal"},
    "inverse_price": {"method": "inverse_price"},
    "deficit_fill": {"method": "deficit_fill", "targets_bp": EACH_AN_EIGHTH, "all_zero": "equal"},
    "graded": {"method": "graded", "factors_bp": {"A": 12_000, "B": 10_000, "C": 8_000}, "weigh": PRO_RATA},
    "bounded": {"method": "bounded", "weigh": PRO_RATA, "floor_bp": FLOOR_BP, "cap_bp": CAP_BP},
    "lead_sub": {"method": "lead_sub", "subs": PRO_RATA, "fee_bp": 300},
    "actual_based": {"method": "actual_based", "quantity": "quote.quantity", "unit_price_fen": "quote.unit_price_fen"},
    "waterfall": {
        "method": "waterfall",
        "levels": [
            {"id": "alliance", "payee": "office", "base": "gross", "rate_bp": 250},
            {"id": "lead", "payee": "lead", "base": "residual", "rate_bp": 300},
        ],
        "residual": PRO_RATA,
    },
    "referral": {
        "method": "referral",
        "rate_bp": 150,
        "stages": [{"id": "let", "title": "签约", "part_bp": 3_333}, {"id": "stay", "title": "满年", "part_bp": 6_667}],
        "residual": PRO_RATA,
    },
    "tiered_commission": {
        "method": "tiered_commission",
        "payee": "office",
        "brackets": [{"up_to_fen": 500, "rate_bp": 1_000}, {"up_to_fen": "unlimited", "rate_bp": 333}],
        "residual": {"method": "inverse_price"},
    },
    "emc_share": {
        "method": "emc_share",
        "years": [{"saving_fen": 701, "owner_bp": 2_000}, {"saving_fen": 650, "owner_bp": 3_000}],
        "residual": PRO_RATA,
    },
    "minimum_guarantee": {"method": "minimum_guarantee", "guarantee_fen": 70, "rate_bp": 800, "residual": PRO_RATA},
    "whole": {"method": "whole"},
}
"""Every method of dividing."""

FEES = ("waterfall", "referral", "tiered_commission", "emc_share", "minimum_guarantee")
"""Those that take something out of the shares; their residual is another method."""

MEASURED = ("actual_based", "emc_share")
"""Those that say what the amount is."""

SEED = "0f" * 32
EACH = 12
"""Random facts for every selection with every division that fits: over 3,000 in all."""


@dataclass(frozen=True)
class Case:
    """One policy by its parts, facts for it, and what it decides."""

    selection: str
    division: str
    policy: CompiledPolicy
    facts: Facts
    decision: Decision


@cache
def cases(selection: str) -> tuple[Case, ...]:
    """Every division that fits *selection*, each on `EACH` random facts; the same in every run and every process."""
    return tuple(_cases(selection))


def _cases(selection: str) -> Iterator[Case]:
    for division in DIVISIONS:
        if not fits(selection, division):
            continue
        chance = random.Random(f"{selection}/{division}")
        trial = policy(selection, division)
        for _ in range(EACH):
            candidates = [candidate(chance, code, chance.choice(("north", "north", "south"))) for code in some(chance)]
            given = facts(chance, candidates)
            yield Case(selection, division, trial, given, decide(trial, given))


def fits(selection: str, division: str) -> bool:
    """Whether a policy may select so and divide so."""
    return division != "whole" if selection in SEVERAL else division in ("whole", "actual_based", *FEES)


def policy(selection: str, division: str, factor: int = 1) -> CompiledPolicy:
    """The policy that selects and divides so; all weights and targets that it calculates are *factor* times as much."""
    stated = dict(DIVISIONS[division])
    if selection in ONE and division in FEES:
        stated["residual"] = DIVISIONS["whole"]
    text = POLICY.format(select=SELECTIONS[selection], divide=json.dumps(stated, ensure_ascii=False))
    text += "  amount: measured\n" if division in MEASURED else ""
    text += "  rounding: sainte_lague\n" if (len(selection) + len(division)) % 3 == 0 else ""
    if factor != 1:
        escaped = json.dumps(WEIGHT).strip('"')
        for weight in (TURNS_WEIGHT, TARGET, escaped):
            text = text.replace(weight, f"{weight} * {factor}")
    return compile_policy(text, PARAMS, TYPES)


def candidate(chance: random.Random, code: str, park: str = "north") -> Candidate:
    """A member with small figures, so that equals are frequent."""
    return Candidate(
        member=MemberFacts(
            code=code,
            parks=(park,),
            score_bp=chance.randrange(0, 10_000, 2_000),
            band=chance.choice("ABC"),
            capacity={"m2": chance.randint(1, 5)},
        ),
        quote=QuoteFacts(
            price_fen=chance.randrange(90, 140, 10),
            quantity=chance.randint(1, 30),
            unit_price_fen=chance.randint(1, 40),
        ),
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


def fingerprint() -> str:
    """The SHA-256 of every decision of every case, in their bytes."""
    every = [case.decision.model_dump_json() for selection in SELECTIONS for case in cases(selection)]
    return sha256("\n".join(every).encode()).hexdigest()
