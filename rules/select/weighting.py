"""Taking turns in proportion to weights: smooth weighted round robin, with credits that the queue keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from contracts.facts import QueueFacts
from rules.select.methods import WeightedRotation
from rules.select.ordering import ranked
from rules.select.ranking import Contest, Ranked, Turn
from rules.select.turns import joined, needed_queue


@dataclass(frozen=True)
class Step:
    """One turn: whose it is, and everybody's credit after it."""

    code: str
    credits: Mapping[str, int]


def rotate_by_weight(method: WeightedRotation, contest: Contest) -> Ranked:
    """
    Rank by the turns that would follow one another if each went to another member.

    Raises:
        Invalid: If the facts do not hold the queue.
    """
    queue = needed_queue(method.queue, contest.terms)
    weights = {each.code: each.measure for each in contest.contenders}
    owed = standing_credits(queue, weights)
    passed_over = contest.terms.declined if method.decline_consumes_turn else {}
    absent = {code: queue.weights[code] for code in sorted(passed_over) if queue.weights.get(code)}
    tie = {code: index for index, code in enumerate(ranked(contest, lambda _: 0).order)}
    steps = tuple(_steps(owed, {**weights, **absent}, {code: tie.get(code, -1) for code in (*tie, *absent)}))
    course = [step.code for step in steps if step.code in weights]
    found = ranked(contest, lambda contender: course.index(contender.code))
    kept = joined(queue, contest).model_copy(update={"weights": _kept(queue, weights), "served": (), "joining": ()})
    return replace(found, turn=lambda selected: _taken(kept, steps, selected))


def standing_credits(queue: QueueFacts, weights: Mapping[str, int]) -> dict[str, int]:
    """Return the credits that count under *weights*: none where a member's weight is not the one that was kept."""
    changed = any(queue.weights.get(code, weight) != weight for code, weight in weights.items())
    return {} if changed else dict(queue.credits)


def _kept(queue: QueueFacts, weights: Mapping[str, int]) -> dict[str, int]:
    """The weights to keep: those of now, and of members who are not here those of before."""
    return dict(sorted({**queue.weights, **weights}.items()))


def _steps(owed: Mapping[str, int], weights: Mapping[str, int], tie: Mapping[str, int]) -> Iterator[Step]:
    """
    The turns of *weights*, each to a member that has not had one yet.

    curᵢ += wᵢ for all; the largest cur among those left has the turn, by *tie* among equals; cur −= Σw.
    """
    now = dict(owed)
    left = sorted(weights)
    while left:
        for code, weight in weights.items():
            now[code] = now.get(code, 0) + weight
        chosen = min(left, key=lambda code: (-now[code], tie[code]))
        now[chosen] -= sum(weights.values())
        left.remove(chosen)
        yield Step(chosen, dict(sorted(now.items())))


def _taken(queue: QueueFacts, steps: Sequence[Step], selected: Sequence[str]) -> Turn:
    """All steps up to the last of *selected*: what stands before it are turns of members that declined."""
    if not selected:
        return Turn()
    end = max(index for index, step in enumerate(steps) if step.code in selected)
    used = tuple(step.code for step in steps[: end + 1])
    return Turn(used, queue.model_copy(update={"last": used[-1], "credits": dict(steps[end].credits)}))
