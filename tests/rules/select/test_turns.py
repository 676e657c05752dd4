"""Taking turns: one a cycle, who keeps it, who has had it, and who joins when."""

from __future__ import annotations

import random
from typing import Any

import pytest

from contracts.errors import Invalid
from contracts.facts import QueueFacts
from rules.select.ranking import Selected
from rules.select.undoing import given_back
from tests.rules.select.contests import CODES, codes, contender, method, queue, selected, some

ROTATION = method("rotation", queue="turns")
KEEPING = method("rotation", queue="turns", decline_consumes_turn=False)


def turn(facts: QueueFacts, eligible: str = "ABCD", stated: Any = ROTATION, **terms: Any) -> Selected:
    """What a rotation comes to when so many are eligible."""
    return selected(stated, [contender(code) for code in codes(eligible)], queue=facts, **terms)


def test_a_rotation_goes_on_behind_the_last() -> None:
    """And round the end of the queue."""
    assert codes("BCA") == turn(queue("ABC", last="AA"), "ABC").ranking
    assert codes("ABC") == turn(queue("ABC", last="CC"), "ABC").ranking


def test_a_queue_that_nobody_has_used_begins_at_its_head() -> None:
    """So does one whose last has left it."""
    assert codes("AB") == turn(queue("AB"), "AB").ranking == turn(queue("AB", last="ZZ"), "AB").ranking


def test_within_a_cycle_nobody_has_two_turns() -> None:
    """After as many awards as members everybody has had one, and the next cycle begins at the head."""
    facts, winners = queue("ABCD"), []
    for _ in range(5):
        found = turn(facts)
        facts = found.queue or facts
        winners.append(found.selected[0])

    assert [*codes("ABCDA")] == winners
    assert queue("ABCD", cycle=2, served=("AA",), last="AA") == facts


def test_who_is_not_eligible_keeps_the_turn() -> None:
    """BB is passed over, and is first as soon as it is eligible again."""
    passed = turn(queue("ABC", served=("AA",), last="AA"), "AC")

    assert (("CC",), ("CC",)) == (passed.selected, passed.turns)
    assert ("BB",) == turn(passed.queue or queue(""), "ABC").selected


def test_a_turn_lapses_with_its_cycle() -> None:
    """When all who are eligible are served, the next cycle begins; nothing is owed from the one before."""
    found = turn(queue("ABC", served=codes("AC"), last="CC"), "AC")

    assert queue("ABC", cycle=2, served=("AA",), last="AA") == found.queue


def test_a_decline_uses_the_turn() -> None:
    """Whoever stood before the one selected has had it."""
    found = turn(queue("ABC", served=("AA",), last="AA"), "AC", declined={"BB": "没有人手"})

    assert (codes("BC"), queue("ABC", served=codes("ABC"), last="CC")) == (found.turns, found.queue)


def test_a_decline_does_not_use_the_turn_where_the_policy_says_so() -> None:
    """BB is next again."""
    found = turn(queue("ABC", served=("AA",), last="AA"), "AC", KEEPING, declined={"BB": "没有人手"})

    assert (("CC",), queue("ABC", served=codes("AC"), last="CC")) == (found.turns, found.queue)


def test_a_new_member_joins_at_the_end_of_the_next_cycle() -> None:
    """It waits while this cycle lasts, and is the last of the next one."""
    facts = queue("AC", served=("AA",), last="AA")
    winners = []
    for _ in range(4):
        found = turn(facts, "ABC")
        facts = found.queue or facts
        winners.append(found.selected[0])

    assert [*codes("CACB")] == winners
    assert (codes("ACB"), 2, ()) == (facts.order, facts.cycle, facts.joining)


def test_a_new_member_waits_until_the_cycle_is_over() -> None:
    """Until then the queue says that it is joining."""
    found = turn(queue("AC", served=("AA",), last="AA"), "ABC")

    assert (codes("CAB"), ("BB",)) == (found.ranking, (found.queue or queue("")).joining)


