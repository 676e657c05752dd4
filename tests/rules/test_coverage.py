"""What cases show: rules, parts of expressions, outcomes and numbers of members."""

from __future__ import annotations

from rules.coverage import Point, coverage, covered_bp
from tests.rules.test_decide import candidate, decide, facts, trial

BOTH = (
    "member.score_bp >= params.least_bp",
    'member.score_bp >= params.least_bp && (member.band == "B" || contract.urgent)',
)


def unseen(points: tuple[Point, ...], kind: str) -> list[str]:
    """What of one kind is missing."""
    return [point.told for point in points if point.kind == kind and not point.seen]


def test_a_rule_is_covered_by_both_answers() -> None:
    """A member that fulfils everything shows one half."""
    policy = trial()
    good, bad = candidate("A1"), candidate("B1", score_bp=1_000)

    assert ["quality is never false", "spare is never false"] == unseen(
        coverage(policy, [decide(policy, facts(good))]), "eligibility"
    )
    assert ["spare is never false"] == unseen(coverage(policy, [decide(policy, facts(good, bad))]), "eligibility")


def test_a_score_that_nobody_reached_is_told() -> None:
    """Where nobody is eligible nothing is scored."""
    policy = trial()
    decision = decide(policy, facts(candidate("B1", score_bp=1_000)))

    assert ["price is never calculated", "fairness is never calculated"] == unseen(
        coverage(policy, [decision]), "scoring"
    )


def test_every_operand_must_be_seen_to_decide() -> None:
    """An operand that the other side made irrelevant was not shown."""
    policy = trial(BOTH)
    decision = decide(policy, facts(candidate("A1"), candidate("B1", score_bp=1_000)))

    assert [
        'quality: member.band == "B" is never false',
        "quality: contract.urgent is never true",
        "quality: contract.urgent is never false",
    ] == unseen(coverage(policy, [decision]), "part")


def test_outcomes_and_numbers_of_members_count() -> None:
    """A ceiling that is not there cannot be exceeded; one to two members may be selected."""
    policy = trial()
    found = coverage(policy, [decide(policy, facts(candidate("A1")))])

    outcomes = ["no_eligible", "too_few_quotes", "exhausted"]
    assert [f"top_k is never {outcome}" for outcome in outcomes] == unseen(found, "outcome")
    assert ["pro_rata is never for 2 members"] == unseen(found, "members")


def test_the_part_that_is_covered_is_rounded_down() -> None:
    """One of three is 33.33 per cent; of nothing, all is covered."""
    points = tuple(Point("outcome", "m", "m", str(place), place == 0) for place in range(3))

    assert (3_333, 10_000) == (covered_bp(points), covered_bp(()))
