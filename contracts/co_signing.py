"""加签: who is asked for their consent, what they say, and what becomes of it when the answer goes."""

from __future__ import annotations

from contracts.errors import WrongState
from contracts.task import Consent, CoSigner, CoSigning, CoSignMode, CoSignRequest, MemberTask, Quorum


def asked_to_sign(task: MemberTask, request: CoSignRequest) -> CoSigning:
    """
    Return the co-signing that *request* asks for.

    Raises:
        WrongState: If nobody is asked, somebody twice or who holds the task, or more consents than people.
    """
    users = [person.user for person in request.to]
    _check_users(task, request, users)
    needed = _needed(request, len(users))
    if not 1 <= needed <= len(users):
        raise WrongState(f"{needed} of {len(users)} cannot consent")
    signers = tuple(CoSigner(user=user) for user in users)
    return CoSigning(mode=request.mode, quorum=request.quorum, needed=needed, signers=signers)


def check_no_co_signer(task: MemberTask, user: str) -> None:
    """
    Let pass who is not asked to co-sign: nobody consents to an answer of their own.

    Raises:
        WrongState: If *user* is asked.
    """
    if task.asks(user):
        raise WrongState(f"{user} is asked to co-sign {task.id} and cannot hold it too")


def consented(task: MemberTask, user: str) -> tuple[CoSigning, ...]:
    """Return the co-signings with the consent of *user*, whose turn it is."""
    return _said(task, user, Consent.CONSENTED)


def withheld(task: MemberTask, user: str) -> tuple[CoSigning, ...]:
    """Return the co-signings with the consent of *user*, whose turn it is, withheld."""
    return _said(task, user, Consent.WITHHELD)


def unanswered(task: MemberTask) -> tuple[CoSigning, ...]:
    """
    Return the co-signings of a task whose answer is gone.

    Consents given before any answer stand, and a failed co-signing stays failed; the others are asked for again.
    """
    return tuple(
        signing if signing.mode is CoSignMode.BEFORE or signing.is_failed else signing.anew()
        for signing in task.co_signings
    )


def lapsed(task: MemberTask) -> tuple[CoSigning, ...]:
    """Return what is left once the holder who asked has given the task back: what was said, and nobody waited for."""
    return tuple(signing for signing in task.co_signings if not signing.is_waiting)


def _check_users(task: MemberTask, request: CoSignRequest, users: list[str]) -> None:
    if not users:
        raise WrongState(f"nobody is asked to co-sign {task.id}")
    known = [signer.user for signing in task.co_signings if not signing.is_failed for signer in signing.signers]
    for place, user in enumerate(users):
        if user in known or user in users[:place] or user in (request.actor.seat, request.actor.user, task.owner):
            raise WrongState(f"{user} signs {task.id} already")


def _needed(request: CoSignRequest, people: int) -> int:
    if request.quorum is Quorum.AT_LEAST:
        return request.needed or 0
    return 1 if request.quorum is Quorum.ANY else people


def _said(task: MemberTask, user: str, consent: Consent) -> tuple[CoSigning, ...]:
    """Put what *user* says into the first co-signing that waits for it."""
    place = next(
        index
        for index, each in enumerate(task.co_signings)
        if user in each.in_turn and (each.mode is not CoSignMode.AFTER or task.answer is not None)
    )
    signings = list(task.co_signings)
    signings[place] = signings[place].said(user, consent)
    return tuple(signings)
