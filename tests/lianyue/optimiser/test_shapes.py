"""Shapes of the literature as portfolios, and two solvers that agree on them and on the alliance's own."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from pyscipopt import Model as Scip
from pyscipopt import quicksum

from bench.portfolios import portfolio
from lianyue.optimiser.deciding import allocate
from lianyue.optimiser.highs import Highs
from rules.portfolio.aims import costs_of
from rules.portfolio.answer import AllocationStatus, Role
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import Aim
from rules.portfolio.model import model_of
from tests.lianyue.optimiser.exhaustive import made


@pytest.mark.parametrize("seed", range(3))
def test_two_solvers_agree(seed: int) -> None:
    """SCIP, given the same rows, finds no better and no worse objective than HiGHS."""
    given = made(portfolio(50, 11, seed))

    answer = allocate(given, Highs())

    assert AllocationStatus.OPTIMAL is answer.status
    assert _by_scip(given) == answer.objective


def test_two_solvers_agree_where_leads_have_subs_and_pairs_are_kept_apart() -> None:
    """With a lead and subs in every fifth contract, and two contracts that one member had kept apart, too."""
    document = portfolio(25, 6, 5)
    for contract in document["spec"]["contracts"][::5]:
        contract["lead_sub"] = {"lead_min_bp": 6_000, "max_subs": 2, "min_lot_bp": 2_000}
    before = allocate(made(document), Highs())
    holder = before.awards[0].member
    both = [award.contract for award in before.awards if award.member == holder][:2]
    document["spec"]["constraints"].append({"id": "apart", "type": "not_both", "contracts": both})
    given = made(document)

    answer = allocate(given, Highs())

    assert AllocationStatus.OPTIMAL is answer.status
    assert any(award.role is Role.SUB for award in answer.awards)
    assert before.objective is not None
    assert before.objective < _by_scip(given) == answer.objective


def _by_scip(given: CompiledPortfolio) -> int:
    model, costs = model_of(given), costs_of(given, Aim.PRICE)
    scip = Scip()
    scip.hideOutput()
    scip.setParam("limits/gap", 0.0)
    columns = [scip.addVar(vtype="I", lb=0, ub=upper) for upper in model.uppers]
    for row in model.rows:
        size = max(abs(number) for number in row.coefficients)  # its tolerances are absolute
        terms = zip(row.columns, row.coefficients, strict=True)
        total = quicksum(number / size * columns[place] for place, number in terms)
        if row.lower is not None:
            scip.addCons(total >= row.lower / size)
        if row.upper is not None:
            scip.addCons(total <= row.upper / size)
    least = {number: min(costs[place] for place in places) for number, places in given.by_contract.items()}
    least |= {option.contract: 0 for option in given.options if option.role is not Role.SOLE}
    above = [cost - least[option.contract] for option, cost in zip(given.options, costs, strict=True)]
    scip.setObjective(quicksum(cost * column for cost, column in zip(above, columns, strict=False)), "minimize")
    scip.optimize()
    chosen = [place for place in range(model.options) if round(scip.getVal(columns[place]))]
    return sum(costs[place] for place in chosen)


def assignment(prices: list[list[int]], needs: list[list[int]], capacities: list[int]) -> dict[str, Any]:
    """A generalised assignment problem: jobs by rows, agents by columns."""
    codes = [f"A{agent}" for agent in range(len(capacities))]
    contracts = [
        {
            "number": f"LY-2025-{job + 1:04}",
            "category": "property",
            "value_fen": 100,
            "quotes": [
                {"member": code, "price_fen": price, "needs": {"work": need}}
                for code, price, need in zip(codes, row, needs[job], strict=True)
            ],
        }
        for job, row in enumerate(prices)
    ]
    members = [{"code": code, "capacity": {"work": most}} for code, most in zip(codes, capacities, strict=True)]
    spec = {"decision_day": "2025-07-01", "members": members, "contracts": contracts}
    return {"apiVersion": "lianyue/v1", "kind": "Portfolio", "metadata": {"name": "assignment"}, "spec": spec}


@pytest.mark.parametrize("seed", range(5))
def test_an_assignment_with_a_planted_optimum_is_solved(seed: int) -> None:
    """Where every job is cheapest with one agent that has just room for it, that is the optimum."""
    chance = random.Random(seed)
    plan = [chance.randrange(4) for _ in range(20)]
    needs = [[chance.randint(5, 25) for _ in range(4)] for _ in plan]
    prices = [[100 + (0 if agent == best else chance.randint(1, 50)) for agent in range(4)] for best in plan]
    room = [sum(needs[job][agent] for job, best in enumerate(plan) if best == agent) for agent in range(4)]

    answer = allocate(made(assignment(prices, needs, room)), Highs())

    assert (AllocationStatus.OPTIMAL, 2_000) == (answer.status, answer.objective)


def _class_c(chance: random.Random) -> dict[str, Any]:
    """Five agents, twenty jobs: costs and needs have nothing to do with one another."""
    needs = [[chance.randint(5, 25) for _ in range(5)] for _ in range(20)]
    prices = [[chance.randint(10, 50) for _ in range(5)] for _ in needs]
    return assignment(prices, needs, [8 * sum(row[agent] for row in needs) // 50 for agent in range(5)])


def _class_d(chance: random.Random) -> dict[str, Any]:
    """Four agents, fourteen jobs: what needs less costs more, which makes it hard."""
    needs = [[chance.randint(1, 100) for _ in range(4)] for _ in range(14)]
    prices = [[111 - need + chance.randint(-10, 10) for need in row] for row in needs]
    return assignment(prices, needs, [8 * sum(row[agent] for row in needs) // 40 for agent in range(4)])


def _knapsacks(chance: random.Random) -> dict[str, Any]:
    """Three knapsacks of different size, twenty goods, and a last agent that takes what is left out for nothing."""
    sizes = [chance.randint(10, 60) for _ in range(20)]
    gains = [size + chance.randint(-5, 15) for size in sizes]
    rooms = [60, 95, 130]
    prices = [[1_000 - gain] * 3 + [1_000] for gain in gains]
    return assignment(prices, [[size] * 3 + [0] for size in sizes], [*rooms, 0])


@pytest.mark.parametrize("shape", [_class_c, _class_d, _knapsacks])
def test_published_shapes_reach_the_optimum_that_a_second_solver_proves(shape: Any) -> None:
    """Generalised assignment of two classes and a multiple knapsack, as files, are solved to their optimum."""
    given = made(shape(random.Random(7)))

    answer = allocate(given, Highs())

    assert AllocationStatus.OPTIMAL is answer.status
    assert _by_scip(given) == answer.objective


@pytest.mark.parametrize("seed", range(5))
def test_a_knapsack_with_two_resources_is_solved(seed: int) -> None:
    """A multi-dimensional knapsack, the second agent being "left out", has the optimum that enumeration finds."""
    chance = random.Random(seed)
    gains = [chance.randint(10, 90) for _ in range(12)]
    weights = [(chance.randint(1, 30), chance.randint(1, 30)) for _ in gains]
    document = assignment([[1_000 - gain, 1_000] for gain in gains], [[1, 1] for _ in gains], [12, 12])
    document["spec"]["members"] = [
        {"code": "A0", "capacity": {"kg": 90, "litres": 80}},
        {"code": "A1", "capacity": {"kg": 0}},
    ]
    for contract, (kg, litres) in zip(document["spec"]["contracts"], weights, strict=True):
        contract["quotes"][0]["needs"] = {"kg": kg, "litres": litres}
        contract["quotes"][1]["needs"] = {}

    answer = allocate(made(document), Highs())

    fits = [
        sum(gain for gain, taken in zip(gains, picks, strict=True) if taken)
        for picks in itertools.product((0, 1), repeat=12)
        if sum(w[0] for w, taken in zip(weights, picks, strict=True) if taken) <= 90
        and sum(w[1] for w, taken in zip(weights, picks, strict=True) if taken) <= 80
    ]
    assert 12_000 - max(fits) == answer.objective
