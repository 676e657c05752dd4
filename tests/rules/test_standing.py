"""Standing: scores weighed exactly, bands that fall at once and rise slowly."""

from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import Invalid
from contracts.review import Band, Rating, Review, Standing
from rules.standing import LADDER, band_of, moved, opening, review_score_bp

SCORES = st.integers(0, 10_000)


def rating(kpis: dict[str, int], rater: str = "KHGS", member: str = "LGWY") -> Rating:
    """A rating by one rater."""
    return Rating(rater=rater, member=member, kpis=kpis)


def review(score_bp: int, day: int = 20_000, **other: Any) -> Review:
    """A final review, unless *other* says something else."""
    facts = {"number": "LY-2025-0001", "member": "LGWY", "category": "property", "kpis": {}, "is_final": True}
    return Review.model_validate({**facts, "score_bp": score_bp, "day": day, **other})


def after(standing: Standing | None, *scores_bp: int) -> list[tuple[int, Band]]:
    """The score and band after each of several reviews."""
    path = []
    for score_bp in scores_bp:
        standing = moved(standing, review(score_bp))
        path.append((standing.score_bp, standing.band))
    return path


def test_a_rating_is_weighed() -> None:
    """Each KPI counts by its weight."""
    weights_bp = {"quality": 7_000, "response": 3_000}

    assert 8_700 == review_score_bp(weights_bp, [rating({"quality": 9_000, "response": 8_000})])


def test_raters_count_equally_and_half_a_point_rises() -> None:
    """The mean over the raters is rounded half up once."""
    both = [rating({"quality": 8_000}), rating({"quality": 8_001}, rater="BGS")]

    assert 8_001 == review_score_bp({"quality": 10_000}, both)


@settings(deadline=None)
@given(st.lists(st.tuples(SCORES, SCORES), min_size=1, max_size=5), SCORES)
def test_the_score_is_the_exact_mean(given_bp: list[tuple[int, int]], weight_bp: int) -> None:
    """The score is the exact weighted mean, rounded half up, in any order of the raters."""
    weights_bp = {"quality": weight_bp, "response": 10_000 - weight_bp}
    ratings = [rating({"quality": quality, "response": response}) for quality, response in given_bp]
    exact = Fraction(sum(weight_bp * q + (10_000 - weight_bp) * r for q, r in given_bp), 10_000 * len(given_bp))

    assert floor(exact + Fraction(1, 2)) == review_score_bp(weights_bp, ratings)
    assert review_score_bp(weights_bp, ratings) == review_score_bp(weights_bp, ratings[::-1])


@pytest.mark.parametrize(
    ("weights_bp", "ratings", "message"),
    [
        ({"quality": 9_000}, [rating({"quality": 1})], "the KPI weights sum to 9000 bp, not to 10000 bp"),
        ({"quality": 10_000}, [], "a review needs at least one rating"),
        ({"quality": 10_000}, [rating({})], "the rating of LGWY by KHGS lacks quality"),
        (
            {"quality": 10_000},
            [rating({"quality": 1, "speed": 1})],
            "the rating of LGWY by KHGS has no weight for speed",
        ),
        (
            {"quality": 10_000},
            [rating({"quality": 1}), rating({"quality": 1}, member="SHGY")],
            "the ratings of one review are of LGWY and of SHGY",
        ),
    ],
)
def test_ratings_must_fit_the_weights(weights_bp: dict[str, int], ratings: list[Rating], message: str) -> None:
    """Weights and ratings that do not fit are refused with what is wrong."""
    with pytest.raises(Invalid) as refusal:
        review_score_bp(weights_bp, ratings)

    assert message == refusal.value.message


@pytest.mark.parametrize(
    ("score_bp", "band"),
    [
        (10_000, Band.A),
        (9_000, Band.A),
        (8_999, Band.B),
        (8_000, Band.B),
        (7_999, Band.C),
        (7_000, Band.C),
        (6_999, Band.D),
        (6_000, Band.D),
        (5_999, Band.E),
        (0, Band.E),
    ],
)
def test_lower_bounds_are_inclusive(score_bp: int, band: Band) -> None:
    """A band begins at its lower bound, and the top one is closed."""
    assert band == band_of(score_bp)


def test_the_first_review_places_the_member() -> None:
    """Without an earlier standing the review alone counts."""
    assert Standing(
        member="LGWY", category="property", score_bp=9_100, band=Band.A, reviews=1, from_day=20_000
    ) == moved(None, review(9_100))


def test_an_opening_score_counts_as_a_first_review() -> None:
    """A score brought along stands as if it had been the first review on that day."""
    assert moved(None, review(8_400, day=19_000)) == opening("LGWY", "property", 8_400, 19_000)


def test_an_opening_score_in_e_suspends() -> None:
    """A score below 6,000 bp suspends also when it is brought along."""
    assert moved(None, review(5_999, day=19_000)) == opening("LGWY", "property", 5_999, 19_000)
    assert 19_090 == opening("LGWY", "property", 5_999, 19_000).suspended_to_day


