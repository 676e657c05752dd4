"""Lots: an order that anybody can calculate with a line of shell, and a seed that cannot be chosen afterwards."""

from __future__ import annotations

import hashlib
import random

import pytest

from contracts.errors import Invalid
from contracts.facts import DrawFacts
from rules.select.lottery import commitment_to, lot
from rules.select.ranking import Selected
from tests.rules.select.contests import CODES, contender, method, selected

SEED = "5eed" * 16
NUMBER = "LY-2025-0001"
DRAW = DrawFacts(commitment=commitment_to(SEED), seed=SEED)


def drawn(*members: str, draw: DrawFacts | None = DRAW, number: str = NUMBER) -> Selected:
    """What the draw comes to among *members*."""
    return selected(method("lottery"), [contender(code) for code in members], number=number, draw=draw)


def test_the_order_is_that_of_the_hashes() -> None:
    """Printf '%s%s%s' seed number member | sha256sum, sorted."""
    expected = sorted(CODES, key=lambda code: hashlib.sha256((SEED + NUMBER + code).encode()).hexdigest())

    assert tuple(expected) == drawn(*CODES).ranking


def test_a_lot_is_what_sha256sum_says() -> None:
    """A known answer, so that nobody changes the form by accident."""
    assert "974c04b5" == lot(SEED, NUMBER, "AA")[:8]


def test_who_declines_is_passed_over_in_the_same_order() -> None:
    """Nothing is drawn again."""
    whole = drawn(*CODES).ranking

    assert whole[1:] == drawn(*whole[1:]).ranking


def test_a_draw_without_its_seed_is_refused() -> None:
    """The facts are incomplete."""
    with pytest.raises(Invalid) as caught:
        drawn("AA", draw=None)

    assert f"the policy draws lots for {NUMBER}, but there is no draw among the facts" == caught.value.message


def test_another_seed_than_the_one_committed_to_is_refused() -> None:
    """Whoever looked for a better one afterwards is found out."""
    with pytest.raises(Invalid) as caught:
        drawn("AA", draw=DRAW.model_copy(update={"seed": "beef" * 16}))

    assert f"the seed of the draw for {NUMBER} is not the one that was committed to as {DRAW.commitment}" == str(
        caught.value
    )


def test_nobody_is_favoured() -> None:
    """Over 3,000 contracts each of four members wins about a quarter; who is not eligible changes nobody's lot."""
    chance, wins = random.Random(20250707), dict.fromkeys(CODES[:4], 0)
    for serial in range(3_000):
        number, seed = f"LY-2025-{serial:04}", chance.randbytes(32).hex()
        draw = DrawFacts(commitment=commitment_to(seed), seed=seed)

        found = drawn(*CODES[:4], draw=draw, number=number)

        wins[found.selected[0]] += 1
        assert found.ranking == tuple(c for c in drawn(*CODES, draw=draw, number=number).ranking if c in wins)
    assert all(650 < won < 850 for won in wins.values()), wins
