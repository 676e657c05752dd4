"""Quoting: the eligible members are asked, their sealed quotes are opened together."""

from __future__ import annotations

from temporalio import workflow

from activities.quoting import OpenQuotesRequest, Quoting, ScreenRequest
from contracts.calls import QuotingCall
from contracts.decision import Screening
from contracts.organisation import Role
from contracts.quote import Quote, Quotes, SealedQuote
from contracts.task import MemberTask, TaskKind, TaskState
from workflows.task_board import CalledOff, ContractBoard


@workflow.defn
class QuotingWorkflow(ContractBoard):
    """One call for quotes, in as many rounds as the contract allows."""

    @workflow.init
    def __init__(self, call: QuotingCall) -> None:
        super().__init__(call.order)
        self._contract = call.order.contract

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
        return {task.subject["member"]: task for task in self._tasks.values() if task.state is TaskState.COMPLETED}

    async def _open_quotes(self) -> tuple[Quote, ...]:
        sealed = tuple(sorted((_sealed(task) for task in self._quoted().values()), key=_arrival))
        if not sealed:
            return ()
        opened = await self._do(Quoting.open_quotes, OpenQuotesRequest, sealed=sealed)
        self._tell("quotes_opened", quotes=len(opened.quotes))
        return opened.quotes

    def _gathered(self, screening: Screening, quotes: tuple[Quote, ...], rounds: int) -> Quotes:
        return Quotes(
            number=self._number,
            eligible=screening.eligible,
            excluded={
                member: tuple(reason.message for reason in reasons) for member, reasons in screening.excluded.items()
            },
            quotes=quotes,
            declined={
                task.subject["member"]: task.reason for task in self._tasks.values() if task.state is TaskState.REFUSED
            },
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
    )


def _arrival(sealed: SealedQuote) -> tuple[int, str, str]:
    return (sealed.round, sealed.arrived_at.isoformat(), sealed.member)
