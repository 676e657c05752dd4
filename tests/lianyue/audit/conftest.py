"""Bundles of the recorded stories, each made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lianyue.audit.archive import bundle_of


@pytest.fixture(scope="session")
def bundle(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """What gives the bundle of a story."""
    made: dict[str, bytes] = {}

    def of(story: str) -> bytes:
        if story not in made:
            made[story] = bundle_of(story, sqlite_template, tmp_path_factory.mktemp("house") / story)
        return made[story]

    return of
