"""How a decision table is written: its columns, outputs and rows, and what happens when several rows match."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from contracts.value import Authored, Line
from rules.words import Expression, Name, RuleId

MOST_ROWS = 500

Value = int | str | bool
"""A value of a column or an output."""

Cell = Annotated[str, Field(min_length=1, max_length=500)] | int | bool
"""A test in the grammar of `rules.table.cells`; a bare number, true or false stands for itself."""


class HitPolicy(StrEnum):
    """What happens when several rows match, as in DMN."""

    UNIQUE = "unique"
    """At most one row matches; that is proven."""
    ANY = "any"
    """Several may match, with the same result; that is proven."""
    PRIORITY = "priority"
    """Of the rows that match, the result that stands first in the ``values`` of the outputs."""
    FIRST = "first"
    """The first row that matches."""
    RULE_ORDER = "rule_order"
    """The results of all rows that match, as a list in the order of the rows."""
    COLLECT = "collect"
    """The results of all rows that match, drawn together by ``aggregate``."""


class Aggregate(StrEnum):
    """How ``collect`` draws the results together: C, C+, C<, C> and C# of DMN."""

    LIST = "list"
    """As a list in the order of the rows; DMN leaves the order open."""
    SUM = "sum"
    LEAST = "least"
    GREATEST = "greatest"
    COUNT = "count"


class Reads(StrEnum):
    """Which facts the columns may read; it decides where the table may be used."""

    CONTRACT = "contract"
    """Names about the contract as a whole."""
    MEMBER = "member"
    """These, the member and its ledger."""
    QUOTE = "quote"
    """These, and its quote."""


class Column(Authored):
    """
    What the cells below it test: a whole number, text, or true or false.

    The ``domain`` says which values there are: intervals of whole numbers in the grammar of a cell, or a list of
    texts. Without one there are all of int64, or all texts.
    """

    name: Name
    value: Expression
    domain: Annotated[str, Field(min_length=1, max_length=500)] | tuple[str, ...] | None = None


class Output(Authored):
    """A part of the result; ``values`` are those it may have, the one with the highest priority first."""

    name: Name
    type: Literal["int", "string", "bool"]
    values: tuple[Value, ...] = ()


class Row(Authored):
    """One rule: it matches when every cell of ``in`` holds, and then says ``out``."""

    id: RuleId
    cells: tuple[Cell, ...] = Field(alias="in")
    results: tuple[Value, ...] = Field(alias="out")
    reference: Line | None = None
    note: Line | None = None


class TableLayout(Authored):
    """
    A decision table apart from its envelope.

    ``default`` is the result when no row matches: a value for each output; of a list policy the empty list; of an
    aggregate the one whole number.
    """

    reads: Reads
    hit: HitPolicy = HitPolicy.UNIQUE
    aggregate: Aggregate = Aggregate.LIST
    columns: Annotated[tuple[Column, ...], Field(min_length=1, max_length=20)]
    outputs: Annotated[tuple[Output, ...], Field(min_length=1, max_length=20)]
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=MOST_ROWS)]
    default: tuple[Value, ...] | None = None

    @property
    def gives_list(self) -> bool:
        """Whether the value is a list with one entry for each row that matches."""
        return self.hit is HitPolicy.RULE_ORDER or (self.hit is HitPolicy.COLLECT and self.aggregate is Aggregate.LIST)

    @property
    def gives_aggregate(self) -> bool:
        """Whether the value is one whole number drawn from all rows that match."""
        return self.hit is HitPolicy.COLLECT and self.aggregate is not Aggregate.LIST
