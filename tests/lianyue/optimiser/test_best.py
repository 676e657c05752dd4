"""The best award is the best: against exhaustive search, a second solver, and optima known beforehand."""

from __future__ import annotations

import copy
import itertools
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyscipopt import Model as Scip
from pyscipopt import quicksum

from bench.portfolios import portfolio, tiny
from lianyue.optimiser.deciding import allocate, best_of
from lianyue.optimiser.exact import solved
from lianyue.optimiser.explaining import explained, highest_winning_price
from lianyue.optimiser.files import json_source, portfolio_source
from lianyue.optimiser.highs import Highs
from lianyue.optimiser.solver import Effort, Program, Relaxed, Verdict
from rules.portfolio.aims import costs_of
from rules.portfolio.answer import AllocationStatus, Award, Role, Ties
from rules.portfolio.bounds import dual_bound
from rules.portfolio.checking import breaches, value_of
from rules.portfolio.compiled import CompiledPortfolio, compiled
from rules.portfolio.documents import Aim, LeadSub, PortfolioContract
from rules.portfolio.model import Row, model_of
from rules.problems import RuleProblems

ROOT = Path(__file__).resolve().parents[3]


def made(document: dict[str, Any]) -> CompiledPortfolio:
    """The portfolio that *document* states."""
    return compiled(json_source(json.dumps(document), "portfolio.json"))


def every_award(given: CompiledPortfolio) -> Iterator[tuple[Award, ...]]:
    """Every way to award all contracts, in whatever parts and roles there are, whatever the rules say."""
    for picked in itertools.product(*(_ways(contract) for contract in given.spec.contracts)):
        yield tuple(award for awards in picked for award in awards)


def _ways(contract: PortfolioContract) -> list[list[Award]]:
    """Every way to award one contract, written from the document by hand."""
    prices = {quote.member: quote.price_fen for quote in contract.quotes}
    ways = [[_award(contract, member, price, 10_000, Role.SOLE)] for member, price in prices.items()]
    rule = contract.lead_sub
    if contract.divisible:
        for one, other in itertools.combinations(prices, 2):
            ways.append([_award(contract, code, prices[code], 5_000, Role.JOINT) for code in (one, other)])
    elif rule is not None:
        ways = [] if rule.min_subs else ways
        for lead, price in prices.items():
            for parts in _sub_parts([code for code in prices if code != lead], rule):
                subs = [_award(contract, code, price, part, Role.SUB) for code, part in parts.items()]
                first = _award(contract, lead, price, 10_000 - sum(parts.values()), Role.LEAD)
                left = price - sum(sub.price_fen for sub in subs)
                ways.append([first.model_copy(update={"price_fen": left}), *subs])
    return ways


def _sub_parts(others: list[str], rule: LeadSub) -> Iterator[dict[str, int]]:
    lots = range(rule.min_lot_bp, min(rule.max_sub_bp, 10_000 - rule.lead_min_bp) + 1, rule.min_lot_bp)
    for count in range(max(1, rule.min_subs), rule.max_subs + 1):
        for codes in itertools.combinations(others, count):
            for parts in itertools.product(lots, repeat=count):
                if sum(parts) <= 10_000 - rule.lead_min_bp:
                    yield dict(zip(codes, parts, strict=True))


def _award(contract: PortfolioContract, member: str, price: int, share: int, role: Role) -> Award:
    part = (price * share + 5_000) // 10_000
    return Award(contract=contract.number, member=member, price_fen=part, share_bp=share, role=role)


def exhaustive(given: CompiledPortfolio) -> tuple[int, ...] | None:
    """The best values of all aims, one after the other, among the awards that keep the rules; None without any."""
    return min((values for values, _ in _ranked(given)), default=None)


def first_of_the_best(given: CompiledPortfolio) -> tuple[tuple[Award, ...], Ties] | None:
    """The first of the best awards by the stated order, and whether there are others."""
    ranked = _ranked(given)
    best = [awards for values, awards in ranked if values == min(values for values, _ in ranked)]
    if not best:
        return None
    first = min(best, key=lambda awards: _place_of(given, awards))
    return _sorted(first), Ties.NONE if len(best) == 1 else Ties.SETTLED


def _ranked(given: CompiledPortfolio) -> list[tuple[tuple[int, ...], tuple[Award, ...]]]:
    """Every award that keeps the rules, with the values of its aims."""
    spec, reaches = given.spec, given.reaches
    kept = [awards for awards in every_award(given) if not breaches(spec, reaches, awards)]
    if kept and spec.objective.max_regret_bp is not None:
        prices = [value_of(spec, reaches, awards, Aim.PRICE) for awards in kept]
        limit = min(prices) + abs(min(prices)) * spec.objective.max_regret_bp // 10_000
        kept = [awards for awards, price in zip(kept, prices, strict=True) if price <= limit]
    return [(tuple(value_of(spec, reaches, awards, aim) for aim in spec.objective.aims), awards) for awards in kept]


