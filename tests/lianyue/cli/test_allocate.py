"""`allocate`: a portfolio decided from a file, without server or records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.portfolios import portfolio


@pytest.fixture
def made(place: Path) -> Path:
    """A portfolio of ten contracts in a file."""
    file = place / "portfolio.json"
    file.write_text(json.dumps(portfolio(10, 4, 2)), encoding="utf-8")
    return file


def test_an_answer_has_the_shape_that_others_rely_on(lianyue: Any, made: Path) -> None:
    """One JSON document: status, objective, bound, gap, an award for each contract, binding, conflict, digest."""
    ran = lianyue("allocate", str(made), "--json")

    document = ran.document
    assert 0 == ran.code
    assert "" == ran.err
    assert ("optimal", 0, []) == (document["status"], document["gap_bp"], document["conflict"])
    assert document["objective"] == document["bound"]
    assert 10 == len({award["contract"] for award in document["awards"]})
    assert {"contract", "member", "price_fen"} == set(document["awards"][0])
    assert all({"id", "cost"} <= set(each) for each in document["binding"])
    assert document["digest"].startswith("sha256:")


PLAIN = """\
apiVersion: lianyue/v1
kind: Portfolio
metadata: {name: plain}
spec:
  decision_day: "2025-07-01"
  members:
    - {code: LGWY, capacity: {m2: 900000}}
    - {code: LGCY, capacity: {m2: 30000}}
  contracts:
    - number: LY-2025-0001
      category: property
      value_fen: 640000000
      needs: {m2: 21000}
      quotes:
        - {member: LGWY, price_fen: 638000000, score_bp: 8700, needs: {m2: 20000}}
        - {member: LGCY, price_fen: 630000000, score_bp: 8100}
    - number: LY-2025-0002
      category: property
      value_fen: 360000000
      needs: {m2: 12000}
      quotes: [{member: LGWY, price_fen: 350000000}, {member: LGCY, price_fen: 345000000}]
  objective: {minimise: price}
  constraints:
    - {id: cap-share, type: max_share_bp, of: {category: property}, value: 6500, priority: 2}
    - {id: two-each, type: min_suppliers, of: {category: property}, value: 2}
"""


def test_a_portfolio_of_two_is_decided_as_by_hand(lianyue: Any, place: Path) -> None:
    """LGCY has room for one contract only and is better by more in the first; no rule costs anything."""
    file = place / "plain.yaml"
    file.write_text(PLAIN, encoding="utf-8")

    document = lianyue("allocate", str(file), "--json").document

    awards = [
        {"contract": "LY-2025-0001", "member": "LGCY", "price_fen": 630_000_000},
        {"contract": "LY-2025-0002", "member": "LGWY", "price_fen": 350_000_000},
    ]
    assert (awards, 980_000_000, []) == (document["awards"], document["objective"], document["binding"])


LED = """\
apiVersion: lianyue/v1
kind: Portfolio
metadata: {name: led}
spec:
  decision_day: "2025-07-01"
  members:
    - {code: LGWY, capacity: {m2: 8000}}
    - {code: LGCY, capacity: {m2: 15000}}
  contracts:
    - number: LY-2025-0001
      category: property
      value_fen: 640000000
      needs: {m2: 20000}
      lead_sub: {lead_min_bp: 6000, max_sub_bp: 4000}
      quotes: [{member: LGWY, price_fen: 638000000}, {member: LGCY, price_fen: 640000000}]
"""


def test_a_lead_and_its_sub_are_named_with_their_parts(lianyue: Any, place: Path) -> None:
    """The cheaper one has no room to lead; as a sub it takes the least that is needed, at the lead's price."""
    file = place / "led.yaml"
    file.write_text(LED, encoding="utf-8")

    awards = lianyue("allocate", str(file), "--json").document["awards"]
    page = lianyue("allocate", str(file)).out

    one = {"contract": "LY-2025-0001", "share_bp": 7_000, "role": "lead", "member": "LGCY", "price_fen": 448_000_000}
    assert [one, {**one, "share_bp": 3_000, "role": "sub", "member": "LGWY", "price_fen": 192_000_000}] == awards
    assert "LGCY 70.00 %（主办）" in page
    assert "LGWY 30.00 %（协办）" in page


def test_the_page_says_that_equals_were_settled(lianyue: Any, place: Path) -> None:
    """Where both ask the same for contracts of one size, the first by number, score, price and code is taken."""
    file = place / "equal.yaml"
    file.write_text(EQUAL, encoding="utf-8")

    document = lianyue("allocate", str(file), "--json").document
    page = lianyue("allocate", str(file), "--lang", "en").out

    assert ("settled", ["LGWY", "LGCY"]) == (document["ties"], [award["member"] for award in document["awards"]])
    assert "other awards are as good; the first by contract number" in page


