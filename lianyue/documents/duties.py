"""The stamp duty that each party of a document owes: on its own amount, by the tax items of what it supplies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.agreement import Agreement
from contracts.category import CategoryPack
from rules.law.stamp_duty import stamp_duty
from rules.taxing import party_amounts

UNTAXED = "none"


def duties(agreement: Agreement, pack: CategoryPack, parameters: Mapping[str, Any]) -> dict[str, int]:
    """
    Return what the client and each member owe in stamp duty, in fen and in signing order.

    The client is a party to every share, a member to its own; the office owes none. *parameters* holds the rates
    (``stamp_duty_<item>_bp``) of the day. What is not accounted for separately all takes the highest rate.

    Raises:
        UnknownName: If an item of the pack has no rate.
    """
    items = {line.code: line.stamp_duty or UNTAXED for line in pack.vat}
    main = items[pack.vat[0].code]
    amounts: dict[str, dict[str, int]] = {member: {} for member in (agreement.client, *agreement.members)}
    for member, lines in party_amounts(agreement).items():
        for line in lines:
            item = items.get(line.supply, main)
            for party in (member, agreement.client):
                amounts[party][item] = amounts[party].get(item, 0) + line.amount.net_fen
    found = stamp_duty(amounts, rates(parameters))
    return {party: found[party] for party in amounts}


def rates(parameters: Mapping[str, Any]) -> dict[str, int]:
    """Return the rates of stamp duty among *parameters*, by tax item."""
    prefix, suffix = "stamp_duty_", "_bp"
    named = {name.removeprefix(prefix).removesuffix(suffix): name for name in parameters if name.startswith(prefix)}
    return {UNTAXED: 0, **{item: int(parameters[name]) for item, name in named.items()}}
