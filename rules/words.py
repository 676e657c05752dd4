"""Words that rule files share: names and ids, expressions, numbers of members, parts of a whole."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Asks:
    """Marks a field that holds an expression: the type it must have, and whether it is put to every member."""

    expects: str
    each_member: bool


MemberInt = Annotated[Expression, Asks("int", each_member=True)]
"""A whole number of each selected member."""

MemberText = Annotated[Expression, Asks("string", each_member=True)]
"""A word about each selected member."""

StatedInt = Annotated[int, Field(strict=True, ge=-(10**15), le=10**15)]

MemberFigure = Annotated[StatedInt | Expression, Asks("int", each_member=True)]
"""A whole number of each selected member; stated as such, it is the same for all."""

ContractInt = Annotated[StatedInt | Expression, Asks("int", each_member=False)]
"""A whole number, stated as such or as an expression over the contract and the parameters."""

OptionalContractInt = Annotated[StatedInt | Expression | None, Asks("int", each_member=False)]
"""The same, where it may be left out."""
