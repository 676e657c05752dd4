"""Selecting: who comes first, by which key equals were put in order, and how many of a ranking are taken."""

from __future__ import annotations

import random

import pytest

from contracts.decision import DecisionOutcome, TieBreak
from contracts.facts import DrawFacts
from rules.select.lottery import commitment_to
from rules.select.methods import Cascade, Scored, TopK, Word
from rules.select.ranking import Terms
from rules.select.selecting import select
from tests.rules.select.contests import CODES, KEY, contender, method, queue, selected, some

SCORED = Scored(method="scored")


def test_the_highest_score_wins() -> None:
    """And the ranking goes down from there."""
    found = select(SCORED, KEY, [contender("AA", 10), contender("BB", 30), contender("CC", 20)], Terms())

    assert (("BB", "CC", "AA"), ("BB",), ()) == (found.ranking, found.selected, found.ties)


def test_a_tie_names_the_key_that_broke_it() -> None:
    """The first key that tells the equals apart is on record."""
    keys = ("ledger.awards", "member.code")

    found = select(SCORED, keys, [contender("AA", 10, 100, 2), contender("BB", 10, 100, 1)], Terms())

    assert (("BB", "AA"), (TieBreak(members=("BB", "AA"), by="ledger.awards"),)) == (found.ranking, found.ties)


def test_a_partial_tie_is_broken_key_by_key() -> None:
    """Of three equals, one is set apart by the first key and two by the second."""
    keys = ("ledger.awards", "member.code")
    field = [contender("AA", 10, 100, 2), contender("BB", 10, 100, 1), contender("CC", 10, 100, 1)]

    found = select(SCORED, keys, field, Terms())

    expected = (
        TieBreak(members=("BB", "CC", "AA"), by="ledger.awards"),
        TieBreak(members=("BB", "CC"), by="member.code"),
    )
    assert expected == found.ties


def test_a_cascade_may_rank_by_price() -> None:
    """Lowest first."""
    by_price = Cascade(method="cascade", rank_by=Word.PRICE)

    found = select(by_price, KEY, [contender("AA", 9, 300), contender("BB", 1, 200)], Terms())

    assert (("BB", "AA"), ("BB",)) == (found.ranking, found.selected)


def test_top_k_takes_the_first_few() -> None:
    """At most k_max, and fewer if there are not so many."""
    few = TopK(method="top_k", k_max=2)

    found = select(few, KEY, [contender("AA", 1), contender("BB", 2), contender("CC", 3)], Terms())

    assert (("CC", "BB"), (("CC",), ("BB",), ("AA",))) == (found.selected, found.ranks)


def test_top_k_needs_its_minimum() -> None:
    """One of two is not enough."""
    found = select(TopK(method="top_k", k_min=2, k_max=3), KEY, [contender("AA")], Terms())

    assert (DecisionOutcome.TOO_FEW_QUOTES, (), "合格成员 1 家，少于要求的 2 家") == (
        found.outcome,
        found.selected,
        found.note,
    )


def test_a_ranking_may_be_a_method_of_its_own() -> None:
    """The two most under-served, instead of the two best."""
    few = method("top_k", k_max=2, rank_by={"method": "deficit", "target": "1"})
    field = [contender(code, awarded_fen=given, measure=1) for code, given in (("AA", 9), ("BB", 2), ("CC", 5))]

    assert ("BB", "CC") == selected(few, field).selected


def test_top_k_counts_those_whom_the_ranking_admits() -> None:
    """Two quotes within the ceiling are not the three that are needed."""
    few = method("top_k", k_min=3, k_max=3, rank_by={"method": "mini_competition", "ceiling": "100"})
    field = [contender("AA", 0, 90), contender("BB", 0, 100), contender("CC", 0, 101)]

    found = selected(few, field, ceiling_fen=100)

    assert (DecisionOutcome.TOO_FEW_QUOTES, (), ["CC"]) == (found.outcome, found.selected, list(found.barred))


def test_a_cascade_goes_on_for_a_listed_reason() -> None:
    """The reason's first word, as code or in Chinese, is one that the policy lists."""
    stated = method("cascade", decline_reasons=["no_capacity", "timeout"])
    for reason in ("no_capacity: 人手不足", "能力不足：人手不足", "timeout", "逾期未签"):
        found = selected(stated, [contender("AA")], declined={"BB": reason})

        assert (DecisionOutcome.AWARDED, ("AA",)) == (found.outcome, found.selected)


def test_a_cascade_ends_for_any_other_reason() -> None:
    """Nobody is asked next because somebody did not feel like it; the ranking stays on record."""
    stated = method("cascade", decline_reasons=["no_capacity"])

    found = selected(stated, [contender("AA")], declined={"BB": "不想做", "CC": "no_capacity"})

    assert (DecisionOutcome.EXHAUSTED, ("AA",), (), "谢绝的理由不在可以递补之列：BB（不想做）") == (
        found.outcome,
        found.ranking,
        found.selected,
        found.note,
    )


def test_a_cascade_over_a_queue_takes_the_turn() -> None:
    """A method takes its turn also where another one builds on it."""
    stated = method("cascade", rank_by={"method": "rotation", "queue": "turns"})

    found = selected(stated, [contender("AA"), contender("BB")], queue=queue("AB", served=("AA",), last="AA"))

    assert (("BB",), ("BB",), queue("AB", served=("AA", "BB"), last="BB")) == (found.selected, found.turns, found.queue)


METHODS = {
    "direct": {"member": "x", "rationale": "price"},
    "mini_competition": {"abnormally_low_bp": 1_000},
    "scored": {},
    "rotation": {"queue": "turns"},
    "weighted_rotation": {"queue": "turns", "weight": "1"},
    "deficit": {"target": "1"},
    "balanced_cap": {"queue": "turns", "cap": "1"},
    "cascade": {"rank_by": "price"},
    "incumbent": {"min_score_bp": 1, "max_renewals": 2, "rank_by": {"method": "rotation", "queue": "turns"}},
    "territory": {"homes": {"north": "BB"}, "basis": "服务半径", "rank_by": "scored"},
    "lottery": {},
    "optimise": {"cost": "1", "k_max": 2},
    "top_k": {"k_max": 3, "rank_by": {"method": "weighted_rotation", "queue": "turns", "weight": "1"}},
}


@pytest.mark.parametrize("name", METHODS)
def test_the_order_of_the_contenders_is_irrelevant(name: str) -> None:
    """For 3,000 contests of every method; whoever is not ranked is barred, and nobody is ranked twice."""
    chance, stated = random.Random(name), method(name, **METHODS[name])
    draw = DrawFacts(commitment=commitment_to("5e" * 32), seed="5e" * 32)
    for _ in range(3_000):
        field = [
            contender(code, chance.randrange(3), chance.randint(1, 3), awarded_fen=chance.randrange(4), measure=3)
            for code in some(chance)
        ]
        terms = {
            "amount_fen": chance.randint(1, 4),
            "ceiling_fen": chance.choice((None, 1, 2)),
            "member": chance.choice(CODES),
            "incumbent": chance.choice(CODES),
            "renewals": chance.randrange(3),
            "park": chance.choice(("north", "south")),
            "queue": queue("AHC", served=("AA",)),
            "draw": draw,
        }

        found = selected(stated, field, **terms)

        chance.shuffle(field)
        assert found == selected(stated, field, **terms)
        assert sorted(each.code for each in field) == sorted((*found.ranking, *found.barred))
