"""Files and expressions made to exhaust the engine, and what the slowest of each costs to refuse."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ConfigDict

from bench.measuring import Stopwatch
from rules.check import Environment, ExpressionProblems
from rules.evaluate import Budget, EvaluationError, evaluate
from rules.problems import RuleProblems
from rules.source import read
from rules.typeset import TypeSet

HOSTILE_FILES = {
    "nested brackets": "[" * 20_000,
    "nested braces": "{" * 20_000,
    "a megabyte of brackets": "[" * 999_999,
    "billion laughs": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)),
    "a million items": "[" + "1," * 10**6 + "]",
    "half a million items": "[" + "1," * 499_000 + "]",
    "five megabytes of text": "a: " + "x" * 5_000_000,
    "a long number": "a: " + "9" * 5_000,
    "a megabyte of digits": "a: " + "9" * 999_000,
    "a number with seconds": "a: " + "9:5" * 333_000,
    "a grouped number": "a: " + "9_" * 490_000,
    "nearly a float": "a: " + "9_" * 490_000 + ".5.",
    "dashes": "- " * 499_000,
    "question marks": "? " * 499_000,
    "anchors": "- &a\n" * 190_000,
    "tags": "- !!a b\n" * 120_000,
    "documents": "---\n" * 249_000,
    "directives": "%FOO bar\n" * 110_000,
    "comments": "#\n" * 499_000,
    "tabs": "\t" * 999_000,
    "zero bytes": "\0" * 999_000,
    "half characters": "\ud800" * 333_000,
    "one key again and again": "a: 1\n" * 190_000,
    "many keys": "".join(f"k{i}: 1\n" for i in range(90_000)),
    "an open quote": 'a: "' + "\\0" * 490_000,
    "an escaped tag": "!" + "%41" * 333_000,
    "carriage returns": "a: b\r" * 190_000,
}
"""Files of a megabyte and more, by what is wrong with them."""

HOSTILE_EXPRESSIONS = {
    "a long &&": " && ".join(["flag"] * 1_200),
    "a long ||": " || ".join(["n == 1"] * 1_000),
    "a long sum": " + ".join(["n"] * 2_500),
    "parentheses": "(" * 4_999 + "n" + ")" * 4_999,
    "lists in lists": "[" * 4_999 + "]" * 4_999,
    "maps in maps": "{1:" * 2_000 + "1" + "}" * 2_000,
    "a long list": "[" + ",".join(["1"] * 4_900) + "]",
    "a long map": "{" + ",".join(f"{key}:1" for key in range(1_400)) + "}",
    "not not": "!" * 9_990 + "flag",
    "minus minus": "-" * 9_990 + "n",
    "questions": "flag ? " * 1_400 + "n",
    "fields of fields": "member" + ".parent" * 1_400,
    "items of items": "numbers" + "[0]" * 3_000,
    "macros in macros": "numbers.map(a, " * 600 + "1" + ")" * 600,
    "macros in a row": "numbers" + ".filter(x, x > 0)" * 550,
    "an unknown name again and again": "numbers.all(x, " + " && ".join(["y > 1"] * 900) + ")",
    "unknown names": " && ".join(f"q{place}" for place in range(1_200)),
    "wrong types": " && ".join(["n + s == n"] * 700),
    "mixed types": "[" + ",".join(['1,"a"'] * 1_600) + "]",
    "calls": "size(" * 1_600 + "s" + ")" * 1_600,
    "open calls": "mulDiv(" * 1_400,
    "dots": "." * 9_999,
    "quotes": '"' * 9_999,
    "backticks": "`" * 9_999,
    "comments": "//" * 5_000,
    "lines": "n\n" * 5_000,
    "fractions": " + ".join(["1.5"] * 2_400),
    "digits": "9" * 9_990,
    "a long text": '"' + "x" * 9_990 + '"',
    "escapes": '"' + "\\u56db" * 1_600 + '"',
    "characters": "四" * 9_999,
    "look-alikes": "\u0435" * 9_999,
    "half characters": "\ud800" * 9_999,
    "a pattern": 's.matches("' + "(a+)+" * 100 + '$")',
    "a megabyte": "n+" * 500_000,
}
"""Expressions about the names of `FACTS`; some of them are well formed, and cost little."""

_TEN_LINES = " && ".join(["x + x * x - x != n * n + x"] * 120)

HOSTILE_EVALUATIONS = {
    "all": "many.all(x, x >= 0)",
    "two lists": "many.exists(x, many.exists(y, x + y < 0))",
    "a product": "many.map(x, many.map(y, x + y))",
    "lists of lists": "some.map(x, some) == some.map(x, some)",
    "lists joined": "some.map(x, some + some + some)",
    "a long body": f"many.all(x, {_TEN_LINES})",
    "texts joined": "many.map(x, long + long)",
    "texts doubled": "some.map(x, some.map(y, " + " + ".join(["long"] * 16) + "))",
    "texts searched": "many.filter(x, long.contains('xy'))",
    "texts compared": "many.filter(x, long < other && long != other)",
    "a text as a number": "many.map(x, int(digits))",
    "maps compared": "many.all(x, table == copy)",
    "records compared": "deep == deep",
    "a list in lists": "many.exists(x, -1 in many)",
    "text in lists": "many.exists(x, 'y' in words)",
    "large products": "many.map(x, mulDiv(9223372036854775807, 9223372036854775807, 9223372036854775807 - x))",
}
"""Expressions that every check lets through, over facts without end: the budget must stop each of them."""

ENVIRONMENT = Environment(
    TypeSet.of({"Member": {"code": "string", "parent": "optional<Member>", "capacity": "map<string, int>"}}),
    {
        "member": "Member",
        "numbers": "list<int>",
        "n": "int",
        "s": "string",
        "flag": "bool",
        "many": "list<int>",
        "some": "list<int>",
        "words": "list<string>",
        "long": "string",
        "other": "string",
        "digits": "string",
        "table": "map<string, int>",
        "copy": "map<string, int>",
        "deep": "Member",
    },
)


def endless_facts() -> dict[str, Any]:
    """Return facts that no document could hold: a million items, megabytes of text, records ten thousand deep."""
    deep: dict[str, Any] = {"code": "A", "capacity": {}}
    for _ in range(10_000):
        deep = {"code": "A", "capacity": {}, "parent": deep}
    keys = [f"k{place}" for place in range(200_000)]
    return {
        "member": {"code": "A", "capacity": {}},
        "numbers": [3, 0, 5],
        "n": 7,
        "s": "s",
        "flag": True,
        "many": list(range(1_000_000)),
        "some": list(range(300)),
        "words": ["x"] * 1_000_000,
        "long": "x" * 1_000_000,
        "other": "x" * 1_000_000 + "四",
        "digits": "9" * 5_000,
        "table": dict.fromkeys(keys, 1),
        "copy": dict.fromkeys(keys, 1),
        "deep": deep,
    }


class Slowest(BaseModel):
    """The hostile input of one kind that takes longest to refuse, and its CPU milliseconds."""

    model_config = ConfigDict(frozen=True)

    kind: str
    inputs: int
    name: str
    ms: float


def measure() -> tuple[Slowest, ...]:
    """Refuse everything hostile once."""
    facts = endless_facts()
    return (
        _slowest("file", HOSTILE_FILES, lambda text: read(text, "p.yaml")),
        _slowest("expression", HOSTILE_EXPRESSIONS, lambda text: evaluated(text, facts)),
        _slowest("evaluation", HOSTILE_EVALUATIONS, lambda text: evaluated(text, facts)),
    )


def evaluated(text: str, facts: Mapping[str, Any]) -> Any:
    """Check and evaluate *text*; raises what either raises."""
    return evaluate(ENVIRONMENT.check(text, None).ast, facts, Budget())


def _slowest(kind: str, inputs: Mapping[str, str], refuse: Callable[[str], Any]) -> Slowest:
    taken = {name: _ms(lambda: refuse(text)) for name, text in inputs.items()}  # noqa: B023 - called at once
    name = max(taken, key=lambda each: taken[each])
    return Slowest(kind=kind, inputs=len(inputs), name=name, ms=round(taken[name], 1))


def _ms(refuse: Callable[[], Any]) -> float:
    gc.collect()
    watch = Stopwatch()
    with suppress(RuleProblems, ExpressionProblems, EvaluationError):
        refuse()
    return watch.ms
