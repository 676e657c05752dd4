"""Category packs are read from folders, and a seventh category needs no Python."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import MalformedDocument
from lianyue.packs import categories, publications, read_category, shipped
from rules.problems import RuleProblems


@pytest.fixture
def seventh(tmp_path: Path) -> Path:
    """A folder `shuttle` that holds a category made from the greening pack."""
    folder = tmp_path / "shuttle"
    shutil.copytree(str(shipped() / "greening"), folder)
    edit(folder / "pack.yaml", "code: greening\n", "code: shuttle\n")
    edit(folder / "pack.yaml", "title_zh: 绿化养护\n", "title_zh: 定制班车\n")
    return folder


def edit(file: Path, old: str, new: str) -> None:
    """Replace *old*, which must stand in *file*, by *new*."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit_form(file: Path, name: str, **keywords: Any) -> None:
    """Set keywords of the field *name*; None takes one away."""
    form = json.loads(file.read_text(encoding="utf-8"))
    field = {**form["properties"][name], **keywords}
    form["properties"][name] = {keyword: value for keyword, value in field.items() if value is not None}
    file.write_text(json.dumps(form), encoding="utf-8")


def test_a_seventh_category_is_a_folder(seventh: Path) -> None:
    """A folder beside the shipped ones brings a category without a line of Python."""
    found = categories(seventh.parent)

    assert ["canteen", "certification", "charging", "greening", "property", "pv", "shuttle"] == list(found)
    assert "定制班车" == found["shuttle"].pack.title_zh


def test_a_code_that_is_taken_is_refused(tmp_path: Path) -> None:
    """An added folder cannot replace a shipped category."""
    shutil.copytree(str(shipped() / "pv"), tmp_path / "pv")

    with pytest.raises(MalformedDocument) as caught:
        categories(tmp_path)

    assert "category 'pv' is there already" == caught.value.message


def test_hidden_folders_are_passed_over(tmp_path: Path) -> None:
    """What an editor or a cache leaves behind is no category."""
    (tmp_path / ".cache").mkdir()
    (tmp_path / "__pycache__").mkdir()

    assert 6 == len(categories(tmp_path))


def test_the_digest_names_the_pack_that_is_kept() -> None:
    """What a contract pins is found among the publications, and reads as the same pack."""
    pack = categories()["pv"].pack
    kept = publications(categories()["pv"])

    assert 5 == len(kept)
    assert pack == type(pack).model_validate(json.loads(kept[categories()["pv"].digest]))


def test_a_wrong_weight_is_refused_in_the_file(seventh: Path) -> None:
    """A planted weight is refused with the file and the sum."""
    edit(seventh / "pack.yaml", "weight_bp: 4000", "weight_bp: 4001")

    with pytest.raises(RuleProblems) as caught:
        read_category(seventh)

    expected = f"{seventh / 'pack.yaml'}:1:1: milestone weights sum to 10001 bp instead of 10000 bp"
    assert expected == caught.value.message


def test_a_wrong_field_is_refused_at_its_line(seventh: Path) -> None:
    """A misspelt field and a wrong value are both refused, each at its place."""
    edit(seventh / "pack.yaml", "divisible: true", "divisible: maybe\ndivisable: true")

    with pytest.raises(RuleProblems) as caught:
        read_category(seventh)

    assert [
        (4, 12, "divisible: Input should be a valid boolean"),
        (5, 1, "divisable: Extra inputs are not permitted"),
    ] == [(problem.line, problem.column, problem.message) for problem in caught.value.problems]


def test_the_folder_bears_the_code(seventh: Path) -> None:
    """A folder whose name is not the category's code is refused."""
    edit(seventh / "pack.yaml", "code: shuttle", "code: shuttel")

    with pytest.raises(RuleProblems) as caught:
        read_category(seventh)

    assert ["the folder is called 'shuttle', the category 'shuttel'; give both the same name"] == [
        problem.message for problem in caught.value.problems
    ]


def test_a_form_that_offers_other_codes_is_refused(seventh: Path) -> None:
    """Price forms of the quote are those of the pack."""
    edit(seventh / "pack.yaml", "{code: per_tree,", "{code: per_trip,")

    with pytest.raises(RuleProblems) as caught:
        read_category(seventh)

    differ = "offers ['per_area', 'per_tree'] as price_form, the pack lists ['per_area', 'per_trip']"
    assert [f"terms schema {differ}; quote schema {differ}"] == [problem.message for problem in caught.value.problems]


def test_a_form_that_counts_in_another_unit_is_refused(seventh: Path) -> None:
    """The quote counts its quantity in the pack's unit."""
    edit_form(seventh / "quote.schema.json", "quantity", **{"x-unit": "tree"})

    with pytest.raises(RuleProblems) as caught:
        read_category(seventh)

    assert ["quote schema counts quantity in 'tree', the pack in 'green_m2'"] == [
        problem.message for problem in caught.value.problems
    ]


def test_an_unworded_unbounded_field_is_refused(seventh: Path) -> None:
    """A field without messages or bounds is refused, with all that is missing."""
    edit_form(seventh / "quote.schema.json", "visits", **{"x-message": None, "maximum": None})

    with pytest.raises(RuleProblems) as caught:
        read_category(seventh)

    assert ["properties.visits.maximum: is missing", "properties.visits.x-message: is missing"] == [
        problem.message for problem in caught.value.problems
    ]


def test_a_type_that_admits_fractions_is_refused(seventh: Path) -> None:
    """The type "number" lets floats in and is refused."""
    edit_form(seventh / "quote.schema.json", "visits", type="number")

    with pytest.raises(RuleProblems) as caught:
        read_category(seventh)

    assert ["properties.visits.type: must be one of string, integer, boolean, array, object, not 'number'"] == [
        problem.message for problem in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "quote.schema.json is not a JSON object"),
        ('{"a": 1, "a": 2}', "quote.schema.json is not JSON: the name 'a' stands twice in one object"),
        ("nil", "quote.schema.json is not JSON: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_a_form_that_is_no_json_object_is_refused(seventh: Path, text: str, message: str) -> None:
    """A form is one JSON object without repeated names."""
    (seventh / "quote.schema.json").write_text(text, encoding="utf-8")

    with pytest.raises(MalformedDocument) as caught:
        read_category(seventh)

    assert (message, str(seventh / "quote.schema.json")) == (caught.value.message, caught.value.where)


def test_a_missing_form_is_named(seventh: Path) -> None:
    """A pack without one of its forms is refused with the file that is missing."""
    (seventh / "delivery.schema.json").unlink()

    with pytest.raises(MalformedDocument) as caught:
        read_category(seventh)

    assert str(seventh / "delivery.schema.json") == caught.value.where
