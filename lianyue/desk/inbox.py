"""The desk's side of an inbox: whose lists they are, drafts, and copies that were read; no workflow is asked."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime

from contracts.errors import Refused, WrongState
from contracts.ids import task_place
from contracts.organisation import Actor, MandateScope, Role
from contracts.task import MemberTask, TaskAction, TaskKind
from contracts.task_moves import check_holder, check_mandate
from contracts.value import Json
from lianyue.desk.mandates import MandateDesk
from lianyue.desk.people import actor_named
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.drafts import Drafts
from lianyue.records.inbox import Inbox, KeptCopy, Seat, Tab, Wanted, seat_of
from lianyue.records.reading import Reading
from lianyue.seals import QuoteSeals


class InboxDesk:
    """What a signed-in person finds in their inbox, and what they lay down there for themselves."""

    def __init__(
        self,
        directory: Directory,
        reading: Reading,
        inbox: Inbox,
        drafts: Drafts,
        mandates: MandateDesk,
        seals: QuoteSeals,
        door: Door,
        today: Callable[[], int],
    ) -> None:
        self._directory = directory
        self._reading = reading
        self._inbox = inbox
        self._drafts = drafts
        self._mandates = mandates
        self._seals = seals
        self._door = door
        self._today = today
        self._signed_in: Actor | None = None

    def for_actor(self, actor: Actor) -> InboxDesk:
        """Return this desk as *actor* meets it, with the roles of the sign-in and not all that the directory lists."""
        own = copy(self)
        own._signed_in = actor
        return own

    # --- the lists ------------------------------------------------------------------------------------------

    def tasks(
        self, tab: Tab, user: str, wanted: Wanted | None = None, limit: int | None = None, offset: int = 0
    ) -> tuple[MemberTask, ...]:
        """Return the tasks on one of the lists of *user*; of copies, those that are of tasks."""
        if tab is Tab.TODO:
            return self._inbox.todo(self._seats(user), wanted, limit, offset)
        if tab is Tab.COPIED:
            copies = self._inbox.copied(user, wanted, limit, offset)
            return tuple(self._reading.task(copy.task) for copy in copies if copy.task)
        ask = self._inbox.done if tab is Tab.DONE else self._inbox.started
        return ask(self._directory.person(user).user, wanted, limit, offset)

    def copies(
        self, user: str, wanted: Wanted | None = None, limit: int | None = None, offset: int = 0
    ) -> tuple[KeptCopy, ...]:
        """抄送我: return what *user* is informed of, tasks and contracts, the latest first."""
        return self._inbox.copied(self._directory.person(user).user, wanted, limit, offset)

    def counts(self, user: str) -> dict[Tab, int]:
        """Count the lists of *user*; of copies those that are unread."""
        return self._inbox.counts(user, self._seats(user))

    def read(self, target: str, user: str) -> bool:
        """
        已阅: mark the copy of a task or a contract as read; return False if it was before.

        Raises:
            UnknownName: If *user* is not informed of it.
        """
        is_task = ":" in target
        if is_task:
            task_place(target)
        number = target.partition("/")[0].partition(":")[0]
        return self._inbox.mark_read(number, target if is_task else "", user, datetime.now(UTC))

    def to_remind(self, user: str) -> tuple[str, ...]:
        """Return the overdue tasks that *user* may urge: a coordinator all, others those of their own contracts."""
        actor = self._actor(user)
        client = None if actor.holds(Role.COORDINATOR) else actor.company
        return tuple(task.id for task in self._inbox.overdue(client))

    def stand_ins(self, task: MemberTask) -> dict[str, str]:
        """Return who may act on *task* for (代) whom today, besides those for whom it is."""
        if not task.is_open:
            return {}
        scope = _scope_of(task)
        holders = [task.user] if task.user else [p.user for p in self._directory.persons(task.company)
                                                 if task.role in p.roles]  # fmt: skip
        standing = self._mandates.standing_in(self._today(), scope)
        return {each.grant.delegate: each.grant.principal for each in standing if each.grant.principal in holders}

    def is_stand_in(self, user: str) -> bool:
        """Say whether *user* stands in for anybody today, in tasks or in approvals."""
        day = self._today()
        return any(each.grant.delegate == user and each.is_in_force(day) for each in self._mandates.all())

    def _seats(self, user: str) -> tuple[Seat, ...]:
        """The own seat of *user*, then those of the colleagues for whom they stand in today."""
        actor = self._actor(user)
        standing = [each for each in self._mandates.standing_in(self._today()) if each.grant.delegate == user]
        colleagues = [self._directory.person(each.grant.principal) for each in standing]
        limits = {"may_sign": Role.SIGNER in actor.roles, "may_approve": False}
        others = [seat_of(each).model_copy(update=limits) for each in colleagues if each.company == actor.company]
        return (seat_of(actor), *others)

    def _actor(self, user: str) -> Actor:
        if self._signed_in is not None and self._signed_in.user == user:
            return self._signed_in
        return actor_named(self._directory, user)

    # --- drafts ---------------------------------------------------------------------------------------------

    def keep_draft(self, task_id: str, user: str, content: Json, acting_for: str = "") -> None:
        """
        Keep an unfinished answer of whoever may give it; the form is not looked at yet.

        Raises:
            NotYourTask, WrongState: If *user* could not answer the task, finished or not; on record.
            WrongState: If it is of a quote that split keys will seal: the installation keeps no key but its own.
            NotCanonical: If *content* holds a float.
        """
        actor, task = self._actor(user), self._reading.task(task_id)
        if acting_for:
            actor = self._mandates.acting_for(actor, acting_for, self._today(), _scope_of(task))
        self._check_may_answer(task, actor)
        if task.kind is TaskKind.QUOTE and self._reading.order(task.number).sealing:
            raise WrongState(
                f"the quotes of {task.number} are sealed by split keys; a draft of one could be read before the opening"
            )
        self._drafts.keep(task_id, user, self._seals.seal_draft(task_id, user, content), datetime.now(UTC))

    def draft(self, task_id: str, user: str) -> Json | None:
        """Return the draft that *user* has kept for a task, None if there is none."""
        ciphertext = self._drafts.draft(task_id, user)
        return None if ciphertext is None else self._seals.open_draft(task_id, user, ciphertext)

    def drop_draft(self, task_id: str, user: str) -> None:
        """Let go of a draft; the answer has been given."""
        self._drafts.drop(task_id, user)

    def _check_may_answer(self, task: MemberTask, actor: Actor) -> None:
        try:
            check_mandate(task, actor, self._today())
            check_holder(task, TaskAction(task=task.id, actor=actor))
        except Refused as refusal:
            self._door.refuse(datetime.now(UTC), actor, "draft", task.id, refusal)
            raise


def _scope_of(task: MemberTask) -> MandateScope:
    """What kind of mandate lets somebody act on *task* for another."""
    return MandateScope.APPROVALS if task.kind is TaskKind.APPROVE else MandateScope.TASKS