EQUAL = """\
apiVersion: lianyue/v1
kind: Portfolio
metadata: {name: equal}
spec:
  decision_day: "2025-07-01"
  members: [{code: LGWY}, {code: LGCY}]
  contracts:
    - number: LY-2025-0001
      category: property
      value_fen: 100
      quotes: [{member: LGCY, price_fen: 90, score_bp: 7000}, {member: LGWY, price_fen: 90, score_bp: 8000}]
    - number: LY-2025-0002
      category: property
      value_fen: 100
      quotes: [{member: LGWY, price_fen: 90}, {member: LGCY, price_fen: 90}]
  constraints: [{id: apart, type: not_both, contracts: [LY-2025-0001, LY-2025-0002]}]
"""


def test_people_read_chinese_or_english(lianyue: Any, made: Path) -> None:
    """The sentences are Chinese, and English where that is asked for."""
    assert lianyue("allocate", str(made)).out.startswith("已证明最优：目标值")
    assert lianyue("allocate", str(made), "--lang", "en").out.startswith("proven best: objective")


def test_an_impossible_portfolio_names_the_rules_that_conflict(lianyue: Any, made: Path) -> None:
    """Without an award the exit code is 1, and the smallest conflicting set stands in the answer."""
    document = json.loads(made.read_text(encoding="utf-8"))
    document["spec"]["constraints"] = [{"id": "tight", "type": "max_share_bp", "value": 10, "priority": 3}]
    made.write_text(json.dumps(document), encoding="utf-8")

    ran = lianyue("allocate", str(made), "--json")

    assert (1, "infeasible", ["tight"]) == (ran.code, ran.document["status"], ran.document["conflict"])
    assert [["tight"]] == [step["left_out"] for step in ran.document["relaxations"]]


def test_other_rules_stand_beside_the_own(lianyue: Any, made: Path, place: Path) -> None:
    """`--compare` decides the same contracts under each file; without rules it is never dearer."""
    free = place / "free.yaml"
    free.write_text(
        "apiVersion: lianyue/v1\nkind: PortfolioPolicy\nmetadata: {name: free}\nspec: {constraints: []}\n",
        encoding="utf-8",
    )

    own, other = lianyue("allocate", str(made), "--compare", str(free), "--json").document["scenarios"]
    alone = lianyue("allocate", str(made), "--policy", str(free), "--json").document

    assert ["made-10-4-2", "free"] == [own["policy"], other["policy"]]
    assert own["price_fen"] >= other["price_fen"]
    assert alone["price_fen"] == other["price_fen"]


def test_fairness_has_a_price(lianyue: Any, made: Path) -> None:
    """The more everybody is to have at least, the more the whole costs."""
    curve = lianyue("allocate", str(made), "--fairness", "--json").document["curve"]

    prices = [point["price_fen"] for point in curve]
    assert len(curve) > 2
    assert sorted(prices) == prices


def test_a_loser_learns_its_price(lianyue: Any, made: Path) -> None:
    """`--why` names the highest price that would have won; half of the question is wrong usage."""
    document = json.loads(made.read_text(encoding="utf-8"))
    contract = document["spec"]["contracts"][0]
    asked = ("--why", contract["quotes"][0]["member"], "--contract", contract["number"])

    ran = lianyue("allocate", str(made), *asked, "--json")

    assert (0, contract["quotes"][0]["price_fen"]) == (ran.code, ran.document["quoted_fen"])
    assert 2 == lianyue("allocate", str(made), "--why", "M000").code
    assert 2 == lianyue("allocate", str(made), "--why", "NOBODY", "--contract", contract["number"]).code


def test_a_malformed_portfolio_is_told_with_its_place(lianyue: Any, place: Path) -> None:
    """The exit code is 1 as for every rule problem, and each has its line and column."""
    file = place / "bad.yaml"
    file.write_text("apiVersion: lianyue/v1\nkind: Portfolio\nmetadata: {name: x}\nspec: {}\n", encoding="utf-8")

    ran = lianyue("allocate", str(file))

    assert 1 == ran.code
    assert "bad.yaml:4:1: field 'contracts' is missing" in ran.err


def test_a_file_that_is_not_there_is_wrong_input(lianyue: Any, place: Path) -> None:
    """It is told with its name, and the exit code is 2."""
    ran = lianyue("allocate", str(place / "none.yaml"), "--json")

    assert (2, "unreadable-portfolio") == (ran.code, ran.document["error"]["code"])
