"""True-up: estimates and adjustments sum to what was measured."""

from __future__ import annotations

from random import Random

import pytest

from contracts.errors import Invalid
from rules.divide.true_up import Adjustment, trued_up


def test_every_member_is_put_right() -> None:
    """Too much, too little, nothing delivered, nothing estimated."""
    found = trued_up({"LGWY": 100, "LGFW": 100, "LGST": 50}, {"LGFW": 130, "LGWY": 80, "LGLC": 20})

    assert (
        Adjustment("LGFW", 100, 130),
        Adjustment("LGLC", 0, 20),
        Adjustment("LGST", 50, 0),
        Adjustment("LGWY", 100, 80),
    ) == found
    assert [30, 20, -50, -20] == [each.due_fen for each in found]


def test_a_negative_measure_is_refused() -> None:
    """The message says what to give instead."""
    with pytest.raises(Invalid) as caught:
        trued_up({}, {"LGWY": -1})

    expected = "the measure of LGWY is -1 fen; give the whole of the period, not the correction"
    assert expected == caught.value.message


def test_estimates_and_adjustments_sum_to_the_measures() -> None:
    """Over 3,000 random periods, and whatever was estimated, nothing is lost; a second true-up is of nothing."""
    chance = Random("true-up")
    for _ in range(3_000):
        estimated, measured = (
            {f"M{number:02}": chance.randint(0, 10**9) for number in chance.sample(range(9), chance.randint(0, 9))}
            for _ in range(2)
        )
        found = trued_up(estimated, measured)

        assert sum(measured.values()) == sum(estimated.values()) + sum(each.due_fen for each in found)
        assert all(not each.due_fen for each in trued_up(measured, measured))
