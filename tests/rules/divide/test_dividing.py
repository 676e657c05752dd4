"""Division: exact in its sum, fair in its remainders, kept within its bounds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from apportionment.methods import compute
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Invalid, NothingToSplitBy
from contracts.money import split
from rules.divide.dividing import bounded, bounds_of, lead_sub, management_fees
from rules.divide.weighing import equally, tier_weights

amounts = st.integers(min_value=1, max_value=10**12)
codes = st.lists(st.sampled_from([f"M{n:02}" for n in range(20)]), min_size=1, max_size=8, unique=True)
weighted = st.dictionaries(
    st.sampled_from([f"M{n:02}" for n in range(20)]), st.integers(1, 10**6), min_size=1, max_size=8
)


def test_equal_thirds_leave_the_last_fen_to_the_higher_code() -> None:
    """1,000,001 fen in three are 333,334, 333,334 and 333,333."""
    shares = split(1_000_001, equally(("C", "A", "B")))

    assert {"A": 333_334, "B": 333_334, "C": 333_333} == shares


def test_five_hundred_million_yuan_among_seventeen() -> None:
    """Ten members get one fen more than the other seven."""
    shares = split(50_000_000_000, equally([f"M{n:02}" for n in range(17)]))

    assert [2_941_176_471] * 10 + [2_941_176_470] * 7 == list(shares.values())


def test_rank_tiers_follow_the_rank() -> None:
    """60/40 of 5 fen is 3 and 2."""
    shares = split(5, tier_weights([["B"], ["A"]], [6_000, 4_000]))

    assert {"A": 2, "B": 3} == shares


def test_tied_ranks_share_the_mean_of_their_tiers() -> None:
    """Two second places of 50/30/20 get 25 each."""
    shares = split(10_000, tier_weights([["B"], ["C", "A"]], [5_000, 3_000, 2_000]))

    assert {"A": 2_500, "B": 5_000, "C": 2_500} == shares


def test_tied_thirds_stay_exact() -> None:
    """Three first places of 50/30/20 share 100 fen as 34, 33, 33."""
    shares = split(100, tier_weights([["A", "B", "C"]], [5_000, 3_000, 2_000]))

    assert {"A": 34, "B": 33, "C": 33} == shares


def test_bounded_moves_what_the_cap_cuts_off_to_the_others() -> None:
    """Weights 60/30/10 with cap 50 % and floor 15 % give 500,000, 350,000 and 150,000."""
    weights = {"A": 60, "B": 30, "C": 10}

    shares = bounded(1_000_000, weights, *bounds_of(1_000_000, list(weights), 1_500, 5_000))

    assert {"A": 500_000, "B": 350_000, "C": 150_000} == shares


def test_impossible_floors_name_the_members() -> None:
    """Three floors of 40 % do not fit."""
    weights = {"A": 1, "B": 1, "C": 1}

    with pytest.raises(Invalid) as caught:
        bounded(100, weights, *bounds_of(100, list(weights), 4_000, 10_000))

    assert "the floors of A, B, C sum to 120 fen, more than the 100 to divide" == caught.value.message


def test_impossible_caps_name_the_members() -> None:
    """Two caps of 40 % do not reach the whole."""
    weights = {"A": 1, "B": 1}

    with pytest.raises(Invalid) as caught:
        bounded(100, weights, *bounds_of(100, list(weights), 0, 4_000))

    assert "the caps of A, B sum to 80 fen, less than the 100 to divide" == caught.value.message


def test_a_floor_above_the_cap_is_named() -> None:
    """Nobody can have at least 60 % and at most 40 %."""
    with pytest.raises(Invalid) as caught:
        bounded(100, {"A": 1}, {"A": 60}, {"A": 40})

    assert "the floor lies above the cap for A" == caught.value.message


def test_a_weight_of_nought_gets_its_floor_only() -> None:
    """Its cap does not lift it."""
    shares = bounded(100, {"A": 1, "B": 0}, {"A": 0, "B": 10}, {"A": 100, "B": 100})

    assert {"A": 90, "B": 10} == shares


def test_negative_weights_are_refused() -> None:
    """As in an unbounded split."""
    with pytest.raises(NothingToSplitBy) as caught:
        bounded(100, {"A": -1, "B": 2}, {"A": 0, "B": 0}, {"A": 100, "B": 100})

    assert "cannot divide 100 fen by {'A': -1, 'B': 2}" == caught.value.message


def test_the_lead_keeps_its_minimum() -> None:
    """With weights 1:1:1 and half for the lead, the subs get a quarter each."""
    shares = lead_sub(1_000, "L", {"L": 1, "A": 1, "B": 1}, 5_000)

    assert {"A": 250, "B": 250, "L": 500} == shares


def test_a_heavy_lead_gets_more_than_its_minimum() -> None:
    """The minimum is a floor, not a share."""
    shares = lead_sub(1_000, "L", {"L": 8, "A": 1, "B": 1}, 5_000)

    assert {"A": 100, "B": 100, "L": 800} == shares


def test_a_lead_alone_does_everything() -> None:
    """Also with a weight of nought."""
    assert {"L": 1_000} == lead_sub(1_000, "L", {"L": 0}, 5_000)


def test_each_sub_owes_the_lead_its_fee() -> None:
    """3 % of each sub's part, rounded half up; the lead owes itself nothing."""
    assert {"A": 8, "B": 8} == management_fees({"A": 250, "B": 250, "L": 500}, "L", 300)


