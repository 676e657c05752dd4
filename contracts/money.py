"""Money: integer fen, split without losing one, with value-added tax kept per line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.errors import NothingToSplitBy
from contracts.value import BasisPoints, Fen, Recorded


class TaxedAmount(Recorded):
    """An amount as an invoice line states it: ``gross_fen == net_fen + vat_fen``."""

    net_fen: Fen
    vat_fen: Fen
    gross_fen: Fen
    vat_bp: BasisPoints | None
    """The one rate; none where supplies of several rates are added up."""


def split(total_fen: int, weights: Mapping[str, int]) -> dict[str, int]:
    """
    Split *total_fen* in proportion to *weights*, exact to the fen; keys come back in sorted order.

    Hamilton's largest remainder; ties go to the larger weight, then to the lower code. A negative total (a credit
    note) mirrors the positive one, so that a reversal cancels. A weight of zero never receives a fen.

    Raises:
        NothingToSplitBy: If every weight is zero, or one is negative.
    """
    whole = sum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise NothingToSplitBy(f"cannot split {total_fen} fen by {dict(sorted(weights.items()))}")
    if total_fen < 0:
        return {member: -part for member, part in split(-total_fen, weights).items()}
    parts = {member: total_fen * weights[member] // whole for member in sorted(weights)}
    left = total_fen - sum(parts.values())
    by_remainder = sorted(weights, key=lambda m: (-(total_fen * weights[m] % whole), -weights[m], m))
    for member in by_remainder[:left]:
        parts[member] += 1
    return parts


def taxed(gross_fen: int, vat_bp: int) -> TaxedAmount:
    """
    Take the value-added tax out of a gross amount: net = round half up(gross / (1 + rate)), the rest is tax.

    A negative amount mirrors the positive one.
    """
    if gross_fen < 0:
        mirrored = taxed(-gross_fen, vat_bp)
        return TaxedAmount(net_fen=-mirrored.net_fen, vat_fen=-mirrored.vat_fen, gross_fen=gross_fen, vat_bp=vat_bp)
    divisor = 10_000 + vat_bp
    net = (2 * gross_fen * 10_000 + divisor) // (2 * divisor)
    return TaxedAmount(net_fen=net, vat_fen=gross_fen - net, gross_fen=gross_fen, vat_bp=vat_bp)


def added(amounts: Sequence[TaxedAmount]) -> TaxedAmount:
    """Add up amounts; the sum has a rate only if all have the same."""
    rates = tuple(dict.fromkeys(amount.vat_bp for amount in amounts))
    return TaxedAmount(
        net_fen=sum(amount.net_fen for amount in amounts),
        vat_fen=sum(amount.vat_fen for amount in amounts),
        gross_fen=sum(amount.gross_fen for amount in amounts),
        vat_bp=rates[0] if len(rates) == 1 else None,
    )


def share_of(amount_fen: int, ratio_bp: int) -> int:
    """Return *ratio_bp* of *amount_fen*, rounded half up to the fen; a negative amount mirrors the positive one."""
    if amount_fen < 0:
        return -share_of(-amount_fen, ratio_bp)
    return (amount_fen * ratio_bp + 5_000) // 10_000


def yuan(amount_fen: int) -> str:
    """Write an amount for people: ``-1234567`` becomes ``-12,345.67 元``."""
    sign = "-" if amount_fen < 0 else ""
    whole, cents = divmod(abs(amount_fen), 100)
    return f"{sign}{whole:,}.{cents:02d} 元"
