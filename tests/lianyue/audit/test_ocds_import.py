"""Releases read back as contracts: the same contract as far as the standard carries it, and a path for each refusal."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import MalformedDocument
from contracts.service_contract import ServiceContract
from lianyue.audit.ocds_import import Refusal, taken_in
from lianyue.cli.main import run
from lianyue.strict_files import batch, exact_json
from tests.lianyue.audit.test_ocds import published, told

CARRIED = ("number", "title", "category", "client", "park", "value_fen", "quantity", "starts_on", "ends_on")
WHOLE_LIFE = "divided_whole_life"


def stated(contract: ServiceContract) -> dict[str, Any]:
    """What the standard carries of a contract."""
    return {**contract.model_dump(include={*CARRIED, "tender_mode"}), "mode": contract.quoting.mode}


def sent(value: Any) -> Any:
    """*value* as it comes over a wire."""
    return exact_json(json.dumps(value).encode(), "x.json")


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """A publication of one sound release in which the value at *path* is another, or is not there."""
    found = copy.deepcopy(published(WHOLE_LIFE))
    value = found["releases"][0]
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = to
    return sent(found)


BACK = (WHOLE_LIFE, "changed_and_amended", "called_off_by_framework", "cancelled_in_delivery")


@pytest.mark.parametrize("story", BACK)
def test_a_contract_comes_back_as_it_was(story: str) -> None:
    """What was exported and is read again is the same contract, a call-off from a framework too."""
    found = taken_in(sent(published(story)), {})

    assert [] == list(found.refused)
    assert [stated(told(story).order.contract)] == [stated(each) for each in found.contracts]


def test_a_batch_is_started_as_it_was_printed(tmp_path: Path) -> None:
    """The batch that is written is one whose every row says what a contract must say."""
    file, out = tmp_path / "releases.json", tmp_path / "batch.json"
    file.write_text(json.dumps(published(WHOLE_LIFE)))
    (tmp_path / "more.yaml").write_text("terms: {site: 港口一期}\nurgent: true\n")

    code = run(["contract", "import-ocds", str(file), "--defaults", str(tmp_path / "more.yaml"), "-o", str(out)])
    (row,) = batch(out, "ServiceContractBatch", "contracts")

    assert 0 == code
    contract = row.read_as(ServiceContract)
    assert stated(told(WHOLE_LIFE).order.contract) == stated(contract)
    assert ({"site": "港口一期"}, True) == (contract.terms, contract.urgent)


def sent_with_amount(word: str) -> Any:
    """A publication with an amount that floating point does not know."""
    text = json.dumps(published(WHOLE_LIFE)).replace('"amount": 900000', f'"amount": {word}')
    return exact_json(text.encode(), "x.json")


TENDER = "$.releases[0].tender"
REFUSED: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "no prefix": (changed("ocid", to="LY-1"), ("$.releases[0].ocid", "an ocid begins with a prefix")),
    "no number of ours": (changed("ocid", to="ocds-a1b2c3-7"), ("$.releases[0].ocid", "String should match pattern")),
    "no text": (changed("ocid", to=["ocds-a1b2c3-7"]), ("$.releases[0].ocid", "here must stand a text")),
    "no title": (changed("tender", "title", to=None), (f"{TENDER}.title", "this is missing")),
    "dollars": (changed("tender", "value", "currency", to="USD"), (f"{TENDER}.value.currency", "amounts are in CNY")),
    "a part of a fen": (
        changed("tender", "value", "amount", to=1.005),
        (f"{TENDER}.value.amount", "1.005 yuan are no"),
    ),
    "far behind the point": (
        sent_with_amount("1.00000000000000000000000000000000001"),
        (f"{TENDER}.value.amount", "yuan are no whole number of fen"),
    ),
    "words for a number": (changed("tender", "value", "amount", to="many"), (f"{TENDER}.value.amount", "here must")),
    "no items": (changed("tender", "items", to=[]), (f"{TENDER}.items", "there are 0 items")),
    "half an item": (changed("tender", "items", 0, "quantity", to=0.5), (f"{TENDER}.items[0].quantity", "here must")),
    "another scheme": (
        changed("tender", "items", 0, "classification", "scheme", to="CPV"),
        (f"{TENDER}.items[0].classification", "no code of the scheme 'lianyue' names the category"),
    ),
    "no day": (
        changed("tender", "contractPeriod", "endDate", to="soon"),
        (f"{TENDER}.contractPeriod.endDate", "here must stand a moment"),
    ),
    "a day nowhere": (
        changed("tender", "contractPeriod", "endDate", to="2026-01-01T00:00:00"),
        (f"{TENDER}.contractPeriod.endDate", "the moment has no offset"),
    ),
    "an open tender": (
        changed("tender", "procurementMethod", to="open"),
        (f"{TENDER}.procurementMethod", "what is procured by the method 'open'"),
    ),
    "called off": (changed("tender", "status", to="cancelled"), (f"{TENDER}.status", "the tender is cancelled")),
    "two lots": (changed("tender", "lots", to=[{}, {}]), (f"{TENDER}.lots", "there are 2 lots")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_refusal_says_where_and_why(name: str) -> None:
    """What is in the way is named by its JSON path; a release with a fault is no contract."""
    release, (path, reason) = REFUSED[name]

    found = taken_in(release, {})

    assert () == found.contracts
    assert path in [each.path for each in found.refused]
    assert reason in next(each.reason for each in found.refused if each.path == path)


def test_one_process_is_one_contract() -> None:
    """A second release of a process is refused, a bad default is told as one, and what is sound is taken."""
    twice = sent(published(WHOLE_LIFE))
    twice["releases"] *= 2

    assert [("$.releases[1].ocid", 1)] == [
        (each.path, len(taken_in(twice, {}).contracts)) for each in taken_in(twice, {}).refused
    ]
    assert Refusal("--defaults colour", "Extra inputs are not permitted") in taken_in(twice, {"colour": "red"}).refused


@pytest.mark.parametrize("raw", [b"{", b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": 1e999999}', b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    """Nothing is guessed of a file that is not the JSON it is said to be."""
    with pytest.raises(MalformedDocument):
        exact_json(raw, "x.json")


def test_what_is_no_publication_is_refused() -> None:
    """A document of another kind or version is named as such."""
    for document, place in (
        ({}, "$"),
        ([], "$"),
        ({"releases": []}, "$.version"),
        ({"version": "1.1", "records": 1}, "$.records"),
    ):
        with pytest.raises(MalformedDocument) as told_of:
            taken_in(document, {})
        assert place == told_of.value.where
    assert Decimal("0.1") == exact_json(b"0.1", "x.json")
