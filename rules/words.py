"""Words that rule files share: names and ids, expressions, numbers of members, parts of a whole."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A name that expressions use: small letters, digits and underscores."""

RuleId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
"""A rule's id: small letters, digits and dashes; it never changes its meaning."""

Expression = Annotated[str, Field(min_length=1, max_length=4_000)]
"""CEL; the place fixes the type it must have."""

Places = Annotated[int, Field(strict=True, ge=1, le=50)]
"""How many members; nobody shares one contract among more than fifty."""

Ratio = Annotated[int, Field(strict=True, ge=1, le=10_000)]
"""A part that is not nothing, in basis points."""
