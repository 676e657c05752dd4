"""Whatever is sent, nothing breaks and nothing changes: the answer says what is wrong, and repeats no secret."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import inspect, text

from lianyue.portal.guards import Throttle
from lianyue.testing import small_contract
from tests.portal.test_evidence import BAD
from tests.portal.town import AWARDED, SEALED, Town

pytestmark = pytest.mark.asyncio(loop_scope="package")

CONTRACT = small_contract("LY-2025-0077").model_dump(mode="json")
QUOTE_TASK = f"/api/v1/tasks/{SEALED}/quote:quote-HILL-1"
CONTRACTS = "/api/v1/contracts"
JSON = {"content-type": "application/json"}


def contract(**changes: Any) -> bytes:
    """A sound contract, *changes* aside."""
    return json.dumps({**CONTRACT, **changes}).encode()


def raw(field: str, word: str) -> bytes:
    """A sound contract in which *field* is written as *word*."""
    return contract(**{field: "HERE"}).replace(b'"HERE"', word.encode())


def quote(word: str) -> bytes:
    """A quote whose price is written as *word*."""
    content = '{"price_fen": %s, "price_form": "lump_sum"}' % word  # noqa: UP031 - the braces are JSON's
    return f'{{"content": {content}}}'.encode()


NUMBERS = {
    "not a number": "NaN",
    "infinity": "Infinity",
    "minus infinity": "-Infinity",
    "too large a power": "1e400",
    "a fraction": "0.1",
    "a rounded fraction": "1.005",
    "a whole fraction": "1.0",
    "an exponent": "1e3",
    "a text": '"64000000"',
    "grouped digits": '"1_000"',
    "full-width digits": '"１２"',
    "blanks": '" 5 "',
    "a truth": "true",
    "nothing": "null",
    "a list": "[1]",
    "an object": '{"fen": 1}',
    "an empty text": '""',
    "minus one": "-1",
    "nought": "0",
    "minus nought": "-0",
    "2^63": str(2**63),
    "2^64": str(2**64),
    "200 digits": "9" * 200,
    "5,000 digits": "9" * 5_000,
    "over the bound": str(10**15 + 1),
    "thousands": '"1,000.00"',
    "hexadecimal": "0x10",
    "leading nought": "007",
    "leading plus": "+5",
}

TEXTS = {
    "NUL": '"a\\u0000b"',
    "a lone surrogate": '"\\ud800"',
    "a turned line": '"a\\u202eb"',
    "a line break": '"a\\nb"',
    "only blanks": '"   "',
    "an escape": '"\\u001b[31m"',
    "too long": json.dumps("长" * 201),
    "many marks": json.dumps("a" + "\u0301" * 100_000),
    "an empty text": '""',
    "a number": "5",
}

DATES = {
    "no such day": '"2026-02-29"',
    "year nought": '"0000-01-01"',
    "a moment": '"2025-07-01T00:00:00Z"',
    "epoch seconds": "1751328000",
    "an old day": '"0001-01-01"',
    "words": '"tomorrow"',
    "a thirteenth month": '"2025-13-01"',
    "digits alone": '"20250701"',
    "one digit": '"2025-7-1"',
    "full-width": '"２０２５-07-01"',
    "a leap second": '"2025-06-30T23:59:60Z"',
    "an offset": '"2025-07-01+14:00"',
    "after the end": '"9999-12-31"',
    "blanks around": '" 2025-07-01 "',
}

BODIES: dict[str, tuple[bytes, dict[str, str]]] = {
    "no JSON": (b"{", JSON),
    "no body": (b"", JSON),
    "a list": (b"[]", JSON),
    "a text": (b'"x"', JSON),
    "null": (b"null", JSON),
    "a name twice": (contract()[:-1] + b', "number": "LY-2025-0078"}', JSON),
    "10,000 deep": (b"[" * 10_000 + b"]" * 10_000, JSON),
    "40 deep": (contract(terms={"a": json.loads("[" * 40 + "]" * 40)}), JSON),
    "a byte order mark": (b"\xef\xbb\xbf" + contract(), JSON),
    "bytes that are no text": (b'{"number": "\xff\xfe"}', JSON),
    "UTF-16": (contract().decode().encode("utf-16"), JSON),
    "form data": (b"number=LY-2025-0077", {"content-type": "application/x-www-form-urlencoded"}),
    "YAML": (b"number: LY-2025-0077", {"content-type": "application/yaml"}),
    "no type": (contract(), {}),
    "compressed": (gzip.compress(contract()), {**JSON, "content-encoding": "gzip"}),
    "another company": (contract(company="LAKE"), JSON),
    "another stage": (contract(stage="signed"), JSON),
    "an administrator": (contract(is_admin=True), JSON),
    "an unknown category": (contract(category="nothing"), JSON),
    "an unknown client": (contract(client="NOBODY"), JSON),
    "a member as client": (contract(client="NORTH"), JSON),
    "a number with a path": (contract(number="../LY-2025-0077"), JSON),
    "a number with a query": (contract(number="x' OR '1'='1"), JSON),
    "an end before the start": (contract(ends_on="2025-01-01"), JSON),
    "a Cyrillic key": (contract().replace(b'"number"', '"numb\u0435r"'.encode()), JSON),
    "price lines beyond the whole": (
        contract(price_lines=[{"vat": "management", "part_bp": 9_000}, {"vat": "parking", "part_bp": 2_000}]),
        JSON,
    ),
    "a currency": (contract(currency="KWD"), JSON),
    "a number with a line break": (contract(number="LY-2025-0077\n"), JSON),
    "a number turned around": (contract(number="LY-2025-\u202e7700"), JSON),
    "a number of others": (contract(number=SEALED, title="另一份"), JSON),
    "a template": (contract(category="{{7*7}}"), JSON),
    "another user": (contract(started_by="coord"), JSON),
    "an unknown policy": (contract(policy="nothing"), JSON),
    "too many rounds": (contract(quoting={"rounds": 10_000}), JSON),
    "terms that do not fit": (contract(terms={"site": 5}), JSON),
    "too large": (contract(title="x" * 300_000), JSON),
}

HEADERS = {
    "another site": {"sec-fetch-site": "cross-site"},
    "another origin": {"origin": "https://evil.example"},
    "no origin": {"origin": "null"},
    "another host": {"host": "evil.example"},
    "no token": {"authorization": "Bearer "},
    "a forged token": {"authorization": "Bearer alc_" + "0" * 64},
    "a token without signature": {"authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJjb29yZCJ9."},
    "another scheme": {"authorization": "Basic Y29vcmQ6Y29vcmQ="},
    "a forged session": {"cookie": "sid=" + "a" * 43},
    "a forwarded company": {"x-forwarded-user": "coord", "x-company": "OFFICE"},
}
"""What a stranger sends with a sound contract to be taken for somebody."""

RULES = {
    "a call": "!!python/object/apply:os.system ['id']",
    "an alias of itself": "a: &a [*a]",
    "deep": "[" * 2_000,
    "NUL": "\x00",
    "a key twice": "kind: AllocationPolicy\nkind: TypeSet",
    "a laugh": "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]",
    "a merge": "a: &a {x: 1}\nb: {<<: *a}",
    "two documents": "a: 1\n---\nb: 2",
    "nothing": "",
    "a tab": "a:\n\t- 1",
    "a number of 5,000 digits": "a: " + "9" * 5_000,
    "a day that is none": "a: 2026-02-30",
    "not a number": "a: .nan",
    "words of YAML 1.1": "country: NO",
    "an unknown kind": "apiVersion: lianyue/v1\nkind: Nothing\nmetadata: {name: x}\nspec: {}",
}

DOCUMENTS = {
    "a page": b"%PDF-1.7\n<script>alert(1)</script>",
    "a table that leads to itself": (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nxref\n0 1\n0000000000 65535 f \n"
        b"trailer<</Root 1 0 R/Size 2/Prev 43>>\nstartxref\n43\n%%EOF\n"
    ),
    "deep": b"%PDF-1.7\n1 0 obj" + b"[" * 100_000 + b"endobj\nstartxref\n9\n%%EOF\n",
    "too large": b"%PDF-1.7\n" + bytes(5 * 2**20),
    "empty": b"",
}
"""What a stranger sends to have it checked; each that is looked at costs a process."""

FORMS = {
    "JSON": ("application/json", b"{}"),
    "no boundary": ("multipart/form-data", b"x"),
    "no part": ("multipart/form-data; boundary=x", b"--x--"),
    "cut short": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="pdf"'),
    "a word for a file": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="pdf"\r\n\r\na\r\n--x--',
    ),
}

PATHS = (
    "/api/v1/contracts/..%2f..%2fetc%2fpasswd",
    "/api/v1/contracts/%00",
    "/api/v1/contracts/%ff%fe",
    "/api/v1/contracts/x'%20OR%201=1--",
    "/api/v1/contracts/" + "A" * 5_000,
    "/api/v1/contracts/LY-2025-0001;x=1",
    "/api/v1//contracts",
    "/api/v1/tasks/%00:x",
    "/api/v1/tasks/{{7*7}}",
    "/api/v1/tasks/<script>alert(1)</script>",
    "/api/v1/tasks?tab=everything",
    "/api/v1/tasks?limit=-1",
    "/api/v1/tasks?limit=100000",
    "/api/v1/tasks?limit=1e3",
    "/api/v1/tasks?offset=99999999999999999999",
    "/api/v1/tasks?company=LAKE",
    "/api/v1/tasks?number=%00",
    "/api/v1/contracts?stage=x'--",
    "/api/v1/contracts?sort=value_fen;DROP",
    "/api/v1/contracts?category=%00",
    "/api/v1/standings/..",
    "/api/v1/rules/editions/sha256:0",
    "/api/v1/rules/explain/LY-2025-0001?language=xx",
    "/api/v1/audit/LY-2025-9999",
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/nothing",
)


@pytest.fixture
async def unchanged(lived_in: Town):  # type: ignore[no-untyped-def]
    """The town, which after the test is as it was before, refused attempts aside."""
    before = state(lived_in)
    yield lived_in
    assert before == state(lived_in)


LEFT_OUT = ("refused_attempt", "log_entry", "log_node", "session", "api_token", "sign_in", "alembic_version")
"""What a refusal may leave behind: that it was one, also in the log, and that a token was used."""


def state(town: Town) -> dict[str, str]:
    """All that a request could have changed: of every table the digest of its rows, and the files of evidence."""
    with town.house.wiring.database.reading() as session:
        connection = session.connection()
        tables = [name for name in inspect(connection).get_table_names() if name not in LEFT_OUT]
        found = {
            name: digest_of(sorted(str(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {name}"))))
            for name in tables
        }
    settings = town.house.wiring.settings
    files = sorted(
        str(path) for folder in (settings.evidence_folder, settings.documents_folder) for path in folder.rglob("*")
    )
    return {**found, "files": digest_of(files)}


def digest_of(lines: list[str]) -> str:
    """One digest of all of them."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


