"""Reviewing: ratings become a draft, the draft after replies and appeals a final score, the score a standing."""

from __future__ import annotations

from temporalio import activity

from activities.packs import pinned_pack
from activities.ports import Records, Writing
from contracts.category import CategoryPack
from contracts.journal import EffectRequest
from contracts.review import Rating, Review, Standing
from contracts.service_contract import RulePins
from contracts.value import Code, EpochDay, Recorded, Slug
from rules.standing import moved, review_score_bp


class DraftRequest(EffectRequest):
    """Weigh the ratings of each member."""

    pins: RulePins
    category: Slug
    members: tuple[Code, ...]
    ratings: tuple[Rating, ...]
    day: EpochDay


class Drafted(Recorded):
    """One draft review per member."""

    reviews: tuple[Review, ...]


class FinaliseRequest(EffectRequest):
    """Make reviews final as they stand after replies and appeals."""

    reviews: tuple[Review, ...]


class Finalised(Recorded):
    """The standing each member now has in the category."""

    standings: tuple[Standing, ...]


class Reviewing:
    """Turns ratings into reviews and reviews into standings."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn
    def draft(self, request: DraftRequest) -> Drafted:
        """Weigh the KPIs as the pack says; keep the draft."""
        return self._records.once(request, lambda writing: self._draft(writing, request), Drafted)

    @activity.defn
    def finalise(self, request: FinaliseRequest) -> Finalised:
        """Keep the final reviews; only these move a standing."""
        return self._records.once(request, lambda writing: _finalise(writing, request), Finalised)

    def _draft(self, writing: Writing, request: DraftRequest) -> Drafted:
        reviews = draft_reviews(request, pinned_pack(self._records, request.pins.pack))
        for review in reviews:
            writing.keep_review(review)
        return Drafted(reviews=reviews)


def draft_reviews(request: DraftRequest, pack: CategoryPack) -> tuple[Review, ...]:
    """Return what the ratings of each member come to under the weights of *pack*."""
    weights = {kpi.code: kpi.weight_bp for kpi in pack.kpis}
    return tuple(_review(request, member, weights) for member in request.members)


def _review(request: DraftRequest, member: str, weights: dict[str, int]) -> Review:
    ratings = [rating for rating in request.ratings if rating.member == member]
    red_lines = [rating.red_line for rating in ratings if rating.red_line]
    return Review(
        number=request.number,
        member=member,
        category=request.category,
        score_bp=review_score_bp(weights, ratings),
        kpis={kpi: _mean_bp([rating.kpis[kpi] for rating in ratings]) for kpi in weights},
        red_line=red_lines[0] if red_lines else None,
        day=request.day,
    )


def _mean_bp(scores: list[int]) -> int:
    """The mean, rounded half up."""
    return (2 * sum(scores) + len(scores)) // (2 * len(scores))


def _finalise(writing: Writing, request: FinaliseRequest) -> Finalised:
    standings = []
    for review in request.reviews:
        final = review.model_copy(update={"is_final": True})
        writing.keep_review(final)
        standing = moved(writing.standing(review.member, review.category), final)
        writing.keep_standing(standing)
        standings.append(standing)
    return Finalised(standings=tuple(standings))