def test_older_reviews_count_less() -> None:
    """Three reviews weigh 1, 0.8 and 0.64, newest first: (6,000 + 0.8·9,000 + 0.64·9,000) / 2.44 = 7,770.5."""
    assert (7_770, Band.B) == after(None, 9_000, 9_000, 6_000)[-1]


@settings(deadline=None)
@given(st.lists(SCORES, min_size=1, max_size=30))
def test_the_score_is_the_decayed_mean(scores_bp: list[int]) -> None:
    """The score stays within rounding of Σ dⁿ·Sₙ / Σ dⁿ: half a point a review, each fading like a review."""
    decay = [Fraction(4, 5) ** age for age in reversed(range(len(scores_bp)))]
    exact = Fraction(sum(d * s for d, s in zip(decay, scores_bp, strict=True))) / sum(decay)

    assert abs(exact - after(None, *scores_bp)[-1][0]) <= Fraction(5, 2)


@settings(deadline=None)
@given(SCORES, st.integers(1, 40))
def test_equal_reviews_keep_the_score(score_bp: int, reviews: int) -> None:
    """A member that always scores the same has that score and its band."""
    assert (score_bp, band_of(score_bp)) == after(None, *[score_bp] * reviews)[-1]


def test_one_bad_review_takes_one_band() -> None:
    """A member in A falls to B at once, and only to B, however bad the review."""
    assert [(10_000, Band.A), (4_444, Band.B), (2_623, Band.C)] == after(None, 10_000, 0, 0)


def test_two_good_reviews_in_a_row_give_one_band() -> None:
    """A member in C rises to B with the second good review, and to A with two more."""
    start = opening("LGWY", "property", 7_000, 19_000)

    bands = [band for _, band in after(start, 10_000, 10_000, 10_000, 10_000, 10_000)]

    assert [Band.C, Band.B, Band.B, Band.A, Band.A] == bands


def test_a_middling_review_breaks_the_row() -> None:
    """Good, middling, good does not rise; only two good ones that follow each other do."""
    start = opening("LGWY", "property", 7_500, 19_000)

    assert [Band.C, Band.C, Band.C, Band.B] == [band for _, band in after(start, 9_900, 7_900, 9_900, 9_900)]


def test_a_red_line_leads_to_e_and_suspends() -> None:
    """After a red line even the best score stands in E, suspended for 90 days."""
    best = opening("LGWY", "property", 10_000, 19_000)

    assert best.model_copy(
        update={"band": Band.E, "reviews": 2, "from_day": 20_000, "suspended_to_day": 20_090}
    ) == moved(best, review(10_000, red_line="forged-certificate"))


def test_a_good_review_does_not_prolong_a_suspension() -> None:
    """Reviews of other contracts during the suspension leave its end alone, and count towards the rise."""
    banned = moved(opening("LGWY", "property", 9_500, 19_000), review(9_500, red_line="subletting"))

    later = moved(banned, review(9_500, day=20_030))

    assert (Band.E, 1, 20_090) == (later.band, later.good_in_a_row, later.suspended_to_day)


def test_a_bad_review_in_e_suspends_anew() -> None:
    """A score that stays below 6,000 bp suspends again from the new review's day."""
    assert 20_120 == moved(opening("LGWY", "property", 5_000, 20_000), review(5_000, day=20_030)).suspended_to_day


def test_a_suspension_is_never_shortened() -> None:
    """A bad review of an earlier day leaves the end of a later suspension."""
    assert 20_190 == moved(opening("LGWY", "property", 0, 20_100), review(0, day=20_000)).suspended_to_day


def test_a_late_review_does_not_turn_back_the_day() -> None:
    """A review dated before the standing takes effect with it."""
    assert 20_100 == moved(opening("LGWY", "property", 8_000, 20_100), review(8_000, day=20_000)).from_day


@settings(deadline=None)
@given(st.lists(st.tuples(SCORES, st.booleans()), min_size=1, max_size=20))
def test_a_band_at_a_time(reviews: list[tuple[int, bool]]) -> None:
    """Save for a red line, no review moves a member by more than one band, and every rise took two."""
    standing = opening("LGWY", "property", 8_000, 19_000)
    for score_bp, is_red in reviews:
        before, standing = standing, moved(standing, review(score_bp, red_line="collusion" if is_red else None))
        step = LADDER.index(standing.band) - LADDER.index(before.band)
        assert standing.band is Band.E if is_red else step in (-1, 0, 1)
        assert step >= 0 or (before.good_in_a_row, standing.good_in_a_row) == (1, 0)


def test_a_draft_moves_nothing() -> None:
    """A review that is not final is refused."""
    with pytest.raises(Invalid) as refusal:
        moved(None, review(9_000, is_final=False))

    assert "the review of LGWY on LY-2025-0001 is not final and moves nothing yet" == refusal.value.message


def test_a_review_moves_its_own_category_only() -> None:
    """A review of another category is refused."""
    with pytest.raises(Invalid) as refusal:
        moved(opening("LGWY", "catering", 9_000, 19_000), review(9_000))

    assert "the review of LGWY in property cannot move the standing of LGWY in catering" == refusal.value.message