async def refused(town: Town, user: str, method: str, path: str, content: bytes = b"", **headers: str) -> Any:
    """Send the request; the answer must be a refusal in the one shape, and must not repeat what was sent."""
    answer = await town.door(user).request(method, path, content=content, headers=headers)
    assert 400 <= answer.status_code < 500, f"{answer.status_code} {answer.text}"
    assert "Traceback" not in answer.text
    assert len(answer.text) < 6_000
    if not path.startswith("/api/"):
        return answer
    told = answer.json()["error"]
    assert {"code", "message", "where", "advice"} == set(told)
    assert told["message"]
    assert told["advice"]
    return answer


@pytest.mark.parametrize("name", [*NUMBERS])
async def test_numbers_that_are_none(unchanged: Town, name: str) -> None:
    """Money is a whole number of a sensible size, written as such."""
    answer = await refused(unchanged, "coord", "POST", CONTRACTS, raw("value_fen", NUMBERS[name]), **JSON)

    assert 422 == answer.status_code


@pytest.mark.parametrize("name", [*NUMBERS])
async def test_prices_that_are_none(unchanged: Town, name: str) -> None:
    """A quote whose price is not a whole number of fen is not sealed."""
    answer = await refused(unchanged, "hill", "POST", f"{QUOTE_TASK}/submit", quote(NUMBERS[name]), **JSON)

    assert 422 == answer.status_code


