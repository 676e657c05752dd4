"""A small alliance behind the HTTP door: one contract with sealed quotes, one that was awarded and delivered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from lianyue.records.upgrade import upgrade
from tests.portal.town import Town, town

READER = "lianyue_reader"


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def lived_in(tmp_path_factory) -> AsyncIterator[Town]:  # type: ignore[no-untyped-def]
    """The town with its two contracts; tests that share it leave it as they find it."""
    folder: Path = tmp_path_factory.mktemp("town")
    upgrade(f"sqlite:///{folder / 'records.db'}")
    async with town(folder, f"sqlite:///{folder / 'records.db'}") as made:
        await made.settle()
        yield made


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def walled(tmp_path_factory, postgres_of_package: str) -> AsyncIterator[Town]:  # type: ignore[no-untyped-def]
    """The same town on PostgreSQL, where the database itself withholds what is not for the viewer."""
    upgrade(postgres_of_package, READER)
    folder: Path = tmp_path_factory.mktemp("walled")
    async with town(folder, postgres_of_package, database_reader=READER) as made:
        await made.settle()
        yield made


@pytest_asyncio.fixture
async def fresh(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A town of its own, with nothing in it but the alliance."""
    async with town(tmp_path, sqlite_url) as made:
        yield made
