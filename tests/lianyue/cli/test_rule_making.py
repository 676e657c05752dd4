"""`rules new` and `rules schema`: what is written is valid as written, and nothing is ever overwritten."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rules.documents.envelope import Kind
from rules.schema import SCHEMAS, schema_of

KINDS = sorted(folder.name for folder in (files("rules") / "templates").iterdir() if folder.name[0] not in "._")
WITH_CASES = ["AllocationPolicy", "AuthorityMatrix", "PolicyTest"]
DAY = "2026-03-01"


def made(lianyue: Any, kind: str) -> list[str]:
    """The files of a new rule called trial."""
    ran = lianyue("rules", "new", kind, "trial", "--from", DAY, "--dir", "books", "--json")
    assert (0, "") == (ran.code, ran.err)
    return list(ran.document["files"])


def test_every_kind_can_be_begun() -> None:
    """There is a template for each kind of rule file, and for nothing else."""
    assert sorted(kind.value for kind in Kind) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_rule_has_no_problems(lianyue: Any, kind: str) -> None:
    """`rules check` finds nothing in what `rules new` wrote."""
    written = made(lianyue, kind)

    ran = lianyue("rules", "check", "books", "--json")

    assert (0, []) == (ran.code, ran.document["problems"])
    assert all(file.startswith("books/trial/") for file in written)


@pytest.mark.parametrize("kind", WITH_CASES)
def test_the_cases_of_a_new_rule_pass(lianyue: Any, kind: str) -> None:
    """The placeholders are true sentences."""
    made(lianyue, kind)

    assert 0 == lianyue("rules", "test", "books").code


def test_a_new_policy_is_covered(lianyue: Any) -> None:
    """Whoever begins begins with cases for everything."""
    made(lianyue, "AllocationPolicy")

    assert 0 == lianyue("rules", "test", "books", "--fail-under", "100").code


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_rule_names_its_schema_and_fits_it(lianyue: Any, place: Path, kind: str) -> None:
    """The first line leads an editor from the file to the shipped schema."""
    for name in (name for name in made(lianyue, kind) if name.endswith(".yaml")):
        first = (place / name).read_text(encoding="utf-8").splitlines()[0]
        target = (place / name).parent / first.removeprefix("# yaml-language-server: $schema=")
        assert json.loads(target.read_text(encoding="utf-8"))["title"] in SCHEMAS


def test_what_is_there_is_not_overwritten(lianyue: Any, place: Path) -> None:
    """One file that is there already stops all of them."""
    (place / "books" / "trial").mkdir(parents=True)
    (place / "books" / "trial" / "cases.yaml").write_text("mine", encoding="utf-8")

    ran = lianyue("rules", "new", "AllocationPolicy", "trial", "--from", DAY, "--dir", "books", "--json")

    assert (2, "books/trial/cases.yaml is there already") == (ran.code, ran.document["error"]["message"])
    assert ["cases.yaml"] == [file.name for file in (place / "books" / "trial").iterdir()]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("AllocationPolcy", "trial"), "there is no kind 'AllocationPolcy'; did you mean 'AllocationPolicy'?"),
        (("AllocationPolicy", "Trial"), "'Trial' is not a name of small letters, digits and dashes"),
        (("AllocationPolicy", "trial", "--from", "1 March"), "'1 March' is not a date; write it like \"2025-07-01\""),
        (("Facts", "trial"), f"there is no template for the kind Facts; there are {', '.join(KINDS)}"),
    ],
)
def test_what_cannot_be_begun_is_told(lianyue: Any, place: Path, arguments: tuple[str, ...], message: str) -> None:
    """Nothing is written."""
    ran = lianyue("rules", "new", *arguments, "--json")

    assert (2, message, []) == (ran.code, ran.document["error"]["message"], list(place.iterdir()))


def test_a_schema_is_printed(lianyue: Any) -> None:
    """One kind by name, in any case of letters; all of them without a name."""
    one, every = lianyue("rules", "schema", "allocationpolicy"), lianyue("rules", "schema", "--json")

    assert schema_of("AllocationPolicy") == one.document
    assert {kind: schema_of(kind) for kind in SCHEMAS} == every.document


def test_schemas_are_written_into_a_folder(lianyue: Any, place: Path) -> None:
    """A file for each kind, so that an editor elsewhere can have them."""
    ran = lianyue("rules", "schema", "--dir", "schemas", "--json")

    written = [json.loads((place / file).read_text(encoding="utf-8")) for file in ran.document["files"]]
    assert sorted(SCHEMAS) == [schema["title"] for schema in written]
    assert all(Draft202012Validator.check_schema(schema) is None for schema in written)