@pytest.mark.parametrize("name", [*TEXTS])
async def test_texts_that_are_none(unchanged: Town, name: str) -> None:
    """A title is one visible line."""
    answer = await refused(unchanged, "coord", "POST", CONTRACTS, raw("title", TEXTS[name]), **JSON)

    assert answer.status_code in (413, 422)


@pytest.mark.parametrize("name", [*DATES])
async def test_days_that_are_none(unchanged: Town, name: str) -> None:
    """A day is written as one."""
    await refused(unchanged, "coord", "POST", CONTRACTS, raw("starts_on", DATES[name]), **JSON)


@pytest.mark.parametrize("name", [*BODIES])
async def test_bodies_that_say_something_else(unchanged: Town, name: str) -> None:
    """A body is one JSON object of known fields, of known size, and calls itself so."""
    content, headers = BODIES[name]

    await refused(unchanged, "coord", "POST", CONTRACTS, content, **headers)


@pytest.mark.parametrize("path", PATHS)
async def test_paths_that_lead_nowhere(unchanged: Town, path: str) -> None:
    """A path that was made up is not found or does not fit; it is never searched for."""
    await refused(unchanged, "north", "GET", path)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
async def test_methods_that_nothing_takes(unchanged: Town, method: str) -> None:
    """What is not GET or POST changes nothing, and a header does not make it so."""
    await refused(unchanged, "coord", method, f"{CONTRACTS}/{AWARDED}", **{"x-http-method-override": "POST"})


