"""Checking expressions: types, places and messages of problems, what is not allowed, and what is read."""

from __future__ import annotations

import json

import pytest

from rules.check import Checked, Environment, ExpressionProblems
from rules.source import canonical
from rules.typeset import TypeProblems, TypeSet

RECORDS = {
    "Contract": {"value_fen": "int", "urgent": "bool", "region": "string"},
    "Member": {
        "status": "string",
        "parks": "list<string>",
        "certificates": "list<Certificate>",
        "area": "optional<int>",
        "parent": "optional<Member>",
        "capacity": "map<string,int>",
    },
    "Certificate": {"code": "string", "expires_day": "int"},
    "Params": {},
}
TYPES = TypeSet.of(RECORDS)
NAMES = {
    "contract": "Contract",
    "member": "Member",
    "members": "list<Member>",
    "params": "Params",
    "decision_day": "int",
    "variables.free_fen": "int",
}


def check(text: str, expects: str | None = None) -> Checked:
    """Check *text* where all names are known."""
    return Environment(TYPES, NAMES).check(text, expects)


def problems_in(text: str, expects: str | None = None) -> tuple[tuple[int, str, str], ...]:
    """Return the problems for which *text* is refused."""
    with pytest.raises(ExpressionProblems) as caught:
        check(text, expects)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("contract.value_fen + 1", "int"),
        ("contract.urgent && decision_day > 0", "bool"),
        ("'四川' + contract.region", "string"),
        ("member.parks", "list<string>"),
        ("member", "Member"),
        ("members.map(m, m.certificates)", "list<list<Certificate>>"),
        ("members.filter(m, has(m.area))", "list<Member>"),
        ("member.capacity", "map<string, int>"),
        ("member.capacity['m2'] + member.capacity.m2", "int"),
        ("member.area", "int"),
        ("variables.free_fen * 2", "int"),
        ("mulDiv(1, 2, 3) + divRound(7, 2)", "int"),
        ("int(string(5))", "int"),
        ("contract.urgent ? [] : member.parks", "list<string>"),
    ],
)
def test_an_expression_has_the_type_of_its_parts(text: str, kind: str) -> None:
    """The type follows from the types of the records, whatever is expected or not."""
    assert kind == check(text).type
    assert kind == check(text, kind).type


def test_an_empty_list_has_the_type_that_is_expected() -> None:
    """An empty list says nothing of its items, so that any list may be expected."""
    assert "list<string>" == check("[]", "list<string>").type


def test_an_optional_type_expects_what_it_holds() -> None:
    """Whether a value is there is no matter of its type."""
    assert "optional<int>" == check("member.area", "optional<int>").type


@pytest.mark.parametrize(
    ("text", "offset", "code", "message"),
    [
        ("member.staus == 'a'", 7, "unknown-field", "unknown field 'staus' of Member; did you mean 'status'?"),
        ("contrct.urgent", 0, "unknown-name", "unknown name 'contrct'; did you mean 'contract'?"),
        ("1 + variables.free", 4, "unknown-name", "unknown name 'variables.free'; did you mean 'variables.free_fen'?"),
        ("members.exist(m, m.area > 1)", 8, "unknown-function", "unknown function 'exist'; did you mean 'exists'?"),
        ("members.exists(m)", 8, "arguments", "'exists' is written list.exists(name, condition)"),
        ("members.exists(k, v, k.area > v)", 8, "arguments", "'exists' is written list.exists(name, condition)"),
        ("size(1, 2)", 0, "arguments", "'size' is written size(list or text)"),
        ("size(5)", 0, "type", "'size' is written size(list or text); here it gets int"),
        ("'四川' + contract.region > 5", 23, "type", "'>' does not fit string, int"),
        ("member.parks + [5]", 13, "type", "'+' does not fit list<string>, list<int>"),
        ("member.area == null", 12, "type", "'==' does not fit int, null; ask has(record.field) instead"),
        ("member == contract", 7, "type", "'==' does not fit Member, Contract"),
        ("contract.urgent ? 1 : 'a'", 16, "type",
         "both sides of ? : must have one type, after a bool; here are bool, int, string"),
        ("decision_day.map(d, d)", 0, "type", "int is not a list"),
        ("1.5", 0, "double", "a fraction; count in whole fen (_fen) or basis points (_bp)"),
        ("decision_day > 10 && 1e3 > 1.0 || 2.5 < 1.0", 21, "double",
         "a fraction; count in whole fen (_fen) or basis points (_bp)"),
        ("null", 0, "null", "null; ask has(record.field) whether a value is there"),
        ("[1, 'a']", 0, "dyn", "the types differ, so that nothing can be said about the result; use one type"),
        ("[]", 0, "type", "the type of this cannot be told; an empty list needs something beside it"),
        ("5u", 0, "type", "values of type uint are not allowed; use int, bool and string"),
        ("b'a'", 0, "type", "values of type bytes are not allowed; use int, bool and string"),
        ("int", 0, "type", "the name of a type is not a value here"),
        ("Certificate{code: 'a'}", 0, "record", "an expression cannot make a record; it reads those given"),
        ("member.capacity.exists(k, k == 'm2')", 6, "map-iteration",
         "a map has no order; go through a list instead"),
        ("members.all(a, members.all(b, members.all(c, c == a)))", 41, "macro-depth",
         "macros nested deeper than 2; use a variable for the inner one"),
        ("members.all(member, true)", 11, "shadowing", "the name 'member' is taken; use another one for the items"),
        ("9223372036854775808", 0, "integer-range", "a whole number beyond int64; the largest is 9223372036854775807"),
        ("", 0, "syntax", "the expression is empty"),
        ("1 +", 3, "syntax", "not an expression: mismatched input the end"),
        ("1 = 1", 2, "syntax", "not an expression: token recognition error at: '= '; to compare, write =="),
        ("true and false", 5, "syntax", "not an expression: mismatched input 'and' expecting the end; write &&"),
        ("'\ud800'", 1, "syntax", "half a character (U+D800)"),
        ("(" * 5_000, 0, "too-deep", "the expression is nested too deeply; use variables for parts of it"),
        ("a" * 10_001, 0, "too-long", "the expression is longer than 10,000 characters; use variables"),
    ],
)  # fmt: skip
def test_a_wrong_expression_is_refused_where_it_is_wrong(text: str, offset: int, code: str, message: str) -> None:
    """The place is the character to mend, the message says what to write."""
    assert (offset, code, message) == problems_in(text)[0]


