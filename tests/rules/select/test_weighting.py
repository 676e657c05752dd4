"""Turns in proportion to weights: the textbook sequence, weights that change, and credits that are given back."""

from __future__ import annotations

import random
from typing import Any

from contracts.facts import QueueFacts
from rules.select.ranking import Selected
from rules.select.undoing import given_back
from tests.rules.select.contests import CODES, contender, method, queue, selected, some

WEIGHTED = method("weighted_rotation", queue="turns", weight="1")


def turn(facts: QueueFacts, stated: Any = WEIGHTED, declined: tuple[str, ...] = (), **weights: int) -> Selected:
    """What the rotation comes to under *weights*."""
    field = [contender(code, measure=weight) for code, weight in weights.items()]
    return selected(stated, field, queue=facts, declined=dict.fromkeys(declined, "x"))


def winners(facts: QueueFacts, count: int, **weights: int) -> str:
    """The first letters of those who have the next turns."""
    told = ""
    for _ in range(count):
        found = turn(facts, **weights)
        assert found.queue is not None
        facts, told = found.queue, told + found.selected[0][0]
    return told


def test_the_textbook_sequence_comes_out() -> None:
    """Weights of 5, 1 and 1 give a a b a c a a, as the algorithm's author shows, and then all over again."""
    assert "AABACAA" * 2 == winners(queue(""), 14, AA=5, BB=1, CC=1)


def test_credits_are_on_record() -> None:
    """Everybody rises by the weight; the one selected falls by the sum."""
    found = turn(queue(""), AA=5, BB=1, CC=1)

    expected = queue("ABC", last="AA", credits={"AA": -2, "BB": 1, "CC": 1}, weights={"AA": 5, "BB": 1, "CC": 1})
    assert expected == found.queue


def test_equal_credits_go_by_the_tie_keys() -> None:
    """Places in a sequence of turns are never equal, so that no tie is told."""
    found = turn(queue(""), BB=1, AA=1)

    assert ("AA", ()) == (found.selected[0], found.ties)


def test_who_is_not_eligible_neither_gains_nor_loses() -> None:
    """Its credit stays as it was."""
    facts = queue("AB", credits={"AA": -2, "BB": 2}, weights={"AA": 3, "BB": 2})

    assert {"AA": -2, "BB": 2} == (turn(facts, AA=3).queue or facts).credits


def test_a_changed_weight_begins_all_credits_again() -> None:
    """What was owed on the old scale is not owed on the new one."""
    facts = queue("AB", credits={"AA": -5_000, "BB": 5_000}, weights={"AA": 5_000, "BB": 5_000})

    assert {"AA": -1, "BB": 1} == (turn(facts, AA=2, BB=1).queue or facts).credits


def test_a_new_member_begins_with_nothing_and_resets_nothing() -> None:
    """The others keep their credits."""
    facts = queue("AB", credits={"AA": -1, "BB": 1}, weights={"AA": 1, "BB": 1})

    found = turn(facts, AA=1, BB=1, CC=1)

    assert ({"AA": 0, "BB": -1, "CC": 1}, ("BB",)) == ((found.queue or facts).credits, found.selected)


def test_a_decline_uses_the_turn() -> None:
    """BB has declined: its credit falls as if it had taken it, and the next one follows."""
    facts = queue("AB", credits={"AA": -1, "BB": 1}, weights={"AA": 1, "BB": 1})

    found = turn(facts, declined=("BB",), AA=1)

    assert (("AA",), ("BB", "AA"), {"AA": -1, "BB": 1}) == (
        found.selected,
        found.turns,
        (found.queue or facts).credits,
    )


def test_a_decline_does_not_use_the_turn_where_the_policy_says_so() -> None:
    """BB keeps its credit."""
    facts = queue("AB", credits={"AA": -1, "BB": 1}, weights={"AA": 1, "BB": 1})
    keeping = method("weighted_rotation", queue="turns", weight="1", decline_consumes_turn=False)

    found = turn(facts, keeping, ("BB",), AA=1)

    assert (("AA",), {"AA": -1, "BB": 1}) == (found.turns, (found.queue or facts).credits)


def test_deciding_again_gives_the_credits_back() -> None:
    """What other contracts changed in between stays; after a reset there is nothing to give back."""
    before = queue("AB", credits={"AA": 1, "BB": -1}, weights={"AA": 2, "BB": 1})
    after = turn(before, AA=2, BB=1).queue or before
    since = turn(after, AA=2, BB=1).queue or after
    reset = turn(after, AA=1, BB=1).queue or after

    change = {code: since.credits[code] - after.credits[code] for code in ("AA", "BB")}
    expected = {code: before.credits[code] + change[code] for code in ("AA", "BB")}
    assert expected == given_back(since, before, after).credits
    assert reset.credits == given_back(reset, before, after).credits


def test_turns_are_in_proportion() -> None:
    """In every run of Σw turns each member has exactly its weight, and nobody drifts by more than the sum."""
    chance = random.Random(20250702)
    for _ in range(150):
        weights = {code: chance.randint(1, 6) for code in some(chance)}
        whole = sum(weights.values())

        told = winners(queue(""), whole, **weights)

        assert {code[0]: weight for code, weight in weights.items()} == {
            code[0]: told.count(code[0]) for code in weights
        }


def test_credits_sum_to_nothing() -> None:
    """Whoever comes and goes, what one gains the others lose."""
    chance = random.Random(20250703)
    weights = {code: chance.randint(1, 9) for code in CODES}
    facts = queue("")
    for _ in range(1_500):
        among = {code: weights[code] for code in some(chance)}

        found = turn(facts, **among)

        assert found.queue is not None
        assert 0 == sum(found.queue.credits.values())
        assert found == turn(facts, **dict(reversed(among.items())))
        facts = found.queue
