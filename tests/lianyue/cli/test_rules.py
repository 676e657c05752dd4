"""`rules`: checked, tried and decided without server or database."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

BOOKS = str(files("rules") / "books")
MEMBER = {
    "categories": ["property"],
    "parks": ["fengxian"],
    "certificates": [{"code": "iso9001", "valid_from_day": 20_089, "valid_to_day": 21_184}],
    "capacity": {"m2": 90_000},
}
CONTRACT = {
    "number": "LY-2026-0001",
    "category": "property",
    "client": "LGCY",
    "park": "fengxian",
    "value_fen": 600_000_000,
    "quantity": 21_000,
    "starts_day": 20_454,
    "ends_day": 20_818,
    "required_certificates": ["iso9001"],
    "needs": {"m2": 21_000},
    "divisible": False,
}


@pytest.fixture
def facts(place: Path) -> Path:
    """Facts about two members with quotes, of whom one does not serve the park."""
    candidates = [
        {"member": {**MEMBER, "code": "LGWY", "score_bp": 9_200}, "quote": {"price_fen": 560_000_000}},
        {"member": {**MEMBER, "code": "LGNY", "parks": ["pujiang"]}, "quote": {"price_fen": 550_000_000, "order": 1}},
    ]
    spec = {"decision_day": "2025-11-01", "contract": CONTRACT, "candidates": candidates}
    return _written(place / "facts.yaml", {"apiVersion": "lianyue/v1", "kind": "Facts", "spec": spec})


def _written(file: Path, document: Any) -> Path:
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return file


def test_the_shipped_books_have_no_problems(lianyue: Any) -> None:
    """`rules check` finds nothing in what we ship."""
    ran = lianyue("rules", "check", BOOKS, "--json")

    count = len(list(Path(BOOKS).rglob("*.yaml")))
    assert (0, {"files": count, "problems": []}, "") == (ran.code, ran.document, ran.err)


def test_a_policy_alone_rests_on_the_books(lianyue: Any) -> None:
    """A single file is checked with the shipped types and parameters behind it."""
    ran = lianyue("rules", "check", f"{BOOKS}/property/2025-01-01.yaml")

    assert (0, "1 个文件，0 处问题\n") == (ran.code, ran.out)


def test_a_folder_without_rules_is_told(lianyue: Any, place: Path) -> None:
    """Nothing to check is wrong usage, not a success."""
    (place / "empty").mkdir()

    ran = lianyue("rules", "check", "empty", "--json")

    assert (2, "empty holds no .yaml or .yml file") == (ran.code, ran.document["error"]["message"])


def test_a_path_that_is_not_there_is_told(lianyue: Any) -> None:
    """A slip in the path ends with 2, not with 1."""
    ran = lianyue("rules", "check", "polices", "--json")

    assert (2, "polices cannot be read: no such file or directory") == (ran.code, ran.document["error"]["message"])


def test_cases_pass(lianyue: Any) -> None:
    """`rules test` runs the cases of a folder against its policies."""
    ran = lianyue("rules", "test", f"{BOOKS}/property", "--json")

    assert (0, 0, ["cases", "failed", "passed"]) == (ran.code, ran.document["failed"], sorted(ran.document))
    assert ran.document["passed"] == len(ran.document["cases"])


def test_a_case_that_differs_ends_with_one(lianyue: Any, place: Path) -> None:
    """A case that comes out otherwise is told with both values."""
    sound = Path(f"{BOOKS}/property/cases.yaml").read_text(encoding="utf-8")
    (place / "cases.yaml").write_text(sound.replace("amount_fen: 560000000", "amount_fen: 1", 1), encoding="utf-8")

    ran = lianyue("rules", "test", "cases.yaml", "--json")

    differences = [each["differences"] for each in ran.document["cases"] if not each["passed"]]
    assert (1, [["amount_fen: expected 1, came 560000000"]]) == (ran.code, differences)


def test_coverage_names_what_no_case_shows(lianyue: Any) -> None:
    """With --coverage every file of cases has its points; both answers of every shipped rule are among those seen."""
    ran = lianyue("rules", "test", f"{BOOKS}/default", "--coverage", "--json")

    found = ran.document["coverage"][f"{BOOKS}/default/cases.yaml"]
    assert found["points"] > len(found["unseen"])
    assert [] == [each for each in found["unseen"] if each["kind"] == "eligibility"]


@pytest.mark.parametrize(("percent", "code"), [("0", 0), ("100", 1)])
def test_too_little_covered_ends_with_one(lianyue: Any, percent: str, code: int) -> None:
    """--fail-under asks for a part of the points in per cent."""
    ran = lianyue("rules", "test", f"{BOOKS}/default", "--fail-under", percent)

    assert code == ran.code
    assert "default/cases.yaml" in ran.out


def test_no_cases_are_told(lianyue: Any) -> None:
    """A policy without cases has nothing to try."""
    file = f"{BOOKS}/property/2025-01-01.yaml"

    ran = lianyue("rules", "test", file, "--json")

    assert (2, f"there is no file of kind PolicyTest in {file}") == (ran.code, ran.document["error"]["message"])


@pytest.mark.parametrize("policy", ["property", f"{BOOKS}/property/2025-01-01.yaml"])
def test_facts_are_decided_offline(lianyue: Any, facts: Path, policy: str) -> None:
    """A policy is a file, or a name of the shipped books; both decide alike."""
    ran = lianyue("rules", "decide", policy, str(facts), "--json")

    decision = ran.document
    assert (0, "awarded", ["LGWY"]) == (ran.code, decision["outcome"], decision["selected"])
    assert [{"member": "LGWY", "amount_fen": 560_000_000, "role": "sole"}] == decision["shares"]
    assert {"LGNY": ["park"]} == {
        member: [why["rule"] for why in whys] for member, whys in decision["excluded"].items()
    }
    assert {"name", "edition", "digest", "params_digest", "parts"} == set(decision["policy"])


def test_a_decision_is_told_to_people(lianyue: Any, facts: Path) -> None:
    """Without --json the decision reads as an account: who may, who may not and why, who does how much."""
    ran = lianyue("rules", "decide", "property", str(facts))

    lines = [line.strip() for line in ran.out.splitlines()]
    assert ["【依据】", "【资格】"] == [line for line in lines if line in ("【依据】", "【资格】")]
    start = lines.index("property 2025-01-01 · cascade + whole")
    assert ["结果：有承接单位", "合格：LGWY"] == lines[start + 1 : start + 3]
    assert "不服务该园区" in ran.out
    assert "5,600,000.00 元" in ran.out


def test_parameters_of_ones_own_decide(lianyue: Any, facts: Path, place: Path) -> None:
    """--params puts other figures under the same policy; their digest is in the decision."""
    sound = Path(f"{BOOKS}/alliance-params/2025-01-01.yaml").read_text(encoding="utf-8")
    (place / "params.yaml").write_text(sound.replace("owner: 联盟办公室", "owner: 某单位", 1), encoding="utf-8")

    usual = lianyue("rules", "decide", "property", str(facts), "--json")
    own = lianyue("rules", "decide", "property", str(facts), "--params", "params.yaml", "--json")

    assert usual.document["policy"]["digest"] == own.document["policy"]["digest"]
    assert usual.document["policy"]["params_digest"] != own.document["policy"]["params_digest"]


def test_an_unknown_policy_is_told(lianyue: Any, facts: Path) -> None:
    """A name that is near a shipped one is offered."""
    ran = lianyue("rules", "decide", "proprty", str(facts), "--json")

    message = "'proprty' is neither a file nor a policy of the books; did you mean 'property'?"
    assert (2, message, "proprty") == (ran.code, ran.document["error"]["message"], ran.document["error"]["where"])


def test_another_kind_does_not_decide(lianyue: Any, facts: Path) -> None:
    """An authority matrix is no policy."""
    file = f"{BOOKS}/award-signoff/2025-01-01.yaml"

    ran = lianyue("rules", "decide", file, str(facts), "--json")

    message = f"{file}:3:7: this is of kind AuthorityMatrix; to decide takes an AllocationPolicy"
    assert (1, message) == (ran.code, ran.document["error"]["message"])


def test_facts_that_do_not_fit_are_unusable(lianyue: Any, facts: Path) -> None:
    """Facts with a misspelt field end with 2: nothing was decided."""
    facts.write_text(facts.read_text(encoding="utf-8").replace("value_fen", "worth_fen"), encoding="utf-8")

    ran = lianyue("rules", "decide", "property", str(facts), "--json")

    assert (2, "malformed-document") == (ran.code, ran.document["error"]["code"])


def test_a_policy_is_not_for_every_contract(lianyue: Any, facts: Path) -> None:
    """A policy of another category refuses the facts."""
    ran = lianyue("rules", "decide", "canteen", str(facts), "--json")

    message = "policy 'canteen' is not for LY-2026-0001 of category 'property'"
    assert (2, message) == (ran.code, ran.document["error"]["message"])
