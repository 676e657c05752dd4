"""How a policy file states how to divide: one model for each method, told apart by ``method``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from pydantic import Field

from contracts.value import Authored
from rules.divide.fee_methods import EmcShare, MinimumGuarantee, Referral, TieredCommission, Waterfall
from rules.divide.member_methods import (
    ActualBased,
    Bounded,
    DeficitFill,
    Equal,
    FixedShare,
    Graded,
    InversePrice,
    LeadSub,
    MemberDivision,
    ProRata,
    RankTiers,
    ScoreProp,
    Whole,
)
from rules.source import Path
from rules.words import Asks

Divide = Annotated[
    Whole
    | Equal
    | FixedShare
    | RankTiers
    | ProRata
    | ScoreProp
    | InversePrice
    | DeficitFill
    | Graded
    | Bounded
    | LeadSub
    | ActualBased
    | Waterfall
    | Referral
    | TieredCommission
    | EmcShare
    | MinimumGuarantee,
    Field(discriminator="method"),
]


class Asked(NamedTuple):
    """An expression of a division: its path below the division, its text, and what it must be."""

    path: Path
    text: str
    asks: Asks


def member_division(divide: Divide) -> MemberDivision:
    """The part of *divide* that says who does how much: its residual, or all of it where nothing is taken out."""
    if isinstance(divide, Waterfall | Referral | TieredCommission | EmcShare | MinimumGuarantee):
        return divide.residual
    return divide


def residual_path(divide: Divide) -> Path:
    """Where `member_division` stands below *divide*."""
    return () if member_division(divide) is divide else ("residual",)


def is_measured(divide: Divide) -> bool:
    """Whether *divide* itself says what the amount is: the sum of what was delivered, or saved."""
    return isinstance(divide, EmcShare) or isinstance(member_division(divide), ActualBased)


def parts_within(divide: Authored, path: Path = ()) -> Iterator[tuple[Path, Authored]]:
    """Every method and level within *divide*, itself first, each with its path below it."""
    yield path, divide
    for name in type(divide).model_fields:
        value = getattr(divide, name)
        if isinstance(value, Authored):
            yield from parts_within(value, (*path, name))
        elif isinstance(value, tuple):
            for index, each in enumerate(value):
                if isinstance(each, Authored):
                    yield from parts_within(each, (*path, name, index))


def expressions_within(divide: Divide) -> Iterator[Asked]:
    """Every expression of *divide*, in the order in which the models state them; a stated number is none."""
    for path, part in parts_within(divide):
        for name, field in type(part).model_fields.items():
            marks = [mark for mark in field.metadata if isinstance(mark, Asks)]
            value = getattr(part, name)
            if marks and isinstance(value, str):
                yield Asked((*path, name), value, marks[0])
