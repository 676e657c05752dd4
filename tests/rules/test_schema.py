"""The JSON Schemas that are shipped: current, right about the books, and strict where the reader is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rules.schema import DIALECT, SCHEMAS, modeline, schema_file, schema_of, schema_text
from rules.source import read

RULES = Path(__file__).parents[2] / "rules"
BOOKS = sorted((RULES / "books").glob("*/*.yaml"))
REGENERATE = "run: .venv/bin/lianyue rules schema --dir rules/schemas"


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_the_shipped_schema_is_current(kind: str) -> None:
    """What is shipped is what the models say now."""
    file = RULES / "schemas" / schema_file(kind)

    shipped = file.read_text(encoding="utf-8") if file.is_file() else ""
    assert schema_text(kind) == shipped, REGENERATE


def test_no_schema_is_shipped_without_a_kind() -> None:
    """A kind that is gone leaves no schema behind."""
    shipped = [file.name for file in sorted((RULES / "schemas").glob("*.json"))]

    assert sorted(map(schema_file, SCHEMAS)) == shipped, REGENERATE


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_a_schema_explains_itself(kind: str) -> None:
    """It is of the draft that editors know, and says of every part what it is."""
    schema = schema_of(kind)

    Draft202012Validator.check_schema(schema)
    assert (DIALECT, kind) == (schema["$schema"], schema["title"])
    assert [] == [name for name, part in schema.get("$defs", {}).items() if not part.get("description")]


@pytest.mark.parametrize("file", BOOKS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_shipped_book_fits_its_schema_and_names_it(file: Path) -> None:
    """An editor finds the schema by the first line, and nothing wrong in what we ship."""
    text = file.read_text(encoding="utf-8")
    data = read(text, str(file)).data
    named = text.splitlines()[0]

    assert modeline(f"../../schemas/{schema_file(data['kind'])}") == named
    assert (file.parent / named.partition("=")[2]).is_file()
    assert [] == list(Draft202012Validator(schema_of(data["kind"])).iter_errors(data))


def sound() -> Any:
    """The default policy as data."""
    return read((RULES / "books" / "default" / "2025-01-01.yaml").read_text(encoding="utf-8"), "default").data


def test_the_schema_knows_the_default_policy() -> None:
    """The broken ones below are broken by one change each."""
    assert Draft202012Validator(schema_of("AllocationPolicy")).is_valid(sound())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("kind", "AllocationPolcy"),
        ("metadata.name", "Default"),
        ("metadata.reference", []),
        ("spec.effective.from", "2025-1-1"),
        ("spec.guards", "alliance-guards"),
        ("spec.scoring", {}),
        ("spec.scoring.0.id", "Price"),
        ("spec.scoring.0.wen", "true"),
        ("spec.scoring.0.weight_bp", 50.5),
        ("spec.scoring.0.weight_bp", 10_001),
        ("spec.select.method", "guess"),
        ("spec.divide", {"method": "pro_rata"}),
        ("spec.amount", "anything"),
    ],
)
def test_a_broken_policy_does_not_fit(path: str, value: object) -> None:
    """What `rules check` refuses for its form, an editor underlines."""
    document = sound()
    here = document
    *through, last = path.split(".")
    for step in through:
        here = here[int(step)] if step.isdigit() else here[step]
    here[last] = value

    assert not Draft202012Validator(schema_of("AllocationPolicy")).is_valid(document)


def test_the_text_is_the_schema() -> None:
    """What is printed and what is shipped say the same."""
    assert schema_of("Facts") == json.loads(schema_text("Facts"))
