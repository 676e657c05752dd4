"""How the selection came about: the method in words, the queue before and after, the draw, abnormally low prices."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.decision import Decision
from contracts.facts import Facts, QueueFacts
from rules.explain.shown import percent
from rules.explain.stating import method_told
from rules.explain.tongue import Tongue
from rules.policy import CompiledPolicy
from rules.portfolio.awarding import METHOD
from rules.select.chain import draws_lots, links
from rules.select.lottery import lot
from rules.select.methods import MiniCompetition, Rotation

SHOWN_OF_LOT = 16
"""How many digits of a lot are shown; more tell nobody apart."""


def selection_told(
    root: CompiledPolicy, policy: CompiledPolicy, facts: Facts, decision: Decision, tongue: Tongue
) -> Iterator[str]:
    """
    Tell by which method of *policy* whom the decision selects, and what that leaves behind.

    *policy* is the one that decided: *root*, or one that it falls back on. All of these turn one queue.
    """
    if decision.method == METHOD:
        yield tongue.say("method together")
    else:
        yield from method_told("method", policy.spec.select, tongue)
    for member, reason in facts.declined.items():
        yield tongue.say("declined", member=tongue.member(member), reason=tongue.note(reason))
    for member, reason in facts.overridden.items():
        yield tongue.say("overridden", member=tongue.member(member), reason=tongue.note(reason))
    yield from _draw(policy, facts, decision, tongue)
    if decision.selected:
        yield tongue.say("selected", members=tongue.members(decision.selected))
    else:
        yield tongue.say("nobody selected")
    yield from _low(policy, decision, tongue)
    yield from _queue(root, facts, decision, tongue)


def _low(policy: CompiledPolicy, decision: Decision, tongue: Tongue) -> Iterator[str]:
    """Who must explain its price."""
    margins = [link.abnormally_low_bp for _, link in links(policy.spec.select) if isinstance(link, MiniCompetition)]
    for margin in margins if decision.abnormally_low else ():
        members = tongue.members(decision.abnormally_low)
        yield tongue.say("low", members=members, ratio=percent(10_000 - (margin or 0)))


def _draw(policy: CompiledPolicy, facts: Facts, decision: Decision, tongue: Tongue) -> Iterator[str]:
    """The seed with its commitment, and everybody's lot in order."""
    drawn, number = facts.draw, facts.contract.number
    if drawn is None or decision.method == METHOD or not draws_lots(policy.spec.select):
        return
    yield tongue.say("draw", seed=drawn.seed, commitment=drawn.commitment)
    lots = sorted((lot(drawn.seed, number, code), code) for code in decision.ranking)
    if lots:
        told = [tongue.say("lot", member=tongue.member(code), lot=text[:SHOWN_OF_LOT]) for text, code in lots]
        yield tongue.say("lots", lots=tongue.row(told))
        yield tongue.say("lot check", number=number)


def _queue(root: CompiledPolicy, facts: Facts, decision: Decision, tongue: Tongue) -> Iterator[str]:
    """The queue as it was found, whose turns were used, and the queue as it is left."""
    before, after = facts.queue, decision.queue_after
    if before is None:
        return
    takes_cycles = any(isinstance(link, Rotation) for each in root.chain for _, link in links(each.spec.select))
    if before.order:
        yield tongue.say("queue before", name=before.name, order=tongue.members(before.order))
        yield from _state(before, tongue, takes_cycles=takes_cycles)
    else:
        yield tongue.say("queue empty", name=before.name)
    if decision.queue_turns:
        yield tongue.say("turns", members=tongue.members(decision.queue_turns))
    if after is None or after == before:
        yield tongue.say("queue same")
        return
    yield tongue.say("queue after", order=tongue.members(after.order))
    yield from _state(after, tongue, takes_cycles=takes_cycles)


def _state(queue: QueueFacts, tongue: Tongue, *, takes_cycles: bool) -> Iterator[str]:
    """Who had the last turn, what is left of the cycle, and the credits where turns go by weight."""
    if queue.last:
        yield tongue.say("last", member=tongue.member(queue.last))
    if takes_cycles:
        served = tongue.members(queue.served)
        yield tongue.say("served" if queue.served else "nobody served", cycle=queue.cycle, members=served)
    if queue.joining:
        yield tongue.say("joining", members=tongue.members(queue.joining))
    for key, figures in (("weights", queue.weights), ("credits", queue.credits)):
        if figures:
            listed = [f"{tongue.member(code)} {figures[code]:,}" for code in sorted(figures)]
            yield tongue.say(key, figures=tongue.row(listed))
