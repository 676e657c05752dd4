"""What a policy may not say of dividing: everything that is wrong, at its place."""

from __future__ import annotations

import pytest

from rules.check_book import problems_in
from tests.rules.test_check_book import FILES, POLICY

EQUAL = "  divide: {method: equal}\n"
RESIDUAL = "    residual: {method: equal}\n"


def found(divide: str, *changes: tuple[str, str]) -> list[str]:
    """The problems of the trial policy with another division, which begins on line 15."""
    policy = POLICY.replace(EQUAL, divide)
    for old, new in changes:
        assert old in policy
        policy = policy.replace(old, new)
    return [str(problem).removeprefix("policy.yaml:") for problem in problems_in({**FILES, "policy.yaml": policy})]


def waterfall(*levels: str) -> str:
    """A waterfall of *levels*, the first on line 18."""
    lines = "".join(f"      - {{{level}}}\n" for level in levels)
    return f"  divide:\n    method: waterfall\n    levels:\n{lines}{RESIDUAL}"


AGREEING = {
    "graded over pro rata, bounded": (
        "  divide:\n    method: bounded\n    cap_bp: 5000\n    weigh:\n      method: graded\n"
        "      grade: member.code\n      factors_bp: {A: 12000, B: 0}\n"
        "      weigh: {method: pro_rata, weight: member.score_bp, all_zero: equal}\n"
    ),
    "scores above the pass mark, squared": "  divide: {method: score_prop, pass_bp: 6000, power: 2}\n",
    "the harmonic split": "  divide: {method: inverse_price}\n",
    "targets": ("  divide: {method: deficit_fill, awarded: ledger.awards, targets_bp: {LGWY: 6000, LGFW: 4000}}\n"),
    "a whole waterfall": waterfall(
        "id: vat, payee: tax_office, base: gross, vat_bp: 600",
        "id: cost, payee: supplier, amount_fen: 'divRound(contract.value_fen * params.least_bp / 7000, 5)'",
        "id: referral, payee: referrer, base: net, rate_bp: 200, cap_fen: 5000000",
        "id: alliance, payee: office, rate_bp: 100, floor_fen: 10000, cap_fen: 20000",
        "id: lead-fee, payee: lead, rate_bp: 300",
    ),
    "a referral in stages": (
        "  divide:\n    method: referral\n    let_m2: 40000\n    unit_fee_fen: 500\n    cap_fen: contract.value_fen\n"
        "    stages:\n      - {id: accepted, title: 线索受理, part_bp: 3000}\n"
        "      - {id: stayed, title: 入驻满一年, part_bp: 7000}\n" + RESIDUAL
    ),
    "a commission": (
        "  divide:\n    method: tiered_commission\n    payee: LGFW\n    brackets:\n"
        "      - {up_to_fen: 100000, rate_bp: 0}\n      - {up_to_fen: unlimited, rate_bp: 500}\n" + RESIDUAL
    ),
    "a guarantee": (
        "  divide: {method: minimum_guarantee, guarantee_fen: 100, rate_bp: 800, residual: {method: equal}}\n"
    ),
}


@pytest.mark.parametrize("divide", AGREEING.values(), ids=AGREEING.keys())
def test_a_division_that_agrees_has_no_problem(divide: str) -> None:
    """Methods compose: any weighing within bounds, any division as the residual."""
    assert [] == found(divide)


def test_a_measured_amount_is_stated_with_its_division() -> None:
    """Both methods that measure the amount say so, and then nothing is wrong."""
    actual = "  divide: {method: actual_based, quantity: ledger.awards, unit_price_fen: 12, per: 10000}\n"
    saving = "  divide: {method: emc_share, years: [{saving_fen: 5, owner_bp: 2000}], residual: {method: equal}}\n"

    assert [[], []] == [found(divide + "  amount: measured\n") for divide in (actual, saving)]


