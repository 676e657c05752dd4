"""How wide the columns are, and how the names of constraints are made, in every table."""

from __future__ import annotations

from sqlmodel import SQLModel

from lianyue.records.constraints import NAMING

NUMBER, COMPANY, USER, SLUG, DIGEST, KEY, LINE = 24, 12, 40, 64, 71, 240, 200

SQLModel.metadata.naming_convention = NAMING
