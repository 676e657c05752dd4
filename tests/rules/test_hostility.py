"""Expressions and facts made to exhaust the engine: each ends within a budget, in little memory, or is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from bench.deciding import facts_of, texts
from bench.hostile import ENVIRONMENT, HOSTILE_EVALUATIONS, HOSTILE_EXPRESSIONS, endless_facts
from contracts.facts import MOST_CANDIDATES, MOST_LISTED, Facts, MemberFacts
from rules.check import ExpressionProblems
from rules.decide import decide
from rules.evaluate import Budget, EvaluationError, Step, evaluate
from rules.formula import MOST_WORK, TooMuchWork, Work
from rules.parse import parsed
from rules.policy import compile_policy
from rules.problems import RuleProblems
from rules.program.run import MOST_STEPS
from rules.source import read

MOST_EXTRA_BYTES = 200_000_000

MEASURE_EVALUATING = """
import resource, sys
from bench.hostile import HOSTILE_EVALUATIONS, HOSTILE_EXPRESSIONS, ENVIRONMENT, endless_facts
from rules.check import ExpressionProblems
from rules.evaluate import Budget, EvaluationError, evaluate


def most_taken():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


facts = endless_facts()
before = most_taken()
for text in (*HOSTILE_EXPRESSIONS.values(), *HOSTILE_EVALUATIONS.values()):
    for trace in (None, []):
        try:
            evaluate(ENVIRONMENT.check(text, None).ast, facts, Budget(), trace)
        except (ExpressionProblems, EvaluationError):
            pass
print(most_taken() - before)
"""
"""A programme that evaluates everything hostile, and prints how many more bytes it took than to hold the facts."""


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    """Facts that no document could hold."""
    return endless_facts()


def problems_in(text: str) -> tuple[tuple[int, str, str], ...]:
    """Return the problems of an expression, none if it has none."""
    try:
        ENVIRONMENT.check(text, None)
    except ExpressionProblems as refused:
        return refused.problems
    return ()


class Counting(Budget):
    """A budget that counts how often it was asked."""

    asked = 0

    def __setattr__(self, name: str, value: object) -> None:
        Counting.asked += 1
        super().__setattr__(name, value)


@pytest.mark.parametrize("name", HOSTILE_EXPRESSIONS)
def test_a_hostile_expression_is_refused_or_costs_little(name: str, facts: dict[str, Any]) -> None:
    """Whatever is written in an expression is a problem with a place, or has a value for less than the budget."""
    text, budget = HOSTILE_EXPRESSIONS[name], Budget()

    problems = problems_in(text)
    if not problems:
        evaluate(ENVIRONMENT.check(text, None).ast, facts, budget)

    assert all(0 <= offset <= len(text) and message for offset, _, message in problems)
    assert Budget() == budget


@pytest.mark.parametrize("name", HOSTILE_EVALUATIONS)
def test_endless_facts_end_with_the_budget(name: str, facts: dict[str, Any]) -> None:
    """No expression over endless facts takes more steps than its budget has items, and a few for each."""
    ast, budget, trace = ENVIRONMENT.check(HOSTILE_EVALUATIONS[name], None).ast, Counting(), []
    Counting.asked = 0

    with pytest.raises(EvaluationError):
        evaluate(ast, facts, budget, trace)

    assert Counting.asked <= Budget().iterations + 1_000
    assert len(trace) <= MOST_STEPS + 10_000


def test_hostile_evaluations_take_little_memory() -> None:
    """Nothing hostile takes more than 200 MB beyond the facts, with and without a trace."""
    child = [sys.executable, "-c", MEASURE_EVALUATING]
    told = subprocess.run(child, text=True, capture_output=True, check=True)

    assert int(told.stdout) <= MOST_EXTRA_BYTES


def test_a_long_body_counts_an_item_more_than_once() -> None:
    """What a macro does for an item is paid by its length, so that a budget bounds the work and not only the items."""
    short, long = Budget(), Budget()
    names = {"numbers": [1, 2, 3], "n": 7}

    evaluate(ENVIRONMENT.check("numbers.all(x, x > 0)", None).ast, names, short)
    evaluate(ENVIRONMENT.check(f"numbers.all(x, {' && '.join(['x > 0'] * 100)})", None).ast, names, long)

    assert (3, 60) == (100_000 - short.iterations, 100_000 - long.iterations)


def test_a_long_text_is_paid_for_by_the_hundred() -> None:
    """A text of 10,000 characters costs a hundred items each time it is walked over, a short one nothing."""
    long, short = Budget(), Budget()
    ast = ENVIRONMENT.check("s.contains('y')", None).ast

    evaluate(ast, {"s": "x" * 9_999}, long)
    evaluate(ast, {"s": "x" * 99}, short)

    assert (100, 0) == (100_000 - long.iterations, 100_000 - short.iterations)


def test_a_trace_stops_growing() -> None:
    """Of an endless macro the first steps are kept; the value is the same."""
    trace: list[Step] = []

    evaluate(ENVIRONMENT.check("many.all(x, x >= 0)", None).ast, {"many": list(range(90_000))}, Budget(), trace)

    assert MOST_STEPS <= len(trace) <= MOST_STEPS + 10
    assert ("x", 0) == (trace[1].text, trace[1].value)


def test_a_map_is_walked_in_the_order_of_its_keys_and_paid_at_once() -> None:
    """Two maps that hold the same give the same value for the same budget, whatever came first."""
    over = {"kind": "name", "name": "table", "id": 1, "type": "map<string, int>", "offset": 0, "span": [0, 1]}
    item = {"kind": "name", "name": "k", "id": 2, "type": "string", "offset": 0, "span": [0, 1]}
    body = {"kind": "macro", "macro": "map", "name": "k", "over": over, "each": item, "type": "list<string>"}
    ast = {"text": "x", "body": {**body, "id": 3, "offset": 0, "span": [0, 1]}}
    one, other = Budget(), Budget()

    assert ["a", "b"] == evaluate(ast, {"table": {"a": 1, "b": 2}}, one)
    assert ["a", "b"] == evaluate(ast, {"table": {"b": 2, "a": 1}}, other)
    assert one == other


@pytest.mark.parametrize("text", ["numbers.all(n, n > 0)", "numbers.all(x, numbers.exists(x, x > 0))"])
def test_a_name_is_not_shadowed(text: str) -> None:
    """The name of an item is no name that stands for something else there."""
    with pytest.raises(ExpressionProblems) as refused:
        ENVIRONMENT.check(text, None)

    assert ["shadowing"] == [code for _, code, _ in refused.value.problems]


@pytest.mark.parametrize(
    ("text", "offset", "shown"),
    [
        ("s == '\u0410'", 6, "'\u0410' (U+0410)"),
        ("m\u0435mber.code == 'A'", 1, "'\u0435' (U+0435)"),
        ("s == '\uff21'", 6, "'\uff21' (U+FF21)"),
        ("n == \uff11", 5, "'\uff11' (U+FF11)"),
        ("s == '\u03bf'", 6, "'\u03bf' (U+03BF)"),
        ("s == '\U0001d400'", 6, "'\U0001d400' (U+1D400)"),
    ],
)
def test_a_look_alike_is_refused_and_named_by_its_code_point(text: str, offset: int, shown: str) -> None:
    """A letter that only looks plain never gets into a comparison unseen."""
    with pytest.raises(ExpressionProblems) as refused:
        ENVIRONMENT.check(text, None)

    [(place, code, message)] = refused.value.problems
    assert (offset, "look-alike") == (place, code)
    assert message.startswith(shown + " may look like a plain letter or digit and is none; write \\")


@pytest.mark.parametrize("text", ["'四川省' + '，' + 'é'", "'\\u0410' == s"])
def test_chinese_accents_and_escapes_are_plain(text: str) -> None:
    """What shows itself for what it is passes."""
    ENVIRONMENT.check(text, None)


def test_full_width_signs_are_named_by_their_code_point() -> None:
    """A Chinese keyboard's parenthesis is told from the plain one."""
    with pytest.raises(ExpressionProblems, match=r"'\uff08' is U\+FF08"):
        ENVIRONMENT.check("size\uff08s) == 0", None)


