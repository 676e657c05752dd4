"""Consulting a table: each hit policy, the rows that match, what was read, and why there may be no answer."""

from __future__ import annotations

from typing import Any

import pytest

from rules.formula import Scene
from rules.table.compile import compile_table
from rules.table.evaluate import Answer, consult, worked_out
from tests.rules.table.small_books import CLASSES, PARAMS, TYPES, table

ROWS = """
{id: low, in: ["< 5"], out: [3]}
{id: middle, in: ["[3..7]"], out: [1]}
{id: three, in: ["3"], out: [9]}
"""


def asked(text: str, score_bp: int) -> tuple[Any, tuple[str, ...], str]:
    """What a table over the member's score comes to."""
    found = consult(compile_table(text, PARAMS, TYPES), Scene({"member": {"score_bp": score_bp}}))
    return found.value, found.rows, found.error


def test_the_answer_names_its_row_and_what_was_read() -> None:
    """Several outputs are a record."""
    scene = Scene({"contract": {"kind": "framework_calloff", "value_fen": 100_000_000, "urgent": True}})

    expected = Answer(
        {"sla_class": "gold", "deposit_bp": 500},
        ("sla-5",),
        reads={"contract.kind": "framework_calloff", "contract.urgent": True, "contract.value_fen": 100_000_000},
    )
    assert expected == consult(compile_table(CLASSES, PARAMS, TYPES), scene)


@pytest.mark.parametrize(
    ("hit", "more", "values"),
    [
        ("rule_order", "default: []", [[3], [3, 1, 9], []]),
        ("collect", "default: []", [[3], [3, 1, 9], []]),
        ("collect", "aggregate: sum\n  default: [0]", [3, 13, 0]),
        ("collect", "aggregate: least\n  default: [-1]", [3, 1, -1]),
        ("collect", "aggregate: greatest\n  default: [-1]", [3, 9, -1]),
        ("collect", "aggregate: count\n  default: [0]", [1, 3, 0]),
    ],
)
def test_policies_of_several_rows_draw_their_results_together(hit: str, more: str, values: list[Any]) -> None:
    """In the order of the rows."""
    text = table(hit, ROWS, more=more)

    rows = [("low",), ("low", "middle", "three"), ("default",)]
    assert [(*pair, "") for pair in zip(values, rows, strict=True)] == [asked(text, score) for score in (0, 3, 9)]


def test_first_takes_the_first_row_that_matches() -> None:
    """The others that match are named behind it."""
    text = table("first", '{id: low, in: ["< 5"], out: [3]}\n{id: all, in: ["-"], out: [1]}', more="")

    assert [(3, ("low", "all"), ""), (1, ("all",), "")] == [asked(text, 4), asked(text, 5)]


def test_priority_takes_the_result_that_stands_first_in_its_values() -> None:
    """Whatever the order of the rows; the row that decides is named first."""
    outputs = "[{name: points, type: int, values: [9, 3, 1, 0]}]"

    assert (9, ("three", "low", "middle"), "") == asked(table("priority", ROWS, outputs), 3)
    assert (3, ("low", "middle"), "") == asked(table("priority", ROWS, outputs), 4)


def test_any_takes_what_all_rows_that_match_agree_on() -> None:
    """All of them are named."""
    text = table("any", '{id: low, in: ["< 5"], out: [3]}\n{id: even, in: ["2,4,6"], out: [3]}')

    assert [(3, ("low", "even"), ""), (0, ("default",), "")] == [asked(text, 2), asked(text, 7)]


def test_several_outputs_of_several_rows_are_a_list_of_records() -> None:
    """One for each row."""
    outputs = "[{name: points, type: int}, {name: why, type: string}]"
    text = table("collect", '{id: all, in: ["-"], out: [3, early]}', outputs, more="")

    assert ("list<Table_points>", ([{"points": 3, "why": "early"}], ("all",), "")) == (
        compile_table(text, PARAMS, TYPES).type,
        asked(text, 4),
    )


def test_a_value_outside_the_domain_has_no_answer_but_a_reason() -> None:
    """A default is for the values that were thought of."""
    assert (None, (), "score is 10, outside its domain [0..9]") == asked(table("first", ROWS.split("\n")[1]), 10)


def test_a_sum_beyond_int64_has_no_answer() -> None:
    """It never wraps around."""
    largest = 2**63 - 1
    rows = f'{{id: one, in: ["-"], out: [{largest}]}}\n{{id: two, in: ["-"], out: [{largest}]}}'

    assert (None, ("one", "two"), "the sum leaves int64") == asked(table("collect", rows, more="aggregate: sum"), 4)


def test_a_column_that_cannot_be_calculated_is_the_reason() -> None:
    """With what was read."""
    text = table("first", '{id: all, in: ["-"], out: [1]}').replace("member.score_bp,", "100 / member.score_bp,")

    expected = Answer(None, error="division by zero: 100 / member.score_bp", reads={"member.score_bp": 0})
    assert expected == consult(compile_table(text, PARAMS, TYPES), Scene({"member": {"score_bp": 0}}))


def test_a_variable_shows_table_and_rows_among_what_was_read() -> None:
    """So does its error, which names the table."""
    compiled = compile_table(table("first", ROWS.split("\n")[1]), PARAMS, TYPES)
    found = worked_out(compiled, Scene({"member": {"score_bp": 4}}))
    failed = worked_out(compiled, Scene({"member": {"score_bp": 10}}))

    assert (3, {"member.score_bp": 4, "table.points": ["low"]}, "") == (found.value, found.reads, found.error)
    assert "决策表 points 无法得出结果：score is 10, outside its domain [0..9]" == failed.error
