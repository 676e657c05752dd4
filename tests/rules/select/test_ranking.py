"""Selection: who comes first, by which key equals were put in order, and which turns were used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.decision import DecisionOutcome, TieBreak
from contracts.errors import Invalid
from contracts.facts import QueueFacts
from rules.select.methods import Cascade, Direct, MiniCompetition, RankBy, Rotation, Scored, TopK
from rules.select.ranking import Contender, Selected, Terms, select

CODE = ("member.code",)
SCORED = Scored(method="scored")


def contender(code: str, score_bp: int = 0, price_fen: int = 100, *tie: int) -> Contender:
    """A member with what ranks it."""
    return Contender(code, score_bp, price_fen, (*tie, code))


def rotation(order: str, last: str | None, *, declined: str = "", consumes: bool = True) -> Selected:
    """What a rotation over *order* comes to when *last* had the turn before."""
    method = Rotation(method="rotation", queue="turns", decline_consumes_turn=consumes)
    codes = tuple(letter * 2 for letter in order)
    queue = QueueFacts(name="turns", order=codes, last=last)
    field = [contender(code) for code in codes if code != declined]
    return select(method, CODE, field, Terms(queue=queue, declined=(declined,)))


def test_the_highest_score_wins() -> None:
    """And the ranking goes down from there."""
    found = select(SCORED, CODE, [contender("AA", 10), contender("BB", 30), contender("CC", 20)], Terms())

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
    method = Cascade(method="cascade", rank_by=RankBy.PRICE)

    found = select(method, CODE, [contender("AA", 9, 300), contender("BB", 1, 200)], Terms())

    assert (("BB", "AA"), ("BB",)) == (found.ranking, found.selected)


def test_the_lowest_price_within_the_ceiling_wins() -> None:
    """A price at the ceiling is within it, one fen more is over it."""
    method = MiniCompetition(method="mini_competition")
    field = [contender("AA", 0, 101), contender("BB", 0, 100)]

    found = select(method, CODE, field, Terms(ceiling_fen=100))

    assert (DecisionOutcome.AWARDED, ("BB",), ("AA",)) == (found.outcome, found.selected, found.over)


def test_all_above_the_ceiling_is_an_outcome() -> None:
    """Nobody is selected, and everybody is named."""
    method = MiniCompetition(method="mini_competition")

    found = select(method, CODE, [contender("BB"), contender("AA")], Terms(ceiling_fen=99))

    assert (DecisionOutcome.ABOVE_CEILING, (), ("AA", "BB")) == (found.outcome, found.selected, found.over)


def test_too_few_quotes_is_an_outcome() -> None:
    """One of three needed."""
    method = MiniCompetition(method="mini_competition", min_quotes=3)

    found = select(method, CODE, [contender("AA")], Terms())

    assert Selected(DecisionOutcome.TOO_FEW_QUOTES, ("AA",), note="有效报价 1 份，少于要求的 3 份") == found


def test_a_rotation_goes_on_behind_the_last() -> None:
    """And round the end of the queue."""
    assert (("BB", "CC", "AA"), ("BB",)) == (rotation("ABC", "AA").ranking, rotation("ABC", "AA").turns)
    assert ("AA", "BB", "CC") == rotation("ABC", "CC").ranking


def test_a_queue_that_nobody_has_used_begins_at_its_head() -> None:
    """So does one whose last has left it."""
    assert ("AA", "BB") == rotation("AB", None).ranking == rotation("AB", "ZZ").ranking


def test_a_decline_uses_the_turn() -> None:
    """Unless the policy says otherwise."""
    assert ("BB", "CC") == rotation("ABC", "AA", declined="BB").turns
    assert ("CC",) == rotation("ABC", "AA", declined="BB", consumes=False).turns


def test_who_is_not_in_the_queue_comes_last() -> None:
    """A new member has its first turn in the next cycle."""
    queue = QueueFacts(name="turns", order=("BB",), last="BB")
    method = Rotation(method="rotation", queue="turns")

    found = select(method, CODE, [contender("AA"), contender("BB")], Terms(queue=queue))

    assert ("BB", "AA") == found.ranking


def test_a_rotation_without_its_queue_is_refused() -> None:
    """The facts are incomplete, which is nobody's outcome."""
    with pytest.raises(Invalid) as caught:
        select(Rotation(method="rotation", queue="turns"), CODE, [contender("AA")], Terms())

    assert "the policy rotates over the queue 'turns', which is not among the facts" == caught.value.message


def test_within_a_cycle_nobody_has_two_turns() -> None:
    """Each award hands the queue on; after as many awards as members everybody has had one."""
    last: str | None = None
    winners: list[str] = []
    for _ in range(4):
        last = rotation("ABCD", last).selected[0]
        winners.append(last)

    assert ["AA", "BB", "CC", "DD"] == winners


def test_top_k_takes_the_first_few() -> None:
    """At most k_max, and fewer if there are not so many."""
    method = TopK(method="top_k", k_max=2)

    found = select(method, CODE, [contender("AA", 1), contender("BB", 2), contender("CC", 3)], Terms())

    assert (("CC", "BB"), (("CC",), ("BB",), ("AA",))) == (found.selected, found.ranks)


def test_top_k_needs_its_minimum() -> None:
    """One of two is not enough."""
    found = select(TopK(method="top_k", k_min=2, k_max=3), CODE, [contender("AA")], Terms())

    assert (DecisionOutcome.TOO_FEW_QUOTES, (), "合格成员 1 家，少于要求的 2 家") == (
        found.outcome,
        found.selected,
        found.note,
    )


def test_direct_takes_the_member_named() -> None:
    """Whatever the others offer."""
    found = select(Direct(method="direct", member="x"), CODE, [contender("AA"), contender("BB")], Terms(member="BB"))

    assert (("BB", "AA"), ("BB",)) == (found.ranking, found.selected)


def test_direct_takes_nobody_else() -> None:
    """If the one named is not eligible, nobody is selected."""
    found = select(Direct(method="direct", member="x"), CODE, [contender("AA")], Terms(member="BB"))

    assert Selected(DecisionOutcome.NO_ELIGIBLE, ("AA",), note="直接选定的成员 BB 不在合格成员之列") == found


fields = st.lists(
    st.tuples(
        st.sampled_from(["AA", "BB", "CC", "DD", "EE", "FF"]), st.integers(0, 3), st.integers(1, 3), st.integers(0, 2)
    ),
    min_size=1,
    unique_by=lambda entry: entry[0],
)


@given(fields)
def test_the_order_of_the_contenders_is_irrelevant(entries: list[tuple[str, int, int, int]]) -> None:
    """For every method that ranks."""
    field = [contender(*entry) for entry in entries]
    keys = ("ledger.awards", "member.code")
    methods = (SCORED, Cascade(method="cascade", rank_by=RankBy.PRICE), TopK(method="top_k", k_max=3))
    for method in methods:
        found = select(method, keys, field, Terms())

        assert found == select(method, keys, list(reversed(field)), Terms())
        assert sorted(entry[0] for entry in entries) == sorted(found.ranking)
