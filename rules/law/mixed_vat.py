"""Value-added tax on supplies of different rates in one contract."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.money import TaxedAmount, taxed
from contracts.value import Fen


def mixed_vat(gross_fen: Mapping[int, Fen], *, accounted_separately: bool) -> tuple[TaxedAmount, ...]:
    """
    Return the taxed line of each rate in *gross_fen* (rate in basis points to gross amount), the lowest rate first.

    《增值税法》第十二条: supplies of different rates are accounted for separately; otherwise the highest rate applies
    to everything, which then is one line.
    """
    if accounted_separately or not gross_fen:
        return tuple(taxed(gross_fen[rate], rate) for rate in sorted(gross_fen))
    return (taxed(sum(gross_fen.values()), max(gross_fen)),)
