"""Taking turns in a fixed queue: whose it is, and what is left of the cycle afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from contracts.errors import Invalid
from contracts.facts import QueueFacts
from rules.select.methods import Rotation
from rules.select.ordering import ranked
from rules.select.ranking import Contest, Ranked, Terms, Turn


def rotate(method: Rotation, contest: Contest) -> Ranked:
    """
    Rank by the queue: who has not been served in this cycle, in the order of the queue, then the next cycle.

    Raises:
        Invalid: If the facts do not hold the queue.
    """
    queue = joined(needed_queue(method.queue, contest.terms), contest)
    passed_over = contest.terms.declined if method.decline_consumes_turn else {}
    course = _course(queue, [code for code in queue.order if contest.find(code) or code in passed_over])
    place = {code: index for index, code in enumerate(course)}
    found = ranked(contest, lambda contender: place[contender.code])
    return replace(found, turn=lambda selected: _taken(queue, course, selected, passed_over))


def needed_queue(name: str, terms: Terms) -> QueueFacts:
    """
    Return the queue called *name*.

    Raises:
        Invalid: If it is not among the facts.
    """
    if terms.queue is None or terms.queue.name != name:
        raise Invalid(f"the policy rotates over the queue {name!r}, which is not among the facts")
    return terms.queue


def joined(queue: QueueFacts, contest: Contest) -> QueueFacts:
    """
    Return *queue* with the candidates it has not seen yet at its end, by code.

    They take part from the next cycle on; of a queue without members they are the founders. A queue that states only
    its ``last`` has served those up to it.
    """
    known = (*contest.terms.candidates, *(contender.code for contender in contest.contenders))
    new = tuple(dict.fromkeys(code for code in sorted(known) if code not in queue.order))
    served = queue.served
    if not served and queue.last in queue.order:
        served = queue.order[: queue.order.index(queue.last) + 1]
    joining = (*queue.joining, *new) if queue.order else ()
    return queue.model_copy(update={"order": (*queue.order, *new), "served": served, "joining": joining})


def _course(queue: QueueFacts, standing: Sequence[str]) -> tuple[str, ...]:
    """The members *standing* in the order in which they would have turns: the rest of the cycle, then the next one."""
    waiting = (*queue.served, *queue.joining)
    now = [code for code in standing if code not in waiting]
    return (*now, *(code for code in standing if code in waiting))


def _taken(queue: QueueFacts, course: Sequence[str], selected: Sequence[str], passed_over: Mapping[str, str]) -> Turn:
    """The turn of *selected*, and of those who declined and stood before the last of them."""
    if not selected:
        return Turn()
    end = max(course.index(code) for code in selected)
    used = tuple(code for code in course[: end + 1] if code in selected or code in passed_over)
    next_cycle = [code for code in used if code in queue.served or code in queue.joining]
    update: dict[str, object] = {"last": used[-1], "served": (*queue.served, *used)}
    if next_cycle:
        update |= {"cycle": queue.cycle + 1, "served": tuple(next_cycle), "joining": ()}
    return Turn(used, queue.model_copy(update=update))