def test_a_code_with_a_look_alike_is_shown_by_code_point() -> None:
    """In facts too, the message says which letter is not what it seems."""
    with pytest.raises(RuleProblems) as refused:
        parsed(read("code: 'LGW\u0423'\n", "f.yaml"), MemberFacts)

    assert "('\u0423' is U+0423)" in str(refused.value)


@pytest.mark.parametrize("number", ["9223372036854775808", "-9223372036854775809"])
def test_numbers_beyond_int64_come_in_by_no_door(number: str) -> None:
    """YAML, expressions, texts and bindings refuse 2^63 alike."""
    with pytest.raises(RuleProblems):
        read(f"a: {number}\n", "p.yaml")
    with pytest.raises(ExpressionProblems):
        ENVIRONMENT.check(f"n + {number}", None)
    with pytest.raises(EvaluationError):
        evaluate(ENVIRONMENT.check(f"int('{number}')", None).ast, {}, Budget())
    with pytest.raises(EvaluationError):
        evaluate(ENVIRONMENT.check("n == n", None).ast, {"n": int(number)}, Budget())
    with pytest.raises(EvaluationError):
        evaluate(ENVIRONMENT.check("numbers.map(x, x)", None).ast, {"numbers": [int(number)]}, Budget())


def test_lists_in_facts_have_an_end() -> None:
    """So many candidates and entries, and not one more."""
    one = facts_of(1)
    many = tuple(f"p{place}" for place in range(MOST_LISTED + 1))

    with pytest.raises(ValidationError, match="too_long"):
        Facts.model_validate({**dict(one), "candidates": one.candidates * (MOST_CANDIDATES + 1)})
    with pytest.raises(ValidationError, match="too_long"):
        MemberFacts(code="LGWY", parks=many)
    assert MOST_LISTED == len(MemberFacts(code="LGWY", parks=many[1:]).parks)


def test_a_decision_as_a_whole_has_an_end() -> None:
    """When the rules have looked at so much, nobody is excluded for coming last: the decision is refused."""
    work = Work(left=2)
    work.take(2)

    with pytest.raises(TooMuchWork) as refused:
        work.take(1)

    assert f"the rules look at more than {MOST_WORK:,} items of these facts" == str(refused.value)


def test_steps_are_told_on_request_only() -> None:
    """A decision with steps is the recorded one, with more in its trace."""
    policy, facts = compile_policy(*texts()), facts_of(2)

    plain, told = decide(policy, facts), decide(policy, facts, steps=True)

    lines = [{key: line[key] for key in line if key != "steps"} for line in told.trace if "variable" not in line]
    assert plain.trace == tuple(lines)
    assert plain.model_copy(update={"trace": ()}) == told.model_copy(update={"trace": ()})
    assert {"rule", "member", "value", "reads"} == {key for line in plain.trace for key in line}
    assert [(6, "member.score_bp", 7_000), (16, "member.score_bp >= 6000", True)] == [
        step[1:]
        for line in told.trace
        if (line.get("rule"), line["member"]) == ("score", "M00")
        for step in line["steps"]
    ]