ALLOWED = (
    "contains, divRound, endsWith, int, mulDiv, size, startsWith, string, all, exists, exists_one, filter, has, map"
)


@pytest.mark.parametrize(
    ("text", "offset", "name"),
    [
        ("contract.region.matches('a+')", 16, "matches"),
        ("timestamp('2025-01-01T00:00:00Z') > timestamp('2024-01-01T00:00:00Z')", 0, "timestamp"),
        ("duration('1h') == duration('2h')", 0, "duration"),
        ("dyn(1) == 1", 0, "dyn"),
        ("type(1) == int", 0, "type"),
    ],
)
def test_a_function_outside_the_list_is_refused(text: str, offset: int, name: str) -> None:
    """Regular expressions, times and conversions that hide the type are not for policies."""
    why = ": patterns are not part of the language, because nobody can say what one costs" if name == "matches" else ""
    message = f"the function {name!r} is not allowed{why}; there are {ALLOWED}"

    assert (offset, "function", message) == problems_in(text)[0]


def test_all_problems_of_an_expression_are_reported_once_each() -> None:
    """Two independent mistakes are two problems; a name that is unknown twice is one."""
    assert (
        (0, "unknown-name", "unknown name 'quote'"),
        (30, "unknown-field", "unknown field 'staus' of Member; did you mean 'status'?"),
        (59, "type", "'>' does not fit string, int"),
    ) == problems_in("quote.a > quote.b && member\n .staus == '' || member.status > 1")


def test_a_problem_in_a_part_is_not_reported_for_the_whole() -> None:
    """What follows from a refused part is left out, also the type of the result."""
    assert [(0, "double"), (6, "double")] == [(offset, code) for offset, code, _ in problems_in("1.5 + 2.5", "int")]


def test_another_type_than_expected_is_refused() -> None:
    """A condition is a bool; the message names both types."""
    assert ((2, "type", "this must be bool, is int"),) == problems_in("  decision_day + 1", "bool")
    assert ((0, "type", "this must be list<int>, is list<string>"),) == problems_in("member.parks", "list<int>")


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("member.status == 'a' && contract.urgent", ("contract.urgent", "member.status")),
        ("members.exists(m, m.status == contract.region)", ("contract.region", "members")),
        ("has(member.parent) && member.parent.status == ''", ("member.parent", "member.parent.status")),
        ("member.certificates[0].code == '' || member.capacity['m2'] > 0", ("member.capacity", "member.certificates")),
        ("variables.free_fen > decision_day", ("decision_day", "variables.free_fen")),
        ("members.filter(m, m.parks.exists(p, p == m.status)).size() > 1", ("members",)),
        ("1 + 1", ()),
    ],
)
def test_an_expression_says_what_it_reads(text: str, reads: tuple[str, ...]) -> None:
    """Each input that is named outright is there once, to its last field; items of a list count as the list."""
    assert reads == check(text).reads


