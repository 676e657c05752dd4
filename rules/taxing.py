"""Value-added tax: the rates within a price, and what of it each member and each supply bears, exact in both sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.agreement import Agreement, TaxLine
from contracts.category import CategoryPack
from contracts.errors import Invalid
from contracts.money import TaxedAmount, added, split, taxed
from contracts.service_contract import PriceLine
from rules.instalments import planned


@dataclass(frozen=True)
class TaxedShare:
    """
    What one member invoices for one supply.

    ``adjust_fen`` is by how much its tax differs from that of its gross amount alone, one fen at most: all members'
    taxes sum to the contract's, not each to its own rounding.
    """

    member: str
    supply: str
    amount: TaxedAmount
    adjust_fen: int


def tax_lines(pack: CategoryPack, lines: Sequence[PriceLine], *, separately_accounted: bool) -> tuple[TaxLine, ...]:
    """
    Return the supplies of a price with their rates; none where one rate holds for the whole (`rate_of`).

    Source: 《增值税法》第十二条 — supplies of different rates are accounted separately, or the highest rate holds.

    Raises:
        Invalid: If the pack has no VAT line of that name.
    """
    known = {line.code: line for line in pack.vat}
    for line in lines:
        if line.vat not in known:
            raise Invalid(f"{pack.code} has no VAT line {line.vat!r}; it has {', '.join(known)}")
    if len(lines) < 2 or not separately_accounted:
        return ()
    return tuple(
        TaxLine(code=line.vat, title=known[line.vat].title_zh, part_bp=line.part_bp, vat_bp=known[line.vat].rate_bp)
        for line in lines
    )


def rate_of(pack: CategoryPack, lines: Sequence[PriceLine]) -> int:
    """The rate that holds for a whole price: that of the main supply, or the highest of *lines*."""
    rates = {line.code: line.rate_bp for line in pack.vat}
    return max((rates[line.vat] for line in lines), default=pack.vat[0].rate_bp)


def taxed_by_supply(agreement: Agreement, gross_fen: int) -> dict[str, TaxedAmount]:
    """
    Return the parts of *gross_fen* by tax line, each taxed by its own rate; empty where one rate holds.

    A negative amount mirrors the positive one.
    """
    parts = split(gross_fen, {line.code: line.part_bp for line in agreement.tax_lines}) if agreement.tax_lines else {}
    return {line.code: taxed(parts[line.code], line.vat_bp) for line in agreement.tax_lines}


def payable(agreement: Agreement, gross_fen: int) -> TaxedAmount:
    """Return *gross_fen* with its tax: by the one rate, or added up over the supplies."""
    by_supply = taxed_by_supply(agreement, gross_fen)
    return added(tuple(by_supply.values())) if by_supply else taxed(gross_fen, agreement.vat_bp)


def taxed_shares(shares: Mapping[str, int], lines: Sequence[TaxLine]) -> tuple[TaxedShare, ...]:
    """
    Return what each member invoices for each supply, by member and supply.

    Gross amounts are rounded in both directions: a member's sum to its share, a supply's to its part of the total.
    The net of a supply is split by largest remainder, the tax is the rest: so the members' taxes of a supply sum to
    the tax of its gross.

    Raises:
        Invalid: If a share is negative or the parts do not sum to 10,000 bp.
    """
    gross = planned(shares, {line.code: line.part_bp for line in lines})
    found: list[TaxedShare] = []
    for line in lines:
        own = {member: fen for (member, supply), fen in gross.items() if supply == line.code}
        net_fen = taxed(sum(own.values()), line.vat_bp).net_fen
        nets = split(net_fen, own) if any(own.values()) else own
        found += [_taxed_share(member, line, own[member], nets[member]) for member in own]
    return tuple(sorted(found, key=lambda each: (each.member, each.supply)))


def party_amounts(agreement: Agreement) -> dict[str, tuple[TaxedShare, ...]]:
    """
    Return for each member that signs what it invoices, by supply: the amounts on which its own duties are reckoned.

    Several parties that sign one document each pay stamp duty on their own amount (《印花税法》第十条).
    """
    whole = TaxLine(code="whole", title="全部", part_bp=10_000, vat_bp=agreement.vat_bp)
    shares = {share.member: share.amount_fen for share in agreement.shares}
    found = taxed_shares(shares, agreement.tax_lines or (whole,))
    return {member: tuple(each for each in found if each.member == member) for member in agreement.members}


def _taxed_share(member: str, line: TaxLine, gross_fen: int, net_fen: int) -> TaxedShare:
    amount = TaxedAmount(net_fen=net_fen, vat_fen=gross_fen - net_fen, gross_fen=gross_fen, vat_bp=line.vat_bp)
    return TaxedShare(member, line.code, amount, amount.vat_fen - taxed(gross_fen, line.vat_bp).vat_fen)
