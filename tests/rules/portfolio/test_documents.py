"""Malformed portfolios: every one is told with its place and the way out, all problems at once."""

from __future__ import annotations

from typing import Any

import pytest

from lianyue.optimiser.files import json_source
from rules.portfolio.compiled import compiled
from rules.problems import RuleProblems
from rules.source import read

HEAD = """\
apiVersion: lianyue/v1
kind: Portfolio
metadata: {name: small}
spec:
  decision_day: "2025-07-01"
"""
MEMBERS = """\
  members:
    - {code: LGWY, capacity: {m2: 900}, grade: A}
    - {code: LGCY, capacity: {m2: {H1: 500}}, grade: B}
"""
CONTRACTS = """\
  contracts:
    - number: LY-2025-0001
      category: property
      value_fen: 1000
      needs: {m2: 20}
      quotes: [{member: LGWY, price_fen: 990}, {member: LGCY, price_fen: 980}]
    - number: LY-2025-0002
      category: greening
      value_fen: 500
      quotes: [{member: LGWY, price_fen: 490}]
"""


def portfolio(rules: str = "", contracts: str = CONTRACTS, members: str = MEMBERS, objective: str = "") -> str:
    """The text of a portfolio; parts may be replaced."""
    constraints = f"  constraints:\n    - {rules}\n" if rules else ""
    return f"{HEAD}{members}{contracts}{objective}{constraints}"


def told(text: str) -> list[str]:
    """What is said about *text*."""
    try:
        compiled(read(text, "p.yaml"))
    except RuleProblems as found:
        return [str(problem) for problem in found.problems]
    return []


def contract(old: str, new: str) -> str:
    """The contracts with one thing otherwise."""
    assert old in CONTRACTS
    return portfolio(contracts=CONTRACTS.replace(old, new, 1))


