"""Checking a table: what is wrong with it is told all at once, each at its character, gaps and overlaps exactly."""

from __future__ import annotations

import pytest

from rules.problems import RuleProblems, render
from rules.table.compile import compile_table, record_name
from tests.rules.table.small_books import CLASSES, PARAMS, TYPES, messages, table


def test_a_table_that_tiles_its_domain_has_no_problem() -> None:
    """The same texts compile once."""
    compiled = compile_table(CLASSES, PARAMS, TYPES)

    assert compiled is compile_table(CLASSES, PARAMS, TYPES)
    assert ("sla-class", "Table_sla_class") == (compiled.name, compiled.type)
    assert {"Table_sla_class": {"sla_class": "string", "deposit_bp": "int"}} == compiled.records


def test_a_gap_and_an_overlap_are_told_exactly() -> None:
    """Two slips of the pen: a limit counted in twice, and a limit that was raised in one row only."""
    text = CLASSES.replace("100000000)", "100000000]").replace(
        """[">= 100000000", "-", '"framework_calloff"']""", """["> 120000000", "-", '"framework_calloff"']"""
    )

    twice = 'and kind "project","framework"; with hit policy unique only one may'
    expected = [
        '17:3 gap: no row is for value [100000001..120000000] and kind "framework_calloff"; add a row, or a default',
        f"21:12 overlap: row 'sla-2' on line 19 and row 'sla-4' both match value 100000000 and urgent false {twice}",
        f"21:12 overlap: row 'sla-3' on line 20 and row 'sla-4' both match value 100000000 and urgent true {twice}",
    ]
    assert expected == messages(text)


def test_a_default_closes_every_gap() -> None:
    """It does not forgive an overlap."""
    text = CLASSES.replace('["< 10000000", "-", "-"]', '["< 10", "-", "-"]') + "  default: [bronze, 0]\n"

    assert 4 < len(compile_table(text, PARAMS, TYPES).grid.rows)


