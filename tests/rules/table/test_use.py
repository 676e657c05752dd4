"""Tables in policies and in cases: a variable looked up, its row on record, and each book checked with the others."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contracts.decision import ExclusionReason
from contracts.errors import UnknownName
from contracts.facts import Candidate, ContractFacts, Facts, MemberFacts, QuoteFacts
from rules import cases
from rules.check_book import problems_in
from rules.coverage import table_coverage
from rules.decide import decide, screen
from rules.library import Library
from rules.policy import compile_policy
from rules.table.compile import compile_table

TYPES = """\
apiVersion: lianyue/v1
kind: TypeSet
metadata: {name: core, title: 事实}
spec:
  types:
    Contract: {category: string, value_fen: int, urgent: bool}
    Member: {code: string, score_bp: int}
    Ledger: {awards: int}
    Quote: {price_fen: int, order: int}
"""

PARAMS = """\
apiVersion: lianyue/v1
kind: ParameterSet
metadata: {name: few, title: 参数}
spec:
  parameters:
    scale: {type: int, values: [{from: "2025-01-01", value: 1}]}
"""

GRADES = """\
apiVersion: lianyue/v1
kind: DecisionTable
metadata: {name: grades, title: 等级, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  reads: contract
  columns:
    - {name: value_fen, value: contract.value_fen, domain: "[..100]"}
  outputs:
    - {name: grade, type: string}
    - {name: least_bp, type: int}
  rows:
    - {id: small, in: ["< 50"], out: [bronze, 0]}
    - {id: large, in: [">= 50"], out: [gold, 8000]}
"""

POINTS = """\
apiVersion: lianyue/v1
kind: DecisionTable
metadata: {name: points, title: 价格分, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  reads: quote
  hit: first
  columns:
    - {name: over_fen, value: quote.price_fen - best_price_fen}
  outputs: [{name: points_bp, type: int}]
  rows:
    - {id: best, in: ["0"], out: [10000]}
  default: [5000]
"""

POLICY = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: trial, title: 试行, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  match: {category: any}
  variables:
    - {name: grade, table: grades}
    - {name: gap_bp, value: grade.least_bp - member.score_bp}
    - {name: points_bp, table: points}
  eligibility:
    - {id: quality, require: gap_bp <= 0, message: 得分不足}
  scoring:
    - {id: price, title: 价格, weight_bp: 10000, score: points_bp}
  select: {method: scored, tie: [quote.order, member.code]}
  divide: {method: whole}
"""

CASES = """\
apiVersion: lianyue/v1
kind: PolicyTest
metadata: {name: grades-cases, title: 等级}
spec:
  table: grades
  decision_day: "2025-11-01"
  given: {contract: {value_fen: 49}}
  cases:
    - {case: 不足五十为铜级, expect: {value: {grade: bronze, least_bp: 0}, rows: [small]}}
    - {case: 满五十为金级, set: {contract.value_fen: 50}, expect: {rows: [large]}}
"""

BOOKS = {"types.yaml": TYPES, "params.yaml": PARAMS, "grades.yaml": GRADES, "points.yaml": POINTS, "trial.yaml": POLICY}


def facts(value_fen: int = 60) -> Facts:
    """Two members, of which one scores less and quotes less."""
    return Facts(
        decision_day="2025-08-01",
        contract=ContractFacts(
            number="LY-2025-0001",
            category="works",
            client="HARBOUR",
            park="east",
            value_fen=value_fen,
            quantity=1,
            starts_day=20_000,
            ends_day=20_100,
        ),
        candidates=tuple(
            Candidate(member=MemberFacts(code=code, score_bp=score), quote=QuoteFacts(price_fen=price))
            for code, score, price in (("AA", 9_000, 50), ("BB", 7_000, 40))
        ),
    )


def found(**texts: str) -> list[str]:
    """The problems of the books, with some of them replaced by name."""
    files = {**BOOKS, **{f"{name}.yaml": text for name, text in texts.items()}}
    return [str(problem) for problem in problems_in(files)]


def test_books_with_tables_have_no_problems() -> None:
    """The policy rests on both."""
    policy = Library.of(BOOKS).policy("trial", facts().day)

    assert [] == found()
    assert sorted(compile_table(text, PARAMS, TYPES).digest for text in (GRADES, POINTS)) == list(policy.parts)


def test_a_reason_names_the_table_and_its_row() -> None:
    """Also where the rule uses it through another variable, with the facts behind it."""
    policy = Library.of(BOOKS).policy("trial", facts().day)

    reads = {
        "contract.value_fen": 60,
        "gap_bp": 1_000,
        "grade.least_bp": 8_000,
        "member.score_bp": 7_000,
        "table.grades": ["large"],
    }
    assert {"BB": (ExclusionReason(rule="quality", message="得分不足", reads=reads),)} == screen(
        policy, facts()
    ).excluded


def test_a_table_that_reads_the_quote_scores_it() -> None:
    """Its row is in the trace of the score."""
    decision = decide(Library.of(BOOKS).policy("trial", facts().day), facts(value_fen=49))

    assert {"AA": 5_000, "BB": 10_000} == {code: parts.total_bp for code, parts in decision.scores.items()}
    rows = {line["member"]: line["reads"]["table.points"] for line in decision.trace if line["rule"] == "price"}
    assert {"AA": ["default"], "BB": ["best"]} == rows


def test_a_table_without_an_answer_excludes_with_the_reason() -> None:
    """It is never passed over."""
    excluded = screen(Library.of(BOOKS).policy("trial", facts().day), facts(value_fen=101)).excluded

    assert ["规则无法计算：决策表 grades 无法得出结果：value_fen is 101, outside its domain [..100]"] * 2 == [
        why.message for reasons in excluded.values() for why in reasons
    ]


def test_the_order_of_the_rows_changes_no_decision() -> None:
    """Of a table in which one row at most matches."""
    small, large = GRADES.splitlines(keepends=True)[-2:]
    turned = {**BOOKS, "grades.yaml": GRADES.replace(small + large, large + small)}

    one = decide(Library.of(BOOKS).policy("trial", facts().day), facts())
    other = decide(Library.of(turned).policy("trial", facts().day), facts())

    assert one.policy.parts != other.policy.parts
    assert one.model_copy(update={"policy": other.policy}) == other


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            {"trial": POLICY.replace("table: grades", "table: grads")},
            ["trial.yaml:10:28: no DecisionTable called 'grads' among these files; did you mean 'grades'?"],
        ),
        (
            {"trial": POLICY.replace("gap_bp <= 0", "grade.leas_bp > 0")},
            ["trial.yaml:14:36: unknown field 'leas_bp' of Table_grades; did you mean 'least_bp'?"],
        ),
        (
            {"trial": POLICY.replace("gap_bp <= 0", "points_bp > 0")},
            ["trial.yaml:14:30: unknown name 'points_bp'"],
        ),
        (
            {"trial": POLICY.replace("table: grades", "table: grades, value: '1'")},
            ["trial.yaml:10:7: the variable 'grade' needs either a value or a table"],
        ),
        (
            {"grades": GRADES.replace(">= 50", "> 50"), "trial": POLICY.replace("quote.order", "quote.ordr")},
            [
                "grades.yaml:14:3: no row is for value_fen 50; add a row, or a default",
                "trial.yaml:17:40: unknown field 'ordr' of Quote; did you mean 'order'?",
            ],
        ),
        (
            {"cases": CASES.replace("table: grades", "table: grade")},
            ["cases.yaml:5:10: no DecisionTable called 'grade' among these files; did you mean 'grades'?"],
        ),
        (
            {"cases": CASES.replace("rows: [small]", "row: [small]")},
            ["cases.yaml:9:69: unknown field 'row'; did you mean 'rows'?"],
        ),
    ],
)
def test_each_problem_is_told_where_it_is(texts: dict[str, str], expected: list[str]) -> None:
    """In the table, in the policy, or in the cases; what follows from it is not told as well."""
    assert expected == found(**texts)


