"""The moves of a task: who may make them, and what they leave behind."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.errors import NotYourTask, WrongState
from contracts.organisation import Actor, Mandate, MandateScope, Role
from contracts.task import (
    Consent,
    CopyRequest,
    CoSignMode,
    CoSignRequest,
    Decline,
    Delegation,
    GiveBack,
    MemberTask,
    Quorum,
    Submission,
    TaskKind,
    TaskState,
    Transfer,
    Withdrawal,
)
from contracts.task_moves import (
    check_mandate,
    co_sign_asked,
    copied,
    declined,
    delegated,
    given_back,
    submitted,
    transferred,
    withdrawn,
)

AT = datetime(2025, 7, 1, 1, 30, tzinfo=UTC)
ID = "LY-2025-0001:revise-terms-1"
DAY = 20_270


def of(user: str, company: str = "LGWY", *roles: Role, **changes: Any) -> Actor:
    """Somebody of a company, a handler unless said otherwise."""
    return Actor(user=user, company=company, roles=roles or (Role.HANDLER,), **changes)


HOLDER, FIRST, SECOND, THIRD = of("holder"), of("first"), of("second"), of("third")
SIGNERS = (FIRST, SECOND, THIRD)


def task(**changes: Any) -> MemberTask:
    """A task that the holder has claimed."""
    stated = {
        "id": ID,
        "number": "LY-2025-0001",
        "kind": TaskKind.QUOTE,
        "title": "报价",
        "company": "LGWY",
        "role": Role.HANDLER,
        "user": "holder",
        "state": TaskState.CLAIMED,
        "opened_at": AT,
        **changes,
    }
    return MemberTask.model_validate(stated)


def asked(*people: Actor, of_task: MemberTask | None = None, **how: Any) -> MemberTask:
    """The task after the holder has asked *people* to co-sign."""
    request = CoSignRequest(task=ID, actor=HOLDER, to=people, reason="请复核", **how)
    return co_sign_asked(of_task or task(), request)


def answered(before: MemberTask, by: Actor = HOLDER) -> MemberTask:
    """The task after *by* has submitted."""
    return submitted(before, Submission(task=ID, actor=by, content={"price": 1}))


def withheld(before: MemberTask, by: Actor) -> MemberTask:
    """The task after *by* has declined."""
    return declined(before, Decline(task=ID, actor=by, reason="不同意"))


# --- 加签 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "needed"),
    [
        ({"quorum": Quorum.ALL}, 3),
        ({"quorum": Quorum.ANY}, 1),
        ({"quorum": Quorum.IN_ORDER}, 3),
        ({"quorum": Quorum.AT_LEAST, "needed": 2}, 2),
    ],
)
def test_a_task_is_completed_by_the_consent_that_completes_the_quorum(how: dict[str, Any], needed: int) -> None:
    """会签 waits for all, 或签 for one, 依次 for all in order, n of m for n; until then the task waits."""
    waiting = answered(asked(*SIGNERS, mode=CoSignMode.AFTER, **how))
    states = [waiting.state]
    for signer in SIGNERS[:needed]:
        waiting = answered(waiting, signer)
        states.append(waiting.state)

    assert [*[TaskState.RESOLVED] * needed, TaskState.COMPLETED] == states
    assert {"price": 1} == waiting.answer


def test_in_order_nobody_goes_first() -> None:
    """依次: whoever is not next is told who is, and does not find the task among theirs."""
    waiting = answered(asked(*SIGNERS, quorum=Quorum.IN_ORDER))

    assert ("first",) == waiting.awaited
    with pytest.raises(WrongState, match=f"first co-signs {ID} before second"):
        answered(waiting, SECOND)


def test_a_co_signer_after_the_answer_waits_for_it() -> None:
    """后加签: there is nothing to consent to before the answer."""
    with pytest.raises(WrongState, match="has no answer yet; first consents after it"):
        answered(asked(FIRST, mode=CoSignMode.AFTER), FIRST)


def test_one_refusal_ends_a_co_signing_of_all() -> None:
    """会签: the holder has the task back without an answer, who refused stays on it, and nobody else is waited for."""
    back = withheld(answered(asked(*SIGNERS)), SECOND)

    assert (TaskState.CLAIMED, None, "holder", "不同意", ()) == (
        back.state,
        back.answer,
        back.user,
        back.reason,
        back.awaited,
    )
    assert [Consent.ASKED, Consent.WITHHELD, Consent.ASKED] == [each.consent for each in back.co_signers]


def test_refusals_that_the_others_make_up_for_do_not_count() -> None:
    """或签: while somebody is left to ask, a refusal is only put down; when nobody is left, the holder has it back."""
    waiting = answered(asked(FIRST, SECOND, quorum=Quorum.ANY))
    one = withheld(waiting, FIRST)

    assert (TaskState.RESOLVED, ("second",)) == (one.state, one.awaited)
    assert TaskState.COMPLETED == answered(one, SECOND).state
    assert TaskState.CLAIMED == withheld(one, SECOND).state


def test_whoever_refused_may_be_asked_again() -> None:
    """A co-signing that failed is over: the same people can be asked anew."""
    back = withheld(answered(asked(FIRST)), FIRST)

    assert TaskState.COMPLETED == answered(answered(asked(FIRST, of_task=back)), FIRST).state


@pytest.mark.parametrize("people", [(FIRST, FIRST), (HOLDER,), ()])
def test_nobody_is_asked_twice(people: tuple[Actor, ...]) -> None:
    """Neither twice at once, nor the holder, nor nobody."""
    with pytest.raises(WrongState, match=r"signs .* already|nobody is asked"):
        asked(*people)


def test_nobody_is_asked_again_while_it_matters() -> None:
    """Whoever is asked, or has consented, is not asked a second time."""
    with pytest.raises(WrongState, match=r"first signs .* already"):
        asked(FIRST, of_task=answered(asked(FIRST), FIRST))


@pytest.mark.parametrize("needed", [0, 3, None])
def test_so_many_cannot_consent(needed: int | None) -> None:
    """At least one, and not more than are asked."""
    with pytest.raises(WrongState, match="of 2 cannot consent"):
        asked(FIRST, SECOND, quorum=Quorum.AT_LEAST, needed=needed)


def test_a_co_signer_does_not_become_the_holder() -> None:
    """Nobody consents to an answer of their own: the task is not handed to whom it asks."""
    with pytest.raises(WrongState, match="first is asked to co-sign"):
        transferred(asked(FIRST), Transfer(task=ID, actor=HOLDER, to=FIRST, reason="休假"))


def test_who_was_asked_is_still_asked_after_a_transfer() -> None:
    """转交: the new holder needs the same consents."""
    moved = transferred(asked(FIRST), Transfer(task=ID, actor=HOLDER, to=SECOND, reason="休假"))

    assert TaskState.RESOLVED == answered(moved, SECOND).state


def test_an_answer_taken_back_takes_consents_to_it_along() -> None:
    """撤回: who consented to the answer is asked again; who consented before any answer is not."""
    early = answered(asked(FIRST, mode=CoSignMode.BEFORE), FIRST)
    waiting = answered(answered(asked(SECOND, THIRD, of_task=early, mode=CoSignMode.AFTER)), SECOND)
    back = withdrawn(waiting, Withdrawal(task=ID, actor=HOLDER, reason="算错了"), is_held_back=False)

    assert [Consent.CONSENTED, Consent.ASKED, Consent.ASKED] == [each.consent for each in back.co_signers]


def test_a_task_given_back_asks_nobody() -> None:
    """退回: what its holder had asked for lapses, so that anybody of the company may take it."""
    assert () == given_back(asked(FIRST), GiveBack(task=ID, actor=HOLDER, reason="另派")).awaited


def test_a_delegate_asks_on_behalf_of_the_owner() -> None:
    """A delegated task stays delegated when its delegate has somebody co-sign, and is not transferred."""
    with_delegate = delegated(task(), Delegation(task=ID, actor=HOLDER, to=FIRST, reason="请准备"))
    request = CoSignRequest(task=ID, actor=FIRST, to=(SECOND,), reason="请复核")

    assert (TaskState.DELEGATED, "holder") == (
        co_sign_asked(with_delegate, request).state,
        co_sign_asked(with_delegate, request).owner,
    )
    with pytest.raises(WrongState, match="a delegate gives it back to holder"):
        transferred(with_delegate, Transfer(task=ID, actor=FIRST, to=SECOND, reason="休假"))


@given(st.lists(st.sampled_from(["yes", "no"]), min_size=1, max_size=6), st.data())
def test_a_co_signing_ends_one_way(said: list[str], data: st.DataObject) -> None:
    """Whatever is said in whatever number: once met it is never failed, once failed never met, and it always ends."""
    people = tuple(of(f"p{place}") for place in range(len(said)))
    needed = data.draw(st.integers(1, len(said)))
    now = answered(asked(*people, quorum=Quorum.AT_LEAST, needed=needed))
    for person, word in zip(people, said, strict=True):
        if not now.asks(person.user):
            break
        now = answered(now, person) if word == "yes" else withheld(now, person)

    enough = said.count("yes") >= needed
    assert (TaskState.COMPLETED if enough else TaskState.CLAIMED) == now.state
    assert (enough, not enough) == (now.co_signings[0].is_met, now.co_signings[0].is_failed)


# --- 抄送 -------------------------------------------------------------------------------------------------------


def copy(*people: Actor, by: Actor = HOLDER, of_task: MemberTask | None = None) -> MemberTask:
    """The task after *by* has copied it to *people*."""
    return copied(of_task or task(), CopyRequest(task=ID, actor=by, to=people), office="LGFW")


def test_a_copy_is_added_once() -> None:
    """Whoever is informed already is not informed again; the holder stays the holder."""
    once = copy(FIRST, of("boss", "LGFW"))

    assert (("first", "boss"), "holder", TaskState.CLAIMED) == (once.copied, once.user, once.state)
    assert ("first", "boss", "second") == copy(FIRST, SECOND, of_task=once).copied
    with pytest.raises(WrongState, match="first is informed"):
        copy(FIRST, of_task=once)


def test_a_copy_stays_in_the_house() -> None:
    """People of the company and of the office may be informed, nobody of another company."""
    with pytest.raises(NotYourTask, match="spy is neither of LGWY nor of LGFW"):
        copy(of("spy", "LGNY"))


def test_whoever_is_informed_does_not_act() -> None:
    """A copy gives nothing to do: neither an answer nor a further copy."""
    once = copy(of("boss", "LGFW"))

    with pytest.raises(NotYourTask):
        answered(once, of("boss", "LGFW"))
    with pytest.raises(NotYourTask):
        copy(FIRST, by=of("boss", "LGFW"), of_task=once)


# --- 代办 -------------------------------------------------------------------------------------------------------


def standing_in(**changes: Any) -> Actor:
    """A colleague without the role, who stands in for the holder."""
    stated = {
        "digest": "sha256:" + "0" * 64,
        "principal": "holder",
        "company": "LGWY",
        "roles": (Role.HANDLER,),
        "from_day": DAY,
        "to_day": DAY + 7,
        "scope": MandateScope.TASKS,
        **changes,
    }
    return of("stand.in", "LGWY", Role.BUYER, mandate=Mandate.model_validate(stated))


def test_a_stand_in_answers_in_the_seat_of_the_holder() -> None:
    """The answer says who gave it and for whom; the task stays that of the holder."""
    done = answered(task(), standing_in())

    assert (TaskState.COMPLETED, "holder") == (done.state, done.user)
    assert done.answered_by is not None
    assert ("stand.in", "holder") == done.answered_by.persons


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"to_day": DAY}, TaskKind.QUOTE, "does not stand in for holder today"),
        ({"from_day": DAY + 1}, TaskKind.QUOTE, "does not stand in for holder today"),
        ({}, TaskKind.APPROVE, "needs a mandate to approve"),
        ({}, TaskKind.SIGN, "needs the role handler themselves"),
        ({"company": "LGNY"}, TaskKind.QUOTE, "holder is of LGNY"),
        ({"scope": MandateScope.APPROVALS}, TaskKind.QUOTE, "handed over only approvals"),
    ],
)
def test_a_mandate_is_good_for_what_it_says(changes: dict[str, Any], kind: TaskKind, message: str) -> None:
    """Half-open days; neither approvals nor signatures without authority of one's own; within the company."""
    with pytest.raises(NotYourTask, match=message):
        check_mandate(task(kind=kind), standing_in(**changes), DAY)


# --- reasons ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [Decline, GiveBack, Withdrawal])
@pytest.mark.parametrize("reason", ["", "因", "  ", " 因 "])
def test_a_reason_says_something(action: Any, reason: str) -> None:
    """Where a reason matters, two visible characters are the least."""
    with pytest.raises(ValidationError):
        action(task=ID, actor=HOLDER, reason=reason)
