"""Small decisions for every way of selecting and dividing, so that what is told of them can be compared."""

from __future__ import annotations

import hashlib

from contracts.decision import Decision
from contracts.facts import Candidate, DrawFacts, Facts, LedgerFacts, QueueFacts
from rules.decide import decide
from rules.explain.telling import told
from rules.explain.tongue import Tongue
from rules.policy import CompiledPolicy, compile_policy
from tests.rules.test_decide import PARAMS, POLICY, TYPES, candidate, facts

SEED = "ab" * 32
SELECT = "method: top_k, k_max: 2, tie: [quote.order, member.code]"
DIVIDE = "method: pro_rata, weight: score_bp"
AUTHORED = ("得分不足", "没有余量", "试行", "章程", "服务半径", "代收代付", "首付", "招商")
"""The words of the authors of the trial policies, which are told as they stand."""

SELECTING: dict[str, str] = {
    "direct": 'method: direct, member: "\'A1\'", rationale: continuity, limit: "100000"',
    "mini_competition": (
        "method: mini_competition, ceiling: contract.value_fen * 2, abnormally_low_bp: 4000, min_quotes: 2, "
        "discounts: [{from_quantity: 1, discount_bp: 500}]"
    ),
    "scored": "method: scored",
    "rotation": "method: rotation, queue: works",
    "weighted_rotation": (
        "method: weighted_rotation, queue: works, weights: {A1: 3, B1: 1}, decline_consumes_turn: false"
    ),
    "deficit": "method: deficit, target: member.score_bp, look_ahead: true",
    "balanced_cap": 'method: balanced_cap, queue: works, cap: "5000"',
    "cascade": "method: cascade, rank_by: price, decline_reasons: [force_majeure, no_capacity]",
    "incumbent": "method: incumbent, min_score_bp: 5000, premium_bp: 500, max_renewals: 2",
    "territory": (
        "method: territory, homes: {fengxian: A1}, basis: 服务半径, rank_by: {method: deficit, target: member.score_bp}"
    ),
    "lottery": "method: lottery",
    "optimise": (
        "method: optimise, cost: quote.price_fen, k_min: 1, k_max: 2, "
        "groups: [{id: strong, where: member.score_bp > 5000, at_least: 1, at_most: 2}]"
    ),
    "top_k": "method: top_k, k_max: 2, rank_by: scored",
}

EQUAL = "residual: {method: equal}"
DIVIDING: dict[str, str] = {
    "whole": "method: whole",
    "equal": "method: equal",
    "fixed_share": "method: fixed_share, members_bp: {A1: 6000, B1: 4000}",
    "rank_tiers": 'method: rank_tiers, tiers: {"1": [10000], "2": [6000, 4000]}',
    "pro_rata": "method: pro_rata, weight: score_bp, all_zero: equal",
    "score_prop": "method: score_prop, pass_bp: 6000, power: 2",
    "inverse_price": "method: inverse_price",
    "deficit_fill": "method: deficit_fill, targets_bp: {A1: 7000, B1: 3000}",
    "graded": "method: graded, factors_bp: {A: 12000, B: 10000}, weigh: {method: pro_rata, weight: score_bp}",
    "bounded": "method: bounded, floor_bp: 2000, weigh: {method: fixed_share, members_bp: {A1: 9000, B1: 1000}}",
    "lead_sub": "method: lead_sub, lead_min_bp: 6000, fee_bp: 300, subs: {method: pro_rata, weight: score_bp}",
    "actual_based": "method: actual_based, quantity: quote.price_fen, unit_price_fen: 30, per: 10",
    "waterfall": (
        "method: waterfall, levels: [{id: vat, payee: tax_office, base: gross, vat_bp: 600}, "
        "{id: pass-through, title: 代收代付, payee: supplier, amount_fen: contract.quantity * 100, cap_fen: 5000}, "
        "{id: alliance, payee: office, base: net, rate_bp: 200}, {id: lead, payee: lead, rate_bp: 300}], "
        "residual: {method: rank_tiers, tiers: {'2': [6000, 4000]}}"
    ),
    "referral": (
        f"method: referral, rate_bp: 500, cap_fen: 40, stages: [{{id: first, title: 首付, part_bp: 10000}}], {EQUAL}"
    ),
    "tiered_commission": (
        "method: tiered_commission, payee: office, "
        f"brackets: [{{up_to_fen: 500, rate_bp: 300}}, {{up_to_fen: unlimited, rate_bp: 100}}], {EQUAL}"
    ),
    "emc_share": f"method: emc_share, years: [{{saving_fen: 900, adjustment_fen: 100, owner_bp: 3000}}], {EQUAL}",
    "minimum_guarantee": f"method: minimum_guarantee, guarantee_fen: 200, rate_bp: 1000, {EQUAL}",
}
MEASURED = ("actual_based", "emc_share")


SEVERAL = ("top_k", "optimise")


def policy_of(select: str = SELECT, divide: str = "", *changes: tuple[str, str]) -> CompiledPolicy:
    """The trial policy with another selection and division; one that does not fit is replaced by one that does."""
    takes_several = any(f"method: {name}," in select for name in SEVERAL)
    divide = divide or (DIVIDE if takes_several else "method: whole")
    select = "method: scored" if divide == "method: whole" and takes_several else select
    amount = "measured" if any(f"method: {name}," in divide for name in MEASURED) else "value"
    text = POLICY.replace(f"{{{SELECT}}}", f"{{{select}}}")
    text = text.replace(f"{{{DIVIDE}}}", f"{{{divide}}}\n  amount: {amount}")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return compile_policy(text, PARAMS, TYPES)


def given(**changes: object) -> Facts:
    """Three members, one of which scores too little, with a queue and a draw for the methods that need them."""
    members = (candidate("A1", 900), candidate("B1", 1_000), candidate("C1", score_bp=1_000))
    had = LedgerFacts(awarded_fen=400)
    known = facts(*(Candidate(member=each.member, quote=each.quote, ledger=had) for each in members), incumbent="B1")
    commitment = f"sha256:{hashlib.sha256(SEED.encode()).hexdigest()}"
    stated = {
        "queue": QueueFacts(name="works", order=("A1", "B1"), last="A1", served=("A1",)),
        "draw": DrawFacts(commitment=commitment, seed=SEED),
    }
    return known.model_copy(update={**stated, **changes})


def account(policy: CompiledPolicy, facts: Facts, language: str) -> dict[str, tuple[str, ...]]:
    """The sentences of the decision of *facts*, by part."""
    found: dict[str, tuple[str, ...]] = {}
    for each in told(policy, facts, decided(policy, facts), None, Tongue(language)):
        found[each.part] = (*found.get(each.part, ()), *each.sentences)
    return found


def decided(policy: CompiledPolicy, facts: Facts) -> Decision:
    """The decision."""
    return decide(policy, facts)
