"""Quoting: the eligible members are asked, their sealed quotes are opened together."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from activities.quoting import OpenQuotesRequest, Quoting, ScreenRequest
from contracts.calls import QuotingCall
from contracts.decision import Screening
from contracts.errors import DutiesNotSeparated, WrongShare
from contracts.organisation import Keyholder, Role
from contracts.quote import Quote, Quotes, SealedQuote
from contracts.sealing import QuoteSealing, misfit, shares_in
from contracts.task import MemberTask, Submission, TaskAction, TaskKind, TaskState
from workflows.task_board import CalledOff, TaskBoard


@workflow.defn
class QuotingWorkflow(TaskBoard):
    """One call for quotes, in as many rounds as the contract allows."""

    @workflow.init
    def __init__(self, call: QuotingCall) -> None:
        super().__init__(call.order)
        self._contract = call.order.contract
        self._lying_sealed: dict[str, SealedQuote] = {}

    @workflow.run
    async def run(self, call: QuotingCall) -> Quotes:
        """Screen the members, ask the eligible ones, and open what they sent once the deadline has passed."""
        screening = await self._screen_members()
        try:
            rounds = await self._ask_in_rounds(screening)
            quotes = await self._open_quotes()
        except CalledOff:
            self._cancel_tasks()
            rounds, quotes = 0, ()
        await self._finish()
        return self._gathered(screening, quotes, rounds)

    async def _screen_members(self) -> Screening:
        screened = await self._do(
            Quoting.screen,
            ScreenRequest,
            contract=self._contract,
            pins=self._order.pins,
            day=self._today(),
            office=self._order.office,
        )
        for member, waivers in screened.screening.waived.items():
            self._tell(
                "waived", company=member, rules=[each.rule for each in waivers], by=[each.name for each in waivers]
            )
        for member, reasons in screened.screening.excluded.items():
            self._tell("excluded", company=member, reasons=[reason.message for reason in reasons])
        return screened.screening

    async def _ask_in_rounds(self, screening: Screening) -> int:
        """Ask until enough have quoted; a further round asks again whoever has not answered with a quote."""
        terms = self._contract.quoting
        for number in range(1, terms.rounds + 1):
            await self._ask(number, [m for m in screening.eligible if m not in self._quoted()])
            if len(self._quoted()) >= terms.min_quotes:
                return number
            self._tell("too_few_quotes", round=number, quotes=len(self._quoted()), needed=terms.min_quotes)
        return terms.rounds

    async def _ask(self, number: int, members: list[str]) -> None:
        names = [
            self._open(
                f"quote-{member}-{number}",
                TaskKind.QUOTE,
                f"为《{self._contract.title}》报价",
                member,
                Role.HANDLER,
                deadline=self._contract.quoting.deadline,
                expires=True,
                member=member,
                round=str(number),
                category=self._contract.category,
            )
            for member in members
        ]
        self._held_back.update(names)
        await self._all_closed(names)
        self._held_back.difference_update(names)

    def _quoted(self) -> dict[str, MemberTask]:
        """The members whose quote lies sealed, with the task it came by."""
        return {task.subject["member"]: task for task in self._asked_for(TaskState.COMPLETED)}

    def _asked_for(self, state: TaskState) -> list[MemberTask]:
        """The quotes that were asked for and are now in *state*."""
        return [task for task in self._tasks.values() if task.kind is TaskKind.QUOTE and task.state is state]

    async def _open_quotes(self) -> tuple[Quote, ...]:
        sealed = tuple(sorted((_sealed(task) for task in self._quoted().values()), key=_arrival))
        if not sealed:
            return ()
        shares = await self._gather_shares(sealed)
        opened = await self._do(Quoting.open_quotes, OpenQuotesRequest, sealed=sealed, shares=shares)
        by = [f"open-{holder}" for holder in shares]
        users = [actor.user for name in by if (actor := self._tasks[name].answered_by)]
        facts: dict[str, Any] = {"by": users} if users else {}
        self._tell("quotes_opened", quotes=len(opened.quotes), **facts)
        return opened.quotes

    async def _gather_shares(self, sealed: tuple[SealedQuote, ...]) -> dict[str, dict[str, str]]:
        """Where split keys seal the quotes, have the keyholders hand in their shares, until enough have."""
        sealing = self._order.sealing
        if sealing is None:
            return {}
        self._lying_sealed = {quote.member: quote for quote in sealed}
        names = [self._ask_for_shares(holder, sealing) for holder in sealing.holders]
        await self._write_down()
        await self._wait_for(lambda: len(self._handed_in(names)) >= sealing.needed)
        self._cancel_tasks(names)
        handed_in = self._handed_in(names)[: sealing.needed]
        return {task.subject["holder"]: shares_in((task.answer or {})["shares"]) for task in handed_in}

    def _ask_for_shares(self, holder: Keyholder, sealing: QuoteSealing) -> str:
        marked = "（测试密钥）" if holder.test else ""
        return self._open(
            f"open-{holder.name}",
            TaskKind.OPEN_QUOTES,
            f"开启《{self._contract.title}》的密封报价{marked}",
            holder.company,
            holder.role,
            deadline=sealing.deadline,
            holder=holder.name,
            members=",".join(self._lying_sealed),
        )

    def _handed_in(self, names: list[str]) -> list[MemberTask]:
        return [self._tasks[name] for name in names if self._tasks[name].state is TaskState.COMPLETED]

    def _check_duties(self, task: MemberTask, action: TaskAction) -> None:
        """A share is that of this keyholder for these quotes, and nobody uses two keys."""
        if task.kind is not TaskKind.OPEN_QUOTES or not isinstance(action, Submission) or task.asks(action.actor.seat):
            return
        holder, shares = task.subject["holder"], shares_in(str(action.content.get("shares", "")))
        if wrong := misfit(self._number, self._lying_sealed, holder, shares):
            raise WrongShare(f"the shares for {task.id} do not fit: {wrong}")
        used = [each for each in self._tasks.values() if each.kind is TaskKind.OPEN_QUOTES and each.id != task.id]
        if any(set(action.actor.persons) & set(each.answered_by.persons) for each in used if each.answered_by):
            raise DutiesNotSeparated(f"{action.actor.user} has handed in the shares of another keyholder already")

    def _gathered(self, screening: Screening, quotes: tuple[Quote, ...], rounds: int) -> Quotes:
        return Quotes(
            number=self._number,
            eligible=screening.eligible,
            excluded={
                member: tuple(reason.message for reason in reasons) for member, reasons in screening.excluded.items()
            },
            quotes=quotes,
            declined={task.subject["member"]: task.reason for task in self._asked_for(TaskState.REFUSED)},
            rounds=rounds,
            enough=len(quotes) >= self._contract.quoting.min_quotes,
        )


def _sealed(task: MemberTask) -> SealedQuote:
    answer = task.answer or {}
    return SealedQuote(
        member=task.subject["member"],
        round=int(task.subject["round"]),
        commitment=answer["commitment"],
        arrived_at=answer["arrived_at"],
        share_digests=answer.get("share_digests", {}),
    )


def _arrival(sealed: SealedQuote) -> tuple[int, str, str]:
    return (sealed.round, sealed.arrived_at.isoformat(), sealed.member)
