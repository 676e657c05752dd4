"""The records as somebody opens them for reading."""

from __future__ import annotations

from typing import NamedTuple

from lianyue.records.directory import Directory
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords


class Opened(NamedTuple):
    """The records, for reading; ``published`` has the texts of rules and packs."""

    reading: Reading
    directory: Directory
    published: SqlRecords