@given(amounts, weighted, st.integers(0, 10_000), st.integers(0, 10_000))
def test_bounded_keeps_sum_bounds_and_order(amount: int, weights: dict[str, int], low: int, high: int) -> None:
    """The sum is the amount, bounds hold to the fen, and the order of members is irrelevant."""
    members = list(weights)
    floor_bp, cap_bp = low // len(members), max(high, -(-10_000 // len(members)))
    floors, caps = bounds_of(amount, members, floor_bp, cap_bp)
    if sum(floors.values()) > amount or sum(caps.values()) < amount or floors[members[0]] > caps[members[0]]:
        return

    shares = bounded(amount, weights, floors, caps)

    assert amount == sum(shares.values())
    assert all(floors[member] <= shares[member] <= caps[member] for member in members)
    assert shares == bounded(amount, dict(reversed(weights.items())), floors, caps)


@given(amounts, weighted, st.integers(2, 1_000))
def test_scaling_the_weights_changes_nothing(amount: int, weights: dict[str, int], factor: int) -> None:
    """Only the proportions count."""
    floors, caps = bounds_of(amount, list(weights), 0, 10_000)

    shares = bounded(amount, weights, floors, caps)

    assert shares == bounded(amount, {m: w * factor for m, w in weights.items()}, floors, caps)


@given(amounts, weighted)
def test_bounded_without_bounds_is_within_a_fen_of_the_quota(amount: int, weights: dict[str, int]) -> None:
    """Nobody is further than one fen from the exact part."""
    shares = bounded(amount, weights, *bounds_of(amount, list(weights), 0, 10_000))

    whole = sum(weights.values())
    assert all(abs(shares[m] - Fraction(amount * w, whole)) < 1 for m, w in weights.items())


@given(st.integers(1, 2_000), st.lists(st.integers(1, 500), min_size=2, max_size=6, unique=True))
def test_bounded_agrees_with_an_independent_largest_remainder(amount: int, weights: list[int]) -> None:
    """Where remainders do not tie, Hamilton's method of another author gives the same."""
    whole = sum(weights)
    remainders = [amount * weight % whole for weight in weights]
    if len(set(remainders)) < len(remainders):
        return
    names = {f"M{index}": weight for index, weight in enumerate(weights)}

    shares = bounded(amount, names, *bounds_of(amount, list(names), 0, 10_000))

    assert compute("largest_remainder", weights, amount) == [shares[name] for name in names]


@given(amounts, codes, st.integers(1, 9_999))
def test_equals_differ_by_a_fen_at_most(amount: int, members: list[str], lead_min: int) -> None:
    """Equal claims are within one fen of one another, and a lead never gets less than its minimum."""
    shares = split(amount, equally(members))
    led = lead_sub(amount, members[0], dict.fromkeys(members, 1), lead_min)

    assert max(shares.values()) - min(shares.values()) <= 1
    assert amount == sum(led.values())
    assert led[members[0]] * 10_000 >= amount * lead_min
