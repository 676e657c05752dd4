"""What expressions may read and the figures they use: the kinds TypeSet and ParameterSet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.calendar import epoch_day
from contracts.value import Authored, Line
from rules.documents.envelope import ALWAYS, Day, Document, Effective
from rules.words import Name


class TypeSetSpec(Authored):
    """Record types by name, each with the types of its fields."""

    effective: Effective = ALWAYS
    types: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{0,63}$")], dict[Name, str]]


class TypeSet(Document):
    """What expressions may read."""

    kind: Literal["TypeSet"]
    spec: TypeSetSpec


class DatedValue(Authored):
    """The value of a parameter from a day on."""

    since: Day = Field(alias="from")
    value: int | str | bool | tuple[str, ...]
    reference: Line | None = None


class Parameter(Authored):
    """A figure the rules use, with its unit and every value it has had."""

    type: Literal["int", "string", "bool", "list<string>"]
    title: Line | None = None
    unit: Line | None = None
    values: Annotated[tuple[DatedValue, ...], Field(min_length=1)]

    def on(self, day: int) -> DatedValue | None:
        """The value in force on epoch *day*, if it had one by then."""
        begun = [dated for dated in self.values if epoch_day(dated.since) <= day]
        return begun[-1] if begun else None


class ParameterSetSpec(Authored):
    """Parameters by name."""

    effective: Effective = ALWAYS
    parameters: dict[Name, Parameter]


class ParameterSet(Document):
    """The figures, apart from the rules that use them."""

    kind: Literal["ParameterSet"]
    spec: ParameterSetSpec
