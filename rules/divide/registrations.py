"""Leads: of several members that register one prospective client, which is owed the referral fee."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.value import Authored, Code, Count, EpochDay, Line


class Registration(Authored):
    """A member registers a *lead* (a client by a key that is one's own, such as its credit code) on a day."""

    lead: Line
    referrer: Code
    day: EpochDay
    order: Count = 0
    """Position among the registrations of one day, from nought."""
    is_valid: bool = True
    """Whether it met the conditions, such as a named contact and the client's consent."""


def holders(registrations: Sequence[Registration], protection_days: int) -> tuple[Registration, ...]:
    """
    Return the registrations that hold their lead, in order of day: of each lead the first valid one wins.

    It is protected for *protection_days*, its own day included; a registration within that time, also by the same
    member, is passed over and protects nothing. The first valid one after it wins anew. The order of the input
    changes nothing: on one day ``order`` decides, then the code.
    """
    held: dict[str, Registration] = {}
    winners: list[Registration] = []
    for each in sorted(registrations, key=lambda one: (one.day, one.order, one.referrer)):
        before = held.get(each.lead)
        if each.is_valid and (before is None or each.day >= before.day + protection_days):
            held[each.lead] = each
            winners.append(each)
    return tuple(winners)


def referrer_of(lead: str, day: int, registrations: Sequence[Registration], protection_days: int) -> str | None:
    """Return the member that *lead* is protected for on epoch *day*, if it is for any."""
    for holder in holders(registrations, protection_days):
        if holder.lead == lead and holder.day <= day < holder.day + protection_days:
            return holder.referrer
    return None
