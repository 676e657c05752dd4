"""A house for each test: the small alliance on the time-skipping server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lianyue.testing import House, house


@pytest.fixture
async def home(tmp_path: Path, sqlite_url: str) -> AsyncIterator[House]:
    """The small alliance at work, its records on SQLite."""
    async with house(tmp_path, sqlite_url) as opened:
        yield opened
