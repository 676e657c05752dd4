"""Reviewing: client and coordinator rate, members reply, an appeal is heard, and the score becomes final."""

from __future__ import annotations

from temporalio import workflow

from activities.reviewing import DraftRequest, FinaliseRequest, Reviewing
from contracts.calendar import Deadline
from contracts.calls import ReviewingCall, ReviewingResult
from contracts.errors import DutiesNotSeparated
from contracts.organisation import Role
from contracts.review import Rating, Review
from contracts.task import MemberTask, Submission, TaskAction, TaskKind, TaskState
from workflows.task_board import CalledOff, ContractBoard


@workflow.defn
class ReviewingWorkflow(ContractBoard):
    """The review of one contract's members."""

    @workflow.init
    def __init__(self, call: ReviewingCall) -> None:
        super().__init__(call.order)
        self._members = call.members
        self._terms = call.order.contract.review

    @workflow.run
    async def run(self, call: ReviewingCall) -> ReviewingResult:
        """Rate, draft, hear the members, and make the scores final."""
        try:
            result = await self._review()
        except CalledOff:
            self._cancel_tasks()
            result = ReviewingResult(reviews=(), standings=())
        await self._finish()
        return result

    async def _review(self) -> ReviewingResult:
        ratings = await self._have_rated()
        if not ratings:
            self._tell("not_rated")
            return ReviewingResult(reviews=(), standings=())
        drafts = await self._draft(ratings)
        heard = [await self._hear(review, reply) for review, reply in await self._have_replied(drafts)]
        return await self._finalise(tuple(heard))

    async def _have_rated(self) -> tuple[Rating, ...]:
        contract = self._order.contract
        raters = [(contract.client, Role.BUYER), (self._order.office, Role.COORDINATOR)]
        names = [
            self._open(
                f"rate-{company}",
                TaskKind.RATE,
                f"评价《{contract.title}》的服务单位",
                company,
                role,
                deadline=self._terms.rating,
                expires=True,
                members=",".join(self._members),
                category=contract.category,
            )
            for company, role in raters
        ]
        return tuple(rating for task in await self._all_closed(names) for rating in _ratings(task))

    async def _draft(self, ratings: tuple[Rating, ...]) -> tuple[Review, ...]:
        drafted = await self._do(
            Reviewing.draft,
            DraftRequest,
            pins=self._order.pins,
            category=self._order.contract.category,
            members=tuple(member for member in self._members if any(r.member == member for r in ratings)),
            ratings=ratings,
            day=self._today(),
        )
        for review in drafted.reviews:
            self._tell("drafted", company=review.member, score_bp=review.score_bp, red_line=review.red_line or "")
        return drafted.reviews

    async def _have_replied(self, drafts: tuple[Review, ...]) -> list[tuple[Review, MemberTask]]:
        names = [
            self._open(
                f"reply-{review.member}",
                TaskKind.REPLY,
                f"答复《{self._order.contract.title}》的评价初稿",
                review.member,
                Role.HANDLER,
                deadline=Deadline(working_days=self._terms.reply_working_days),
                expires=True,
                member=review.member,
                score_bp=str(review.score_bp),
            )
            for review in drafts
        ]
        return list(zip(drafts, await self._all_closed(names), strict=True))

    async def _hear(self, review: Review, reply: MemberTask) -> Review:
        """Take the member's reply into the review; an appeal goes to somebody who has not rated."""
        answer = reply.answer or {}
        heard = review.model_copy(update={"reply": answer.get("reply", ""), "appealed": bool(answer.get("appeal"))})
        if not heard.appealed:
            return heard
        name = self._open(
            f"appeal-{review.member}",
            TaskKind.HEAR_APPEAL,
            f"复核{review.member}对评价的申诉",
            self._order.office,
            Role.REVIEWER,
            deadline=self._terms.appeal,
            expires=True,
            member=review.member,
            score_bp=str(review.score_bp),
        )
        ruling = (await self._closed(name)).answer or {"decision": "uphold"}
        if ruling["decision"] == "uphold":
            return heard
        return heard.model_copy(update={"score_bp": ruling["score_bp"], "red_line": None})

    async def _finalise(self, reviews: tuple[Review, ...]) -> ReviewingResult:
        finalised = await self._do(Reviewing.finalise, FinaliseRequest, reviews=reviews)
        for review, standing in zip(reviews, finalised.standings, strict=True):
            self._tell("finalised", company=review.member, score_bp=review.score_bp, band=standing.band)
        return ReviewingResult(reviews=reviews, standings=finalised.standings)

    def _check_duties(self, task: MemberTask, action: TaskAction) -> None:
        """Whoever rated does not hear the appeal."""
        if task.kind is not TaskKind.HEAR_APPEAL or not isinstance(action, Submission):
            return
        rated = [t.answered_by for t in self._tasks.values() if t.kind is TaskKind.RATE and t.answered_by]
        raters = [person for rater in rated for person in rater.persons]
        both = next((person for person in action.actor.persons if person in raters), None)
        if both:
            raise DutiesNotSeparated(f"{both} has rated {task.subject['member']} and cannot hear its appeal")


def _ratings(task: MemberTask) -> list[Rating]:
    if task.state is not TaskState.COMPLETED or task.answer is None:
        return []
    return [
        Rating(rater=task.company, member=member, **rating) for member, rating in sorted(task.answer["ratings"].items())
    ]
