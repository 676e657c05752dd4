"""批量签署: every document that waits for one person's signature, each for itself."""

from __future__ import annotations

import asyncio

from contracts.errors import AllianceError
from contracts.organisation import Role
from contracts.task import MemberTask, TaskKind
from lianyue.desk.desk import ActResult, Desk
from lianyue.desk.people import actor_named, require
from lianyue.records.inbox import Tab, Wanted
from lianyue.remote import RemoteDesk


async def sign_all(desk: Desk | RemoteDesk, user: str, request_id: str = "") -> tuple[ActResult, ...]:
    """
    Sign every document that waits for *user* to sign it; what is wrong with one is its result and stops no other.

    Raises:
        RoleMissing: If *user* signs for nobody.
    """
    results = []
    for task in await asyncio.to_thread(_waiting, desk, user):
        own_id = f"{request_id}:{task.id}" if request_id else ""
        content = {"decision": "sign", "document": task.subject["document"]}
        try:
            results.append(ActResult(task.id, await desk.submit(task.id, user, content, own_id), None))
        except AllianceError as error:
            results.append(ActResult(task.id, None, error))
    return tuple(results)


def _waiting(desk: Desk | RemoteDesk, user: str) -> list[MemberTask]:
    if isinstance(desk, RemoteDesk):
        found = desk.inbox(Tab.TODO, Wanted(kind=TaskKind.SIGN), None)
    else:
        found = _waiting_here(desk, user)
    return sorted((task for task in found if task.kind is TaskKind.SIGN), key=lambda task: task.id)


def _waiting_here(desk: Desk, user: str) -> tuple[MemberTask, ...]:
    actor = actor_named(desk.directory, user)
    require(actor, Role.SIGNER)
    return desk.reading.tasks(company=actor.company, user=actor.user, roles=(Role.SIGNER,))
