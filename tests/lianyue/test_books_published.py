"""What an installation publishes into its records before it starts anything."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from contracts.errors import UnfitForProduction
from lianyue.books import publish
from lianyue.instance import Instance
from lianyue.packs import categories, shipped
from lianyue.records.engine import Database
from lianyue.records.sql import SqlRecords
from lianyue.settings import Environment, Settings
from rules.problems import RuleProblems


def test_publishing_twice_is_publishing_once(database: Database) -> None:
    """A restart publishes the same editions and packs again and changes nothing."""
    records = SqlRecords(database)
    publish(records, None, categories())
    first = records.editions()

    publish(records, None, categories())

    assert first == records.editions()
    assert len(first) > 11


def test_two_categories_may_have_the_same_form(database: Database, tmp_path: Path) -> None:
    """A category made by copying another folder shares its forms word for word and is published beside it."""
    copied = tmp_path / "gardening"
    shutil.copytree(str(shipped() / "greening"), copied)
    pack = (copied / "pack.yaml").read_text(encoding="utf-8")
    (copied / "pack.yaml").write_text(pack.replace("code: greening", "code: gardening", 1), encoding="utf-8")
    records = SqlRecords(database)

    publish(records, None, categories(tmp_path))

    assert "gardening" in [edition.name for edition in records.editions()]


def test_a_book_with_problems_publishes_nothing(database: Database, tmp_path: Path) -> None:
    """One wrong file of the operator's, and no edition is published at all."""
    (tmp_path / "wrong.yaml").write_text("apiVersion: lianyue/v1\nkind: AllocationPolicy\n", encoding="utf-8")
    records = SqlRecords(database)

    with pytest.raises(RuleProblems):
        publish(records, tmp_path, categories())

    assert () == records.editions()


def test_production_is_refused_on_test_keys_before_anything_starts(tmp_path: Path) -> None:
    """With environment=production an instance does not start on development keys, and leaves no records behind."""
    instance = Instance(Settings(environment=Environment.PRODUCTION, data=tmp_path / "data"))

    with pytest.raises(UnfitForProduction, match="whose keys are test keys"):
        instance.prepare()

    assert not (tmp_path / "data" / "records.sqlite").exists()


def test_an_edition_is_not_edited_once_it_is_published(database: Database, tmp_path: Path) -> None:
    """The message stands at the place of its first day, and what was published stays."""
    records = SqlRecords(database)
    text = "apiVersion: lianyue/v1\nkind: ParameterSet\nmetadata: {name: own, title: 参数}\nspec:\n"
    text += '  effective: {from: "2025-07-01"}\n  parameters: {}\n'
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    publish(records, tmp_path, categories())
    before = records.editions()
    (tmp_path / "own.yaml").write_text(text.replace("参数", "别的参数"), encoding="utf-8")

    with pytest.raises(RuleProblems) as refused:
        publish(records, tmp_path, categories())

    expected = "own.yaml:5:21: ParameterSet 'own' from 2025-07-01 was published with other content"
    assert expected in str(refused.value)
    assert before == records.editions()
