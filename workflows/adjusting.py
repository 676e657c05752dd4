"""What is to become of an award that is not to be had as the rules found it: a coordinator says so, with a reason."""

from __future__ import annotations

from contracts.errors import DutiesNotSeparated
from contracts.organisation import Actor, Role
from contracts.portfolio import Override
from contracts.task import MemberTask, TaskKind
from workflows.approving import Approving
from workflows.record_keeping import Order

LONGEST_SAID = 1_000


class Adjusting(Approving):
    """The side of adjusting that a contract and a portfolio share; whoever overrides approves nothing of it."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self._overrides: tuple[Override, ...] = ()
        self._overriders: tuple[Actor, ...] = ()

    async def _asked_to_adjust(
        self, title: str, says: str, may: tuple[str, ...], contracts: tuple[str, ...], **about: str
    ) -> MemberTask | None:
        """A coordinator's answer to what stands in the way; nothing if the award is overtaken meanwhile."""
        name = self._open(
            f"adjust-{self._occurrences[self.DECIDED_BY]}",
            TaskKind.ADJUST,
            title,
            self._order.office,
            Role.COORDINATOR,
            about=about,
            says=says[:LONGEST_SAID],
            may=",".join(may),
            contracts=",".join(contracts),
        )
        await self._write_down()
        await self._wait_for(lambda: not self._open_among([name]) or self._is_overtaken())
        if self._open_among([name]):
            self._cancel_tasks([name])
            return None
        return self._tasks[name]

    def _override(self, answer: MemberTask) -> None:
        """Take over what *answer* says against what the rules found, for this contract or for those that it names."""
        body = answer.answer or {}
        self._overrides += tuple(
            Override(
                contract=each.get("contract", self._number),
                member=each["member"],
                is_required=each["rule"] == "require",
                reason=body["reason"],
            )
            for each in body["overrides"]
        )
        self._overriders += (answer.answered_by,) if answer.answered_by else ()

    def _check_approver(self, task: MemberTask, actor: Actor, role: Role | None) -> None:
        """Whoever has overridden the rules does not approve what came of it."""
        for other in self._overriders:
            if any(person in other.persons for person in actor.persons):
                raise DutiesNotSeparated(
                    f"{other.user} has overridden the rules; another person must approve the award"
                )
        super()._check_approver(task, actor, role)


def not_approved(refused: MemberTask) -> str:
    """Return in words who has not approved an award, and why."""
    who = refused.answered_by.user if refused.answered_by else ""
    return f"{who}未批准：{refused.reason}"
