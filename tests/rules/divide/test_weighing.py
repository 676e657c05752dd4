"""Weights: each formula by figures that can be followed by hand."""

from __future__ import annotations

import pytest

from contracts.errors import Invalid, NothingToSplitBy
from contracts.money import split
from rules.divide.weighing import (
    deficit_weights,
    equally,
    graded_weights,
    inverse_price_weights,
    score_weights,
    tier_weights,
    usable,
)


def test_a_score_counts_above_the_pass_mark() -> None:
    """90 and 70 points over a mark of 60 are 3:1, at the mark it is nothing, below it no less."""
    weights = score_weights({"A": 9_000, "B": 7_000, "C": 6_000, "D": 5_000}, 6_000, 1)

    assert {"A": 3_000, "B": 1_000, "C": 0, "D": 0} == weights


def test_a_squared_score_rewards_the_better() -> None:
    """The same 3:1 squared is 9:1."""
    weights = score_weights({"A": 9_000, "B": 7_000}, 6_000, 2)

    assert {"A": 900, "B": 100} == split(1_000, weights)


def test_half_the_price_is_twice_the_share() -> None:
    """Prices of 100, 200 and 300 are weights of 6, 3 and 2."""
    weights = inverse_price_weights({"A": 100, "B": 200, "C": 300})

    assert {"A": 6, "B": 3, "C": 2} == weights


def test_inverse_prices_are_exact_for_large_primes() -> None:
    """Where no fraction of machine size could tell them apart, the higher price still weighs less."""
    weights = inverse_price_weights({"A": 999_999_999_989, "B": 999_999_999_961})

    assert 999_999_999_961 * weights["B"] == 999_999_999_989 * weights["A"]
    assert weights["A"] < weights["B"]


def test_a_price_of_nought_is_refused() -> None:
    """Nobody works for nothing."""
    with pytest.raises(Invalid) as caught:
        inverse_price_weights({"A": 1, "B": 0})

    assert "the price of B is 0; inverse_price divides by prices above nought" == caught.value.message


def test_the_most_under_served_catch_up() -> None:
    """Targets of half each, 300 and 100 awarded, 400 to give: both come to 400."""
    weights = deficit_weights({"A": 300, "B": 100}, {"A": 5_000, "B": 5_000}, 400)

    assert {"A": 100, "B": 300} == split(400, weights)


def test_whoever_is_above_the_target_gets_nothing() -> None:
    """What cannot be caught up with is shared in proportion to what is lacking."""
    weights = deficit_weights({"A": 1_000, "B": 0, "C": 0}, {"A": 2_000, "B": 4_000, "C": 4_000, "D": 500}, 100)

    assert {"A": 0, "B": 50, "C": 50} == split(100, weights)


def test_a_member_without_a_target_is_named() -> None:
    """A missing target is no target of nought."""
    with pytest.raises(Invalid) as caught:
        deficit_weights({"A": 1, "C": 1, "B": 1}, {"A": 10_000}, 1)

    assert "deficit_fill names no target for B, C" == caught.value.message


def test_a_grade_multiplies_the_weight() -> None:
    """A 1.2, B 1.0, D nothing."""
    weights = graded_weights({"A": 10, "B": 10, "D": 10}, {"A": "A", "B": "B", "D": "D"}, {"A": 12, "B": 10, "D": 0})

    assert {"A": 120, "B": 100, "D": 0} == weights


def test_a_grade_without_a_factor_is_named() -> None:
    """With the grades there are."""
    with pytest.raises(Invalid) as caught:
        graded_weights({"X": 1}, {"X": "E"}, {"B": 1, "A": 2})

    assert "X has the grade 'E', for which there is no factor among ['A', 'B']" == caught.value.message


def test_weights_that_are_all_nought_are_an_error_or_equal() -> None:
    """The policy says which; nothing is guessed."""
    with pytest.raises(NothingToSplitBy) as caught:
        usable({"B": 0, "A": 0}, equal_if_all_zero=False)

    assert "every weight is nought: A, B; `all_zero: equal` divides then" == caught.value.message
    assert {"A": 1, "B": 1} == usable({"A": 0, "B": 0}, equal_if_all_zero=True)
    assert {"A": 0, "B": 2} == usable({"A": 0, "B": 2}, equal_if_all_zero=True)


def test_a_negative_weight_is_never_usable() -> None:
    """Also where noughts would count as equal."""
    with pytest.raises(NothingToSplitBy) as caught:
        usable({"A": 1, "B": -1}, equal_if_all_zero=True)

    assert "the weight of B is negative" == caught.value.message


def test_two_pairs_of_equals_share_their_tiers() -> None:
    """40/30/20/10 with two firsts and two lasts is 35, 35, 15, 15."""
    weights = tier_weights([["A", "B"], ["C", "D"]], [4_000, 3_000, 2_000, 1_000])

    assert {"A": 35, "B": 35, "C": 15, "D": 15} == split(100, weights)
    assert {"A": 1, "B": 1} == equally(("A", "B"))
