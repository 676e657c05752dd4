"""Cells: each form holds for what it says, and each problem stands at its character."""

from __future__ import annotations

import pytest

from rules.table.cells import EVERY, SMALLEST_INT, CellProblems, Choices, Held, Numbers, held_by
from rules.typeset import LARGEST_INT

BELOW, ABOVE = SMALLEST_INT, LARGEST_INT


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("-", [(BELOW, ABOVE)]),
        ("7", [(7, 7)]),
        ("< 10", [(BELOW, 9)]),
        ("<=10", [(BELOW, 10)]),
        ("> -10", [(-9, ABOVE)]),
        (">= 10", [(10, ABOVE)]),
        ("[1..5]", [(1, 5)]),
        ("[1..5)", [(1, 4)]),
        ("(1..5]", [(2, 5)]),
        ("(-5..-1)", [(-4, -2)]),
        ("[10..]", [(10, ABOVE)]),
        ("[..10)", [(BELOW, 9)]),
        ("9, 1, [2..4], 20", [(1, 4), (9, 9), (20, 20)]),
        ("not(3)", [(BELOW, 2), (4, ABOVE)]),
        ("not(< 3, [5..7])", [(3, 4), (8, ABOVE)]),
    ],
)
def test_a_cell_of_whole_numbers_holds_for_ranges(text: str, ranges: list[tuple[int, int]]) -> None:
    """Both ends in; they ascend and do not touch."""
    assert Numbers(tuple(ranges)) == held_by(text, "int")


@pytest.mark.parametrize(
    ("text", "kind", "held"),
    [
        ("-", "string", EVERY["string"]),
        ('"x"', "string", Choices(("x",))),
        ('"x", "y","x"', "string", Choices(("x", "y"))),
        ('not("x","y")', "string", Choices(("x", "y"), negated=True)),
        ('"a,b", ""', "string", Choices(("a,b", ""))),
        ("true", "bool", Choices((True,))),
        ("true,false", "bool", Choices((True, False))),
        ("not(true)", "bool", Choices((True,), negated=True)),
    ],
)
def test_a_cell_of_choices_holds_for_those_listed_or_not_listed(text: str, kind: str, held: Held) -> None:
    """Texts stand in quotes."""
    assert held == held_by(text, kind)


@pytest.mark.parametrize(
    ("text", "kind", "problems"),
    [
        ("[1..5", "int", [(0, "cell", "'[1..5' is no test of a whole number; write 5, < 5, [1..5), not(5) or -")]),
        ("< 1.5", "int", [(2, "float", "1.5 is a fraction; count in whole fen (_fen) or basis points (_bp)")]),
        ('1, "x"', "int", [(3, "wrong-type", '"x" is text, but this column is int')]),
        ("(1..2)", "int", [(0, "unreachable", "no whole number is in (1..2); the row can never match")]),
        ("5, [9..3]", "int", [(3, "unreachable", "no whole number is in [9..3]; the row can never match")]),
        (
            "9223372036854775808",
            "int",
            [(0, "integer-range", "a whole number beyond int64; the largest is 9223372036854775807")],
        ),
        ("== 5", "int", [(0, "cell", "'=' has no meaning here; write 5, < 5, [1..5), not(5) or -")]),
        ("1,,2", "int", [(2, "cell", "an alternative is missing here; write 5, < 5, [1..5), not(5) or -")]),
        ("not(1", "int", [(5, "cell", "not( is never closed")]),
        (
            "x, y",
            "string",
            [(0, "cell", "'x' is not quoted; write \"x\""), (3, "cell", "'y' is not quoted; write \"y\"")],
        ),
        ('< "x"', "string", [(0, "wrong-type", "'<' is for whole numbers, but this column is string")]),
        ("true", "string", [(0, "wrong-type", "true is true or false, but this column is string")]),
        ("yes", "bool", [(0, "cell", "'yes' has no meaning here; write true, false or -")]),
        ("not(true,false)", "bool", [(0, "unreachable", "this cell holds for no value; the row can never match")]),
        ("not(-)", "int", [(4, "cell", "'-' has no meaning here; write 5, < 5, [1..5), not(5) or -")]),
    ],
)
def test_a_problem_stands_at_its_character(text: str, kind: str, problems: list[tuple[int, str, str]]) -> None:
    """One for each alternative, all at once."""
    with pytest.raises(CellProblems) as caught:
        held_by(text, kind)

    assert problems == list(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "kind", "domain", "problem"),
    [
        ("[5..9), 11", "int", Numbers(((0, 10),)), (8, "outside", "11 is outside the domain of this column")),
        (
            '"calloff"',
            "string",
            Choices(("project", "call-off")),
            (0, "outside", "\"calloff\" is outside the domain of this column; did you mean 'call-off'?"),
        ),
        (
            'not("a","b")',
            "string",
            Choices(("a", "b")),
            (0, "unreachable", "this cell holds for no value; the row can never match"),
        ),
        (
            "not(<= 10)",
            "int",
            Numbers(((0, 10),)),
            (0, "unreachable", "this cell holds for no value; the row can never match"),
        ),
    ],
)
def test_every_alternative_has_a_value_in_the_domain(
    text: str, kind: str, domain: Held, problem: tuple[int, str, str]
) -> None:
    """What has none can never match, and is a slip of the pen."""
    with pytest.raises(CellProblems) as caught:
        held_by(text, kind, domain)

    assert (problem,) == caught.value.problems
