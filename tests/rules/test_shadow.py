"""A policy in shadow mode: kept apart from those that decide, checked and tried like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.calendar import epoch_day
from contracts.errors import UnknownName
from rules import cases
from rules.check_book import problems_in
from rules.documents.envelope import SHADOW_POLICY
from rules.library import Library

BOOKS = Path(__file__).parents[2] / "rules" / "books"
FILES = {str(path.relative_to(BOOKS)): path.read_text(encoding="utf-8") for path in sorted(BOOKS.glob("*/*.yaml"))}
CANTEEN = FILES["canteen/2025-01-01.yaml"]
SHADOW = CANTEEN.replace('effective: {from: "2025-01-01"}', 'effective: {from: "2025-01-01"}\n  mode: shadow')
BESIDE = {**FILES, "canteen/shadow.yaml": SHADOW}
DAY = epoch_day("2025-11-01")


def test_a_shadow_may_begin_with_the_edition_that_decides() -> None:
    """They do not overlap, because only one of them decides."""
    assert () == problems_in(BESIDE)


def test_two_shadows_of_one_name_overlap() -> None:
    """Of shadows too only one is in force on a day."""
    found = problems_in({**BESIDE, "canteen/shadow-again.yaml": SHADOW})

    assert [("canteen/shadow.yaml", "overlap")] == [(problem.file, problem.code) for problem in found]


def test_a_shadow_is_never_the_policy_in_force() -> None:
    """Not by name, not by category, and not even where nothing else is there."""
    alone = {file: text for file, text in BESIDE.items() if file != "canteen/2025-01-01.yaml"}

    assert Library.of(FILES).policy_for("canteen", DAY) is Library.of(BESIDE).policy_for("canteen", DAY)
    assert "default" == Library.of(alone).policy_for("canteen", DAY).name
    with pytest.raises(UnknownName):
        Library.of(alone).policy("canteen", DAY)
    assert "canteen" == Library.of(alone).policy("canteen", DAY, SHADOW_POLICY).name


def test_cases_say_that_they_are_about_a_shadow() -> None:
    """With ``mode: shadow`` the shadow answers; without a shadow there is nothing to ask."""
    about = FILES["canteen/cases.yaml"].replace("  policy: canteen\n", "  policy: canteen\n  mode: shadow\n")

    assert all(result.passed for result in cases.run(about, BESIDE))
    with pytest.raises(UnknownName):
        cases.run(about, FILES)


def test_the_mode_is_one_of_two_words() -> None:
    """A slip is told with what was meant."""
    (problem,) = problems_in({**FILES, "canteen/shadow.yaml": SHADOW.replace("mode: shadow", "mode: shadwo")})

    assert "'mode' must be one of decides, shadow, not \"shadwo\"; did you mean 'shadow'?" == problem.message
