"""A file that is wrong is answered with one clear error: what, where, and what to do."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

CORRECT = "Correct the file at each place named and send it again; nothing was changed."
CHECK_AGAIN = "Correct the file at each place named and check it again; all that could be found is listed."

FRACTION = "is a fraction; count in whole fen (_fen) or basis points (_bp), or put it in quotes if it is text"
METHODS = "one of direct, mini_competition, scored, rotation, cascade, top_k"

CONTRACTS = [
    ("category: property", "categry: property", "6:3: unknown field 'categry'; did you mean 'category'?"),
    ("  client: LGCY\n", "", "3:1: field 'client' is missing"),
    ("LY-2025-0001", "LY-25-1", "4:11: 'number' must be a contract number like LY-2025-0001, not \"LY-25-1\""),
    (
        "64000000",
        "640000.00",
        f"9:14: '640000.00' {FRACTION}",
    ),
    ("64000000", '"64000000"', "9:14: 'value_fen' must be a whole number, not \"64000000\"; take the quotes away"),
    ("64000000", "0", "9:14: 'value_fen' must be more than 0, not 0"),
    ("quantity: 21000", "quantity: true", "10:13: 'quantity' must be a whole number, not true"),
    (
        '"2025-08-01"',
        "2025-08-01",
        "11:14: '2025-08-01' is a date to some programs and text to others; put it in quotes",
    ),
    (
        '"2025-08-01"',
        '"2025-02-30"',
        "3:1: '2025-02-30' is not a date; write it like \"2025-07-01\"",
    ),
    (
        '"2025-08-01"',
        '"2026-08-01"',
        "3:1: the service ends on 2026-07-31, before it starts on 2026-08-01",
    ),
    ("LGCY", "lgcy", "7:11: 'client' must be a company code (2 to 12 capital letters and digits), not \"lgcy\""),
    (
        "  title: 园区物业服务\n",
        "  title: 园区物业服务\n  title: 食堂服务\n",
        "6:3: the key 'title' again; it stands on line 5 already, keep one of the two",
    ),
    ("kind: ServiceContract", "kind: Alliance", "2:7: 'kind' must be 'ServiceContract', not \"Alliance\""),
    ("lianyue/v1", "lianyue/v2", "1:13: 'apiVersion' must be 'lianyue/v1', not \"lianyue/v2\""),
]

ALLIANCES = [
    ("code: LGCY", "code: LGWY", "3:1: company LGWY is listed twice"),
    ("office: LGFW", "office: LGXX", "3:1: the office LGXX is not a company here"),
    ("user: li.lei", "user: han.mei", "3:1: user han.mei is listed twice"),
    (
        "company: LGWY",
        "company: LGZZ",
        "3:1: user li.lei belongs to LGZZ, which is not a company here",
    ),
    ("m2: 900000", "m2: -1", "8:104: 'm2' must be at least 0, not -1"),
    (
        "kind: client",
        "kind: buyer",
        "9:57: 'kind' must be one of member, client, office, not \"buyer\"",
    ),
]

POLICIES = [
    (
        "method: cascade",
        "method: cascad",
        f"69:13: 'method' must be {METHODS}, not \"cascad\"; did you mean 'cascade'?",
    ),
    (
        "contract.category in member",
        "contract.categry in member",
        "31:25: unknown field 'categry' of Contract; did you mean 'category'?",
    ),
    (
        "weight_bp: 4000",
        "weight_bp: 0.4",
        f"58:18: '0.4' {FRACTION}",
    ),
    (
        "params: alliance-params",
        "params: alliance-parms",
        "16:11: no ParameterSet called 'alliance-parms' among these files; did you mean 'alliance-params'?",
    ),
    ("- id: park", "- id: category", "34:11: the rule id 'category' stands on line 30 already"),
    ("weight_bp: 4000", "weight_bp: 3000", "55:3: the scoring weights sum to 9000, not 10000"),
    ("      message: 未登记承接该类服务\n", "", "30:7: field 'message' is missing"),
]


@pytest.mark.parametrize(("sound", "faulty", "told"), CONTRACTS)
def test_a_faulty_contract_is_told(lianyue: Any, contract_text: str, sound: str, faulty: str, told: str) -> None:
    """`contract start` names line and column of the fault, says what is wrong there, and starts nothing."""
    assert sound in contract_text
    Path("contract.yaml").write_text(contract_text.replace(sound, faulty, 1), encoding="utf-8")

    ran = lianyue("contract", "start", "contract.yaml", "--json")

    message = f"contract.yaml:{told}"
    error = {"code": "malformed-document", "message": message, "where": _place(message), "advice": CORRECT}
    assert (2, {"error": error}, "") == (ran.code, ran.document, ran.err)


@pytest.mark.parametrize(("sound", "faulty", "told"), ALLIANCES)
def test_a_faulty_alliance_is_told(lianyue: Any, alliance_text: str, sound: str, faulty: str, told: str) -> None:
    """`alliance load` names line and column of the fault, and leaves no records behind."""
    assert sound in alliance_text
    Path("alliance.yaml").write_text(alliance_text.replace(sound, faulty, 1), encoding="utf-8")

    ran = lianyue("alliance", "load", "alliance.yaml", "--json")

    message = f"alliance.yaml:{told}"
    error = {"code": "malformed-document", "message": message, "where": _place(message), "advice": CORRECT}
    assert (2, {"error": error}, "") == (ran.code, ran.document, ran.err)
    assert not Path(".lianyue").exists()


@pytest.mark.parametrize(("sound", "faulty", "told"), POLICIES)
def test_a_faulty_policy_is_told(lianyue: Any, sound: str, faulty: str, told: str) -> None:
    """`rules check` names line and column of the fault, and ends with 1."""
    _policy(sound, faulty)

    ran = lianyue("rules", "check", "property.yaml", "--json")

    found = [f"{each['line']}:{each['column']}: {each['message']}" for each in ran.document["problems"]]
    assert (1, [told], "") == (ran.code, found, ran.err)


def test_a_problem_is_drawn_for_people(lianyue: Any, contract_text: str) -> None:
    """On stderr a problem comes with its source line, a caret under the place, and what to do; stdout is empty."""
    Path("contract.yaml").write_text(contract_text.replace("category:", "categry:"), encoding="utf-8")

    ran = lianyue("contract", "start", "contract.yaml")

    assert (2, "") == (ran.code, ran.out)
    assert (
        "contract.yaml:6:3: unknown field 'categry'; did you mean 'category'?\n"
        "    6 |   categry: property\n"
        "      |   ^^^^^^^\n"
        f"  what to do: {CORRECT}\n"
    ) == ran.err


def test_a_policy_with_problems_does_not_decide(lianyue: Any) -> None:
    """`rules decide` with a faulty policy tells the problem with its caret and ends with 1."""
    _policy("method: cascade", "method: cascad")
    _facts()

    ran = lianyue("rules", "decide", "property.yaml", "facts.yaml", "--json")

    assert (1, "rule-problems", CHECK_AGAIN) == (
        ran.code,
        ran.document["error"]["code"],
        ran.document["error"]["advice"],
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"number": "LY-2025-0001", ', "1:28: not JSON: expecting property name enclosed in double quotes"),
        (
            '{"title": "a", "title": "b"}',
            "1:16: the key 'title' again; it stands on line 1 already, keep one of the two",
        ),
        (
            '{"reason": "扩大面积", "value_fen": 1.5}',
            f"1:33: '1.5' {FRACTION}",
        ),
        ('{"reason": "扩大面积"}', "1:1: the amendment changes nothing; give value_fen, extend_days or terms"),
    ],
)
def test_json_is_read_as_strictly(lianyue: Any, text: str, told: str) -> None:
    """A .json file is refused where it is broken, says something twice, or holds a fraction."""
    Path("amendment.json").write_text(text, encoding="utf-8")

    ran = lianyue("contract", "amend", "LY-2025-0001", "amendment.json", "--json")

    assert (2, f"amendment.json:{told}") == (ran.code, ran.document["error"]["message"])


@pytest.mark.parametrize(
    ("content", "message", "where"),
    [
        (None, "contract.yaml cannot be read: no such file or directory", "contract.yaml"),
        (b"a: 1\nb: \xff\n", "contract.yaml is not UTF-8 text: line 2 holds other bytes", "contract.yaml:2"),
        (b"#" * 1_000_001, "contract.yaml is larger than 1,000,000 bytes; split it", "contract.yaml"),
    ],
)
def test_an_unreadable_file_is_told(lianyue: Any, content: bytes | None, message: str, where: str) -> None:
    """A file that is not there, not text or too large ends with 2 and its path."""
    if content is not None:
        Path("contract.yaml").write_bytes(content)

    ran = lianyue("contract", "start", "contract.yaml", "--json")

    advice = "Check the path, and that the file is there, yours to read, and saved as UTF-8."
    error = {"code": "unreadable-file", "message": message, "where": where, "advice": advice}
    assert (2, {"error": error}) == (ran.code, ran.document)


def test_every_fault_of_a_file_is_told_at_once(lianyue: Any, contract_text: str) -> None:
    """Two faults are two lines of one message."""
    faulty = contract_text.replace("LGCY", "lgcy").replace("fengxian", "Feng Xian")
    Path("contract.yaml").write_text(faulty, encoding="utf-8")

    ran = lianyue("contract", "start", "contract.yaml", "--json")

    assert [
        "contract.yaml:7:11: 'client' must be a company code (2 to 12 capital letters and digits), not \"lgcy\"",
        "contract.yaml:8:9: 'park' must be a name of small letters, digits and dashes, not \"Feng Xian\"",
    ] == ran.document["error"]["message"].splitlines()


def _place(message: str) -> str:
    return ":".join(message.split(":")[:3])


def _policy(sound: str, faulty: str) -> str:
    """Write the shipped property policy with one fault."""
    text = (files("rules") / "books" / "property" / "2025-01-01.yaml").read_text(encoding="utf-8")
    assert sound in text
    changed = text.replace(sound, faulty, 1)
    Path("property.yaml").write_text(changed, encoding="utf-8")
    return changed


def _facts() -> None:
    facts = {"decision_day": "2025-11-01", "contract": _CONTRACT, "candidates": []}
    document = {"apiVersion": "lianyue/v1", "kind": "Facts", "spec": facts}
    Path("facts.yaml").write_text(json.dumps(document), encoding="utf-8")


_CONTRACT = {
    "number": "LY-2026-0001",
    "category": "property",
    "client": "LGCY",
    "park": "fengxian",
    "value_fen": 1,
    "quantity": 1,
    "starts_day": 20_454,
    "ends_day": 20_818,
}
