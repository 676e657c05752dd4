"""The two kinds of model all nouns are made of, and the scalar types they share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Fen = Annotated[int, Field(strict=True, ge=-(10**15), le=10**15)]
"""Money in fen; strict, so that neither a float nor a bool passes. The bound is 10 trillion yuan."""

PositiveFen = Annotated[int, Field(strict=True, gt=0, le=10**15)]
"""A price or a value: at least one fen."""

BasisPoints = Annotated[int, Field(strict=True, ge=0, le=10_000)]
"""A ratio from nothing to all, in 1/10,000."""

Count = Annotated[int, Field(strict=True, ge=0, le=10**12)]
"""A quantity that cannot be negative."""

EpochDay = Annotated[int, Field(strict=True, ge=-36_500, le=73_000)]
"""Days since 1970-01-01, counted in Asia/Shanghai."""

Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,11}$")]
"""A company: two to twelve capital letters and digits."""

UserName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,39}$")]
"""A person: two to forty small letters, digits, dots and dashes."""

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
"""A name for machines: small letters, digits, dashes."""

Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]*[^\s\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]"
        r"[^\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]*$",
    ),
]
"""One visible line for people: no control or direction-override characters, not only blanks."""

Reason = Annotated[str, Field(min_length=2, max_length=2_000)]
"""Why somebody did something; never empty where it matters."""

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
"""``sha256:`` and 64 hexadecimal digits."""

Json = dict[str, Any]
"""An object of JSON values; floats are refused where it enters (rules.forms)."""


class Authored(BaseModel):
    """A value that a person writes: an unknown field is a mistake and is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Recorded(BaseModel):
    """A value that history keeps: an unknown field comes from a newer release and is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")
