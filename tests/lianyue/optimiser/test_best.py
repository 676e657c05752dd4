"""The best award is the best: against exhaustive search, a second solver, and optima known beforehand."""

from __future__ import annotations

import copy
import itertools
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.portfolios import portfolio, tiny
from lianyue.optimiser.deciding import allocate, best_of
from lianyue.optimiser.exact import solved
from lianyue.optimiser.explaining import explained, highest_winning_price
from lianyue.optimiser.files import portfolio_source
from lianyue.optimiser.highs import Highs
from lianyue.optimiser.solver import Effort, Program, Relaxed, Verdict
from rules.portfolio.aims import costs_of
from rules.portfolio.answer import AllocationStatus
from rules.portfolio.bounds import dual_bound
from rules.portfolio.checking import breaches
from rules.portfolio.compiled import CompiledPortfolio, compiled
from rules.portfolio.documents import Aim
from rules.portfolio.model import Row, model_of
from tests.lianyue.optimiser.exhaustive import exhaustive, fitting, made

ROOT = Path(__file__).resolve().parents[3]


def test_small_portfolios_are_decided_as_exhaustive_search_decides_them() -> None:
    """On two hundred tiny portfolios of all kinds of rules, aims and lots no award is better, to the fen."""
    given = list(itertools.islice(fitting(range(1_000)), 200))

    answers = [allocate(each, Highs()) for each in given]

    assert 200 == len(given)
    assert 60 < sum(answer.status is AllocationStatus.OPTIMAL for answer in answers)
    assert [exhaustive(each) for each in given] == [answer.objectives or None for answer in answers]


def test_a_proven_best_award_is_its_own_bound() -> None:
    """Optimal means that objective and bound are one number and the gap is nought."""
    answer = allocate(made(portfolio(30, 8, 1)), Highs())

    assert (AllocationStatus.OPTIMAL, answer.objective, 0) == (answer.status, answer.bound, answer.gap_bp)


def test_a_conflict_is_smallest() -> None:
    """On a hundred impossible portfolios the rules named are impossible together, and possible without any one."""
    impossible = (each for each in fitting(range(5_000, 9_000), rules=6) if exhaustive(each) is None)
    for each in itertools.islice(impossible, 100):
        answer = explained(each, Highs())
        ids = [rule for rule in answer.conflict if not rule.startswith("capacity:")]
        alone = each.without(rule.id for rule in each.constraints if rule.id not in ids)

        assert AllocationStatus.INFEASIBLE is answer.status
        assert answer.conflict
        assert exhaustive(alone) is None
        assert [] == [rule for rule in ids if exhaustive(alone.without([rule])) is None]
        assert [] == [name for name in answer.conflict_with if exhaustive(boundless(alone, name)) is None]


def boundless(given: CompiledPortfolio, name: str) -> CompiledPortfolio:
    """The same portfolio where the capacity called *name* (``capacity:AA:m2``) is never short."""
    _, code, resource = name.split(":")
    members = tuple(
        each.model_copy(update={"capacity": {**each.capacity, resource: 10**9}}) if each.code == code else each
        for each in given.spec.members
    )
    return replace(given, spec=given.spec.model_copy(update={"members": members}))


def test_a_rule_costs_what_its_absence_saves() -> None:
    """For every rule the cost is the best with it, less the best without it, by exhaustive search."""
    possible = (each for each in fitting(range(1_000)) if each.spec.objective.aims == (Aim.PRICE,))
    for each in itertools.islice((each for each in possible if exhaustive(each)), 25):
        costs = {rule.id: rule.cost for rule in explained(each, Highs()).binding if rule.id != "bonus"}
        best = exhaustive(each)
        expected = {}
        for rule in each.constraints:
            freed = exhaustive(each.without([rule.id]))
            assert best is not None
            assert freed is not None
            expected[rule.id] = best[0] - freed[0]

        assert {name: cost for name, cost in expected.items() if cost and name != "bonus"} == costs


def test_giving_way_goes_by_priority_and_never_leaves_out_the_first() -> None:
    """Rules of priority 4 go first, then 3, then 2; each step is priced, the first that helps is the last."""
    document = tiny(1)
    document["spec"]["objective"] = {"minimise": "price"}
    document["spec"]["constraints"] = [
        {"id": "kept", "type": "max_contracts", "value": 4},
        {"id": "soft", "type": "max_contracts", "value": 4, "priority": 4},
        {"id": "hard", "type": "max_share_bp", "value": 100, "priority": 3},
        {"id": "last", "type": "max_contracts", "value": 4, "priority": 2},
    ]
    for member in document["spec"]["members"]:
        member["capacity"] = {"m2": 1_000}

    answer = explained(made(document), Highs())

    assert ("hard",) == answer.conflict
    assert [("soft",), ("hard", "soft")] == [step.left_out for step in answer.relaxations]
    assert [True, False] == [step.objective is None for step in answer.relaxations]


