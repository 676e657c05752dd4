"""What holds for every division: exact sums, bounds, and no influence of order or scale; 3,000 random inputs each."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from rules.divide.sharing import Shared
from tests.rules.divide.trials import Figures, divided, fees, shares, some_amount, some_members

CASES = 3_000
TARGETS = {f"M{number:02}": 500 for number in range(20)}
PRO_RATA = {"method": "pro_rata", "weight": "weight"}
GRADED = {"method": "graded", "grade": "grade", "factors_bp": {"A": 12_000, "B": 10_000, "C": 8_000}}

WEIGHINGS: dict[str, dict[str, Any]] = {
    "equal": {"method": "equal"},
    "fixed_share": {"method": "fixed_share", "members_bp": TARGETS},
    "rank_tiers": {
        "method": "rank_tiers",
        "tiers": {str(count): list(range(count, 0, -1)) for count in range(1, 9)},
    },
    "pro_rata": PRO_RATA,
    "score_prop": {"method": "score_prop", "pass_bp": 6_000},
    "score_prop squared": {"method": "score_prop", "pass_bp": 6_000, "power": 2},
    "inverse_price": {"method": "inverse_price", "price": "price"},
    "deficit_fill": {"method": "deficit_fill", "awarded": "awarded", "targets_bp": TARGETS},
    "graded": {**GRADED, "weigh": PRO_RATA},
    "graded twice": {**GRADED, "weigh": {**GRADED, "weigh": {"method": "inverse_price", "price": "price"}}},
}

MEMBER_DIVISIONS: dict[str, dict[str, Any]] = {
    **WEIGHINGS,
    "bounded": {"method": "bounded", "weigh": {**GRADED, "weigh": PRO_RATA}, "floor_bp": 1_000},
    "lead_sub": {"method": "lead_sub", "subs": PRO_RATA, "fee_bp": 300},
    "actual_based": {"method": "actual_based", "quantity": "weight", "unit_price_fen": "price_fen", "per": 100},
}

LEVELS = [
    {"id": "vat", "payee": "tax_office", "base": "gross", "vat_bp": 600},
    {"id": "cost", "payee": "supplier", "amount_fen": 7},
    {"id": "referral", "payee": "referrer", "base": "net", "rate_bp": 200, "cap_fen": 50_000},
    {"id": "alliance", "payee": "office", "rate_bp": 100, "floor_fen": 3},
    {"id": "lead", "payee": "lead", "rate_bp": 300},
]
STAGES = [{"id": stage, "title": stage, "part_bp": part} for stage, part in (("accepted", 3_333), ("stayed", 6_667))]
BRACKETS = [{"up_to_fen": 1_000, "rate_bp": 1_000}, {"up_to_fen": "unlimited", "rate_bp": 333}]

METHODS: dict[str, dict[str, Any]] = {
    "whole": {"method": "whole"},
    **MEMBER_DIVISIONS,
    "waterfall": {"method": "waterfall", "levels": LEVELS, "residual": PRO_RATA},
    "waterfall over lead_sub": {
        "method": "waterfall",
        "levels": LEVELS,
        "residual": MEMBER_DIVISIONS["lead_sub"],
    },
    "referral": {"method": "referral", "rate_bp": 150, "stages": STAGES, "residual": WEIGHINGS["inverse_price"]},
    "referral by area": {"method": "referral", "let_m2": 7, "unit_fee_fen": 33, "cap_fen": 200, "residual": PRO_RATA},
    "tiered_commission": {
        "method": "tiered_commission",
        "payee": "office",
        "brackets": BRACKETS,
        "residual": PRO_RATA,
    },
    "minimum_guarantee": {
        "method": "minimum_guarantee",
        "guarantee_fen": 1_000,
        "rate_bp": 800,
        "residual": PRO_RATA,
    },
}


def trials(name: str) -> list[tuple[dict[str, Any], int, Figures]]:
    """The random inputs of one method; the same in every run."""
    chance = Random(f"division/{name}")
    return [(METHODS[name], some_amount(chance) + 100, some_members(chance)) for _ in range(CASES)]


def reordered(figures: Figures, first: int) -> Figures:
    """The same members, named in another order; who is ranked first stays, because rank is not order."""
    head, *rest = figures.items()
    return dict([head, *rest[first:], *rest[:first]])


@pytest.mark.parametrize("name", METHODS)
def test_shares_sum_to_the_amount_and_fees_lie_within(name: str) -> None:
    """Σ shares is the amount to the fen, nobody has a share of nothing or less, and no line of fees is negative."""
    for stated, amount_fen, figures in trials(name):
        found = divided(stated, amount_fen, figures)

        assert amount_fen == sum(shares(found).values())
        assert min(shares(found).values()) > 0
        assert min((fee.amount_fen for fee in found.fees), default=1) > 0
        if stated["method"] != "minimum_guarantee":
            assert sum(fee.amount_fen for fee in found.fees if fee.payee not in figures) <= amount_fen


@pytest.mark.parametrize("name", METHODS)
def test_a_reversal_cancels(name: str) -> None:
    """A credit note over the same amount takes back every share and every fee."""
    for stated, amount_fen, figures in trials(name)[: CASES // 3]:
        there, back = divided(stated, amount_fen, figures), divided(stated, -amount_fen, figures)

        assert shares(there) == {member: -fen for member, fen in shares(back).items()}
        assert fees(there) == {
            level: {payer: -fen for payer, fen in lines.items()} for level, lines in fees(back).items()
        }


@pytest.mark.parametrize("name", [name for name in METHODS if name != "rank_tiers"])
def test_the_order_of_members_changes_nothing(name: str) -> None:
    """The same ranking first, the rest in another order: the same shares and fees, byte for byte by member."""
    for stated, amount_fen, figures in trials(name)[: CASES // 3]:
        one, other = divided(stated, amount_fen, figures), divided(stated, amount_fen, reordered(figures, 2))

        assert sorted(shares(one).items()) == sorted(shares(other).items())
        assert by_line(one) == by_line(other)


def by_line(found: Shared) -> list[str]:
    """Each fee as its bytes, sorted."""
    return sorted(fee.model_dump_json() for fee in found.fees)


@pytest.mark.parametrize("name", ["pro_rata", "inverse_price", "graded", "bounded", "lead_sub", "waterfall"])
def test_scaling_the_weights_changes_nothing(name: str) -> None:
    """Only proportions count, whatever stands around the weights."""
    chance = Random(f"scale/{name}")
    for stated, amount_fen, figures in trials(name):
        factor = chance.randint(2, 1_000)
        scaled = {
            code: {**own, "weight": int(own["weight"]) * factor, "price": int(own["price"]) * factor}
            for code, own in figures.items()
        }

        assert shares(divided(stated, amount_fen, figures)) == shares(divided(stated, amount_fen, scaled))


@pytest.mark.parametrize(
    ("name", "figure", "step"),
    [
        ("pro_rata", "weight", 1),
        ("score_prop", "score_bp", 1),
        ("score_prop squared", "score_bp", 1),
        ("inverse_price", "price", -1),
        ("deficit_fill", "awarded", -1),
        ("graded", "weight", 1),
        ("bounded", "weight", 1),
        ("lead_sub", "weight", 1),
        ("actual_based", "weight", 1),
    ],
)
def test_more_weight_never_lowers_the_share_by_more_than_rounding(name: str, figure: str, step: int) -> None:
    """The exact quota never falls; a largest remainder may differ from it by less than a fen on each side."""
    chance = Random(f"more/{name}")
    for stated, amount_fen, figures in trials(name):
        member = chance.choice(list(figures))
        own = figures[member]
        more = max(int(figure == "price"), int(own[figure]) + step * chance.randint(1, 500))
        before = shares(divided(stated, amount_fen, figures)).get(member, 0)
        after = shares(divided(stated, amount_fen, {**figures, member: {**own, figure: more}})).get(member, 0)

        assert after >= before - 1


def test_nobody_is_above_the_cap_or_below_the_floor() -> None:
    """Bounds hold to the fen, with every weighing within them that leaves nobody without a weight."""
    chance, weighings = Random("bounds"), [each for name, each in WEIGHINGS.items() if name != "deficit_fill"]
    for count in range(CASES):
        figures, amount_fen = some_members(chance), some_amount(chance) + 20_000
        weigh = weighings[count % len(weighings)]
        floor_bp = chance.randint(0, 10_000 // len(figures) - 10)
        cap_bp = chance.randint(10_000 // len(figures) + 10, 10_000) if len(figures) > 1 else 10_000
        stated = {"method": "bounded", "weigh": weigh, "floor_bp": floor_bp, "cap_bp": cap_bp}

        found = {**dict.fromkeys(figures, 0), **shares(divided(stated, amount_fen, figures))}

        assert amount_fen == sum(found.values())
        assert all(floor_bp * amount_fen <= 10_000 * fen <= cap_bp * amount_fen for fen in found.values())


@pytest.mark.parametrize("name", [name for name in METHODS if "residual" in METHODS[name]])
def test_fees_change_no_share(name: str) -> None:
    """What a member delivers and invoices is its part of the whole, whatever is owed out of it."""
    for stated, amount_fen, figures in trials(name)[: CASES // 3]:
        assert shares(divided(stated["residual"], amount_fen, figures)) == shares(divided(stated, amount_fen, figures))


@pytest.mark.parametrize("name", ["waterfall", "referral", "referral by area", "tiered_commission"])
def test_what_the_levels_leave_is_divided_in_the_same_proportion(name: str) -> None:
    """A share less its fees is never below nought, and within a fen a level of its exact part of the residual."""
    for stated, amount_fen, figures in trials(name):
        found = divided(stated, amount_fen, figures)
        left = amount_fen - sum(fee.amount_fen for fee in found.fees)
        levels = len({fee.level for fee in found.fees})
        for member, share in shares(found).items():
            rest = share - sum(fee.amount_fen for fee in found.fees if fee.payer == member)

            assert rest >= 0
            assert abs(rest - Fraction(left * share, amount_fen)) <= levels
