"""Price and deficit: the ceiling, what lowers it, prices too low to believe, and who is most under-served."""

from __future__ import annotations

import random
from statistics import median

import pytest

from contracts.decision import DecisionOutcome
from rules.select.merit import abnormally_low, ceiling_for
from rules.select.ranking import Selected
from tests.rules.select.contests import contender, method, selected, some

COMPETITION = method("mini_competition")
DISCOUNTS = [{"from_quantity": 100, "discount_bp": 500}, {"from_quantity": 1_000, "discount_bp": 1_000}]


def test_the_lowest_price_within_the_ceiling_wins() -> None:
    """A price at the ceiling is within it, one fen more is over it."""
    found = selected(COMPETITION, [contender("AA", 0, 101), contender("BB", 0, 100)], ceiling_fen=100)

    assert (DecisionOutcome.AWARDED, ("BB",), ["AA"]) == (found.outcome, found.selected, list(found.barred))


def test_all_above_the_ceiling_is_an_outcome() -> None:
    """Nobody is selected, and everybody is named."""
    found = selected(COMPETITION, [contender("BB"), contender("AA")], ceiling_fen=99)

    assert (DecisionOutcome.ABOVE_CEILING, (), ["AA", "BB"]) == (found.outcome, found.selected, sorted(found.barred))


def test_too_few_quotes_is_an_outcome() -> None:
    """One of three needed."""
    found = selected(method("mini_competition", min_quotes=3), [contender("AA")])

    expected = Selected(
        DecisionOutcome.TOO_FEW_QUOTES, ("AA",), ranks=(("AA",),), note="有效报价 1 份，少于要求的 3 份"
    )
    assert expected == found


@pytest.mark.parametrize(
    ("quantity", "ceiling_fen"), [(99, 1_001), (100, 950), (999, 950), (1_000, 900), (10**12, 900)]
)
def test_a_larger_quantity_lowers_the_ceiling(quantity: int, ceiling_fen: int) -> None:
    """By the last discount that is reached; 5 % off 1,001 fen are 950.95, of which 950 may be asked."""
    stated = method("mini_competition", ceiling="1001", discounts=DISCOUNTS)

    assert ceiling_fen == ceiling_for(stated, 1_001, quantity)


def test_a_lowered_ceiling_is_told() -> None:
    """And it is what the reason names."""
    stated = method("mini_competition", ceiling="1001", discounts=DISCOUNTS)

    found = selected(stated, [contender("AA", 0, 951), contender("BB", 0, 950)], ceiling_fen=1_001, quantity=100)

    assert ("报价 9.51 元，高于最高限价 9.50 元", "按数量降低后的最高限价为 9.50 元") == (
        found.barred["AA"].message,
        found.note,
    )


def test_a_price_far_below_the_median_needs_an_explanation() -> None:
    """Exactly a fifth below is not yet far below; whoever is, may still win."""
    stated = method("mini_competition", abnormally_low_bp=2_000)

    at = selected(stated, [contender("AA", 0, 80), contender("BB", 0, 100), contender("CC", 0, 120)])
    below = selected(stated, [contender("AA", 0, 79), contender("BB", 0, 100), contender("CC", 0, 120)])

    assert ((), "") == (at.abnormally_low, at.note)
    assert (("AA",), ("AA",), "报价异常偏低，须作出说明：AA") == (below.selected, below.abnormally_low, below.note)


def test_far_below_the_median_is_exact() -> None:
    """Against fractions, for odd and even numbers of quotes."""
    chance = random.Random(20250705)
    for _ in range(3_000):
        prices = {code: chance.randint(1, 40) for code in some(chance)}
        margin_bp = chance.randrange(0, 10_001, 500)

        expected = [
            code
            for code, price in sorted(prices.items())
            if price * 20_000 < (10_000 - margin_bp) * int(2 * median(prices.values()))
        ]
        assert expected == list(
            abnormally_low(margin_bp, [contender(code, 0, price) for code, price in prices.items()])
        )


def test_the_most_under_served_is_first() -> None:
    """A quarter of a target of 4 is less than three tenths of a target of 1, though it is more money."""
    field = [contender("BB", awarded_fen=30, measure=100), contender("AA", awarded_fen=100, measure=400)]

    assert ("AA", "BB") == selected(method("deficit", target="1"), field).ranking


def test_looking_ahead_spares_the_small_target() -> None:
    """Both have nothing yet; a lot of 100 would be a hundred times the one target and twice the other."""
    field = [contender("AA", measure=1), contender("BB", measure=50)]
    now, ahead = method("deficit", target="1"), method("deficit", target="1", look_ahead=True)

    assert ("AA",) == selected(now, field, amount_fen=100).selected
    assert ("BB",) == selected(ahead, field, amount_fen=100).selected


def test_equal_deficits_are_a_tie() -> None:
    """One of three and two of six are the same, which no rounding can tell apart."""
    field = [contender("AA", awarded_fen=2, measure=6), contender("BB", awarded_fen=1, measure=3)]

    found = selected(method("deficit", target="1"), field)

    assert ((("AA", "BB"),), "member.code") == (found.ranks, found.ties[0].by)


@pytest.mark.parametrize("look_ahead", [False, True])
def test_deficit_agrees_with_cross_multiplication(look_ahead: bool) -> None:
    """Pair by pair, for amounts beyond what a double can tell apart."""
    chance = random.Random(20250706)
    stated = method("deficit", target="1", look_ahead=look_ahead)
    for _ in range(1_500):
        top = chance.choice((5, 10**15))
        field = {
            code: contender(code, awarded_fen=chance.randint(0, top), measure=chance.randint(1, top))
            for code in some(chance)
        }
        lot = chance.randint(1, top)

        found = selected(stated, list(field.values()), amount_fen=lot)

        ahead = lot if look_ahead else 0
        for one, other in zip(found.ranking, found.ranking[1:], strict=False):
            left = (field[one].awarded_fen + ahead) * field[other].measure
            right = (field[other].awarded_fen + ahead) * field[one].measure
            assert (left, one) < (right, other)
