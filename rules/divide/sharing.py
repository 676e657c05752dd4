"""The shares and fees of a decision: the policy's division put to the selected members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.decision import Fee, FeeBase, Share
from contracts.money import split
from rules.divide.charges import charges_of, years_of
from rules.divide.dividing import management_fees
from rules.divide.fee_methods import EmcShare
from rules.divide.fees import Charge
from rules.divide.measures import Measures
from rules.divide.member_methods import ActualBased, LeadSub
from rules.divide.methods import Divide, member_division, residual_path
from rules.divide.placing import Award, delivered_fen, parts_of
from rules.divide.rounding import Rounding
from rules.eligibility import Trace
from rules.select.ranking import Selected

LEAD = "lead"
"""The payee that is the first of the ranking; in a fee stands its code."""


@dataclass(frozen=True)
class Shared:
    """
    Shares that sum to the amount, best rank first, and what is owed out of them, line by line.

    Nobody has a share of nothing, and no line is of nothing.
    """

    shares: tuple[Share, ...] = ()
    fees: tuple[Fee, ...] = ()
    trace: tuple[Trace, ...] = ()
    note: str = ""


def shared(
    divide: Divide,
    amount_fen: int,
    selected: Selected,
    measures: Measures,
    rounding: Rounding = Rounding.LARGEST_REMAINDER,
) -> Shared:
    """
    Divide *amount_fen* among the selected members.

    A member's share is what it delivers and invoices, whatever is owed out of it: its part of the whole amount by the
    member division. It bears its part of every fee in the same proportion, so that what the levels leave is divided
    likewise. *rounding* says where the last fen of the shares go; a fee is borne by largest remainder in any case. A
    negative amount mirrors the positive one.

    Raises:
        Invalid: If the method cannot divide so; the message names the members.
    """
    if not selected.selected:
        return Shared()
    award = Award(selected, measures, rounding)
    sign = -1 if amount_fen < 0 else 1
    parts, fees = _divided(divide, abs(amount_fen), award)
    empty = [code for code in award.members if not parts[code]]
    members = [code for code in award.members if parts[code]]
    return Shared(
        tuple(Share(member=code, amount_fen=sign * parts[code], role=_role(divide, members, code)) for code in members),
        tuple(_signed(fee, sign) for fee in fees if fee.amount_fen),
        tuple(measures.trace()),
        f"份额为零，不列入：{'、'.join(empty)}" if empty else "",
    )


def measured_fen(divide: Divide, selected: Selected, measures: Measures) -> int:
    """The amount that *divide* itself measures: the sum of what was saved in the term, or of what was delivered."""
    award = Award(selected, measures)
    if isinstance(divide, EmcShare):
        return sum(year.shared_fen for year in years_of(divide, measures))
    division = member_division(divide)
    if isinstance(division, ActualBased):
        return sum(delivered_fen(division, residual_path(divide), award).values())
    raise AssertionError(f"{divide.method} measures nothing")


def _divided(divide: Divide, amount_fen: int, award: Award) -> tuple[dict[str, int], list[Fee]]:
    """The share of each selected member, and the fees within the shares."""
    charges = charges_of(divide, amount_fen, award.measures)
    division, path = member_division(divide), residual_path(divide)
    parts = parts_of(division, path, amount_fen, award)
    weights = parts if any(parts.values()) else parts_of(division, path, 1_000_000, award)
    left, fees = dict(parts), list[Fee]()
    for charge in charges:
        borne = _borne(charge.amount_fen, left, weights)
        fees += _lines(charge, borne, award)
        left = {code: rest - borne[code] for code, rest in left.items()}
    if isinstance(division, LeadSub):
        fees += _management(division, left, award.members[0], FeeBase.RESIDUAL if charges else FeeBase.GROSS)
    return parts, fees


def _borne(amount_fen: int, left: dict[str, int], weights: dict[str, int]) -> dict[str, int]:
    """
    What each member bears of one fee, by largest remainder: in proportion to what it has left of its share.

    That is its part of the division, and nobody owes more than it has. A fee beyond what all have left together is
    borne by the shares themselves.
    """
    return split(amount_fen, left if 0 < amount_fen <= sum(left.values()) else weights)


def _lines(charge: Charge, borne: dict[str, int], award: Award) -> Iterator[Fee]:
    payee = award.members[0] if charge.payee == LEAD else charge.payee
    for payer in award.members:
        yield Fee(
            level=charge.level,
            payer=payer,
            payee=payee,
            base=charge.base,
            base_fen=charge.base_fen,
            amount_fen=borne[payer],
            note=charge.note,
        )


def _management(division: LeadSub, parts: dict[str, int], lead: str, base: FeeBase) -> Iterator[Fee]:
    """What each sub owes the lead of its own part."""
    for payer, amount_fen in management_fees(parts, lead, division.fee_bp).items():
        yield Fee(
            level="management",
            payer=payer,
            payee=lead,
            base=base,
            base_fen=parts[payer],
            amount_fen=amount_fen,
            note="协办付主办的管理费",
        )


def _signed(fee: Fee, sign: int) -> Fee:
    if sign > 0:
        return fee
    return fee.model_copy(update={"base_fen": -fee.base_fen, "amount_fen": -fee.amount_fen})


def _role(divide: Divide, members: list[str], code: str) -> str:
    if len(members) == 1:
        return "sole"
    if isinstance(member_division(divide), LeadSub):
        return "lead" if code == members[0] else "sub"
    return "joint"
