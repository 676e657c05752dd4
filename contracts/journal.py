"""What a workflow wants written down: the present tasks, the stage, and what happened, in one batch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.ids import ContractNumber
from contracts.service_contract import Stage
from contracts.task import MemberTask
from contracts.value import Recorded, UserName


class Happening(Recorded):
    """
    One thing that happened, told by verb and facts; sentences are made of it where people read.

    ``at`` is real time, ``on`` the alliance's clock.
    """

    at: datetime
    on: datetime
    verb: str
    user: str = ""
    company: str = ""
    task: str = ""
    facts: dict[str, Any] = {}


class Copy(Recorded):
    """抄送: somebody is informed of a task, or with an empty ``task`` of the contract as a whole; ``by`` whom."""

    user: UserName
    task: str = ""
    by: str = ""
    at: datetime


class Journal(Recorded):
    """One batch; entries are applied together or not at all."""

    tasks: tuple[MemberTask, ...] = ()
    happenings: tuple[Happening, ...] = ()
    copies: tuple[Copy, ...] = ()
    stage: Stage | None = None
    suspended: bool | None = None


class EffectRequest(Recorded):
    """
    What every activity that writes is given.

    The key is workflow id, step and occurrence: a retry, a reset or a redeploy repeats it, so that the effect
    happens once. ``journal`` is written in the same transaction.
    """

    workflow_id: str
    number: ContractNumber
    step: str
    occurrence: int
    journal: Journal = Journal()

    @property
    def key(self) -> str:
        """The effect's identity, for ever."""
        return f"{self.workflow_id}#{self.step}/{self.occurrence}"
