"""The envelope of every rule file: what it is called, from when to when it is in force, and what kinds there are."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from contracts.calendar import epoch_day
from contracts.value import Authored, Line, Slug


def _date(text: str) -> str:
    """Refuse what is not a date of the calendar, written in full."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a date; write it like "2025-07-01"') from None
    return text


Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_date)]
"""A quoted date, ``"2025-07-01"``."""


class Kind(StrEnum):
    """The kinds of rule file."""

    TYPE_SET = "TypeSet"
    PARAMETER_SET = "ParameterSet"
    GUARD_SET = "GuardSet"
    ALLOCATION_POLICY = "AllocationPolicy"
    AUTHORITY_MATRIX = "AuthorityMatrix"
    DECISION_TABLE = "DecisionTable"
    POLICY_EXCEPTION = "PolicyException"
    POLICY_TEST = "PolicyTest"


SHADOW_POLICY = "ShadowPolicy"
"""Where policies that run as shadows are kept, apart from those that decide, so that none is ever taken for one."""


class Metadata(Authored):
    """What a file is called, who keeps it, and by which law or resolution it says what it says."""

    name: Slug
    title: Line
    title_en: Line | None = None
    owner: Line | None = None
    reference: tuple[Line, ...] = ()


class SourcedMetadata(Metadata):
    """Metadata of a file that decides something: it must name its source."""

    reference: Annotated[tuple[Line, ...], Field(min_length=1)]


class Effective(Authored):
    """From which day an edition is in force, and up to which day, exclusive; open, it ends with the next edition."""

    first: Day = Field(alias="from")
    end: Day | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.end is not None and self.end <= self.first:
            raise ValueError(f'"to" must be later than "from" {self.first}')
        return self

    @property
    def from_day(self) -> int:
        """The first day as an epoch day."""
        return epoch_day(self.first)

    @property
    def to_day(self) -> int | None:
        """The day it is no longer in force, as an epoch day, where it is set."""
        return None if self.end is None else epoch_day(self.end)


ALWAYS = Effective.model_validate({"from": "1970-01-01"})
"""In force as long as there is no other edition."""


class Document(Authored):
    """The envelope of every rule file."""

    api_version: Literal["lianyue/v1"] = Field(alias="apiVersion")
    metadata: Metadata