def test_a_problem_in_a_cell_has_a_caret_at_its_character() -> None:
    """Also behind quotes of YAML."""
    text = CLASSES.replace('not("framework_calloff")', 'not("framework_caloff")')
    with pytest.raises(RuleProblems) as caught:
        compile_table(text, PARAMS, TYPES, "books/sla.yaml")

    drawn = """\
books/sla.yaml:21:50: "framework_caloff" is outside the domain of this column; did you mean 'framework_calloff'?
   21 |     - {id: sla-4, in: [">= 100000000", "-", 'not("framework_caloff")'], out: [gold, 800]}
      |                                                  ^"""
    assert [drawn] == [render(problem, text) for problem in caught.value.problems]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Columns, cells, results, counts, ids; what follows from them is not told as well."""
    text = (
        CLASSES.replace("contract.urgent}", "contract.urgnt}")
        .replace('["< 10000000", "-", "-"]', '["< 1.5, yes", "-", "-"]')
        .replace('["[10000000..100000000)", "false", "-"], out: [silver, 300]', '["(1..2)", "-"], out: [copper, "3"]')
        .replace("sla-3", "sla-1")
        .replace("sla-5", "default")
        .replace("""'"framework_calloff"'], out: [gold, 500]""", "5], out: [gold]")
    )

    expected = [
        "12:38 unknown-field: unknown field 'urgnt' of Contract; did you mean 'urgent'?",
        "18:27 float: 1.5 is a fraction; count in whole fen (_fen) or basis points (_bp)",
        "18:32 cell: 'yes' has no meaning here; write 5, < 5, [1..5), not(5) or -",
        "19:19 count: 2 cells for 3 columns",
        "19:25 unreachable: no whole number is in (1..2); the row can never match",
        "19:46 outside: \"copper\" is not among the values of 'sla_class'",
        "19:54 wrong-type: the output 'deposit_bp' is of type int, but \"3\" is string",
        "20:12 repeated: the rule id 'sla-1' stands on line 18 already",
        "22:12 reserved-id: the row id 'default' is kept for the result when no row matches",
        "22:47 wrong-type: 5 is a whole number, but this column is string",
        "22:51 count: 1 results for 2 outputs",
    ]
    assert expected == messages(text)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            'domain: "[0..]"',
            "domain: [project]",
            '11:56 domain: the column is int; its domain is intervals like "[0..]"',
        ),
        (
            'domain: "[0..]"',
            'domain: "0.."',
            "11:57 cell: '0..' is no test of a whole number; write 5, < 5, [1..5), not(5) or -",
        ),
        (
            "contract.urgent}",
            'contract.urgent, domain: "true"}',
            "12:54 domain: the column is bool; its domain is nothing, for it has both",
        ),
        ("[project, framework,", "[project, project,", '13:60 domain: the text "project" stands there already'),
        (
            "contract.kind,",
            "contract.needs,",
            "13:27 type: a column is a whole number, text, or true or false, not map<string, int>",
        ),
        ("contract.urgent}", "member.score_bp}", "12:29 unknown-name: unknown name 'member'"),
        (
            "name: deposit_bp",
            "name: in",
            "16:14 reserved-name: 'in' has a meaning in expressions; call the output something else",
        ),
        ("bronze]}", "bronze, gold]}", '15:70 repeated: the value "gold" stands there already'),
        (
            "hit: unique",
            "hit: priority",
            "16:7 hit: with hit policy priority the output 'deposit_bp' needs its values, the highest first",
        ),
        ("hit: unique", "hit: any\n  aggregate: sum", "10:14 hit: an aggregate goes with hit policy collect, not any"),
        (
            "hit: unique",
            "hit: collect\n  aggregate: sum",
            "10:14 hit: sum draws whole numbers together; it takes exactly one output, of type int",
        ),
        ("params: few", "params: many", "7:11 wrong-file: it asks for the params 'many', but was given 'few'"),
    ],
)
def test_what_does_not_fit_together_is_told(before: str, after: str, message: str) -> None:
    """Domains, types, names and hit policies."""
    assert [message] == messages(CLASSES.replace(before, after))


def test_any_demands_that_rows_that_match_together_agree() -> None:
    """Where they do, nothing is wrong."""
    rows = '{id: low, in: ["< 5"], out: [1]}\n{id: middle, in: ["[3..7]"], out: [1]}\n{id: high, in: ["> 6"], out: [2]}'

    expected = [
        "15:12 conflict: row 'middle' on line 14 and row 'high' both match score 7; with hit policy any they must agree"
    ]
    assert expected == messages(table("any", rows))


def test_a_row_that_is_never_reached_is_told() -> None:
    """Rows above it together match whatever it does; a row that adds one value is reached."""
    rows = """
{id: low, in: ["< 5"], out: [1]}
{id: high, in: ["> 5"], out: [2]}
{id: both, in: ["not(5)"], out: [3]}
{id: all, in: ["-"], out: [4]}
"""

    expected = ["15:12 unreachable: row 'both' is never reached; the rows above it match whatever it does"]
    assert expected == messages(table("first", rows))


@pytest.mark.parametrize(
    ("hit", "more", "message"),
    [
        ("first", "default: [1, 2]", "14:3 count: 2 results for 1 outputs"),
        ("first", 'default: ["a"]', "14:13 wrong-type: the output 'points' is of type int, but \"a\" is string"),
        ("rule_order", "default: [0]", "14:12 default: of a list the default is the empty one: []"),
        (
            "collect",
            "aggregate: count\n  default: []",
            "15:12 default: of an aggregate the default is one whole number: [0]",
        ),
        ("collect", "aggregate: sum", "12:3 gap: no row is for score [5..9]; add a row, or a default"),
    ],
)
def test_a_default_is_what_the_hit_policy_gives(hit: str, more: str, message: str) -> None:
    """A result, the empty list, or a number; and every policy needs one where its rows leave a gap."""
    assert [message] == messages(table(hit, '{id: low, in: ["< 5"], out: [1]}', more=more))


def test_more_gaps_than_can_be_read_are_counted() -> None:
    """Ten are shown."""
    text = table("unique", "\n".join(f'{{id: r{n}, in: ["{n}", "{n}"], out: [1]}}' for n in range(12)), more="")
    text = text.replace("columns: [", 'columns: [{name: awards, value: ledger.awards, domain: "[0..11]"}, ').replace(
        "[0..9]", "[0..11]"
    )

    found = messages(text)

    assert (11, "12:3 gap: there are 12 gaps, of which 10 are shown") == (len(found), found[-1])


def test_a_record_type_is_named_after_its_table() -> None:
    """Two names never give one type."""
    assert ("Table_a_b", "Table_a__b") == (record_name("a-b"), record_name("a_b"))
