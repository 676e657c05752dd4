"""The cheapest set of members that keeps every group: exact, and the same whoever calculates it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contracts.decision import DecisionOutcome
from contracts.errors import Invalid
from rules.select.methods import Group, Optimise
from rules.select.ordering import ranked
from rules.select.ranking import Contender, Contest, Ranked

MOST_STATES = 20_000
FEWEST, MOST = "k_min", "k_max"
"""What a note calls the least and the largest number of members."""

State = tuple[int, ...]
"""How many are taken, and how many of them are in each group; what a group need not count further is not counted."""
Set = tuple[int, tuple[int, ...]]
"""The cost of a set of members, and their places by the tie keys: of two sets the lesser is better."""


def optimise(method: Optimise, contest: Contest) -> tuple[Ranked, tuple[str, ...]]:
    """
    Return all contenders by cost, and those that are selected, best first.

    Raises:
        Invalid: If there are more states than 20,000.
    """
    found = ranked(contest, lambda contender: contender.measure)
    if len(contest.contenders) < method.k_min:
        note = f"合格成员 {len(contest.contenders)} 家，少于要求的 {method.k_min} 家"
        return replace(found, outcome=DecisionOutcome.TOO_FEW_QUOTES, note=note), ()
    contenders = sorted(contest.contenders, key=lambda contender: contender.tie)
    best = cheapest(contenders, method.k_min, method.k_max, method.groups)
    if best is None:
        note = f"没有可行的组合，不能同时满足：{'、'.join(_conflict(method, contenders))}"
        return replace(found, outcome=DecisionOutcome.INFEASIBLE, note=note), ()
    chosen = [contenders[place].code for place in best[1]]
    selected = tuple(code for code in found.order if code in chosen)
    return _put_first(found, selected, f"最小总成本 {best[0]}"), selected


def cheapest(contenders: Sequence[Contender], k_min: int, k_max: int, groups: Sequence[Group]) -> Set | None:
    """
    Return the cost and the places of the best set of *contenders*, who stand in the order of the tie keys.

    The last is looked at first, so that a set is always compared with another by what stands before: the sums, then
    the places. A state never has a better set than one whose remainder is best, so that one set a state is enough.
    """
    states: dict[State, Set] = {(0,) * (len(groups) + 1): (0, ())}
    for place in reversed(range(len(contenders))):
        states = _with(states, place, contenders[place], k_max, groups)
        if len(states) > MOST_STATES:
            raise Invalid(f"the groups make more than {MOST_STATES} combinations; have fewer groups or a smaller k_max")
    kept = [found for state, found in states.items() if _keeps(state, k_min, groups)]
    return min(kept, default=None)


def _with(
    states: dict[State, Set], place: int, contender: Contender, k_max: int, groups: Sequence[Group]
) -> dict[State, Set]:
    """All sets with and without *contender*, the best of each state."""
    best = dict(states)
    for state, (cost, places) in states.items():
        more = _counted(state, contender, groups)
        if more[0] > k_max or any(_too_many(count, group) for count, group in zip(more[1:], groups, strict=True)):
            continue
        found = (cost + contender.measure, (place, *places))
        best[more] = min(best.get(more, found), found)
    return best


def _counted(state: State, contender: Contender, groups: Sequence[Group]) -> State:
    counts = (
        count + inside if group.at_most is not None else min(count + inside, group.at_least)
        for count, inside, group in zip(state[1:], contender.groups, groups, strict=True)
    )
    return (state[0] + 1, *counts)


def _too_many(count: int, group: Group) -> bool:
    return group.at_most is not None and count > group.at_most


def _keeps(state: State, k_min: int, groups: Sequence[Group]) -> bool:
    return state[0] >= k_min and all(count >= group.at_least for count, group in zip(state[1:], groups, strict=True))


def _conflict(method: Optimise, contenders: Sequence[Contender]) -> tuple[str, ...]:
    """A set of constraints that cannot be kept together, none of which can be left out of it."""
    needed = [FEWEST, MOST, *(group.id for group in method.groups)]
    for name in tuple(needed):
        if _is_infeasible(method, contenders, [other for other in needed if other != name]):
            needed.remove(name)
    return tuple(needed)


def _is_infeasible(method: Optimise, contenders: Sequence[Contender], names: Sequence[str]) -> bool:
    """Whether no set keeps the constraints called *names*; false where that is more than can be looked at."""
    inside = [index for index, group in enumerate(method.groups) if group.id in names]
    groups = [method.groups[index] for index in inside]
    among = [replace(each, groups=tuple(each.groups[index] for index in inside)) for each in contenders]
    fewest = method.k_min if FEWEST in names else 0
    try:
        return cheapest(among, fewest, method.k_max if MOST in names else len(among), groups) is None
    except Invalid:
        return False


def _put_first(found: Ranked, selected: tuple[str, ...], note: str) -> Ranked:
    """Everybody by cost, the selected before the others."""
    first = [tuple(code for code in rank if code in selected) for rank in found.ranks]
    then = [tuple(code for code in rank if code not in selected) for rank in found.ranks]
    return replace(found, ranks=tuple(rank for rank in (*first, *then) if rank), note=note)
