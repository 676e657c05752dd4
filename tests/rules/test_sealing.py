"""By whose keys quotes are opened: what a policy may say, and where it is told what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.consistency import faults_of
from rules.documents.policy import AllocationPolicy
from rules.parse import parsed
from rules.problems import RuleProblems
from rules.source import read

BOOK = Path(__file__).resolve().parents[2] / "rules" / "books" / "sealed-bids" / "2025-01-01.yaml"
STATED = "sealing: {holders: [coordinator, auditor, council], needed: 2}"


def told(sealing: str) -> list[str]:
    """What is told of the shipped policy with another *sealing*."""
    source = read(BOOK.read_text(encoding="utf-8").replace(STATED, f"sealing: {sealing}"), "policy.yaml")
    try:
        found = tuple(faults_of(source, parsed(source, AllocationPolicy)))
    except RuleProblems as problems:
        found = problems.problems
    return [str(problem) for problem in found]


def test_the_shipped_policy_is_sound() -> None:
    """Two of three keyholders."""
    assert [] == told(STATED.removeprefix("sealing: "))


@pytest.mark.parametrize(
    ("sealing", "expected"),
    [
        (
            "{holders: [auditor, council], needed: 3}",
            ":37:50: 3 keys are needed to open the quotes, but 2 keyholders are named",
        ),
        ("{holders: [auditor, auditor], needed: 1}", "keyholder 'auditor'"),
        ("{holders: [], needed: 1}", "a list of at least 1"),
        ("{holders: [auditor]}", "needed"),
        ("{holders: [auditor], needed: 1, keys: 2}", "unknown field 'keys'"),
        ("{holders: [auditor], needed: 0}", "needed"),
    ],
)
def test_what_cannot_be_is_told_at_its_place(sealing: str, expected: str) -> None:
    """More keys than holders, one holder twice, nobody, no number, an unknown word."""
    (problem,) = told(sealing) or [""]

    assert problem.startswith("policy.yaml:")
    assert expected in problem
