"""The moves a task can make, as pure functions: a task and an action give the next task, or a refusal."""

from __future__ import annotations

from contracts.errors import NotYourTask, Refused, StaleRevision, WrongState
from contracts.organisation import Actor, Role
from contracts.task import (
    Claim,
    CoSigner,
    CoSignMode,
    CoSignRequest,
    Decline,
    Delegation,
    GiveBack,
    MemberTask,
    Reminder,
    Submission,
    TaskAction,
    TaskKind,
    TaskState,
    Transfer,
    Withdrawal,
)

DECLINABLE = (TaskKind.QUOTE, TaskKind.SIGN, TaskKind.APPROVE)
"""What may be refused outright; the other kinds have their own answer for "no" in the form."""


def claimed(task: MemberTask, action: Claim) -> MemberTask:
    """认领: an offered task becomes the actor's."""
    _for_company(task, action)
    if task.state is not TaskState.OFFERED:
        raise WrongState(f"{task.id} is {task.state}{_held_by(task)}, no longer offered")
    return revised(task, state=TaskState.CLAIMED, user=action.actor.user)


def submitted(task: MemberTask, action: Submission) -> MemberTask:
    """
    提交: the holder answers, a delegate prepares the answer, or a co-signer consents.

    The task is completed once it has an answer and every co-signer has consented.
    """
    if _pending(task, action.actor):
        return _consented(task, action)
    _for_holder(task, action)
    if task.state is TaskState.DELEGATED:
        return revised(task, state=TaskState.CLAIMED, user=task.owner, owner=None, answer=action.content)
    before = [signer.user for signer in task.co_signers if signer.mode is CoSignMode.BEFORE and not signer.consented]
    if before:
        raise WrongState(f"{task.id} needs the consent of {', '.join(before)} first")
    answered = revised(task, answer=action.content, answered_by=action.actor, user=action.actor.user)
    return _settled(answered)


def declined(task: MemberTask, action: Decline) -> MemberTask:
    """拒绝: the holder refuses what is asked, or a co-signer withholds consent and the holder has it back."""
    if _pending(task, action.actor):
        rest = tuple(signer for signer in task.co_signers if signer.user != action.actor.user)
        return revised(
            task, state=TaskState.CLAIMED, answer=None, answered_by=None, co_signers=rest, reason=action.reason
        )
    _for_holder(task, action)
    if task.kind not in DECLINABLE:
        raise WrongState(f"a task of kind {task.kind} cannot be declined; answer it with its form")
    return revised(task, state=TaskState.REFUSED, reason=action.reason, answered_by=action.actor)


def transferred(task: MemberTask, action: Transfer) -> MemberTask:
    """转交: a colleague holds the task from now on."""
    _for_holder(task, action)
    _colleague(task, action.to)
    return revised(task, state=TaskState.CLAIMED, user=action.to.user, reason=action.reason)


def delegated(task: MemberTask, action: Delegation) -> MemberTask:
    """委托: a colleague prepares the answer, then the task comes back."""
    _for_holder(task, action)
    _colleague(task, action.to)
    if task.state is TaskState.DELEGATED:
        raise WrongState(f"{task.id} is delegated already; a delegate cannot delegate further")
    return revised(task, state=TaskState.DELEGATED, owner=action.actor.user, user=action.to.user, reason=action.reason)


def co_sign_asked(task: MemberTask, action: CoSignRequest) -> MemberTask:
    """加签: a colleague's consent is needed too, before (前), after (后) or beside (并) the answer."""
    _for_holder(task, action)
    if action.to.company != task.company:
        raise NotYourTask(f"{action.to.user} is not of {task.company}")
    if action.to.user in [signer.user for signer in task.co_signers] or action.to.user == action.actor.user:
        raise WrongState(f"{action.to.user} signs {task.id} already")
    signers = (*task.co_signers, CoSigner(user=action.to.user, mode=action.mode))
    return revised(task, state=TaskState.CLAIMED, user=action.actor.user, co_signers=signers, reason=action.reason)


def given_back(task: MemberTask, action: GiveBack) -> MemberTask:
    """退回: a delegate gives it back to the owner; a holder gives it back to the company."""
    _for_holder(task, action)
    if task.state is TaskState.DELEGATED:
        return revised(task, state=TaskState.CLAIMED, user=task.owner, owner=None, reason=action.reason)
    if task.state is TaskState.OFFERED:
        raise WrongState(f"{task.id} is offered to {task.company} and held by nobody")
    return revised(task, state=TaskState.OFFERED, user=None, owner=None, reason=action.reason)


