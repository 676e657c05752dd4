"""What a contract gives back to its queue when it is decided again."""

from __future__ import annotations

from contracts.facts import QueueFacts
from rules.select.weighting import standing_credits


def given_back(queue: QueueFacts, before: QueueFacts, after: QueueFacts) -> QueueFacts:
    """
    Return *queue* as it would be without the turn that led from *before* to *after*.

    What other contracts took in between stays. Whoever declined has the turn counted again by the new decision, if the
    policy says so.
    """
    last = before.last if queue.last == after.last else queue.last
    update = {"last": last, **_cycle_without(queue, before, after), "credits": _credits_without(queue, before, after)}
    return queue.model_copy(update=update)


def _cycle_without(queue: QueueFacts, before: QueueFacts, after: QueueFacts) -> dict[str, object]:
    """The cycle and who is served in it; a cycle that only this contract has begun has not begun."""
    if queue.cycle != after.cycle:
        return {}
    is_new = before.cycle != after.cycle
    taken = [code for code in after.served if is_new or code not in before.served]
    left = tuple(code for code in queue.served if code not in taken)
    if left or not is_new:
        return {"served": left}
    since = tuple(code for code in queue.order if code not in before.order)
    return {"cycle": before.cycle, "served": before.served, "joining": (*before.joining, *since)}


def _credits_without(queue: QueueFacts, before: QueueFacts, after: QueueFacts) -> dict[str, int]:
    """The credits without what changed; where they have begun again since, there is nothing left to take back."""
    if any(queue.weights.get(code) != weight for code, weight in after.weights.items()):
        return queue.credits
    base = standing_credits(before, after.weights)
    change = {code: credit - base.get(code, 0) for code, credit in after.credits.items()}
    return {code: credit - change.get(code, 0) for code, credit in sorted(queue.credits.items())}
