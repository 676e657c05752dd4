"""The desk's side of an opening: what a keyholder is given to unwrap, once the quotes are in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import BaseModel, ConfigDict

from contracts.errors import WrongState
from contracts.organisation import Actor, Keyholder
from contracts.quote import SealedQuote
from contracts.sealing import QuoteSealing, shares_text
from contracts.service_contract import ContractOrder
from contracts.task import MemberTask, TaskAction, TaskKind, TaskState
from contracts.task_moves import check_holder
from contracts.value import Json
from lianyue.desk.people import actor_named
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.reading import Reading
from lianyue.sealing.envelopes import SplitSealed, seal, unwrapped_share, wrapped_share


class WrappedShare(BaseModel):
    """A keyholder's share for one sealed quote, as it was wrapped, in base64."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quote: SealedQuote
    wrapped: str


class WrappedShares(BaseModel):
    """All that a keyholder unwraps for one task; nobody else can."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    number: str
    holder: str
    public_key: str
    shares: tuple[WrappedShare, ...]

    def unwrapped(self, key: X25519PrivateKey) -> Json:
        """
        Return the answer to the task.

        Raises:
            SignatureInvalid: If a share was wrapped for another key, or changed.
        """
        opened = {
            each.quote.member: unwrapped_share(self.number, each.quote, self.holder, each.wrapped, key)
            for each in self.shares
        }
        return {"shares": shares_text(opened)}


class OpeningDesk:
    """Seals quotes for the keyholders of a contract, and gives each keyholder their shares when it is time."""

    def __init__(self, directory: Directory, reading: Reading, door: Door) -> None:
        self._directory = directory
        self._reading = reading
        self._door = door

    def sealing(self, number: str) -> QuoteSealing | None:
        """Return by whose keys the quotes of contract *number* are opened; None if by that of the installation."""
        return self._reading.order(number).sealing

    def seal(self, task: MemberTask, content: Json, sealing: QuoteSealing, at: datetime) -> SplitSealed:
        """Seal *content*, which came *at* this moment, as the answer to the quote *task*."""
        return seal(task.number, task.company, int(task.subject["round"]), content, sealing, at)

    def wrapped_shares(self, task_id: str, actor: Actor | str) -> WrappedShares:
        """
        Return the shares that whoever may answer the opening task has to unwrap.

        Raises:
            NotYourTask, WrongState: If it is no open task of this kind, or another's.
        """
        task = self._reading.task(task_id)
        who = actor_named(self._directory, actor) if isinstance(actor, str) else actor
        if task.kind is not TaskKind.OPEN_QUOTES:
            raise WrongState(f"{task_id} is no opening of sealed quotes")
        check_holder(task, TaskAction(task=task.id, actor=who))
        holder = self._holder(self._reading.order(task.number), task)
        quotes = self._quotes(task)
        envelopes = [self._door.envelope(task.number, quote.commitment) for quote in quotes]
        shares = tuple(
            WrappedShare(quote=quote, wrapped=wrapped_share(envelope, holder.name))
            for quote, envelope in zip(quotes, envelopes, strict=True)
        )
        return WrappedShares(
            task=task.id, number=task.number, holder=holder.name, public_key=holder.public_key, shares=shares
        )

    def _holder(self, order: ContractOrder, task: MemberTask) -> Keyholder:
        holders: Sequence[Keyholder] = order.sealing.holders if order.sealing else ()
        return next(holder for holder in holders if holder.name == task.subject["holder"])

    def _quotes(self, task: MemberTask) -> list[SealedQuote]:
        """The quotes that the task is about, by member."""
        asked = task.subject["members"].split(",")
        found = [
            SealedQuote(member=each.company, round=int(each.subject["round"]), **(each.answer or {}))
            for each in self._reading.tasks(number=task.number, open_only=False)
            if each.kind is TaskKind.QUOTE and each.state is TaskState.COMPLETED and each.company in asked
        ]
        return sorted(found, key=lambda quote: quote.member)
