"""How simulated people open quotes: with test keys, which are no secret."""

from __future__ import annotations

from contracts.task import MemberTask
from contracts.value import Json
from lianyue.desk.desk import Desk
from lianyue.sealing.keyholders import test_key


def shares_of(desk: Desk, task: MemberTask, user: str) -> Json:
    """
    Return the answer of *user* to the opening *task* of a test keyholder.

    Raises:
        SignatureInvalid: If the keyholder is a real one, whose key only they have.
    """
    given = desk.openings.wrapped_shares(task.id, user)
    return given.unwrapped(test_key(given.holder))
