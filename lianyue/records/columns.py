"""Column types that mean the same on SQLite and PostgreSQL, and refuse what either would bend."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, Integer, LargeBinary, String, Text, literal
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, col

from contracts.errors import Invalid
from lianyue.records.text import storable

LARGEST = 2**63 - 1
MOMENT_LENGTH = len("2025-07-01T01:30:00.000000Z")
DOCUMENT = 4_000_000
"""The longest JSON document in characters; Temporal carries less."""


class Words(TypeDecorator[str]):
    """Text of at most *length* characters, without NUL and lone surrogates."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """A STRICT table of SQLite knows TEXT only; a CHECK keeps the length there."""
        return Text() if dialect.name == "sqlite" else String(self.length)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Refuse what is not text, or too long."""
        if value is None:
            return None
        if not isinstance(value, str):
            raise Invalid(f"{value!r} is not text")
        if len(value) > self.length:
            raise Invalid(f"{len(value)} characters are more than the {self.length} that fit")
        return str(storable(value))


class Whole(TypeDecorator[int]):
    """A whole number of 64 bits; neither a float nor a bool passes."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """INTEGER has 64 bits on SQLite, and only under that name numbers rows."""
        return Integer() if dialect.name == "sqlite" else BigInteger()

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:  # noqa: ARG002
        """PostgreSQL would round a float in silence."""
        if value is None:
            return None
        if type(value) is not int:
            raise Invalid(f"{value!r} is not a whole number")
        if not -LARGEST - 1 <= value <= LARGEST:
            raise Invalid("a number is outside the range of int64")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:  # noqa: ARG002
        """A sum comes back from PostgreSQL as a decimal without a fraction."""
        return None if value is None else int(value)


class YesNo(TypeDecorator[bool]):
    """A truth; 0 or 1 on SQLite."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """A STRICT table of SQLite has no boolean."""
        return Integer() if dialect.name == "sqlite" else Boolean()

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Refuse anything but the two truths."""
        if not isinstance(value, bool):
            raise Invalid(f"{value!r} is neither true nor false")
        return int(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:  # noqa: ARG002
        """Give a bool on both."""
        return None if value is None else bool(value)


class Moment(TypeDecorator[datetime]):
    """A moment, as UTC text of fixed width, so that its order is the order of time; a naive one is refused."""

    impl = String
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(MOMENT_LENGTH)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TEXT on SQLite."""
        return Text() if dialect.name == "sqlite" else String(MOMENT_LENGTH)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write ``2025-07-01T01:30:00.000000Z``."""
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise Invalid(f"{value!r} is not a moment with its time zone")
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read it back, aware."""
        return None if value is None else datetime.fromisoformat(value)


def words(length: int, **options: Any) -> Any:
    """A text field of at most *length* characters."""
    return Field(sa_type=Words(length), **options)


def document(**options: Any) -> Any:
    """A field that holds a JSON document as text."""
    return words(DOCUMENT, **options)


def whole(**options: Any) -> Any:
    """A whole-number field."""
    return Field(sa_type=Whole(), **options)


def yes_no(**options: Any) -> Any:
    """A truth field."""
    return Field(sa_type=YesNo(), **options)


def moment(**options: Any) -> Any:
    """A field for a moment."""
    return Field(sa_type=Moment(), **options)


def content(**options: Any) -> Any:
    """A field for bytes."""
    return Field(sa_type=LargeBinary(), **options)


def holds(column: bool) -> ColumnElement[bool]:
    """The condition that a truth is so; ``IS`` would want a literal on PostgreSQL."""
    return col(column) == literal(True, YesNo())
