"""A viewer's inbox: 待办, 已办, 我发起的, 抄送我, the drafts laid down there, and the copies that were read."""

from __future__ import annotations

from collections.abc import Callable

from contracts.errors import UnknownName
from contracts.task import MemberTask
from contracts.value import Json
from lianyue.access.errors import NotThere
from lianyue.access.viewer import Viewer
from lianyue.desk.inbox import InboxDesk
from lianyue.records.inbox import KeptCopy, Tab, Wanted


class OwnInbox:
    """What the desk has for the viewer, and for nobody else; of others' companies nothing is in it."""

    def __init__(self, viewer: Viewer, desk: InboxDesk, sees: Callable[[KeptCopy], bool]) -> None:
        self._viewer = viewer
        self._desk = desk.for_actor(viewer.as_actor())
        self._sees = sees

    def tasks(
        self, tab: Tab = Tab.TODO, wanted: Wanted | None = None, *, limit: int | None = None, offset: int = 0
    ) -> tuple[MemberTask, ...]:
        """Return the tasks on one of the viewer's lists; of copies, those that are of tasks."""
        return self._desk.tasks(tab, self._viewer.user, self._own(wanted), limit, offset)

    def copies(
        self, wanted: Wanted | None = None, *, limit: int | None = None, offset: int = 0
    ) -> tuple[KeptCopy, ...]:
        """抄送我: return what the viewer is informed of, tasks and contracts, the latest first."""
        found = self._desk.copies(self._viewer.user, self._own(wanted), limit, offset)
        return tuple(copy for copy in found if copy.task or self._sees(copy))

    def counts(self) -> dict[Tab, int]:
        """Count the lists; of copies those that are unread."""
        return self._desk.counts(self._viewer.user)

    def read(self, target: str) -> bool:
        """
        已阅: mark the copy of a task or a contract as read; return False if it was before.

        Raises:
            NotThere: If the viewer is not informed of it.
        """
        try:
            return self._desk.read(target, self._viewer.user)
        except UnknownName:
            raise NotThere(f"there is no copy of {target!r}") from None

    def draft(self, task_id: str) -> Json | None:
        """Return what the viewer has filled in of a task so far."""
        return self._desk.draft(task_id, self._viewer.user)

    def keep_draft(self, task_id: str, content: Json, acting_for: str = "") -> None:
        """
        暂存: keep an unfinished answer.

        Raises:
            NotYourTask, WrongState: If the viewer could not answer the task, finished or not; on record.
        """
        self._desk.keep_draft(task_id, self._viewer.user, content, acting_for)

    def drop_draft(self, task_id: str) -> None:
        """Let go of a draft."""
        self._desk.drop_draft(task_id, self._viewer.user)

    def stand_ins(self, task: MemberTask) -> dict[str, str]:
        """Return who may act on *task* for (代) whom today; to the people of its company and to overseers."""
        is_own = self._viewer.oversees or task.company == self._viewer.company
        return self._desk.stand_ins(task) if is_own else {}

    def is_stand_in(self) -> bool:
        """Say whether anybody has handed something over to the viewer that is in force today."""
        return self._desk.is_stand_in(self._viewer.user)

    def to_remind(self) -> tuple[str, ...]:
        """Return the overdue tasks that the viewer may urge."""
        return self._desk.to_remind(self._viewer.user)

    def _own(self, wanted: Wanted | None) -> Wanted | None:
        """Somebody who has changed the company keeps nothing of what they did for the other one."""
        if self._viewer.oversees:
            return wanted
        return (wanted or Wanted()).model_copy(update={"company": self._viewer.company})
