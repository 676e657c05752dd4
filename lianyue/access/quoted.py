"""Quotes that lie sealed: which these are, by whose keys they are opened, and whose shares are in."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from contracts.organisation import Keyholder
from contracts.quote import SealedQuote
from contracts.service_contract import ContractOrder
from contracts.task import MemberTask, TaskKind, TaskState
from lianyue.access.views import HolderSeen, OpeningSeen


def lying_sealed(tasks: Iterable[MemberTask], opened: Collection[str]) -> tuple[SealedQuote, ...]:
    """Return the quotes that were handed in by *tasks*, and whose commitments are not among the *opened* ones."""
    handed_in = [
        each
        for each in tasks
        if each.kind is TaskKind.QUOTE and each.state is TaskState.COMPLETED and "commitment" in (each.answer or {})
    ]
    found = [
        SealedQuote(member=each.company, round=int(each.subject["round"]), **(each.answer or {})) for each in handed_in
    ]
    return tuple(each for each in found if each.commitment not in opened)


def opening_of(order: ContractOrder, tasks: Iterable[MemberTask]) -> OpeningSeen | None:
    """Return how far the opening of the quotes is; None where the key of the installation opens them."""
    if order.sealing is None:
        return None
    asked = {each.subject["holder"]: each for each in tasks if each.kind is TaskKind.OPEN_QUOTES}
    holders = tuple(_seen(holder, asked.get(holder.name)) for holder in order.sealing.holders)
    handed_in = sum(each.state is TaskState.COMPLETED for each in holders)
    return OpeningSeen(needed=order.sealing.needed, handed_in=handed_in, holders=holders)


def _seen(holder: Keyholder, task: MemberTask | None) -> HolderSeen:
    stated = holder.model_dump(include={"name", "title", "company", "role", "test"})
    return HolderSeen(**stated, task=task.id if task else None, state=task.state if task else None)
