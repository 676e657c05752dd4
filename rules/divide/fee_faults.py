"""Whether the levels, stages and brackets of a fee method agree with themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from contracts.decision import FeeBase
from contracts.value import Authored
from rules.divide.fee_methods import Level, Referral, TieredCommission, Waterfall
from rules.faults import WHOLE_BP, limit_faults, repeated, sum_fault
from rules.problems import Problem
from rules.source import Path, Source


def fee_faults(source: Source, path: Path, part: Authored) -> Iterator[Problem]:
    """What is wrong with *part*, which stands at *path*; a part that takes no fee has none of these faults."""
    match part:
        case Waterfall():
            yield from repeated(source, [level.id for level in part.levels], (*path, "levels"), "id", "level")
            yield from _net_faults(source, (*path, "levels"), part.levels)
            yield from _exhaustion_faults(source, (*path, "levels"), part.levels)
        case Level():
            yield from _level_faults(source, path, part)
        case Referral():
            yield from _referral_faults(source, path, part)
        case TieredCommission():
            limits = [bracket.up_to_fen for bracket in part.brackets]
            yield from limit_faults(source, limits, (*path, "brackets"), "bracket")


def _level_faults(source: Source, path: Path, level: Level) -> Iterator[Problem]:
    stated = [name for name in ("rate_bp", "vat_bp", "amount_fen") if getattr(level, name) is not None]
    if len(stated) != 1:
        found = " and ".join(stated) or "none of them"
        message = f"the level {level.id!r} states {found}; it takes exactly one of rate_bp, vat_bp and amount_fen"
        yield source.problem(path, "division", message, key=True)
    low, high = level.floor_fen, level.cap_fen
    if isinstance(low, int) and isinstance(high, int) and low > high:
        message = f"the floor of {low} lies above the cap of {high}"
        yield source.problem((*path, "floor_fen"), "division", message)


def _net_faults(source: Source, path: Path, levels: Sequence[Level]) -> Iterator[Problem]:
    """The net is there only below the level that takes the tax, and the tax is taken once."""
    is_net = False
    for index, level in enumerate(levels):
        if level.base is FeeBase.NET and not is_net:
            message = f"the level {level.id!r} is reckoned on the net, but no level before it takes the tax (vat_bp)"
            yield source.problem((*path, index, "base"), "order", message)
        if level.vat_bp is not None and is_net:
            message = f"the level {level.id!r} takes the tax a second time"
            yield source.problem((*path, index, "vat_bp"), "division", message)
        is_net = is_net or level.vat_bp is not None


def _exhaustion_faults(source: Source, path: Path, levels: Sequence[Level]) -> Iterator[Problem]:
    """No level comes when the rates before it have taken everything, and none takes more than is left."""
    left = net = Fraction(1)
    for index, level in enumerate(levels):
        if left <= 0:
            message = f"nothing is left for the level {level.id!r}: the levels before it take everything"
            yield source.problem((*path, index, "id"), "division", message)
            return
        part = _part(level, {FeeBase.GROSS: Fraction(1), FeeBase.NET: net, FeeBase.RESIDUAL: left}[level.base])
        if part > left:
            message = f"the level {level.id!r} takes more than the levels before it leave"
            yield source.problem((*path, index), "division", message, key=True)
            return
        left -= part
        net -= part if level.vat_bp is not None else 0


def _part(level: Level, base: Fraction) -> Fraction:
    """What a level is known to take of the whole; nothing where a cap or an amount in fen decides."""
    if level.cap_fen is not None:
        return Fraction(0)
    if level.vat_bp is not None:
        return base * Fraction(level.vat_bp, WHOLE_BP + level.vat_bp)
    return base * Fraction(level.rate_bp or 0, WHOLE_BP)


def _referral_faults(source: Source, path: Path, divide: Referral) -> Iterator[Problem]:
    by_area = [name for name in ("let_m2", "unit_fee_fen") if getattr(divide, name) is not None]
    if (divide.rate_bp is None) is (not by_area) or len(by_area) == 1:
        message = "referral takes either rate_bp, or let_m2 and unit_fee_fen"
        yield source.problem((*path, "method"), "division", message)
    if divide.base_fen is not None and divide.rate_bp is None:
        message = "base_fen is what rate_bp is reckoned on, and there is none"
        yield source.problem((*path, "base_fen"), "division", message, key=True)
    yield from sum_fault(source, [stage.part_bp for stage in divide.stages], (*path, "stages"), "stages")
    yield from repeated(source, [stage.id for stage in divide.stages], (*path, "stages"), "id", "stage")