def withdrawn(task: MemberTask, action: Withdrawal, *, is_held_back: bool) -> MemberTask:
    """撤回: one's own answer comes back while it waits for co-signers, or while the board still holds it back."""
    _fresh(task, action)
    waits = task.state is TaskState.RESOLVED or (task.state is TaskState.COMPLETED and is_held_back)
    if not waits:
        raise WrongState(f"{task.id} is {task.state}; there is no answer to take back")
    if task.answered_by is None or task.answered_by.user != action.actor.user:
        raise NotYourTask(f"the answer to {task.id} is not {action.actor.user}'s")
    return revised(
        task, state=TaskState.CLAIMED, answer=None, answered_by=None, user=action.actor.user, reason=action.reason
    )


def reminded(task: MemberTask, action: Reminder, *, client: str) -> MemberTask:
    """催办: a coordinator or the client asks whoever holds the task to hurry."""
    _fresh(task, action)
    if not action.actor.holds(Role.COORDINATOR) and action.actor.company != client:
        raise NotYourTask(f"{action.actor.user} is neither a coordinator nor of the client {client}")
    if not task.is_open:
        raise WrongState(f"{task.id} is {task.state}; there is nobody to remind")
    return revised(task, reminders=task.reminders + 1)


def revised(task: MemberTask, **changes: object) -> MemberTask:
    """Return *task* with *changes*, one revision on."""
    return task.model_copy(update={**changes, "revision": task.revision + 1})


def _settled(task: MemberTask) -> MemberTask:
    waiting = [signer for signer in task.co_signers if not signer.consented]
    return task.model_copy(update={"state": TaskState.RESOLVED if waiting else TaskState.COMPLETED})


def _pending(task: MemberTask, actor: Actor) -> bool:
    return task.is_open and any(
        signer.user == actor.user and not signer.consented and actor.company == task.company
        for signer in task.co_signers
    )


def _consented(task: MemberTask, action: Submission) -> MemberTask:
    _fresh(task, action)
    own = next(signer for signer in task.co_signers if signer.user == action.actor.user)
    if own.mode is CoSignMode.AFTER and task.answer is None:
        raise WrongState(f"{task.id} has no answer yet; {own.user} consents after it")
    signers = tuple(
        signer.model_copy(update={"consented": True}) if signer == own else signer for signer in task.co_signers
    )
    agreed = revised(task, co_signers=signers)
    return _settled(agreed) if task.state is TaskState.RESOLVED else agreed


def _fresh(task: MemberTask, action: TaskAction) -> None:
    if action.expected_revision is not None and action.expected_revision != task.revision:
        raise StaleRevision(f"{task.id} is at revision {task.revision}, not {action.expected_revision}")


def _for_company(task: MemberTask, action: TaskAction) -> None:
    _fresh(task, action)
    _own(task, action.actor)
    if not task.is_open:
        raise WrongState(f"{task.id} is {task.state}{_because(task)}")


def _for_holder(task: MemberTask, action: TaskAction) -> None:
    _for_company(task, action)
    if task.state is TaskState.RESOLVED:
        raise WrongState(f"{task.id} is answered and waits for co-signers")
    if task.user is not None and task.user != action.actor.user:
        raise NotYourTask(f"{task.id} is held by {task.user}, not by {action.actor.user}")


def _own(task: MemberTask, actor: Actor) -> None:
    if actor.company != task.company:
        raise NotYourTask(f"{task.id} is for {task.company}, not for {actor.company}")
    if actor.mandate and task.kind is not TaskKind.APPROVE:
        raise NotYourTask(f"{task.id} is of kind {task.kind}; only an approval is given for somebody else")
    if not actor.acts_as(task.role):
        raise NotYourTask(f"{task.id} needs the role {task.role}, which {actor.persons[-1]} does not hold")


def _colleague(task: MemberTask, to: Actor) -> None:
    try:
        _own(task, to)
    except Refused as error:
        raise NotYourTask(f"{task.id} cannot go to {to.user}: {error.message}") from None


def _held_by(task: MemberTask) -> str:
    return f" by {task.user}" if task.user else ""


def _because(task: MemberTask) -> str:
    return f" ({task.reason})" if task.reason else ""
