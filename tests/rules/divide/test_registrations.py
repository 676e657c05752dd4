"""Leads: the first valid registration wins while it is protected."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from rules.divide.registrations import Registration, holders, referrer_of


def registered(referrer: str, day: int, **stated: object) -> Registration:
    """A registration of the one lead."""
    return Registration.model_validate({"lead": "91310000MA1FL0001X", "referrer": referrer, "day": day, **stated})


def test_the_first_registration_wins() -> None:
    """A later one within the protection is passed over, whoever makes it."""
    first, later, again = registered("LGFW", 100), registered("LGWY", 150), registered("LGFW", 160)

    assert (first,) == holders([later, again, first], 90)


def test_an_invalid_registration_protects_nothing() -> None:
    """The next valid one wins."""
    void, valid = registered("LGFW", 100, is_valid=False), registered("LGWY", 101)

    assert (valid,) == holders([void, valid], 90)


@pytest.mark.parametrize(("day", "referrer"), [(99, None), (100, "LGFW"), (189, "LGFW"), (190, "LGWY"), (280, None)])
def test_protection_ends_before_its_last_day(day: int, referrer: str | None) -> None:
    """Ninety days from day 100 are the days 100 to 189; on day 190 another may register, and does."""
    found = referrer_of("91310000MA1FL0001X", day, [registered("LGFW", 100), registered("LGWY", 190)], 90)

    assert referrer == found


def test_a_passed_over_registration_does_not_prolong() -> None:
    """What was void when it was made does not count from when the protection ended."""
    attempts = [registered("LGFW", 100), registered("LGWY", 189), registered("LGST", 195)]

    assert ["LGFW", "LGST"] == [each.referrer for each in holders(attempts, 90)]


def test_leads_are_independent() -> None:
    """One member's lead says nothing about another's."""
    other = registered("LGWY", 101, lead="91310000MA1FL0002X")

    assert 2 == len(holders([registered("LGFW", 100), other], 90))
    assert None is referrer_of("91310000MA1FL0003X", 101, [other], 90)


def test_on_one_day_the_order_decides_then_the_code() -> None:
    """Never the order of the input; over 3,000 random lists the winners are the same and never overlap."""
    chance = Random("leads")
    for _ in range(3_000):
        made = [
            registered(chance.choice(("LGFW", "LGWY")), chance.randint(0, 40), order=chance.randint(0, 2))
            for _ in range(chance.randint(1, 8))
        ]
        winners = holders(made, 10)
        chance.shuffle(made)

        assert winners == holders(made, 10)
        assert all(later.day - sooner.day >= 10 for sooner, later in pairwise(winners))