def test_the_tree_is_canonical_json() -> None:
    """A tree survives being written and read again, and checking twice gives the same bytes."""
    text = "members.map(m, has(m.area), m.area * 2)\n[0] > -5 && {'a': [true]}.a[0]"
    tree = check(text).ast

    assert tree == json.loads(canonical(tree))
    assert canonical(tree) == canonical(Environment(TypeSet.of(RECORDS), NAMES).check(text, "bool").ast)


def test_every_node_quotes_its_part_of_the_text() -> None:
    """Kind, type, offset of the caret, and the characters of the part, brackets paired."""
    text = "(decision_day + 1) * size(member.parks)"
    body = check(text).ast["body"]
    left, right = body["args"]

    assert ("call", "int", 19, text) == (body["kind"], body["type"], body["offset"], text[slice(*body["span"])])
    assert ("decision_day + 1", 14) == (text[slice(*left["span"])], left["offset"])
    assert "size(member.parks)" == text[slice(*right["span"])]
    assert "member.parks" == text[slice(*right["args"][0]["span"])]


def test_environments_for_the_same_names_share_one_checker() -> None:
    """Making an environment again costs nothing, so that each place may make its own."""
    assert Environment(TYPES, NAMES)._engine is Environment(TypeSet.of(RECORDS), dict(NAMES))._engine


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ({"A": {"x": "double"}}, "A.x: unknown type 'double'"),
        ({"A": {"x": "list<Member>"}, "Membre": {}}, "A.x: unknown type 'Member'; did you mean 'Membre'?"),
        ({"A": {"x": "list"}}, "A.x: list is written list<int>"),
        ({"A": {"x": "list<list<int>>"}}, "A.x: a list or map within a list or map; give it a record of its own"),
        ({"A": {"x": "list<optional<int>>"}}, "A.x: only a field as a whole can be optional"),
        ({"A": {"x": "map<bool, int>"}}, "A.x: the key of a map is int or string"),
        ({"A": {"x": "int int"}}, "A.x: 'int int' goes on after the type: 'int'"),
        ({"A": {"x": "int!"}}, "A.x: 'int!' is not a type"),
        ({"A": {"x-y": "int"}}, "A.x-y: 'x-y' cannot be the name of a field"),
        ({"A": {"in": "int"}}, "A.in: 'in' cannot be the name of a field"),
        ({"int": {}}, "int: 'int' cannot be the name of a record"),
    ],
)
def test_a_wrong_type_is_refused(records: dict[str, dict[str, str]], message: str) -> None:
    """The problem names record and field."""
    with pytest.raises(TypeProblems) as caught:
        TypeSet.of(records)

    assert message == str(caught.value)


def test_a_wrong_variable_is_refused() -> None:
    """A name that no expression could write, or an unknown type, is a mistake of the caller's document."""
    with pytest.raises(TypeProblems, match="'a-b' cannot be the name of a variable"):
        Environment(TYPES, {"a-b": "int"})
    with pytest.raises(TypeProblems, match="unknown type 'Membr'; did you mean 'Member'"):
        Environment(TYPES, {"a": "Membr"})


def test_facts_are_compared_with_their_type() -> None:
    """Every missing, unknown or wrongly typed field is found, with its path."""
    facts = {
        "status": 5,
        "parks": ["a", True],
        "certificates": [{"code": "x", "expires_day": 2**63, "note": ""}],
        "parent": None,
        "statu": "",
    }

    assert (
        (("status",), "must be string, is int"),
        (("parks", 1), "must be string, is bool"),
        (("certificates", 0, "expires_day"), "must be int, is an integer beyond int64"),
        (("certificates", 0, "note"), "is no field of Certificate"),
        (("capacity",), "is missing in Member"),
        (("statu",), "is no field of Member; did you mean 'status'?"),
    ) == TYPES.mismatches("Member", facts)


@pytest.mark.parametrize(
    "text",
    [
        "!" * 9_999 + "a",
        "-" * 9_999 + "1",
        "[" * 9_999,
        "a." * 4_999 + "a",
        "1+" * 4_999 + "1",
        "true&&" * 1_666 + "true",
        "'" * 9_999,
        "true?" * 1_999 + "1",
        "[1," * 3_333,
        "members.map(m," * 700,
        "{" * 9_999,
        "[" + "1," * 4_998 + "1]",
        "((((((((" * 1_000 + "1" + "))" * 900,
    ],
    ids=lambda text: text[:6],
)
def test_a_hostile_expression_is_answered(text: str) -> None:
    """A long or deep expression is checked or refused; it neither crashes nor exhausts the process."""
    try:
        answer: object = check(text)
    except ExpressionProblems as refused:
        answer = refused

    assert answer is not None