def test_whoever_was_considered_joins() -> None:
    """Also a member that is not eligible this time, so that its place does not depend on luck."""
    found = turn(queue("A"), "A", candidates=codes("ABZ"))

    assert (codes("ABZ"), codes("BZ")) == ((found.queue or queue("")).order, (found.queue or queue("")).joining)


def test_removal_keeps_the_order() -> None:
    """Without CC the others have their turns as if it stood there and were passed over."""
    assert codes("BDA") == turn(queue("ABCD", served=("AA",), last="AA"), "ABD").ranking


def test_several_may_be_taken_over_the_end_of_a_cycle() -> None:
    """The one of the old cycle has its turn there, those of the new one here."""
    few = method("top_k", k_max=3, rank_by={"method": "rotation", "queue": "turns"})

    found = turn(queue("ABC", served=codes("AB"), last="BB"), "ABC", few)

    assert (codes("CAB"), queue("ABC", cycle=2, served=codes("AB"), last="BB")) == (found.selected, found.queue)


def test_a_rotation_without_its_queue_is_refused() -> None:
    """The facts are incomplete, which is nobody's outcome."""
    with pytest.raises(Invalid) as caught:
        selected(ROTATION, [contender("AA")])

    assert "the policy rotates over the queue 'turns', which is not among the facts" == caught.value.message


def test_deciding_again_gives_the_turn_back() -> None:
    """A partner who has not declined is selected again, in spite of the first decision."""
    few = method("top_k", k_max=2, rank_by={"method": "rotation", "queue": "turns"})
    before = queue("ABCD", served=("AA",), last="AA")
    first = turn(before, "ABCD", few)
    assert codes("BC") == first.selected

    again = turn(given_back(first.queue or before, before, first.queue or before), "ABD", few, declined={"CC": "x"})

    assert (codes("BD"), codes("BCD")) == (again.selected, again.turns)


def test_a_cycle_that_only_one_contract_began_has_not_begun() -> None:
    """Its turns go back to the cycle before, with whoever has joined since."""
    before = queue("AB", served=codes("AB"), last="BB")
    after = turn(before, "AB").queue or before
    since = after.model_copy(update={"order": codes("ABC"), "joining": ("CC",)})

    expected = queue("ABC", served=codes("AB"), last="BB", joining=("CC",))
    assert expected == given_back(since, before, after)


def test_what_others_took_in_between_stays() -> None:
    """BB's turn goes back, CC's stays."""
    before = queue("ABCD", served=("AA",), last="AA")
    after = turn(before).queue or before
    since = turn(after).queue or after

    assert queue("ABCD", served=codes("AC"), last="CC") == given_back(since, before, after)


def test_a_cycle_that_is_over_is_not_reopened() -> None:
    """BB's turn was of the cycle before; it has its turn in this one."""
    before = queue("ABC", served=("AA",), last="AA")
    after = turn(before, "ABC").queue or before
    since = queue("ABC", cycle=2, served=("AA",), last="AA")

    assert since == given_back(since, before, after)


def test_no_cycle_serves_anybody_twice() -> None:
    """Over 3,000 turns, whoever is eligible, declines or joins, each cycle names a member once."""
    chance = random.Random(20250701)
    facts, had = queue("ABC"), set[tuple[int, str]]()
    for _ in range(3_000):
        eligible = some(chance)
        declined = {code: "x" for code in CODES if code not in eligible and chance.random() < 0.1}
        field = [contender(code) for code in eligible]
        cycle = facts.cycle

        found = selected(ROTATION, field, queue=facts, declined=declined)

        assert found.queue is not None
        assert found.queue.cycle in (cycle, cycle + 1)
        assert len(found.queue.served) == len(set(found.queue.served))
        turns = [code for code in found.turns if code in found.queue.served]
        assert not had.intersection((found.queue.cycle, code) for code in turns)
        had.update((found.queue.cycle, code) for code in turns)
        assert sorted(eligible) == sorted(found.ranking)
        assert codes("ABC") == found.queue.order[:3]
        facts = found.queue
