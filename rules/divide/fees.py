"""Fees: how much each level takes out of an amount, and what is left to divide; all in whole fen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from contracts.decision import Fee, FeeBase
from contracts.money import share_of, split, taxed, yuan


@dataclass(frozen=True)
class Charge:
    """What one level takes: who is owed, what it was reckoned on, and how much."""

    level: str
    payee: str
    base: FeeBase
    base_fen: int
    amount_fen: int
    note: str = ""


class Step(NamedTuple):
    """A level of a waterfall in figures; exactly one of ``rate_bp``, ``vat_bp`` and ``amount_fen`` is stated."""

    level: str
    payee: str
    base: FeeBase
    rate_bp: int | None = None
    vat_bp: int | None = None
    amount_fen: int | None = None
    floor_fen: int | None = None
    cap_fen: int | None = None
    note: str = ""


class Tier(NamedTuple):
    """A marginal bracket: its inclusive end (None without one) and its rate."""

    up_to_fen: int | None
    rate_bp: int


class Year(NamedTuple):
    """A year of saving: what was verified, the adjustment of its baseline, and the owner's part."""

    saving_fen: int
    adjustment_fen: int
    owner_bp: int

    @property
    def shared_fen(self) -> int:
        """The saving that is shared: verified and adjusted."""
        return self.saving_fen + self.adjustment_fen


def waterfall(steps: Sequence[Step], gross_fen: int) -> tuple[Charge, ...]:
    """
    Take *steps* in order out of *gross_fen*; none takes more than is left, and says so where it wanted more.

    gross → value-added tax → pass-through cost → referral fee → alliance fee → lead fee → residual, or any other
    order: the order is part of the rule, because a base of ``residual`` is what the steps before have left, and a
    base of ``net`` is the gross without the tax taken so far.
    """
    charges: list[Charge] = []
    left = net = gross_fen
    for step in steps:
        base_fen = {FeeBase.GROSS: gross_fen, FeeBase.NET: net, FeeBase.RESIDUAL: left}[step.base]
        wanted = _wanted(step, base_fen)
        charge = Charge(step.level, step.payee, step.base, base_fen, wanted, step.note)
        charges.append(within(charge, left))
        left -= charges[-1].amount_fen
        net -= charges[-1].amount_fen if step.vat_bp is not None else 0
    return tuple(charges)


def _wanted(step: Step, base_fen: int) -> int:
    if step.vat_bp is not None:
        wanted = taxed(base_fen, step.vat_bp).vat_fen
    elif step.rate_bp is not None:
        wanted = share_of(base_fen, step.rate_bp)
    else:
        wanted = step.amount_fen or 0
    if step.floor_fen is not None:
        wanted = max(wanted, step.floor_fen)
    return max(0, wanted if step.cap_fen is None else min(wanted, step.cap_fen))


def within(charge: Charge, left_fen: int) -> Charge:
    """Return *charge* as far as *left_fen* goes."""
    if charge.amount_fen <= left_fen:
        return charge
    short = f"应计 {yuan(charge.amount_fen)}，余额只有 {yuan(left_fen)}"
    return replace(charge, amount_fen=left_fen, note="；".join(note for note in (charge.note, short) if note))


def referral_fee(base_fen: int, rate_bp: int, cap_fen: int | None) -> int:
    """min(cap, rate · base), rounded half up; never below nothing."""
    fee = share_of(base_fen, rate_bp)
    return max(0, fee if cap_fen is None else min(fee, cap_fen))


def letting_fee(let_m2: int, unit_fee_fen: int, cap_fen: int | None) -> int:
    """min(cap, area let · unit fee); never below nothing."""
    fee = let_m2 * unit_fee_fen
    return max(0, fee if cap_fen is None else min(fee, cap_fen))


def staged(charge: Charge, stages: Sequence[tuple[str, str, int]]) -> Iterator[Charge]:
    """One charge for each stage (id, title, part in bp); they sum to the whole, whose title the stage's joins."""
    parts = split(charge.amount_fen, {stage: part_bp for stage, _, part_bp in stages}) if stages else {}
    if not stages:
        yield charge
    for stage, title, _ in stages:
        note = "；".join(text for text in (title, charge.note) if text)
        yield replace(charge, level=stage, amount_fen=parts[stage], note=note)


def commission(amount_fen: int, tiers: Sequence[Tier]) -> int:
    """
    Σ (min(x, bₖ) − bₖ₋₁) · rₖ over the brackets that *amount_fen* reaches, rounded half up once.

    Marginal: a fen above a boundary changes the rate of that fen only.
    """
    exact, start = 0, 0
    for tier in tiers:
        end = amount_fen if tier.up_to_fen is None else min(amount_fen, tier.up_to_fen)
        exact += max(0, end - start) * tier.rate_bp
        start = end
    return (exact + 5_000) // 10_000


def owner_parts(years: Sequence[Year]) -> tuple[int, ...]:
    """σₜ · (verified saving + baseline adjustment) of each year, rounded half up; a negative year mirrors."""
    return tuple(share_of(year.shared_fen, year.owner_bp) for year in years)


def guaranteed(revenue_fen: int, guarantee_fen: int, rate_bp: int) -> int:
    """max(g, r · revenue): the guarantee is owed also where the revenue does not reach it."""
    return max(guarantee_fen, share_of(revenue_fen, rate_bp))


def rescaled(fees: Sequence[Fee], old_fen: int, new_fen: int) -> tuple[Fee, ...]:
    """
    Return *fees* of an amount that has become another: each level in proportion, each payer its part of it.

    The lines of a level still sum to it. Fixed amounts, floors and caps are not looked at again: who signs the new
    amount signs these fees.
    """
    if old_fen == new_fen:
        return tuple(fees)
    levels = dict.fromkeys(fee.level for fee in fees)
    return tuple(fee for level in levels for fee in _rescaled([f for f in fees if f.level == level], old_fen, new_fen))


def _rescaled(lines: Sequence[Fee], old_fen: int, new_fen: int) -> Iterator[Fee]:
    whole = _in_proportion(sum(fee.amount_fen for fee in lines), old_fen, new_fen)
    parts = split(whole, {fee.payer: abs(fee.amount_fen) for fee in lines})
    for fee in lines:
        base_fen = _in_proportion(fee.base_fen, old_fen, new_fen)
        if parts[fee.payer]:
            yield fee.model_copy(update={"base_fen": base_fen, "amount_fen": parts[fee.payer]})


def _in_proportion(fen: int, old_fen: int, new_fen: int) -> int:
    """*fen* · new / old, rounded half up; a negative *fen* (a year of less saving) mirrors."""
    if fen < 0:
        return -_in_proportion(-fen, old_fen, new_fen)
    return (2 * fen * new_fen + old_fen) // (2 * old_fen)
