"""How a request is handled: by whom it is, remembered by its id, vouched for, and refused on record."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from copy import copy
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from contracts.errors import AllianceError, Refused, Unreachable, WrongState, named
from contracts.organisation import Actor
from contracts.service_contract import AmendOrder, CancelOrder, InformOrder, ResumeOrder, SuspendOrder
from contracts.task import TaskAction
from contracts.value import Json
from contracts.voucher import KnownBy
from lianyue.desk.blinding import blinded
from lianyue.desk.people import actor_named
from lianyue.desk.vouching import Vouching
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from rules.canonical import digest

Result = TypeVar("Result")
Order = CancelOrder | SuspendOrder | ResumeOrder | AmendOrder | InformOrder


class Requests:
    """The requests of whoever is signed in; where nobody is, of whoever is named."""

    def __init__(self, client: Client, directory: Directory, door: Door, vouching: Vouching) -> None:
        self._client = client
        self._directory = directory
        self._door = door
        self._vouching = vouching
        self._signed_in: Actor | None = None

    def of(self, actor: Actor) -> Requests:
        """Return the requests of *actor*, with the roles of the sign-in and not all that the directory lists."""
        own = copy(self)
        own._signed_in = actor
        return own

    async def actor(self, user: str) -> Actor:
        """Return who *user* is: as signed in, or as the directory has them."""
        if self._signed_in is not None and self._signed_in.user == user:
            return self._signed_in
        return await asyncio.to_thread(actor_named, self._directory, user)

    async def actors(self, users: Sequence[str]) -> tuple[Actor, ...]:
        """Return who *users* are."""
        return tuple([await self.actor(user) for user in users])

    async def named(self, to: str | Sequence[str]) -> Actor | tuple[Actor, ...]:
        """Return whom a request is to: one person, or several."""
        return await self.actor(to) if isinstance(to, str) else await self.actors(to)

    def known_by(self, actor: Actor) -> KnownBy:
        """Say how it is known that *actor* is there."""
        signed_in = self._signed_in is not None and self._signed_in.user == actor.user
        return KnownBy.SIGNED_IN if signed_in else KnownBy.NAMED

    async def remembered(self, request_id: str, actor: Actor, verb: str, body: Json, *, is_blind: bool = False) -> str:
        """Return the request's id; the same id with another body is refused before it reaches a workflow."""
        given, now = request_id or str(uuid4()), datetime.now(UTC)
        identity, kept = blinded(given, body) if is_blind else (given, digest(body))
        await asyncio.to_thread(self._door.remember_request, identity, actor.user, verb, kept, now)
        return identity

    async def on_record(self, actor: Actor, verb: str, target: str, handed_in: Coroutine[Any, Any, Result]) -> Result:
        """Await a request; a refusal is written down with who tried what."""
        try:
            return await handed_in
        except Refused as refusal:
            await asyncio.to_thread(self._door.refuse, datetime.now(UTC), actor, verb, target, refusal)
            raise

    async def update(
        self, workflow_id: str, verb: str, act: TaskAction | Order, identity: str, result: type[Result]
    ) -> Result:
        """
        Have the workflow carry out *act*, for whose actor the desk vouches.

        Raises:
            AllianceError: What the workflow refuses.
            Unreachable: If no answer comes.
            WrongState: If the workflow has ended.
        """
        handle = self._client.get_workflow_handle(workflow_id)
        vouched = self._vouching.vouched(act, act.actor, verb, workflow_id, identity, self.known_by(act.actor))
        try:
            return await handle.execute_update(verb, vouched, id=identity, result_type=result)
        except WorkflowUpdateFailedError as failure:
            raise _refusal_in(failure) from None
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            raise Unreachable(f"{workflow_id} did not answer in time; repeat with the same request id") from None
        except RPCError as failure:
            raise unanswered(failure, workflow_id) from None


def _refusal_in(failure: WorkflowUpdateFailedError) -> AllianceError:
    cause = failure.cause
    if isinstance(cause, ApplicationError) and cause.type:
        return named(cause.type, cause.message)
    return AllianceError(str(cause))


def unanswered(failure: RPCError, workflow_id: str) -> AllianceError:
    """Say why the server did not answer for a workflow."""
    if failure.status is RPCStatusCode.NOT_FOUND:
        return WrongState(f"{workflow_id} has ended; nothing can be done on it any more")
    return Unreachable(f"the Temporal server did not answer for {workflow_id}: {failure.message}")
