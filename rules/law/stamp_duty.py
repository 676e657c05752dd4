"""Stamp duty on a document that several parties sign: each pays on its own amount."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.errors import UnknownName
from contracts.money import share_of
from contracts.value import Code, Fen


def stamp_duty(
    amounts: Mapping[Code, Mapping[str, Fen]], rates_bp: Mapping[str, int], *, listed_separately: bool = True
) -> dict[Code, Fen]:
    """
    Return what each party owes, in order of code, rounded half up to the fen for each tax item.

    *amounts* holds for each party its own amounts by tax item (税目), without value-added tax that is shown apart;
    *rates_bp* the rate of each item, nought where it is not taxed. 《印花税法》第九条、第十条: the parties of one
    document each pay on their own amount; items that it does not list separately all take the highest rate.

    Raises:
        UnknownName: If an item has no rate.
    """
    items = sorted(dict.fromkeys(item for parts in amounts.values() for item in parts))
    unknown = [item for item in items if item not in rates_bp]
    if unknown:
        raise UnknownName(f"no rate of stamp duty for {', '.join(unknown)}; there are {', '.join(sorted(rates_bp))}")
    return {party: _owed(amounts[party], rates_bp, listed_separately) for party in sorted(amounts)}


def _owed(parts: Mapping[str, Fen], rates_bp: Mapping[str, int], listed_separately: bool) -> Fen:
    if listed_separately:
        return sum(share_of(parts[item], rates_bp[item]) for item in sorted(parts))
    return share_of(sum(parts.values()), max((rates_bp[item] for item in parts), default=0))
