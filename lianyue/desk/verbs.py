"""What may be done with a task now, as far as the records tell; the workflow has the last word."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.category import Category
from contracts.organisation import Actor, Role
from contracts.task import CoSignMode, MemberTask, TaskKind, TaskState
from contracts.task_moves import DECLINABLE

VERBS = (
    "claim", "submit", "draft", "decline", "transfer", "delegate", "add-sign", "copy", "return", "withdraw", "remind",
)  # fmt: skip
"""Everything that people do with tasks, in the order in which it is offered."""


def possible(
    task: MemberTask, actor: Actor | None, client: str, stand_ins: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """
    Return the verbs that *task* now allows to *actor*, also as one of *stand_ins*; without one, to whoever it is for.

    What the workflow alone knows (duties to be kept apart, an answer that is still held back) it decides itself.
    """
    found: list[str] = []
    if actor is None or _is_for(task, actor) or actor.user in (stand_ins or {}):
        found += _of_holder(task)
    if actor and actor.user in task.awaited:
        found += ["submit", "decline"]
    if _waits(task) and (actor is None or (task.answered_by is not None and task.answered_by.user == actor.user)):
        found.append("withdraw")
    if task.is_open and (actor is None or actor.holds(Role.COORDINATOR) or actor.company == client):
        found.append("remind")
    return tuple(verb for verb in VERBS if verb in found)


def evidence_of(task: MemberTask, category: Category) -> tuple[str, ...]:
    """Return the kinds of evidence that an answer to *task* must bring."""
    if task.kind is not TaskKind.DELIVER:
        return ()
    return category.pack.milestone(task.subject["milestone"]).evidence


def _is_for(task: MemberTask, actor: Actor) -> bool:
    return actor.company == task.company and actor.holds(task.role) and task.user in (None, actor.user)


def _of_holder(task: MemberTask) -> list[str]:
    if not task.is_open or task.state is TaskState.RESOLVED:
        return []
    awaits_consent = any(each.mode is CoSignMode.BEFORE and each.is_waiting for each in task.co_signings)
    is_delegated = task.state is TaskState.DELEGATED
    allowed = {
        "claim": task.state is TaskState.OFFERED,
        "submit": not awaits_consent or is_delegated,
        "draft": True,
        "decline": task.kind in DECLINABLE,
        "transfer": not is_delegated,
        "delegate": not is_delegated,
        "add-sign": True,
        "copy": True,
        "return": task.state is not TaskState.OFFERED,
    }
    return [verb for verb, is_allowed in allowed.items() if is_allowed]


def _waits(task: MemberTask) -> bool:
    """Whether an answer may still be taken back: it waits for co-signers, or a quote for the others."""
    return task.state is TaskState.RESOLVED or (task.state is TaskState.COMPLETED and task.kind is TaskKind.QUOTE)
