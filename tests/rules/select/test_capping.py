"""Balanced by cap: stay, go on, and lots that are too large."""

from __future__ import annotations

import random
from typing import Any

from contracts.decision import DecisionOutcome, ExclusionReason
from contracts.facts import QueueFacts
from rules.select.ranking import Selected
from tests.rules.select.contests import contender, method, queue, selected, some

CAPPED = method("balanced_cap", queue="turns", cap="1")


def lot(amount_fen: int, facts: QueueFacts, stated: Any = CAPPED, cap: int = 100, **given: int) -> Selected:
    """What a lot comes to where everybody has the same cap and has been *given* so much."""
    field = [contender(code, awarded_fen=awarded, measure=cap) for code, awarded in given.items()]
    return selected(stated, field, queue=facts, amount_fen=amount_fen)


def test_the_current_member_stays_up_to_its_cap() -> None:
    """One fen more and it is the next one's."""
    facts = queue("ABC", last="BB")

    stays, goes = lot(40, facts, AA=0, BB=60, CC=0), lot(41, facts, AA=0, BB=60, CC=0)

    assert (("BB",), ("CC",)) == (stays.selected, goes.selected)
    assert queue("ABC", last="CC") == goes.queue


def test_who_has_no_room_is_told_why() -> None:
    """With the cap, what was given, and the lot."""
    reads = {"cap_fen": 100, "contract.value_fen": 41, "ledger.awarded_fen": 60}
    expected = ExclusionReason(
        rule="over-cap", message="已承接 0.60 元，加上本次 0.41 元 超过限额 1.00 元", reads=reads
    )

    assert {"BB": expected} == lot(41, queue("AB", last="BB"), AA=0, BB=60).barred


def test_nobody_with_room_is_an_outcome() -> None:
    """The caps are full, though the lot is not larger than a cap."""
    found = lot(50, queue("AB"), AA=60, BB=60)

    expected = (DecisionOutcome.NO_ELIGIBLE, (), "合格成员的剩余限额均不足以承接", None)
    assert expected == (found.outcome, found.selected, found.note, found.queue)


def test_a_lot_above_every_cap_is_nobodys() -> None:
    """It would never fit, however long one waits."""
    found = lot(101, queue("AB"), AA=0, BB=0)

    expected = (DecisionOutcome.NO_ELIGIBLE, "标的额 1.01 元 高于每个合格成员的限额", ["AA", "BB"])
    assert expected == (found.outcome, found.note, sorted(found.barred))


def test_a_lot_above_every_cap_may_go_to_the_next() -> None:
    """Where the policy says so, behind the current member."""
    stated = method("balanced_cap", queue="turns", cap="1", oversize="next")

    found = lot(101, queue("ABC", last="AA"), stated, AA=0, BB=0, CC=0)

    assert (("BB",), queue("ABC", last="BB")) == (found.selected, found.queue)


def test_no_cap_is_overrun_and_nobody_moves_early() -> None:
    """Over 3,000 lots the sum of each member stays within its cap, and the queue goes on only when it must."""
    chance = random.Random(20250704)
    for _ in range(100):
        facts, cap = queue(""), chance.randint(50, 300)
        given = dict.fromkeys(some(chance, 2), 0)
        for _ in range(30):
            amount = chance.randint(1, 60)
            found = lot(amount, facts, cap=cap, **given)
            if not found.selected:
                assert all(awarded + amount > cap for awarded in given.values())
                continue
            (chosen,) = found.selected
            before = facts.last
            assert before in (None, chosen) or given[str(before)] + amount > cap
            given[chosen] += amount
            assert given[chosen] <= cap
            facts = found.queue or facts
