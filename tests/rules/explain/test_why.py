"""How an expression came to its value: the same value as in the trace, and only the parts that made it so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts.calendar import epoch_day
from rules import cases
from rules.check import Environment
from rules.explain.why import Why, bound, reasons, why
from rules.library import Library
from rules.typeset import TypeSet
from tests.rules.test_decide import candidate, decide, facts, trial

BOOKS = Path(__file__).parents[3] / "rules" / "books"
FILES = {str(path.relative_to(BOOKS)): path.read_text(encoding="utf-8") for path in sorted(BOOKS.glob("*/*.yaml"))}
LIBRARY = Library.of(FILES)
TESTED = sorted(
    file.partition("/")[0]
    for file in FILES
    if file.endswith("/cases.yaml") and "  policy: " in FILES[file] and "signoff" not in file
)
TYPES = TypeSet.of({"Member": {"band": "string", "score_bp": "int", "parks": "list<string>"}})
NAMES = {"member": "Member", "day": "int"}
READS = {"member.band": "E", "member.score_bp": 7_000, "member.parks": ["a", "b"], "day": 3}


def told(expression: str) -> Why:
    """Why *expression* is what it is of the member in READS."""
    return why(Environment(TYPES, NAMES).check(expression, None), READS, {})


BAND = Why("member.band", "E")
SCORE = Why("member.score_bp", 7_000)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('member.band == "A" && day > 1', (Why('member.band == "A"', False, (BAND,)),)),
        ('member.band == "E" || day > 1', (Why('member.band == "E"', True, (BAND,)),)),
        (
            'member.band == "A" || day > 5',
            (Why('member.band == "A"', False, (BAND,)), Why("day > 5", False, (Why("day", 3),))),
        ),
        ('!(member.band == "E")', (Why('member.band == "E"', True, (BAND,)),)),
        ("day > 5 ? 1 : member.score_bp", (Why("day > 5", False, (Why("day", 3),)), SCORE)),
        (
            'member.parks.all(park, park == "a")',
            (Why("member.parks", ["a", "b"]), Why('park == "a"', [True, False])),
        ),
        ("has(member.band)", ()),
    ],
)
def test_only_what_decided_is_a_cause(expression: str, expected: tuple[Why, ...]) -> None:
    """Of a conjunction that is false only what is false counts, of a disjunction that is true only what is true."""
    assert expected == told(expression).because


def test_an_expression_without_a_value_tells_its_error_and_what_was_there() -> None:
    """What could be calculated is told beside the error."""
    found = told("member.score_bp / (day - 3)")

    assert (None, "division by zero: member.score_bp / (day - 3)") == (found.value, found.error)
    assert ["member.score_bp", "day - 3"] == [part.text for part in found.because]


def test_a_rule_on_a_variable_that_failed_tells_the_variable() -> None:
    """The error is where it arose."""
    policy = trial()
    decision = decide(policy, facts(candidate("A1", spare=0)))
    line: dict[str, Any] = next(line for line in decision.trace if line["rule"] == "spare")

    found = reasons(policy, line)

    assert found is not None
    assert ("spare > 0", line["error"], "10000 / member.joined_day") == (found.text, found.error, found.because[0].text)


@pytest.mark.parametrize("name", TESTED)
def test_what_was_read_is_enough_to_come_to_the_same_value(name: str) -> None:
    """Every line of every decision of the shipped cases is reproduced from what it says it has read."""
    policy = LIBRARY.policy(name if name in LIBRARY.names("AllocationPolicy") else "default", epoch_day("2025-11-01"))
    results = cases.run(FILES[f"{name}/cases.yaml"], FILES)
    lines = [
        line for result in results if result.decision for line in result.decision.trace if line.get("applies", True)
    ]
    again = [(line, found) for line in lines if (found := reasons(policy, line))]

    assert [] == [(line, found) for line, found in again if line["value"] != found.value]
    assert again


def test_reads_become_nested_names() -> None:
    """A dotted path leads into a record; a record that was read whole keeps its other fields."""
    expected = {"member": {"band": "E", "score_bp": 1}, "day": 3}

    assert expected == bound({"member": {"band": "A", "score_bp": 1}, "member.band": "E", "day": 3})
