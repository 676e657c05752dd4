"""Standing: how final reviews, older ones counting less, move a member from band to band in a category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.errors import Invalid
from contracts.review import Band, Rating, Review, Standing

WHOLE_BP = 10_000
DECAY_BP = 8_000
"""What a review still weighs when the next one comes."""

LADDER = (Band.A, Band.B, Band.C, Band.D, Band.E)
"""Best first."""

LOWEST_BP = {Band.A: 9_000, Band.B: 8_000, Band.C: 7_000, Band.D: 6_000, Band.E: 0}
"""The score from which on, inclusive, a band begins."""

GOOD_BEFORE_RISE = 2
SUSPENSION_DAYS = 90


def review_score_bp(kpi_weights_bp: Mapping[str, int], ratings: Sequence[Rating]) -> int:
    """
    Weigh every rating's KPIs and take the mean over the raters, in bp, rounded half up once at the end.

    Raises:
        Invalid: If there is no rating, they rate several members, the weights do not sum to 10,000 bp, or a
            rating lacks a KPI or has one without a weight.
    """
    _check(kpi_weights_bp, ratings)
    weighed = sum(weight * rating.kpis[kpi] for rating in ratings for kpi, weight in kpi_weights_bp.items())
    return _half_up(weighed, len(ratings) * WHOLE_BP)


def opening(member: str, category: str, score_bp: int, day: int) -> Standing:
    """
    Return the standing of a member that brings *score_bp* along; from *day* on it counts as its first review.

    A score in band E suspends as a reviewed one does.
    """
    band = band_of(score_bp)
    return Standing(
        member=member,
        category=category,
        score_bp=score_bp,
        band=band,
        reviews=1,
        from_day=day,
        suspended_to_day=day + SUSPENSION_DAYS if band is Band.E else 0,
    )


def moved(standing: Standing | None, review: Review) -> Standing:
    """
    Return the standing after a final *review*; without an earlier one, the review alone places the member.

    The score is Σ dⁿ·Sₙ / Σ dⁿ over all reviews, n = 0 the newest, d = 0.8, rounded half up at each review.
    The form is that of a supplier scorecard over periods; d and the bands are the alliance's own.

    The band follows the score one step at a time: down at once when the score is in a lower band, up after
    two reviews in a row that are good, that is, whose own score and the score after them are both above the
    present band; then the count begins anew. A red line leads to E at once. A red line, or a score below
    6,000 bp in E, suspends for 90 days from the review's day, and never shortens an earlier suspension. A
    review from before ``from_day`` counts from ``from_day``.

    Raises:
        Invalid: If the review is not final, or is of another member or category.
    """
    _check_fit(standing, review)
    score_bp = review.score_bp if standing is None else _mean_bp(standing, review.score_bp)
    band, good_in_a_row = _next_band(standing, score_bp, review)
    return Standing(
        member=review.member,
        category=review.category,
        score_bp=score_bp,
        band=band,
        reviews=1 + (standing.reviews if standing else 0),
        from_day=max(review.day, standing.from_day) if standing else review.day,
        suspended_to_day=_suspended_to_day(standing, score_bp, band, review),
        good_in_a_row=good_in_a_row,
    )


def band_of(score_bp: int) -> Band:
    """Return the band in which *score_bp* lies: lower bounds inclusive, 10,000 bp is still A."""
    return next(band for band in LADDER if score_bp >= LOWEST_BP[band])


def _mean_bp(standing: Standing, score_bp: int) -> int:
    """Weigh the new score with one and the mean of n earlier reviews with d + d² + … + dⁿ, in integers."""
    newest = WHOLE_BP**standing.reviews
    earlier = DECAY_BP * (newest - DECAY_BP**standing.reviews) // (WHOLE_BP - DECAY_BP)
    return _half_up(newest * score_bp + earlier * standing.score_bp, newest + earlier)


def _next_band(standing: Standing | None, score_bp: int, review: Review) -> tuple[Band, int]:
    """Return the band after *review* and how many good reviews now stand in a row."""
    if review.red_line is not None:
        return Band.E, 0
    if standing is None:
        return band_of(score_bp), 0
    earned, present = LADDER.index(band_of(score_bp)), LADDER.index(standing.band)
    if earned > present:
        return LADDER[present + 1], 0
    if earned == present or LADDER.index(band_of(review.score_bp)) >= present:
        return standing.band, 0
    if standing.good_in_a_row + 1 < GOOD_BEFORE_RISE:
        return standing.band, standing.good_in_a_row + 1
    return LADDER[present - 1], 0


def _suspended_to_day(standing: Standing | None, score_bp: int, band: Band, review: Review) -> int:
    before = standing.suspended_to_day if standing else 0
    if review.red_line is None and not (band is Band.E and band_of(score_bp) is Band.E):
        return before
    return max(before, review.day + SUSPENSION_DAYS)


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _check(kpi_weights_bp: Mapping[str, int], ratings: Sequence[Rating]) -> None:
    whole_bp = sum(kpi_weights_bp.values())
    if whole_bp != WHOLE_BP:
        raise Invalid(f"the KPI weights sum to {whole_bp} bp, not to {WHOLE_BP} bp")
    if not ratings:
        raise Invalid("a review needs at least one rating")
    for rating in ratings:
        _check_rating(kpi_weights_bp, rating, ratings[0].member)


def _check_rating(kpi_weights_bp: Mapping[str, int], rating: Rating, member: str) -> None:
    if rating.member != member:
        raise Invalid(f"the ratings of one review are of {member} and of {rating.member}")
    missing = [kpi for kpi in sorted(kpi_weights_bp) if kpi not in rating.kpis]
    if missing:
        raise Invalid(f"the rating of {member} by {rating.rater} lacks {', '.join(missing)}")
    unknown = [kpi for kpi in sorted(rating.kpis) if kpi not in kpi_weights_bp]
    if unknown:
        raise Invalid(f"the rating of {member} by {rating.rater} has no weight for {', '.join(unknown)}")


def _check_fit(standing: Standing | None, review: Review) -> None:
    if not review.is_final:
        raise Invalid(f"the review of {review.member} on {review.number} is not final and moves nothing yet")
    if standing and (standing.member, standing.category) != (review.member, review.category):
        raise Invalid(
            f"the review of {review.member} in {review.category} cannot move "
            f"the standing of {standing.member} in {standing.category}"
        )