@pytest.mark.parametrize("key", ["a" * 201, "a b", "\x7f", "\x01"])
async def test_request_ids_that_are_none(unchanged: Town, key: str) -> None:
    """A request id is short and visible."""
    headers = {"idempotency-key": key, **JSON}

    await refused(unchanged, "hill", "POST", f"{QUOTE_TASK}/claim", b"{}", **headers)


@pytest.mark.parametrize(
    "verb", ["claim", "decline", "transfer", "delegate", "add-sign", "return", "withdraw", "remind", "submit"]
)
async def test_verbs_without_what_they_need(unchanged: Town, verb: str) -> None:
    """A verb with an unknown field, or a company that the sender chose, is refused."""
    body = b'{"reason": "because", "to": "hill.deputy", "company": "NORTH", "content": {}}'

    await refused(unchanged, "hill", "POST", f"{QUOTE_TASK}/{verb}", body, **JSON)


async def test_a_body_that_never_says_how_long_it_is(unchanged: Town) -> None:
    """What comes in pieces is counted as it comes."""

    async def pieces():  # type: ignore[no-untyped-def]
        for _ in range(100):
            yield b"x" * 10_000

    answer = await unchanged.door("coord").post(CONTRACTS, content=pieces(), headers=JSON)

    assert (413, "too-large") == (answer.status_code, answer.json()["error"]["code"])


async def test_what_was_sent_is_not_repeated(unchanged: Town) -> None:
    """An answer to a quote that does not fit does not hold its price."""
    answer = await refused(unchanged, "hill", "POST", f"{QUOTE_TASK}/submit", quote('"63,123,456.78"'), **JSON)

    assert "63,123,456.78" not in answer.text


@pytest.mark.parametrize("name", [*RULES])
async def test_rules_that_are_none(unchanged: Town, name: str) -> None:
    """Hostile rule texts are problems with a place, or refused; they run nothing."""
    answer = await unchanged.post("coord", "/rules/check", {"files": {"x.yaml": RULES[name]}})

    assert answer.status_code in (200, 422)
    assert answer.status_code == 422 or all(each["line"] and each["message"] for each in answer.json()["problems"])
    assert answer.status_code == 422 or answer.json()["problems"]


@pytest.mark.parametrize("name", [*HEADERS])
async def test_headers_that_prove_nothing(unchanged: Town, name: str) -> None:
    """Nobody is let in by a header but by a valid token, and no other site writes."""
    unchanged.app.state.throttle = Throttle(1_000)
    async with unchanged.knocking(**JSON, **HEADERS[name]) as door:
        answer = await door.post(CONTRACTS, content=contract())

    assert answer.status_code in (401, 403, 421)
    assert answer.json()["error"]["advice"]


@pytest.mark.parametrize("name", [*DOCUMENTS])
async def test_documents_that_are_none(unchanged: Town, name: str) -> None:
    """Hostile files that a stranger has checked get a verdict that is not good, or a refusal, and leave nothing."""
    files = {"pdf": (f"{name}.pdf", DOCUMENTS[name], "application/pdf")}
    async with unchanged.knocking() as door:
        answer = await door.post("/verify", files=files)

    assert answer.status_code in (200, 400, 413)
    assert "[ok]" not in answer.text
    assert "Traceback" not in answer.text
    assert "alert(1)" not in answer.text


@pytest.mark.parametrize("name", [*FORMS])
async def test_forms_without_a_document(unchanged: Town, name: str) -> None:
    """What is no form with one file is refused before anything is looked at."""
    content_type, content = FORMS[name]
    async with unchanged.knocking() as door:
        answer = await door.post("/verify", content=content, headers={"content-type": content_type})

    assert answer.status_code in (400, 413)


async def test_the_list_is_long_enough() -> None:
    """There are far more than 120 cases, of every kind."""
    many = (NUMBERS, NUMBERS, TEXTS, DATES, BODIES, PATHS, HEADERS, RULES, DOCUMENTS, FORMS, BAD)

    assert sum(len(each) for each in many) >= 200
