"""What a policy's fee method takes out of an amount: its levels put into figures, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.decision import FeeBase
from contracts.errors import Invalid
from contracts.money import yuan
from rules.divide.fee_methods import EmcShare, Level, MinimumGuarantee, Referral, TieredCommission, Waterfall
from rules.divide.fees import (
    Charge,
    Step,
    Tier,
    Year,
    commission,
    guaranteed,
    letting_fee,
    owner_parts,
    referral_fee,
    staged,
    waterfall,
    within,
)
from rules.divide.measures import Measures
from rules.divide.methods import Divide

LARGEST_FEN = 10**15
"""The bound of every amount, 10 trillion yuan."""


def charges_of(divide: Divide, amount_fen: int, measures: Measures) -> tuple[Charge, ...]:
    """
    Return what is owed out of *amount_fen*, which is not negative; nothing for a method that takes nothing.

    Only a minimum guarantee may come to more than the amount: it is owed also where the revenue falls short.

    Raises:
        Invalid: If an expression gave a figure that cannot be money.
    """
    charges = tuple(_charges(divide, amount_fen, measures))
    for charge in charges:
        if max(abs(charge.base_fen), abs(charge.amount_fen)) > LARGEST_FEN:
            raise Invalid(f"the level {charge.level!r} comes to {charge.amount_fen} fen of {charge.base_fen}")
    return charges


def _charges(divide: Divide, amount_fen: int, measures: Measures) -> Iterable[Charge]:
    match divide:
        case Waterfall():
            steps = [_step(level, index, measures) for index, level in enumerate(divide.levels)]
            return waterfall(steps, amount_fen)
        case Referral():
            return _referral(divide, amount_fen, measures)
        case TieredCommission():
            return (_commission(divide, amount_fen, measures),)
        case EmcShare():
            return _owner(divide, _upright(years_of(divide, measures)))
        case MinimumGuarantee():
            return (_guarantee(divide, amount_fen, measures),)
        case _:
            return ()


def _upright(years: tuple[Year, ...]) -> tuple[Year, ...]:
    """The years with their sum turned positive, as the amount is."""
    if sum(year.shared_fen for year in years) >= 0:
        return years
    return tuple(Year(-year.saving_fen, -year.adjustment_fen, year.owner_bp) for year in years)


def years_of(divide: EmcShare, measures: Measures) -> tuple[Year, ...]:
    """The years of the term in figures; the sum of what they share is the amount."""
    return tuple(
        Year(
            measures.figure(("years", index, "saving_fen"), year.saving_fen),
            measures.figure(("years", index, "adjustment_fen"), year.adjustment_fen),
            year.owner_bp,
        )
        for index, year in enumerate(divide.years)
    )


def _step(level: Level, index: int, measures: Measures) -> Step:
    path = ("levels", index)
    return Step(
        level=level.id,
        payee=level.payee,
        base=level.base,
        rate_bp=level.rate_bp,
        vat_bp=level.vat_bp,
        amount_fen=measures.limit((*path, "amount_fen"), level.amount_fen),
        floor_fen=measures.limit((*path, "floor_fen"), level.floor_fen),
        cap_fen=measures.limit((*path, "cap_fen"), level.cap_fen),
        note=level.title or "",
    )


def _referral(divide: Referral, amount_fen: int, measures: Measures) -> Iterator[Charge]:
    cap_fen = measures.limit(("cap_fen",), divide.cap_fen)
    base_fen = measures.limit(("base_fen",), divide.base_fen)
    if divide.rate_bp is not None:
        reckoned = amount_fen if base_fen is None else base_fen
        fee = referral_fee(reckoned, divide.rate_bp, cap_fen)
        charge = Charge("referral", divide.payee, FeeBase.GROSS, reckoned, fee)
    else:
        let_m2 = measures.limit(("let_m2",), divide.let_m2) or 0
        unit_fee_fen = measures.limit(("unit_fee_fen",), divide.unit_fee_fen) or 0
        fee = letting_fee(let_m2, unit_fee_fen, cap_fen)
        note = f"{let_m2} 平方米，每平方米 {yuan(unit_fee_fen)}"
        charge = Charge("referral", divide.payee, FeeBase.GROSS, amount_fen, fee, note)
    stages = [(stage.id, stage.title, stage.part_bp) for stage in divide.stages]
    return staged(within(charge, amount_fen), stages)


def _commission(divide: TieredCommission, amount_fen: int, measures: Measures) -> Charge:
    tiers = [Tier(None if isinstance(b.up_to_fen, str) else b.up_to_fen, b.rate_bp) for b in divide.brackets]
    fee, cap_fen = commission(amount_fen, tiers), measures.limit(("cap_fen",), divide.cap_fen)
    fee = fee if cap_fen is None else max(0, min(fee, cap_fen))
    return Charge("commission", divide.payee, FeeBase.GROSS, amount_fen, fee)


def _owner(divide: EmcShare, years: tuple[Year, ...]) -> Iterator[Charge]:
    for number, (year, owned) in enumerate(zip(years, owner_parts(years), strict=True), start=1):
        adjusted = f"，含基线调整 {yuan(year.adjustment_fen)}" if year.adjustment_fen else ""
        note = f"第 {number} 年节能效益 {yuan(year.shared_fen)}{adjusted}"
        yield Charge(f"year-{number}", divide.payee, FeeBase.GROSS, year.shared_fen, owned, note)


def _guarantee(divide: MinimumGuarantee, amount_fen: int, measures: Measures) -> Charge:
    guarantee_fen = measures.figure(("guarantee_fen",), divide.guarantee_fen)
    owed = guaranteed(amount_fen, guarantee_fen, divide.rate_bp)
    note = f"保底 {yuan(guarantee_fen)}" if owed == guarantee_fen else ""
    return Charge("guarantee", divide.payee, FeeBase.GROSS, amount_fen, owed, note)
