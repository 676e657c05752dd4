"""Notices: what somebody must hear of, by whom it concerns; never a price, and nothing that a person wrote."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from contracts.ids import ContractNumber
from contracts.value import Line, Recorded


class Event(StrEnum):
    """What a notice is about."""

    OPENED = "opened"
    DUE_SOON = "due_soon"
    REMINDED = "reminded"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    CO_SIGN_ASKED = "co_sign_asked"
    COPIED = "copied"
    VOIDED = "voided"
    """What the company signed is void."""
    ENDED = "ended"


class Notice(Recorded):
    """
    Something that one ``user`` must hear of, or whoever holds ``role`` at ``company``.

    ``key`` is its identity for ever: whoever gets it twice knows it again. ``task`` is empty where the notice is
    about the contract; ``title`` is that of the task or the contract.
    """

    key: str
    number: ContractNumber
    task: str = ""
    event: Event
    company: str = ""
    role: str = ""
    user: str = ""
    title: Line
    due_at: datetime | None = None
    at: datetime
