"""Evaluating: whole numbers, text, lists, macros, missing values, errors, the budget and the trace."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rules.check import Environment
from rules.evaluate import Budget, BudgetSpent, EvaluationError, Step, evaluate
from rules.source import canonical
from rules.typeset import TypeSet

TYPES = TypeSet.of(
    {
        "Member": {
            "code": "string",
            "load_bp": "int",
            "area": "optional<int>",
            "parent": "optional<Member>",
            "parks": "list<string>",
            "capacity": "map<string, int>",
        }
    }
)
ENVIRONMENT = Environment(
    TYPES,
    {"member": "Member", "members": "list<Member>", "n": "int", "s": "string", "flag": "bool", "numbers": "list<int>"},
)
SMALLEST, LARGEST = -(2**63), 2**63 - 1


def member(code: str, **more: Any) -> dict[str, Any]:
    """Make a member with ordinary values."""
    return {"code": code, "load_bp": 5_000, "parks": ["漕河泾", "临港"], "capacity": {"m2": 900}, **more}


FACTS: dict[str, Any] = {
    "member": member("LGWY"),
    "members": [member("A", area=5), member("B"), member("C", area=7, load_bp=9_000)],
    "n": 7,
    "s": "四川省",
    "flag": True,
    "numbers": [3, 0, 5],
}


def value(text: str, **facts: Any) -> Any:
    """Evaluate *text* with the facts above and those given."""
    return evaluate(ENVIRONMENT.check(text, None).ast, {**FACTS, **facts}, Budget())


def error(text: str, **facts: Any) -> tuple[int, str]:
    """Return offset and message of the error that *text* ends in."""
    with pytest.raises(EvaluationError) as caught:
        value(text, **facts)
    return caught.value.offset, str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3 * 4 - 1", 13),
        ("-7 / 2", -3),
        ("7 / -2", -3),
        ("-7 % 2", -1),
        ("7 % -2", 1),
        ("-(n)", -7),
        ("9223372036854775806 + 1", LARGEST),
        ("-9223372036854775807 - 1", SMALLEST),
        ("mulDiv(9223372036854775807, 3, 9)", 3_074_457_345_618_258_602),
        ("mulDiv(-7, 1, 2)", -3),
        ("divRound(5, 2)", 3),
        ("divRound(-5, 2)", -3),
        ("divRound(4, -3)", -1),
        ("divRound(-9223372036854775807 - 1, 1)", SMALLEST),
        ("int('-12')", -12),
        ("string(-12) + string(true)", "-12true"),
        ("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3 && 1 != 2 && 1 == 1", True),
    ],
)
def test_whole_numbers_are_exact(text: str, expected: Any) -> None:
    """Division and remainder truncate toward zero; the functions of ours are exact in between."""
    assert expected == value(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("size(s)", 3),
        ("s.size()", 3),
        ("size('😀')", 1),
        ("s + '成都'", "四川省成都"),
        ("s.startsWith('四川') && s.endsWith('省') && s.contains('川')", True),
        ("s.contains('')", True),
        ("'\\uff5a' < '😀'", True),
        ("'B' < 'a'", True),
        (r"'\u56db' == '四' && r'\n' != '\n'", True),
    ],
)
def test_text_counts_and_compares_by_characters(text: str, expected: Any) -> None:
    """A Chinese character is one character, and order is that of the code points."""
    assert expected == value(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("members.all(m, m.load_bp < 9000)", False),
        ("members.exists(m, m.code == 'B')", True),
        ("members.exists_one(m, has(m.area))", False),
        ("members.exists_one(m, m.load_bp > 5000)", True),
        ("members.filter(m, has(m.area)).map(m, m.code)", ["A", "C"]),
        ("members.map(m, has(m.area), m.area * n)", [35, 49]),
        ("numbers.map(x, x * x)", [9, 0, 25]),
        ("[].all(x, x == 1)", True),
        ("numbers.filter(x, x > 1) + [n]", [3, 5, 7]),
        ("members.exists(m, numbers.exists(x, x == m.area))", True),
        ("5 in numbers && !(4 in numbers) && 'm2' in member.capacity", True),
        ("numbers[2] + member.capacity['m2'] + member.capacity.m2", 1_805),
        ("numbers == [3, 0, 5] && numbers != [3, 0]", True),
        ("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", True),
        ("size(member.capacity) + size(numbers)", 4),
        ("flag ? 'yes' : string(1 / 0)", "yes"),
    ],
)
def test_lists_and_macros(text: str, expected: Any) -> None:
    """Macros go through a list in its order."""
    assert expected == value(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 / 0 > 1 || true", True),
        ("true || 1 / 0 > 1", True),
        ("1 / 0 > 1 && false", False),
        ("false && 1 / 0 > 1", False),
        ("numbers.exists(x, 15 / x == 3)", True),
        ("numbers.all(x, 15 / x == 5)", False),
    ],
)
def test_an_error_is_forgotten_if_the_other_side_decides(text: str, expected: bool) -> None:
    """Both sides of && and || count alike, as do the items of all and exists."""
    assert expected is value(text)


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("n + 1 / (n - 7)", 6, "division by zero: 1 / (n - 7)"),
        ("n % 0", 2, "remainder of a division by zero: n % 0"),
        ("9223372036854775807 + 1", 20, "the result is beyond int64: 9223372036854775807 + 1"),
        ("-9223372036854775807 - n", 21, "the result is beyond int64: -9223372036854775807 - n"),
        ("n * 9223372036854775807", 2, "the result is beyond int64: n * 9223372036854775807"),
        ("-(-9223372036854775807 - 1)", 0, "the result is beyond int64: -(-9223372036854775807 - 1)"),
        ("(-9223372036854775807 - 1) / -1", 27, "the result is beyond int64: (-9223372036854775807 - 1) / -1"),
        ("(-9223372036854775807 - 1) % -1", 27, "the result is beyond int64: (-9223372036854775807 - 1) % -1"),
        ("mulDiv(n, n, 0)", 6, "mulDiv by zero: mulDiv(n, n, 0)"),
        ("mulDiv(9223372036854775807, 2, 1)", 6, "the result is beyond int64: mulDiv(9223372036854775807, 2, 1)"),
        ("divRound(n, 0)", 8, "divRound by zero: divRound(n, 0)"),
        ("int(s)", 3, "the text is not a whole number: int(s)"),
        ("int('9223372036854775808')", 3, "the result is beyond int64: int('9223372036854775808')"),
        ("numbers[3]", 7, "no item 3 in a list of 3: numbers[3]"),
        ("numbers[-1]", 7, "no item -1 in a list of 3: numbers[-1]"),
        ("member.capacity['kw']", 15, "no key 'kw' in the map: member.capacity['kw']"),
        ("member.area + 1", 6, "no value for 'area': member.area"),
        ("member.parent.code", 6, "no value for 'parent': member.parent"),
        ("{n: 1, 7: 2}[n]", 0, "the key 7 twice in a map: {n: 1, 7: 2}"),
        ("1 / 0 > 1 || false", 2, "division by zero: 1 / 0"),
        ("numbers.exists(x, 15 / x == 4)", 21, "division by zero: 15 / x"),
        ("numbers.map(x, 15 / x)", 18, "division by zero: 15 / x"),
        ("n >\n   1 / 0", 9, "division by zero: 1 / 0"),
    ],
)
def test_what_has_no_value_is_an_error_with_its_place(text: str, offset: int, message: str) -> None:
    """The message quotes the part of the expression that failed."""
    assert (offset, message) == error(text)


def test_has_tells_whether_an_optional_field_is_there() -> None:
    """Left out and null are the same: no value."""
    assert [True, False] == value("[has(members[0].area), has(members[1].area)]")
    assert value("has(member.area)", member=member("X", area=None)) is False


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"n": True}, "must be int, is bool: n"),
        ({"n": 2**63}, "must be int, is an integer beyond int64: n"),
        ({"n": 1.0}, "must be int, is a float: n"),
        ({"n": "7"}, "must be int, is string: n"),
        ({"n": None}, "no value for 'n': n"),
    ],
)
def test_a_fact_of_another_type_is_an_error(facts: dict[str, Any], message: str) -> None:
    """The types that were checked hold while evaluating too."""
    assert (0, message) == error("n + 1", **facts)


def test_true_is_not_one() -> None:
    """Unlike in Python, equality tells bool and int apart also inside lists that were not validated."""
    assert value("1 in numbers", numbers=[True]) is False


def test_the_budget_is_shared_and_its_end_is_never_forgotten() -> None:
    """A decision may look at so many items; an || does not swallow the error."""
    ast = ENVIRONMENT.check("numbers.all(x, x >= 0) || true", None).ast
    budget = Budget(iterations=5)
    evaluate(ast, FACTS, budget)

    with pytest.raises(BudgetSpent) as caught:
        evaluate(ast, FACTS, budget)

    assert "too many list items looked at in one decision: numbers.all(x, x >= 0)" == str(caught.value)
    assert "evaluation-error" == caught.value.code


def test_comparing_lists_costs_budget() -> None:
    """Whatever walks over a list is paid for, not only macros."""
    budget = Budget(iterations=10)

    evaluate(ENVIRONMENT.check("n in numbers || numbers == [1]", None).ast, FACTS, budget)

    assert 10 - 3 - 4 == budget.iterations


def test_the_trace_holds_every_part_with_its_value() -> None:
    """Parts are recorded as they get their values; literals and whole records are left out."""
    trace: list[Step] = []
    ast = ENVIRONMENT.check("member.load_bp <= 8000 && (n + 1) * 2 > 3", None).ast

    evaluate(ast, FACTS, Budget(), trace)

    assert [
        ("member.load_bp", 5_000),
        ("member.load_bp <= 8000", True),
        ("n", 7),
        ("n + 1", 8),
        ("(n + 1) * 2", 16),
        ("(n + 1) * 2 > 3", True),
        ("member.load_bp <= 8000 && (n + 1) * 2 > 3", True),
    ] == [(step.text, step.value) for step in trace]
    assert 6 == trace[0].offset


def test_the_trace_of_a_macro_holds_each_item() -> None:
    """A part inside a macro is recorded once for each item that was looked at."""
    trace: list[Step] = []

    evaluate(ENVIRONMENT.check("numbers.exists(x, x == 0)", None).ast, FACTS, Budget(), trace)

    assert [("x", 3), ("x == 0", False), ("x", 0), ("x == 0", True)] == [(s.text, s.value) for s in trace][1:5]
    assert ("numbers.exists(x, x == 0)", True) == (trace[-1].text, trace[-1].value)
    assert 6 == len(trace)


def test_a_tree_read_from_json_gives_the_same_value() -> None:
    """An auditor needs the tree only, not the checker."""
    ast = ENVIRONMENT.check("members.map(m, m.code + string(m.load_bp / n))", None).ast

    assert evaluate(ast, FACTS, Budget()) == evaluate(json.loads(canonical(ast)), FACTS, Budget())


def test_a_dotted_variable_is_found_whole_or_step_by_step() -> None:
    """Variables may be kept flat or as a record of their own."""
    ast = Environment(TYPES, {"variables.a": "int"}).check("variables.a + 1", "int").ast

    assert 3 == evaluate(ast, {"variables.a": 2}, Budget())
    assert 3 == evaluate(ast, {"variables": {"a": 2}}, Budget())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"kind": "compiler"}, "a tree with the unknown kind 'compiler'"),
        ({"kind": "call", "function": "eval", "args": []}, "a tree with the unknown function 'eval'"),
    ],
)
def test_a_foreign_tree_is_refused(body: dict[str, Any], message: str) -> None:
    """What the checker never writes is not run."""
    tree = {"kind": "expression", "text": "x", "body": {"offset": 0, "span": [0, 1], "type": "int", **body}}

    with pytest.raises(EvaluationError) as caught:
        evaluate(tree, {}, Budget())

    assert message == str(caught.value)


def test_a_tree_that_is_too_deep_is_refused() -> None:
    """A tree that was not written by the checker cannot exhaust the stack."""
    node: dict[str, Any] = {"kind": "literal", "value": True, "type": "bool", "offset": 0, "span": [0, 1], "id": 1}
    for _ in range(5_000):
        node = {**node, "kind": "call", "function": "!_", "args": [node]}

    with pytest.raises(EvaluationError, match="the tree of the expression is too deep"):
        evaluate({"text": "x", "body": node}, {}, Budget())
