"""Records with the small alliance in them."""

from __future__ import annotations

import pytest

from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords
from tests.lianyue.records.samples import ALLIANCE, AT, DIGEST, order


@pytest.fixture
def alliance(database: Database) -> Database:
    """A database with the alliance in it."""
    Directory(database).load(ALLIANCE)
    return database


@pytest.fixture
def records(alliance: Database) -> SqlRecords:
    """Records with the alliance and its first contract."""
    Door(alliance).register(order(), DIGEST, AT)
    return SqlRecords(alliance, now=lambda: AT)


@pytest.fixture
def reading(alliance: Database) -> Reading:
    """The questions to these records."""
    return Reading(alliance)
