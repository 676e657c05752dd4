"""What holds of every method when members refuse, one after the other."""

from __future__ import annotations

import random

import pytest

from contracts.decision import DecisionOutcome
from rules.decide import decide
from rules.select.undoing import given_back
from tests.rules.select.contests import some
from tests.rules.sound import SELECTIONS, SEVERAL, candidate, facts, policy

EACH = 50
"""Cascades of refusals for each method."""


@pytest.mark.parametrize("name", SELECTIONS)
def test_a_cascade_of_refusals_ends(name: str) -> None:
    """Nobody is asked twice, and after as many refusals as members the outcome is that nobody is left."""
    chance, trial = random.Random(name), policy(name, "equal" if name in SEVERAL else "whole")
    for _ in range(EACH):
        candidates = [candidate(chance, code) for code in some(chance)]
        given, asked = facts(chance, candidates), list[str]()
        while (decision := decide(trial, given)).selected:
            asked.append(decision.selected[0])
            queue = given.queue
            if queue and decision.queue_after:
                queue = given_back(decision.queue_after, queue, decision.queue_after)
            given = given.model_copy(update={"declined": dict.fromkeys(asked, "没有人手"), "queue": queue})

        assert len(asked) == len(set(asked)) <= len(candidates)
        assert decision.outcome is not DecisionOutcome.AWARDED