def test_two_processes_write_the_same_bytes() -> None:
    """The answer does not depend on the process, its hash seed or its memory."""
    text = (
        "import json\nfrom bench.portfolios import portfolio\nfrom lianyue.optimiser.explaining import explained\n"
        "from lianyue.optimiser.files import json_source\nfrom lianyue.optimiser.highs import Highs\n"
        "from rules.portfolio.compiled import CompiledPortfolio, compiled\n"
        "given = compiled(json_source(json.dumps(portfolio(40, 9, 3)), 'x'))\n"
        "print(explained(given, Highs()).model_dump_json())\n"
    )

    one, other = (
        subprocess.run([sys.executable, "-c", text], capture_output=True, check=True, env={"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    )

    assert one.stdout == other.stdout
    assert one.stdout.startswith(b'{"status":"optimal"')


def test_a_limit_keeps_the_best_so_far_and_its_bound() -> None:
    """One node is not enough for a proof; there is still a checked award, and a bound below it."""
    given = made(portfolio(120, 14, 2))

    answer = allocate(given, Highs(), Effort(nodes=1))

    assert AllocationStatus.FEASIBLE is answer.status
    assert answer.objective is not None
    assert answer.bound is not None
    assert answer.bound < answer.objective
    assert () == breaches(given.spec, given.reaches, answer.awards)


def test_no_time_left_does_not_lose_what_is_known() -> None:
    """When the seconds of all searches are up, the award known before is still the answer, not proven."""
    given = made(portfolio(60, 12, 2))
    best = best_of(given, Highs())

    late = best_of(given, Highs(), Effort(seconds=1, until=0.0), best.chosen)

    assert (AllocationStatus.FEASIBLE, best.values) == (late.status, late.values)


def test_seconds_run_for_all_searches_together() -> None:
    """Once they run, starting them again gives no more."""
    started = Effort(seconds=60).started()

    assert started is started.started()
    assert started.left is not None
    assert 0 < started.left <= 60
    assert None is Effort(nodes=5).started().left


def test_a_large_portfolio_is_decided_near_its_relaxation() -> None:
    """Beyond what is solved whole there is a checked award within the stated gap of an exact bound."""
    given = made(portfolio(420, 40, 1))
    assert len(given.options) > 3_000

    answer = allocate(given, Highs(), Effort(nodes=1))

    assert answer.gap_bp is not None
    assert 100 > answer.gap_bp


def test_any_prices_of_the_rows_bound_the_optimum() -> None:
    """Weak duality holds in whole numbers for prices out of nowhere, of either sign."""
    given = made(portfolio(12, 4, 2))
    model, costs = model_of(given), costs_of(given, Aim.PRICE)
    widened = (*costs, *([0] * (model.width - model.options)))
    best = allocate(given, Highs()).objective
    chance = random.Random(1)

    bounds = [
        dual_bound(widened, model.uppers, model.rows, [chance.uniform(-2, 2) for _ in model.rows]) for _ in range(50)
    ]

    assert best is not None
    assert all(bound <= best for bound in bounds)


class Careless:
    """A solver that lets the first answers break a row, as one that counts in doubles may."""

    engine = "careless"

    def __init__(self) -> None:
        self.careful = Highs()
        self.asked = 0

    def solve(self, program: Program, effort: Effort) -> Verdict:
        """Leave out the capacities in the first two answers."""
        self.asked += 1
        if self.asked <= 2:
            rows = tuple(row for row in program.rows if row.rule != "capacity")
            return self.careful.solve(replace(program, rows=rows), effort)
        return self.careful.solve(program, effort)

    def relax(self, program: Program) -> Relaxed | None:
        """As HiGHS."""
        return self.careful.relax(program)


def test_an_answer_that_breaks_a_row_by_a_hair_is_cut_off() -> None:
    """What a solver's tolerance let pass is excluded exactly, and nothing else is lost."""
    rows = (Row("award", (0, 1), (1, 1), 1, 1), Row("capacity", (0,), (7,), None, 6))
    program = Program((1, 5), (1, 1), rows, 2)

    verdict = solved(Careless(), program, Effort())

    assert (AllocationStatus.OPTIMAL, (0, 1)) == (verdict.status, verdict.values)


def test_a_loser_learns_at_which_price_it_would_have_won() -> None:
    """At the price named the member is level with the best award; a fen less makes the best a fen cheaper."""
    document = portfolio(10, 4, 2)
    given = made(document)
    answer = allocate(given, Highs())
    number = "LY-2025-000003"
    holder = next(award.member for award in answer.awards if award.contract == number)
    loser = next(quote["member"] for quote in document["spec"]["contracts"][2]["quotes"] if quote["member"] != holder)

    quoted, winning = highest_winning_price(given, loser, number, Highs())

    assert winning is not None
    best = [_best_with(document, number, loser, winning + more) for more in (1, 0, -1)]
    assert quoted > winning
    assert answer.objective is not None
    assert [answer.objective, answer.objective, answer.objective - 1] == best


def _best_with(document: dict[str, Any], number: str, member: str, price_fen: int) -> int:
    changed = copy.deepcopy(document)
    contract = next(each for each in changed["spec"]["contracts"] if each["number"] == number)
    next(quote for quote in contract["quotes"] if quote["member"] == member)["price_fen"] = price_fen
    best = best_of(made(changed), Highs())
    return best.values[0]


def test_the_ceremony_of_the_example_is_decided_to_proof() -> None:
    """The seventy-eight contracts of the example have a proven best award that several of its rules shape."""
    given = compiled(portfolio_source(ROOT / "examples" / "lingang-2025" / "portfolio.yaml"))

    answer = explained(given, Highs())

    assert (AllocationStatus.OPTIMAL, 78) == (answer.status, len(answer.awards))
    assert 4 <= len([rule for rule in answer.binding if rule.cost > 0])