def test_a_guard_set_looks_up_tables_of_its_own() -> None:
    """The policy that includes it rests on them too, and its reasons name the row."""
    guards = """\
apiVersion: lianyue/v1
kind: GuardSet
metadata: {name: shared, title: 共用, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  variables:
    - {name: level, table: grades}
  guards:
    - {id: level, require: member.score_bp >= level.least_bp, message: 得分不足, reference: 章程}
"""
    policy = POLICY.replace("  variables:\n", "  guards: [shared]\n  variables:\n").replace("gap_bp <= 0", "'true'")
    books = {**BOOKS, "guards.yaml": guards, "trial.yaml": policy}

    excluded = screen(Library.of(books).policy("trial", facts().day), facts()).excluded

    assert [] == found(guards=guards, trial=policy)
    assert {"BB": ["large"]} == {member: why[0].reads["table.grades"] for member, why in excluded.items()}


def test_a_policy_is_not_compiled_without_its_tables() -> None:
    """The one that is missing is named."""
    with pytest.raises(UnknownName, match="rests on DecisionTable 'points', which is not here"):
        compile_policy(POLICY, PARAMS, TYPES, (GRADES,))


def test_cases_try_a_table_with_only_the_facts_it_reads() -> None:
    """Every row is shown."""
    results = cases.run(CASES, BOOKS)

    assert [()] * 2 == [result.differences for result in results]
    assert [] == never_seen(results)
    assert ["row large is never matched"] == never_seen(results[:1])


def never_seen(results: Sequence[cases.CaseResult]) -> list[str]:
    """What the coverage of the table misses."""
    points = table_coverage(compile_table(GRADES, PARAMS, TYPES), [row for result in results for row in result.rows])
    return [point.told for point in points if not point.seen]


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("{}", 'rows: expected ["large"], came ["small"]'),
        ("{contract.value_fen: 200}", 'rows: expected ["large"], came []'),
        (
            "{contract.valu_fen: 60}",
            "the changed facts do not fit: contract.valu_fen is no field of Contract; did you mean 'value_fen'?",
        ),
        ("{contract.value_fen: much}", "the changed facts do not fit: contract.value_fen must be int, is string"),
        ("{member.score_bp: 1}", "the table cannot read 'member'"),
    ],
)
def test_a_case_says_what_came_otherwise(change: str, difference: str) -> None:
    """Or which of its facts cannot be."""
    results = cases.run(CASES.replace("{contract.value_fen: 50}", change), BOOKS)

    assert difference == results[1].differences[0]


def test_a_case_may_expect_that_there_is_no_answer() -> None:
    """By the reason."""
    expected = 'expect: {error: "value_fen is 101, outside its domain [..100]"}'
    text = CASES.replace("{contract.value_fen: 50}", "{contract.value_fen: 101}")

    assert () == cases.run(text.replace("expect: {rows: [large]}", expected), BOOKS)[1].differences