DISAGREEING = {
    "targets that make no whole": (
        "  divide: {method: deficit_fill, awarded: ledger.awards, targets_bp: {LGWY: 6000, LGFW: 3999}}\n",
        ["15:58: the targets sum to 9999, not 10000"],
    ),
    "no target at all of the ledger": (
        "  divide: {method: deficit_fill, targets_bp: {LGWY: 10000}}\n",
        ["15:11: unknown field 'awarded_fen' of Ledger"],
    ),
    "grades that count nothing": (
        "  divide: {method: graded, grade: member.code, factors_bp: {A: 0}, weigh: {method: equal}}\n",
        ["15:48: every grade has the factor nought, so that nobody gets anything"],
    ),
    "a grade that is no word": (
        "  divide: {method: graded, grade: member.score_bp, factors_bp: {A: 1}, weigh: {method: equal}}\n",
        ["15:35: this must be string, is int"],
    ),
    "a floor above the cap": (
        "  divide: {method: bounded, weigh: {method: equal}, floor_bp: 3300, cap_bp: 3200}\n",
        [
            "15:63: the floor of 3300 lies above the cap of 3200",
            "15:77: 2 members at a cap of 3200 make 6400, less than 10000",
        ],
    ),
    "an inner weighing that makes no whole": (
        "  divide: {method: bounded, weigh: {method: fixed_share, members_bp: {LGWY: 9999}}}\n",
        ["15:58: the shares sum to 9999, not 10000"],
    ),
    "a whole as the residual": (
        "  divide: {method: minimum_guarantee, guarantee_fen: 1, rate_bp: 1, residual: {method: whole}}\n",
        ["15:88: 'whole' gives everything to one member, but select may pick several"],
    ),
    "an unknown residual": (
        "  divide: {method: minimum_guarantee, guarantee_fen: 1, rate_bp: 1, residual: {method: waterfall}}\n",
        [
            (
                "15:88: 'method' must be one of whole, equal, fixed_share, rank_tiers, pro_rata, score_prop, "
                'inverse_price, deficit_fill, graded, bounded, lead_sub, actual_based, not "waterfall"'
            )
        ],
    ),
    "a payee that is nobody": (
        waterfall("id: alliance, payee: nobody, rate_bp: 1"),
        [
            (
                "18:31: 'payee' must be 'lead', 'office', 'referrer', 'client', 'tax_office' or 'supplier' or a "
                'company code (2 to 12 capital letters and digits), not "nobody"'
            )
        ],
    ),
    "two ways to say how much": (
        waterfall("id: alliance, payee: office, rate_bp: 1, amount_fen: 2"),
        [
            (
                "18:9: the level 'alliance' states rate_bp and amount_fen; "
                "it takes exactly one of rate_bp, vat_bp and amount_fen"
            )
        ],
    ),
    "no way to say how much": (
        waterfall("id: alliance, payee: office"),
        ["18:9: the level 'alliance' states none of them; it takes exactly one of rate_bp, vat_bp and amount_fen"],
    ),
    "a level twice": (
        waterfall("id: fee, payee: office, rate_bp: 1", "id: fee, payee: lead, rate_bp: 1"),
        ["19:14: the level 'fee' stands on line 18 already"],
    ),
    "a level's floor above its cap": (
        waterfall("id: fee, payee: office, rate_bp: 1, floor_fen: 2, cap_fen: 1"),
        ["18:57: the floor of 2 lies above the cap of 1"],
    ),
    "a net before the tax": (
        waterfall("id: fee, payee: office, base: net, rate_bp: 1", "id: vat, payee: tax_office, vat_bp: 600"),
        ["18:40: the level 'fee' is reckoned on the net, but no level before it takes the tax (vat_bp)"],
    ),
    "the tax twice": (
        waterfall("id: vat, payee: tax_office, vat_bp: 600", "id: more, payee: tax_office, vat_bp: 600"),
        ["19:47: the level 'more' takes the tax a second time"],
    ),
    "a level after everything is taken": (
        waterfall("id: all, payee: office, rate_bp: 10000", "id: rest, payee: lead, rate_bp: 1"),
        ["19:14: nothing is left for the level 'rest': the levels before it take everything"],
    ),
    "more than everything": (
        waterfall(
            "id: most, payee: office, base: gross, rate_bp: 8000", "id: rest, payee: lead, base: gross, rate_bp: 2001"
        ),
        ["19:9: the level 'rest' takes more than the levels before it leave"],
    ),
    "stages that make no whole": (
        "  divide:\n    method: referral\n    rate_bp: 300\n    stages:\n"
        "      - {id: accepted, title: 线索受理, part_bp: 3000}\n"
        "      - {id: signed, title: 签约, part_bp: 3000}\n" + RESIDUAL,
        ["18:5: the stages sum to 6000, not 10000"],
    ),
    "a stage twice": (
        "  divide:\n    method: referral\n    rate_bp: 300\n    stages:\n"
        "      - {id: signed, title: 线索受理, part_bp: 5000}\n"
        "      - {id: signed, title: 签约, part_bp: 5000}\n" + RESIDUAL,
        ["20:14: the stage 'signed' stands on line 19 already"],
    ),
    "a referral without a rate": (
        "  divide: {method: referral, let_m2: 4, residual: {method: equal}}\n",
        ["15:20: referral takes either rate_bp, or let_m2 and unit_fee_fen"],
    ),
    "a referral with a base and no rate": (
        "  divide: {method: referral, let_m2: 4, unit_fee_fen: 1, base_fen: 9, residual: {method: equal}}\n",
        ["15:58: base_fen is what rate_bp is reckoned on, and there is none"],
    ),
    "brackets that do not ascend": (
        "  divide:\n    method: tiered_commission\n    payee: office\n    brackets:\n"
        "      - {up_to_fen: 200, rate_bp: 1}\n      - {up_to_fen: 200, rate_bp: 2}\n"
        "      - {up_to_fen: 900, rate_bp: 2}\n" + RESIDUAL,
        [
            "20:21: 200 is not above 200, where the bracket before ends",
            "21:21: the last bracket ends at 9.00 元; it must be unlimited",
        ],
    ),
    "a measuring method without its amount": (
        "  divide: {method: actual_based, quantity: ledger.awards, unit_price_fen: 12}\n",
        ["5:3: actual_based measures the amount itself; say amount: measured instead of value"],
    ),
    "a measured amount without a measure": (
        EQUAL + "  amount: measured\n",
        ["16:11: equal measures no amount; only actual_based and emc_share do"],
    ),
    "expressions of levels see no member": (
        waterfall("id: fee, payee: office, amount_fen: member.score_bp"),
        ["18:46: unknown name 'member'"],
    ),
}


@pytest.mark.parametrize(("divide", "expected"), DISAGREEING.values(), ids=DISAGREEING.keys())
def test_a_division_that_disagrees_is_told_where_and_why(divide: str, expected: list[str]) -> None:
    """The whole message and the place, and nothing that only follows from it."""
    assert expected == found(divide)


def test_scores_need_scoring_rules() -> None:
    """score_prop by the decision's own score has nothing to read where nothing is scored."""
    scoring = POLICY[POLICY.index("  scoring:") : POLICY.index("  select:")]

    problems = found(
        "  divide: {method: score_prop}\n", (scoring, ""), ("{method: top_k,", "{method: top_k, rank_by: price,")
    )

    assert ["12:20: score_prop divides by score_bp, but the policy has no scoring rules"] == problems


def test_a_residual_divides_only_among_several() -> None:
    """Where one is selected, the residual is whole."""
    problems = found(waterfall("id: fee, payee: office, rate_bp: 1"), ("top_k, k_min: 2, k_max: 3", "scored"))

    assert ["19:24: equal divides among several, but scored selects one; use whole"] == problems