def _place_of(given: CompiledPortfolio, awards: tuple[Award, ...]) -> list[Any]:
    """Where an award stands in the stated order: by contract, higher score, lower price, code, larger part."""
    quotes = {(each.number, quote.member): quote for each in given.spec.contracts for quote in each.quotes}
    held = [(each, quotes[each.contract, each.member]) for each in awards]
    return sorted(
        (each.contract, -quote.score_bp, quote.price_fen, each.member, -each.share_bp, each.role)
        for each, quote in held
    )


def _sorted(awards: tuple[Award, ...]) -> tuple[Award, ...]:
    return tuple(sorted(awards, key=lambda each: (each.contract, each.member)))


def fitting(seeds: range, **options: Any) -> Iterator[CompiledPortfolio]:
    """The tiny portfolios of *seeds* whose rules do not contradict themselves."""
    for seed in seeds:
        try:
            yield made(tiny(seed, **options))
        except RuleProblems as found:
            if {problem.code for problem in found.problems} - {"contradiction", "counts-nothing"}:
                raise


def test_small_portfolios_are_decided_as_exhaustive_search_decides_them() -> None:
    """On two hundred tiny portfolios of all kinds of rules, aims and lots no award is better, to the fen."""
    given = list(itertools.islice(fitting(range(1_000)), 200))

    answers = [allocate(each, Highs()) for each in given]

    assert 200 == len(given)
    assert 60 < sum(answer.status is AllocationStatus.OPTIMAL for answer in answers)
    assert [exhaustive(each) for each in given] == [answer.objectives or None for answer in answers]


def test_among_equals_the_first_in_the_stated_order_is_taken() -> None:
    """Where prices and scores repeat, the award is the one that exhaustive search finds first, and says so."""
    given = list(itertools.islice(fitting(range(20_000, 20_900), coarse=True), 60))

    answers = [allocate(each, Highs()) for each in given]

    found = [(answer.awards, answer.ties) for answer in answers if answer.awards]
    assert [first for first in map(first_of_the_best, given) if first is not None] == found
    assert 5 < sum(ties is Ties.SETTLED for _, ties in found)


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


def shuffled(document: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same portfolio written in another order."""
    other = copy.deepcopy(document)
    chance = random.Random(seed)
    for part in ("members", "contracts", "constraints"):
        chance.shuffle(other["spec"][part])
    for contract in other["spec"]["contracts"]:
        chance.shuffle(contract["quotes"])
    return other


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_file_changes_nothing(seed: int) -> None:
    """Members, contracts, quotes and rules in another order give the same answer, also where equals abound."""
    document = portfolio(24, 6, seed)
    for contract in document["spec"]["contracts"]:
        for quote in contract["quotes"]:
            quote["price_fen"] = contract["value_fen"]  # everybody asks the same

    answers = [allocate(made(each), Highs()) for each in (document, shuffled(document, 1), shuffled(document, 2))]

    assert [answers[0]] * 3 == answers


def test_two_processes_write_the_same_bytes() -> None:
    """The answer does not depend on the process, its hash seed or its memory."""
    text = (
        "import json\nfrom bench.portfolios import portfolio\nfrom lianyue.optimiser.explaining import explained\n"
        "from lianyue.optimiser.files import json_source\nfrom lianyue.optimiser.highs import Highs\n"
        "from rules.portfolio.compiled import compiled\n"
        "given = compiled(json_source(json.dumps(portfolio(40, 9, 3)), 'x'))\n"
        "print(explained(given, Highs()).model_dump_json())\n"
    )

    one, other = (
        subprocess.run([sys.executable, "-c", text], capture_output=True, check=True, env={"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    )

    assert one.stdout == other.stdout
    assert one.stdout.startswith(b'{"status":"optimal"')


@pytest.mark.parametrize("seed", range(3))
def test_two_solvers_agree(seed: int) -> None:
    """SCIP, given the same rows, finds no better and no worse objective than HiGHS."""
    given = made(portfolio(50, 11, seed))

    answer = allocate(given, Highs())

    assert AllocationStatus.OPTIMAL is answer.status
    assert _by_scip(given) == answer.objective


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


def test_a_limit_keeps_the_best_so_far_and_its_bound() -> None:
    """One node is not enough for a proof; there is still a checked award, and a bound below it."""
    given = made(portfolio(120, 14, 2))

    answer = allocate(given, Highs(), Effort(nodes=1))

    assert AllocationStatus.FEASIBLE is answer.status
    assert answer.objective is not None
    assert answer.bound is not None
    assert answer.bound < answer.objective
    assert () == breaches(given.spec, given.reaches, answer.awards)


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
