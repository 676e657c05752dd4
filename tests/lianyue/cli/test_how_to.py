"""The how-to pages that need neither server nor records, followed to the letter."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.pages import Reader

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", ["write-a-rule", "write-a-table"])
def test_a_page_does_what_it_says(name: str, lianyue: Any, place: Path) -> None:
    """From a checkout and this page alone one comes to the end, and everything is printed as promised."""
    shutil.copytree(ROOT / "rules" / "books", place / "rules" / "books")

    def ran(words: Sequence[str]) -> str:
        came = lianyue(*words)
        return str(came.out + came.err)

    Reader(place, ran).follow((ROOT / "docs" / "how-to" / f"{name}.md").read_text(encoding="utf-8"))