CASES: dict[str, tuple[str, list[str]]] = {
    "unknown quoting member": (
        contract("{member: LGWY, price_fen: 990}", "{member: LGWX, price_fen: 990}"),
        ["p.yaml:14:25: no member 'LGWX' in this portfolio; did you mean 'LGWY'?"],
    ),
    "negative need": (
        contract("needs: {m2: 20}", "needs: {m2: -20}"),
        ["p.yaml:13:19: 'm2' must be at least 0, not -20"],
    ),
    "a price of nothing": (
        contract("price_fen: 990", "price_fen: 0"),
        ["p.yaml:14:42: 'price_fen' must be more than 0, not 0"],
    ),
    "contract twice": (
        contract("LY-2025-0002", "LY-2025-0001"),
        ["p.yaml:15:15: the contract 'LY-2025-0001' stands on line 10 already"],
    ),
    "member twice": (
        portfolio(members=MEMBERS.replace("LGCY", "LGWY")),
        [
            "p.yaml:8:14: the member 'LGWY' stands on line 7 already",
            "p.yaml:14:57: no member 'LGCY' in this portfolio; did you mean 'LGWY'?",
        ],
    ),
    "quote twice": (
        contract("{member: LGCY, price_fen: 980}", "{member: LGWY, price_fen: 980}"),
        ["p.yaml:14:57: the quote of 'LGWY' stands on line 14 already"],
    ),
    "no quotes": (
        contract("quotes: [{member: LGWY, price_fen: 490}]", "quotes: []"),
        ["p.yaml:18:15: LY-2025-0002 has no quotes; invite one, or leave the contract out"],
    ),
    "unknown constraint type": (
        portfolio("{id: x, type: max_shares_bp, value: 1}"),
        [
            (
                "p.yaml:20:21: 'type' must be one of max_share_bp, min_share_bp, max_suppliers, min_suppliers, "
                "max_contracts, min_contracts, exclude, require, incumbent_bonus_bp, max_forgone_bp, not_both, "
                "max_grade_share_bp, quota, not \"max_shares_bp\"; did you mean 'max_share_bp'?"
            )
        ],
    ),
    "rule without a type": (portfolio("{id: x, value: 1}"), ["p.yaml:20:7: field 'type' is missing"]),
    "id twice": (
        portfolio("{id: x, type: max_contracts, value: 9}\n    - {id: x, type: max_contracts, value: 8}"),
        ["p.yaml:21:12: the rule id 'x' stands on line 20 already"],
    ),
    "share above the whole": (
        portfolio("{id: x, type: max_share_bp, value: 10001}"),
        ["p.yaml:20:42: 'value' must be at most 10000, not 10001"],
    ),
    "priority out of range": (
        portfolio("{id: x, type: max_share_bp, value: 1, priority: 5}"),
        ["p.yaml:20:55: 'priority' must be at most 4, not 5"],
    ),
    "more suppliers than quoted": (
        portfolio("{id: x, type: min_suppliers, value: 3}"),
        ["p.yaml:20:43: 3 members cannot receive something where only 2 have quoted"],
    ),
    "floors above the whole": (
        portfolio("{id: x, type: min_share_bp, value: 6000}"),
        ["p.yaml:20:42: 6000 for each of 2 members is more than the whole of 10000"],
    ),
    "more contracts than there are": (
        portfolio("{id: x, type: min_contracts, value: 3}"),
        ["p.yaml:20:43: nobody can receive 3 of 2 contracts"],
    ),
    "a floor for nobody": (
        portfolio("{id: x, type: min_share_bp, of: {category: greening, member: LGCY}, value: 6000}"),
        ["p.yaml:20:12: 'x' counts no quote of this portfolio; widen its scope, or leave it out"],
    ),
    "unknown category": (
        portfolio("{id: x, type: max_contracts, of: {category: propery}, value: 1}"),
        ["p.yaml:20:51: no category 'propery' in this portfolio; did you mean 'property'?"],
    ),
    "unknown member in a list": (
        portfolio("{id: x, type: exclude, of: {member: [LGWY, LGXX]}}"),
        ["p.yaml:20:50: no member 'LGXX' in this portfolio"],
    ),
    "unknown grade": (
        portfolio("{id: x, type: max_grade_share_bp, of: {grade: C}, value: 1}"),
        ["p.yaml:20:53: no grade 'C' in this portfolio"],
    ),
    "misspelt scope": (
        portfolio("{id: x, type: exclude, of: {categry: property}}"),
        ["p.yaml:20:35: unknown field 'categry'; did you mean 'category'?"],
    ),
    "exclude everything": (
        portfolio("{id: x, type: exclude}"),
        ["p.yaml:20:21: this excludes everything; say in 'of' what or whom"],
    ),
    "require nobody": (
        portfolio("{id: x, type: require, of: {category: property}}"),
        ["p.yaml:20:21: to require something, say of whom: member, grade or when"],
    ),
    "no grade said": (
        portfolio("{id: x, type: max_grade_share_bp, value: 1}"),
        ["p.yaml:20:21: say in 'of' which grades: {grade: C}"],
    ),
    "nobody serves now": (
        portfolio("{id: x, type: incumbent_bonus_bp, value: 1}"),
        ["p.yaml:20:12: no contract in the scope of 'x' names an incumbent that has quoted"],
    ),
    "pairs of nothing": (
        portfolio("{id: x, type: not_both}"),
        ["p.yaml:20:21: say which two do not go together: either 'members' or 'contracts'"],
    ),
    "one member apart": (
        portfolio("{id: x, type: not_both, members: [LGWY]}"),
        ["p.yaml:20:40: one member alone always goes together; name two or more"],
    ),
    "a member apart from itself": (
        portfolio("{id: x, type: not_both, members: [LGWY, LGWY]}"),
        ["p.yaml:20:47: LGWY cannot be kept apart from itself"],
    ),
    "an unknown contract apart": (
        portfolio("{id: x, type: not_both, contracts: [LY-2025-0001, LY-2025-0003]}"),
        ["p.yaml:20:57: no contract 'LY-2025-0003' in this portfolio; did you mean 'LY-2025-0002'?"],
    ),
    "contracts that only one has quoted for": (
        contract(", {member: LGCY, price_fen: 980}", "")
        + "  constraints:\n    - {id: x, type: not_both, contracts: [LY-2025-0001, LY-2025-0002]}\n",
        ["p.yaml:20:42: LY-2025-0001 and LY-2025-0002 cannot be kept apart: nobody else has quoted"],
    ),
    "members that nobody can stand in for": (
        contract("{member: LGWY, price_fen: 990}, ", "")
        + "  constraints:\n    - {id: x, type: not_both, members: [LGWY, LGCY]}\n",
        ["p.yaml:20:40: LGCY and LGWY cannot be kept apart: nobody else has quoted"],
    ),
    "a lead that leaves no room": (
        contract("value_fen: 1000", "value_fen: 1000\n      lead_sub: {lead_min_bp: 9500}"),
        ["p.yaml:13:7: a lead with 9500 leaves no room for subs with 1000 each"],
    ),
    "more subs than have quoted": (
        contract("value_fen: 1000", "value_fen: 1000\n      lead_sub: {min_subs: 2, max_subs: 2}"),
        ["p.yaml:13:7: a lead and 2 subs cannot be found where only 2 have quoted"],
    ),
    "fewest subs above the most": (
        contract("value_fen: 1000", "value_fen: 1000\n      lead_sub: {min_subs: 1, max_subs: 1}").replace(
            "min_subs: 1", "min_subs: 2"
        ),
        [
            "p.yaml:13:7: a lead and 2 subs cannot be found where only 2 have quoted",
            "p.yaml:13:18: at least 2 subs and at most 1 cannot both hold",
        ],
    ),
    "a lead of the divided": (
        contract("value_fen: 1000", "value_fen: 1000\n      divisible: true\n      lead_sub: {}"),
        ["p.yaml:14:7: LY-2025-0001 goes to a lead; leave divisible and min_lot_bp out, lots stand in lead_sub"],
    ),
    "quotas above the whole": (
        portfolio("{id: x, type: quota, quotas_bp: {LGWY: 6000, LGCY: 5000}}"),
        ["p.yaml:20:28: the quotas sum to 11000, more than the whole of 10000"],
    ),
    "carried without quota": (
        portfolio("{id: x, type: quota, quotas_bp: {LGWY: 6000}, carried_fen: {LGCY: 5}}"),
        ["p.yaml:20:67: LGCY carries something on, but has no quota; give it one, 0 for none"],
    ),
    "a condition that does not check": (
        portfolio("{id: x, type: exclude, of: {when: quote.prize_fen > 1}}"),
        ["p.yaml:20:47: unknown field 'prize_fen' of PortfolioQuote; did you mean 'price_fen'?"],
    ),
    "a condition that divides by nothing": (
        portfolio("{id: x, type: exclude, of: {when: 1 / (contract.value_fen - 500) > 1}}"),
        ["p.yaml:20:43: division by zero: 1 / (contract.value_fen - 500)"],
    ),
    "lots that do not fit": (
        contract("value_fen: 500", "value_fen: 500\n      divisible: true\n      min_lot_bp: 3000"),
        ["p.yaml:19:19: lots of 3000 do not make up 10000; use a divisor such as 1000, 2000 or 2500"],
    ),
    "lots of the indivisible": (
        contract("value_fen: 500", "value_fen: 500\n      min_lot_bp: 2000"),
        ["p.yaml:18:7: LY-2025-0002 is not divisible and has no lots; write divisible: true, or leave min_lot_bp out"],
    ),
    "no capacity stated": (
        contract("value_fen: 500", "value_fen: 500\n      needs: {meals: 1}"),
        ["p.yaml:19:25: LY-2025-0002 needs 'meals', of which LGWY states no capacity; state it, 0 for none"],
    ),
    "unknown period": (
        contract("needs: {m2: 20}", "needs: {m2: 20}\n      periods: [H1, H3]"),
        ["p.yaml:15:57: LY-2025-0001 falls in 'H3', for which LGCY states no capacity"],
    ),
    "sums that no solver holds": (
        contract("value_fen: 1000", "value_fen: 1000000000000000").replace(
            "value_fen: 500", "value_fen: 1000000000000000"
        ),
        ["p.yaml:9:3: the values sum to 2000000000000000, more than 1125899906842624; split the portfolio"],
    ),
    "weights that make no whole": (
        portfolio(objective="  objective: {minimise: weighted, price_bp: 1, score_bp: 2}\n"),
        ["p.yaml:19:35: price_bp and score_bp sum to 3, not 10000"],
    ),
    "weighted without weights": (
        portfolio(objective="  objective: {minimise: weighted}\n"),
        ["p.yaml:19:25: weighted needs price_bp and score_bp"],
    ),
    "an aim twice": (
        portfolio(objective="  objective: {minimise: [price, price]}\n"),
        ["p.yaml:19:25: an aim stands twice; the second decides nothing"],
    ),
    "several at once": (
        contract("LY-2025-0002", "LY-2025-0001").replace("member: LGCY", "member: NOBODY"),
        [
            "p.yaml:14:57: no member 'NOBODY' in this portfolio",
            "p.yaml:15:15: the contract 'LY-2025-0001' stands on line 10 already",
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_told_where_it_stands(name: str) -> None:
    """Each malformed portfolio is told with its whole message, and nothing else is said."""
    text, expected = CASES[name]

    assert expected == told(text)


def test_a_good_portfolio_has_no_problems() -> None:
    """The portfolio that the cases start from can be decided."""
    assert [] == told(portfolio())


def test_a_large_json_file_is_told_its_places_too() -> None:
    """In JSON the line and column of a problem are those of the text, found only when they are needed."""
    text = '{"apiVersion": "lianyue/v1", "kind": "Portfolio", "metadata": {"name": "x"},\n "spec": {"decision_day": 5}}'

    with pytest.raises(RuleProblems) as caught:
        compiled(json_source(text, "p.json"))

    assert [
        "p.json:2:2: field 'contracts' is missing",
        "p.json:2:2: field 'members' is missing",
        "p.json:2:27: 'decision_day' must be text, not 5; put it in quotes",
    ] == [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1.5}', "p.json:1:1: '1.5' is a fraction; count in whole fen (_fen) or basis points (_bp)"),
        ('{"a": 1, "a": 2}', "p.json:1:1: the name 'a' stands twice in one object"),
        ('{"a": ', "p.json:1:7: not JSON: expecting value"),
        ('{"a": 99999999999999999999}', "p.json:1:1: a whole number beyond int64; the largest is 9223372036854775807"),
    ],
)
def test_json_is_read_as_strictly_as_yaml(text: str, expected: str) -> None:
    """A fraction, a name that stands twice and a number beyond int64 are refused."""
    with pytest.raises(RuleProblems) as caught:
        json_source(text, "p.json")

    assert expected == caught.value.message


def test_a_condition_on_the_contract_narrows_the_whole_of_a_share() -> None:
    """A `when` that reads only the contract says of which contracts; one that reads the quote says which awards."""
    given: Any = compiled(
        read(
            portfolio(
                "{id: big, type: max_share_bp, of: {when: contract.value_fen > 600}, value: 5000}\n"
                "    - {id: dear, type: max_share_bp, of: {when: quote.price_fen > 600}, value: 5000}"
            ),
            "p.yaml",
        )
    )

    assert (1000, ("LY-2025-0001",)) == (given.reaches["big"].value_fen, given.reaches["big"].contracts)
    assert (1500, 2) == (given.reaches["dear"].value_fen, len(given.reaches["dear"].pairs))
