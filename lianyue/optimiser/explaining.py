"""Why an award is what it is: what each rule costs, which rules conflict, what giving way brings, why somebody lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from contracts.errors import UnknownName
from lianyue.optimiser.aiming import awards_of
from lianyue.optimiser.deciding import EFFORT, Best, allocation_of, best_of, first_best_of, relaxed_of
from lianyue.optimiser.solver import Effort, Solver
from rules.portfolio.answer import Allocation, AllocationStatus, Award, Binding, Change, Relaxation, Role
from rules.portfolio.checking import breaches, value_of
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import LAST_PRIORITY, NEVER_RELAXED, IncumbentBonus
from rules.portfolio.reasons import reasons_of
from rules.problems import did_you_mean

NO_PRICE = 1e-9

MOST_EXPLAINED = 300
"""Above so many contracts an answer comes without the costs of its rules and the reasons of each award."""


def explained(portfolio: CompiledPortfolio, solver: Solver, effort: Effort = EFFORT) -> Allocation:
    """
    Return the best award with its whole explanation.

    An award comes with what each rule costs and why each contract went where it went; without one, with a smallest
    set of rules that conflict, and what giving way by priority would bring.
    """
    effort = effort.started()
    best = first_best_of(portfolio, solver, effort)
    answer = allocation_of(portfolio, best, solver.engine)
    if best.status is AllocationStatus.INFEASIBLE:
        return answer.model_copy(update=_conflict(portfolio, solver, effort))
    if not best.chosen or len(portfolio.by_contract) > MOST_EXPLAINED:
        return answer
    binding = tuple(cost for cost in costs_of_rules(portfolio, best, solver, effort) if cost.cost or not cost.exact)
    return answer.model_copy(update={"binding": binding, "reasons": reasons_of(portfolio, answer.awards)})


def costs_of_rules(portfolio: CompiledPortfolio, best: Best, solver: Solver, effort: Effort = EFFORT) -> list[Binding]:
    """
    Return what each rule costs, by id: the objective with it, less the objective without it, by the first aim.

    A search that is not proven gives the least that the rule costs. A bonus changes what is compared, so that its cost
    is counted in the aim without any bonus.
    """
    free = _free_together(portfolio, best, solver, effort)
    return [
        Binding(id=rule.id, cost=0) if rule.id in free else _cost(portfolio, rule.id, best, solver, effort)
        for rule in portfolio.constraints
    ]


def _free_together(portfolio: CompiledPortfolio, best: Best, solver: Solver, effort: Effort) -> frozenset[str]:
    """
    Rules that cost nothing even together, so that one search tells it of all: leaving out fewer saves no more.

    Those to which the relaxation gives no price are tried; any that the award without them breaks are then tried alone.
    """
    first = _first_aim(portfolio)
    relaxed = relaxed_of(first, solver)
    priced = {row.rule for row, price in relaxed if abs(price) > NO_PRICE}
    bonuses = [each.id for each in first.constraints if isinstance(each, IncumbentBonus)]
    idle = [each.id for each in first.constraints if each.id not in priced and each.id not in bonuses]
    while len(idle) > 1 and best.status is AllocationStatus.OPTIMAL:
        freed = first.without(idle)
        other = best_of(freed, solver, effort)
        if other.status is not AllocationStatus.OPTIMAL:
            break
        if other.values[0] == best.values[0]:
            return frozenset(idle)
        broken = {breach.rule for breach in breaches(first.spec, first.reaches, awards_of(freed, other.chosen))}
        idle = [rule for rule in idle if rule not in broken]
    return frozenset()


def _cost(portfolio: CompiledPortfolio, rule: str, best: Best, solver: Solver, effort: Effort) -> Binding:
    first = _first_aim(portfolio)
    freed = first.without([rule])
    other = best_of(freed, solver, effort, best.chosen)
    exact = other.status is AllocationStatus.OPTIMAL and best.status is AllocationStatus.OPTIMAL
    if not other.chosen:
        return Binding(id=rule, cost=0, exact=False)
    bonus = any(each.id == rule and isinstance(each, IncumbentBonus) for each in portfolio.constraints)
    before, after = awards_of(portfolio, best.chosen), awards_of(freed, other.chosen)
    aim, reaches = portfolio.spec.objective.aims[0], portfolio.reaches
    cost = value_of(portfolio.spec, reaches, before, aim, bonus=not bonus) - value_of(
        freed.spec, reaches, after, aim, bonus=not bonus
    )
    if not exact and cost < 0:
        return Binding(id=rule, cost=0, exact=False)  # the award with the rule would do without it too
    return Binding(id=rule, cost=cost, exact=exact, changes=changes(before, after) if cost else ())


def _first_aim(portfolio: CompiledPortfolio) -> CompiledPortfolio:
    """The portfolio with its first aim only: the cost of a rule is counted in that."""
    objective = portfolio.spec.objective
    if len(objective.aims) == 1:
        return portfolio
    spec = portfolio.spec.model_copy(update={"objective": objective.model_copy(update={"minimise": objective.aims[0]})})
    return replace(portfolio, spec=spec)


def changes(before: Sequence[Award], after: Sequence[Award]) -> tuple[Change, ...]:
    """Return the contracts that go to others, or to the same in other parts, *after* than *before*."""
    held, instead = _by_contract(before), _by_contract(after)
    return tuple(
        Change(
            contract=number,
            members=tuple(award.member for award in held[number]),
            instead=tuple(award.member for award in instead.get(number, ())),
        )
        for number in sorted(held)
        if held[number] != instead.get(number)
    )


def _by_contract(awards: Iterable[Award]) -> dict[str, tuple[Award, ...]]:
    found: dict[str, tuple[Award, ...]] = {}
    for award in awards:
        found[award.contract] = (*found.get(award.contract, ()), award)
    return found


def _conflict(portfolio: CompiledPortfolio, solver: Solver, effort: Effort) -> dict[str, object]:
    ids = tuple(rule.id for rule in portfolio.constraints)
    conflict = smallest(ids, lambda kept: _is_impossible(_only(portfolio, kept), solver, effort))
    narrow = _only(portfolio, conflict)
    capacities = tuple(
        sorted({f"{member.code}:{name}" for member in portfolio.spec.members for name in member.capacity})
    )
    needed = smallest(capacities, lambda kept: _is_impossible(_with_capacities(narrow, kept), solver, effort))
    return {
        "conflict": conflict or tuple(f"capacity:{name}" for name in needed),
        "conflict_with": tuple(f"capacity:{name}" for name in needed),
        "relaxations": relaxations(portfolio, solver, effort),
    }


def smallest(ids: Sequence[str], is_impossible: Callable[[tuple[str, ...]], bool]) -> tuple[str, ...]:
    """
    Return a set of *ids* that is impossible, and is not without any one of them.

    Large blocks are tried first, then one by one: whatever can be left out is. The one-by-one pass makes it minimal,
    as a set that is possible stays so with fewer rules.
    """
    kept = tuple(ids)
    size = max(1, len(kept) // 2)
    while kept:
        place = 0
        while place < len(kept):
            fewer = (*kept[:place], *kept[place + size :])
            if is_impossible(fewer):
                kept = fewer
            else:
                place += size
        if size == 1:
            break
        size //= 2
    return kept


def _is_impossible(portfolio: CompiledPortfolio, solver: Solver, effort: Effort) -> bool:
    return best_of(_first_aim(portfolio), solver, effort).status is AllocationStatus.INFEASIBLE


def _only(portfolio: CompiledPortfolio, ids: Iterable[str]) -> CompiledPortfolio:
    kept = frozenset(ids)
    return portfolio.without(rule.id for rule in portfolio.constraints if rule.id not in kept)


def _with_capacities(portfolio: CompiledPortfolio, kept: Iterable[str]) -> CompiledPortfolio:
    """The portfolio in which only the capacities *kept* (``LGWY:m2``) are limited."""
    limited = frozenset(kept)
    members = tuple(
        member.model_copy(
            update={
                "capacity": {
                    name: amount for name, amount in member.capacity.items() if f"{member.code}:{name}" in limited
                }
            }
        )
        for member in portfolio.spec.members
    )
    return replace(portfolio, spec=portfolio.spec.model_copy(update={"members": members}))


def relaxations(portfolio: CompiledPortfolio, solver: Solver, effort: Effort = EFFORT) -> tuple[Relaxation, ...]:
    """Return what leaving out the rules of priority 4, then 3, then 2 brings, until there is an award."""
    steps: list[Relaxation] = []
    for priority in range(LAST_PRIORITY, NEVER_RELAXED, -1):
        left_out = tuple(rule.id for rule in portfolio.constraints if rule.priority >= priority)
        if not left_out or (steps and left_out == steps[-1].left_out):
            continue
        freed = portfolio.without(left_out)
        answer = allocation_of(freed, best_of(freed, solver, effort), solver.engine)
        steps.append(Relaxation(left_out=left_out, objective=answer.objective, price_fen=answer.price_fen))
        if answer.awards:
            break
    return tuple(steps)


def highest_winning_price(
    portfolio: CompiledPortfolio, member: str, number: str, solver: Solver, effort: Effort = EFFORT
) -> tuple[int, int | None]:
    """
    Return what *member* quoted for contract *number*, and the highest price at which it would be in a best award.

    Nothing if no price would do: with it in the contract there is no award at all. Best by price: with the member set
    in the contract the rest is decided best; what this costs more than the best award is what its price is too high by.

    Raises:
        UnknownName: If there is no such contract, or the member has not quoted for it.
    """
    contracts = {each.number: each for each in portfolio.spec.contracts}
    if number not in contracts:
        raise UnknownName(f"no contract {number!r} in this portfolio{did_you_mean(number, contracts)}", "--contract")
    quotes = {quote.member: quote for quote in contracts[number].quotes}
    if member not in quotes:
        raise UnknownName(f"{member!r} has not quoted for {number}{did_you_mean(member, quotes)}", "--why")
    quoted = quotes[member].price_fen
    best = best_of(portfolio, solver, effort)
    forced = best_of(_forced(portfolio, member, number), solver, effort)
    if not best.values or not forced.values:
        return quoted, None
    return quoted, quoted - (forced.values[0] - best.values[0])


def _forced(portfolio: CompiledPortfolio, member: str, number: str) -> CompiledPortfolio:
    """The portfolio in which contract *number* goes to *member*: alone, or as the lead where it has subs."""
    answering = (Role.SOLE, Role.LEAD)
    options = tuple(
        each
        for each in portfolio.options
        if each.contract != number
        or (each.member == member and each.role in answering)
        or (each.member != member and each.role is Role.SUB)
    )
    return replace(portfolio, options=options)
