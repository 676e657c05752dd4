"""The moves a task can make, as pure functions: a task and an action give the next task, or a refusal."""

from __future__ import annotations

from contracts.co_signing import asked_to_sign, check_no_co_signer, consented, lapsed, unanswered, withheld
from contracts.errors import NotYourTask, Refused, StaleRevision, WrongState
from contracts.organisation import Actor, MandateScope, Role
from contracts.task import (
    Claim,
    CopyRequest,
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
    return revised(task, state=TaskState.CLAIMED, user=action.actor.seat)


def submitted(task: MemberTask, action: Submission) -> MemberTask:
    """
    提交: the holder answers, a delegate prepares the answer, or a co-signer consents.

    The task is completed once it has an answer and no co-signing waits any more.
    """
    if task.asks(action.actor.seat):
        _as_co_signer(task, action)
        return _settled(revised(task, co_signings=consented(task, action.actor.seat)))
    check_holder(task, action)
    if task.state is TaskState.DELEGATED:
        return revised(task, state=TaskState.CLAIMED, user=task.owner, owner=None, answer=action.content)
    before = [user for each in task.co_signings if each.mode is CoSignMode.BEFORE for user in each.in_turn]
    if before:
        raise WrongState(f"{task.id} needs the consent of {', '.join(before)} first")
    answered = revised(task, answer=action.content, answered_by=action.actor, user=action.actor.seat)
    return _settled(answered.model_copy(update={"state": TaskState.RESOLVED}))


def declined(task: MemberTask, action: Decline) -> MemberTask:
    """
    拒绝: the holder refuses what is asked, or a co-signer withholds consent.

    Where the others cannot make up for a consent that is withheld, the holder has the task back without an answer.
    """
    if task.asks(action.actor.seat):
        _as_co_signer(task, action)
        return _withheld(task, action)
    check_holder(task, action)
    if task.kind not in DECLINABLE:
        raise WrongState(f"a task of kind {task.kind} cannot be declined; answer it with its form")
    return revised(task, state=TaskState.REFUSED, reason=action.reason, answered_by=action.actor)


def transferred(task: MemberTask, action: Transfer) -> MemberTask:
    """转交: a colleague holds the task from now on; who was asked to co-sign still is."""
    check_holder(task, action)
    _colleague(task, action.to)
    check_no_co_signer(task, action.to.user)
    if task.state is TaskState.DELEGATED:
        raise WrongState(f"{task.id} is delegated; a delegate gives it back to {task.owner}, who may transfer it")
    return revised(task, state=TaskState.CLAIMED, user=action.to.user, reason=action.reason)


def delegated(task: MemberTask, action: Delegation) -> MemberTask:
    """委托: a colleague prepares the answer, then the task comes back."""
    check_holder(task, action)
    _colleague(task, action.to)
    check_no_co_signer(task, action.to.user)
    if task.state is TaskState.DELEGATED:
        raise WrongState(f"{task.id} is delegated already; a delegate cannot delegate further")
    return revised(task, state=TaskState.DELEGATED, owner=action.actor.seat, user=action.to.user, reason=action.reason)


def co_sign_asked(task: MemberTask, action: CoSignRequest) -> MemberTask:
    """加签: the consent of colleagues is needed too, before (前), after (后) or beside (并) the answer."""
    check_holder(task, action)
    for person in action.to:
        if person.company != task.company:
            raise NotYourTask(f"{person.user} is not of {task.company}")
    signings = (*task.co_signings, asked_to_sign(task, action))
    state = task.state if task.state is TaskState.DELEGATED else TaskState.CLAIMED
    return revised(task, state=state, user=action.actor.seat, co_signings=signings, reason=action.reason)


def copied(task: MemberTask, action: CopyRequest, *, office: str) -> MemberTask:
    """抄送: people of the company or of the office are informed of an open task by whoever may act on it."""
    if task.asks(action.actor.seat):
        _fresh(task, action)
    else:
        _for_company(task, action)
    for person in action.to:
        if person.company not in (task.company, office):
            raise NotYourTask(f"{person.user} is neither of {task.company} nor of {office}")
    added = [person.user for person in action.to if person.user not in task.copied]
    if not added:
        raise WrongState(f"{', '.join(person.user for person in action.to)} is informed of {task.id} already")
    return revised(task, copied=tuple(dict.fromkeys((*task.copied, *added))))


def given_back(task: MemberTask, action: GiveBack) -> MemberTask:
    """退回: a delegate gives it back to the owner; a holder gives it back to the company, with nobody asked to sign."""
    check_holder(task, action)
    if task.state is TaskState.DELEGATED:
        return revised(task, state=TaskState.CLAIMED, user=task.owner, owner=None, reason=action.reason)
    if task.state is TaskState.OFFERED:
        raise WrongState(f"{task.id} is offered to {task.company} and held by nobody")
    return revised(task, state=TaskState.OFFERED, user=None, owner=None, co_signings=lapsed(task), reason=action.reason)


def withdrawn(task: MemberTask, action: Withdrawal, *, is_held_back: bool) -> MemberTask:
    """撤回: one's own answer comes back while it waits for co-signers, or while the board still holds it back."""
    _fresh(task, action)
    waits = task.state is TaskState.RESOLVED or (task.state is TaskState.COMPLETED and is_held_back)
    if not waits:
        raise WrongState(f"{task.id} is {task.state}; there is no answer to take back")
    if task.answered_by is None or action.actor.user not in task.answered_by.persons:
        raise NotYourTask(f"the answer to {task.id} is not {action.actor.user}'s")
    return _handed_back(task, action.reason)


def reminded(task: MemberTask, action: Reminder, *, client: str) -> MemberTask:
    """催办: a coordinator or the client asks whoever holds the task to hurry."""
    _fresh(task, action)
    if not action.actor.holds(Role.COORDINATOR) and action.actor.company != client:
        raise NotYourTask(f"{action.actor.user} is neither a coordinator nor of the client {client}")
    if not task.is_open:
        raise WrongState(f"{task.id} is {task.state}; there is nobody to remind")
    return revised(task, reminders=task.reminders + 1)


def check_mandate(task: MemberTask, actor: Actor, day: int) -> None:
    """
    Let pass who acts for themselves, or by a mandate for tasks of this kind; those to approve are looked at elsewhere.

    Raises:
        NotYourTask: If the mandate is for something else, or not in force on epoch *day*.
    """
    mandate = actor.mandate
    if mandate is None or (mandate.scope is MandateScope.APPROVALS and task.kind is TaskKind.APPROVE):
        return
    if mandate.scope is MandateScope.APPROVALS:
        raise NotYourTask(f"{task.id} is of kind {task.kind}; {mandate.principal} handed over only approvals")
    if task.kind is TaskKind.APPROVE:
        raise NotYourTask(f"{task.id} is an approval; that needs a mandate to approve")
    if task.kind is TaskKind.SIGN and not actor.holds(task.role):
        raise NotYourTask(f"{task.id} is a signature; whoever stands in needs the role {task.role} themselves")
    if mandate.company != actor.company:
        raise NotYourTask(f"{mandate.principal} is of {mandate.company}, not of {actor.company}")
    if not mandate.is_in_force(day):
        raise NotYourTask(f"{actor.user} does not stand in for {mandate.principal} today")


def check_holder(task: MemberTask, action: TaskAction) -> None:
    """
    Let pass who may answer *task* at present: its holder, or while nobody holds it whoever has the role.

    Raises:
        NotYourTask, WrongState, StaleRevision: If the actor may not, or not now, or has not seen the last change.
    """
    _for_company(task, action)
    if task.state is TaskState.RESOLVED:
        raise WrongState(f"{task.id} is answered and waits for co-signers")
    if task.user is not None and task.user != action.actor.seat:
        raise NotYourTask(f"{task.id} is held by {task.user}, not by {action.actor.seat}")
    check_no_co_signer(task, action.actor.seat)


def revised(task: MemberTask, **changes: object) -> MemberTask:
    """Return *task* with *changes*, one revision on."""
    return task.model_copy(update={**changes, "revision": task.revision + 1})


def _withheld(task: MemberTask, action: Decline) -> MemberTask:
    signings = withheld(task, action.actor.seat)
    moved = task.model_copy(update={"co_signings": signings, "reason": action.reason})
    newly_failed = any(now.is_failed and not was.is_failed for was, now in zip(task.co_signings, signings, strict=True))
    return _handed_back(moved, action.reason) if newly_failed else revised(moved)


def _handed_back(task: MemberTask, reason: str) -> MemberTask:
    """Return the task as its holder has it again, without an answer; whoever had consented to that is asked anew."""
    state = task.state if task.state is TaskState.DELEGATED else TaskState.CLAIMED
    return revised(task, state=state, answer=None, answered_by=None, co_signings=unanswered(task), reason=reason)


def _settled(task: MemberTask) -> MemberTask:
    """Return an answered task completed, unless a co-signing waits."""
    if task.state is not TaskState.RESOLVED or any(signing.is_waiting for signing in task.co_signings):
        return task
    return task.model_copy(update={"state": TaskState.COMPLETED})


def _as_co_signer(task: MemberTask, action: TaskAction) -> None:
    _fresh(task, action)
    seat = action.actor.seat
    if action.actor.company != task.company:
        raise NotYourTask(f"{task.id} is for {task.company}, not for {action.actor.company}")
    if seat not in task.awaited:
        first = next(signing for signing in task.co_signings if seat in signing.asked)
        if first.mode is CoSignMode.AFTER and task.answer is None:
            raise WrongState(f"{task.id} has no answer yet; {seat} consents after it")
        raise WrongState(f"{first.asked[0]} co-signs {task.id} before {seat}")


def _fresh(task: MemberTask, action: TaskAction) -> None:
    if action.expected_revision is not None and action.expected_revision != task.revision:
        raise StaleRevision(f"{task.id} is at revision {task.revision}, not {action.expected_revision}")


def _for_company(task: MemberTask, action: TaskAction) -> None:
    _fresh(task, action)
    _own(task, action.actor)
    if not task.is_open:
        raise WrongState(f"{task.id} is {task.state}{_because(task)}")


def _own(task: MemberTask, actor: Actor) -> None:
    if actor.company != task.company:
        raise NotYourTask(f"{task.id} is for {task.company}, not for {actor.company}")
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
