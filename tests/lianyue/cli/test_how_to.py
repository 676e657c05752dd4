"""The how-to pages that need neither server nor records, followed to the letter."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.pages import Reader, blocks

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", ["write-a-rule", "write-a-table"])
def test_a_page_does_what_it_says(name: str, lianyue: Any, place: Path) -> None:
    """From a checkout and this page alone one comes to the end, and everything is printed as promised."""
    shutil.copytree(ROOT / "rules" / "books", place / "rules" / "books")

    def ran(words: Sequence[str]) -> str:
        came = lianyue(*words)
        return str(came.out + came.err)

    Reader(place, ran).follow((ROOT / "docs" / "how-to" / f"{name}.md").read_text(encoding="utf-8"))


def test_the_slip_in_the_readme(lianyue: Any, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mistake that the README shows is made in the shipped book, and shown like this."""
    shutil.copytree(ROOT / "rules" / "books", place / "books")
    monkeypatch.chdir(place / "books")
    shown = next(text for _, text, _ in blocks((ROOT / "README.md").read_text("utf-8")) if "did you mean" in text)
    file, wrong, right = re.findall(r"^(\S+?):.*unknown field '(\w+)'; did you mean '(\w+)'", shown)[0]
    book = Path(file)
    book.write_text(book.read_text("utf-8").replace(f"{right}:", f"{wrong}:", 1), encoding="utf-8")

    ran = lianyue("rules", "check", file)

    assert shown == ran.out + ran.err
