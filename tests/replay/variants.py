"""Workflows as somebody might change them by mistake: each differs in one step from the one that made the histories."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from contracts.calls import DeliveringCall, QuotingCall, SigningCall, SigningEnd, SigningResult
from contracts.decision import Screening
from contracts.delivery import Acceptance, ShareOutcome
from contracts.quote import Quotes
from contracts.task import MemberTask
from workflows.delivering import DeliveringWorkflow
from workflows.quoting import QuotingWorkflow
from workflows.signing import SigningWorkflow


@workflow.defn(name="QuotingWorkflow")
class OneStepMore(QuotingWorkflow):
    """Screens the members twice."""

    @workflow.init
    def __init__(self, call: QuotingCall) -> None:
        super().__init__(call)

    @workflow.run
    async def run(self, call: QuotingCall) -> Quotes:
        """Do as before, with one step more."""
        return await super().run(call)

    async def _screen_members(self) -> Screening:
        await super()._screen_members()
        return await super()._screen_members()


@workflow.defn(name="SigningWorkflow")
class OneStepLess(SigningWorkflow):
    """Never puts the document into force."""

    @workflow.init
    def __init__(self, call: SigningCall) -> None:
        super().__init__(call)

    @workflow.run
    async def run(self, call: SigningCall) -> SigningResult:
        """Do as before, with one step less."""
        return await super().run(call)

    async def _conclude(self) -> SigningResult:
        return SigningResult(end=SigningEnd.SIGNED, version=self._agreement.version)


@workflow.defn(name="SigningWorkflow")
class OtherOrder(SigningWorkflow):
    """Puts the document into force, then signs it."""

    @workflow.init
    def __init__(self, call: SigningCall) -> None:
        super().__init__(call)

    @workflow.run
    async def run(self, call: SigningCall) -> SigningResult:
        """Do as before, with two steps exchanged."""
        return await super().run(call)

    async def _sign(self, task: MemberTask, *asked: Any) -> None:
        await self._conclude()
        await super()._sign(task, *asked)


@workflow.defn(name="DeliveringWorkflow")
class OneTimerMore(DeliveringWorkflow):
    """Waits a moment before it settles."""

    @workflow.init
    def __init__(self, call: DeliveringCall) -> None:
        super().__init__(call)

    @workflow.run
    async def run(self, call: DeliveringCall) -> ShareOutcome:
        """Do as before, with one timer more."""
        return await super().run(call)

    async def _settle(self, milestone: str, acceptance: Acceptance, score_bp: int) -> None:
        await workflow.sleep(timedelta(seconds=1))
        await super()._settle(milestone, acceptance, score_bp)


@workflow.defn(name="DeliveringWorkflow")
class NoTimers(DeliveringWorkflow):
    """Forgets every deadline."""

    @workflow.init
    def __init__(self, call: DeliveringCall) -> None:
        super().__init__(call)

    @workflow.run
    async def run(self, call: DeliveringCall) -> ShareOutcome:
        """Do as before, without a timer."""
        return await super().run(call)

    def _next_moment(self) -> None:
        return None


VARIANTS = {
    OneStepMore: "/quote",
    OneStepLess: "/sign/v1",
    OtherOrder: "/sign/v1",
    OneTimerMore: "/deliver/NORTH",
    NoTimers: "/deliver/NORTH",
}
"""With the path of the workflow that each would have to replay, under the contract."""
