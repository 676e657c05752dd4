"""Portfolios: the ceremony against the same model handed to the solver by hand, its explanation, and larger sizes."""

from __future__ import annotations

import json
import resource
from typing import Any

import highspy
import numpy as np
from pydantic import BaseModel, ConfigDict

from bench.measuring import Ratio, Stopwatch, ratio_of
from bench.portfolios import portfolio
from lianyue.optimiser.deciding import allocation_of, best_of, first_best_of
from lianyue.optimiser.explaining import costs_of_rules
from lianyue.optimiser.files import json_source
from lianyue.optimiser.highs import Highs
from rules.portfolio.compiled import compiled

CEREMONY = (78, 17)
SIZES = ((300, 30, 0.2), (1_000, 50, 0.15), (3_000, 100, 0.3), (10_000, 200, 2.0))
"""Contracts, members, and the gap aimed at in per cent."""


class Gap(BaseModel):
    """How near to the bound a large portfolio was decided: CPU seconds of the search, the process's peak of memory."""

    model_config = ConfigDict(frozen=True)

    contracts: int
    members: int
    gap_percent: float
    aim_percent: float
    seconds: float
    peak_mb: int


def measure(pairs: int) -> tuple[Ratio, ...]:
    """Take the ceremony's figures: each pair is another portfolio, searched both ways one after the other."""
    ours: list[float] = []
    bare: list[float] = []
    settling: list[float] = []
    explaining: list[float] = []
    for seed in range(1, pairs + 2):
        document = portfolio(*CEREMONY, seed)
        given = compiled(json_source(json.dumps(document), "ceremony"))
        best, spent = _timed(lambda given=given: best_of(given, Highs()))
        objective, by_hand = _timed(lambda document=document: _by_hand(document))
        if best.values[0] != objective:
            raise AssertionError(f"by hand {objective}, by us {best.values[0]}")
        _, settled = _timed(lambda given=given: first_best_of(given, Highs()))
        _, explained = _timed(lambda given=given, best=best: costs_of_rules(given, best, Highs()))
        ours.append(spent)
        bare.append(by_hand)
        settling.append(settled)
        explaining.append(explained)
    contracts, members = CEREMONY
    note = f"{contracts} contracts, {members} members, ten kinds of rules; to proof"
    return (
        ratio_of("portfolio / solver by hand", "ms CPU", ours[1:], bare[1:], 1.1, note),
        ratio_of("proof and equals settled / proof", "ms CPU", settling[1:], ours[1:], 0, "no other award is as good"),
        ratio_of("costs of all rules / one search", "ms CPU", explaining[1:], ours[1:], 10, "ten rules"),
    )


def measure_large() -> tuple[Gap, ...]:
    """Decide the larger sizes; this takes minutes."""
    return tuple(_gap(*size) for size in SIZES)


def _gap(contracts: int, members: int, aim: float) -> Gap:
    given = compiled(json_source(json.dumps(portfolio(contracts, members, 1)), "large"))
    best, spent = _timed(lambda: best_of(given, Highs()))
    answer = allocation_of(given, best, "")  # checked against the document
    objective, bound = answer.objective or 0, answer.bound or 0
    return Gap(
        contracts=contracts,
        members=members,
        gap_percent=round(100 * (objective - bound) / max(1, objective), 4),
        aim_percent=aim,
        seconds=round(spent / 1_000, 1),
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024,
    )


def _timed(work: Any) -> tuple[Any, float]:
    watch = Stopwatch()
    found = work()
    return found, watch.ms


def _by_hand(document: dict[str, Any]) -> int:
    """The objective as a programmer would find it once: the same rows written for the solver, no check, no ties."""
    return _Hand(document).solved()


class _Hand:
    """Rows written straight from the document."""

    def __init__(self, document: dict[str, Any]) -> None:
        spec = document["spec"]
        self.spec = spec
        self.members = {each["code"]: each for each in spec["members"]}
        self.pairs = [(each, quote) for each in spec["contracts"] for quote in each["quotes"]]
        self.uppers = len(self.pairs)
        self.rows: list[tuple[list[int], list[float], float, float]] = []

    def solved(self) -> int:
        self._basics()
        costs = self._costs()
        for rule in self.spec["constraints"]:
            self._rule(rule)
        solver = highspy.Highs()
        for name, value in {"output_flag": False, "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 0.5}.items():
            solver.setOptionValue(name, value)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.uppers, len(self.rows)
        lp.col_cost_ = np.array([*costs, *([0] * (self.uppers - len(costs)))], dtype=float)
        lp.col_lower_, lp.col_upper_ = np.zeros(self.uppers), np.ones(self.uppers)
        lp.row_lower_ = np.array([row[2] for row in self.rows])
        lp.row_upper_ = np.array([row[3] for row in self.rows])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(row[0]) for row in self.rows)])
        lp.a_matrix_.index_ = np.array([column for row in self.rows for column in row[0]], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([number for row in self.rows for number in row[1]], dtype=float)
        lp.integrality_ = [highspy.HighsVarType.kInteger] * self.uppers
        solver.passModel(lp)
        solver.run()
        values = solver.getSolution().col_value
        return sum(cost for cost, value in zip(costs, values, strict=False) if value > 0.5)

    def _add(self, terms: list[tuple[int, float]], lower: float, upper: float) -> None:
        self.rows.append(([place for place, _ in terms], [number for _, number in terms], lower, upper))

    def _basics(self) -> None:
        for contract in self.spec["contracts"]:
            mine = [(place, 1.0) for place, (each, _) in enumerate(self.pairs) if each is contract]
            self._add(mine, 1, 1)
        for code, member in self.members.items():
            for resource_name, capacity in member["capacity"].items():
                terms = [
                    (place, each["needs"].get(resource_name, 0))
                    for place, (each, quote) in enumerate(self.pairs)
                    if quote["member"] == code
                ]
                self._add(terms, -highspy.kHighsInf, capacity)

    def _costs(self) -> list[int]:
        bonus = next(rule["value"] for rule in self.spec["constraints"] if rule["type"] == "incumbent_bonus_bp")
        return [
            quote["price_fen"]
            - (quote["member"] == each["incumbent"]) * ((each["value_fen"] * bonus + 5_000) // 10_000)
            for each, quote in self.pairs
        ]

    def _rule(self, rule: dict[str, Any]) -> None:
        scope, kind, value = rule.get("of", {}), rule["type"], rule.get("value", 0)
        inside = [
            place
            for place, (each, quote) in enumerate(self.pairs)
            if scope.get("category", each["category"]) == each["category"]
            and scope.get("member", quote["member"]) == quote["member"]
            and scope.get("grade", self.members[quote["member"]]["grade"]) == self.members[quote["member"]]["grade"]
        ]
        whole = sum(
            each["value_fen"]
            for each in self.spec["contracts"]
            if scope.get("category", each["category"]) == each["category"]
        )
        by_member: dict[str, list[int]] = {}
        for place in inside:
            by_member.setdefault(self.pairs[place][1]["member"], []).append(place)
        most, inf = whole * value // 10_000, highspy.kHighsInf
        worth = {place: self.pairs[place][0]["value_fen"] for place in inside}
        match kind:
            case "max_share_bp":
                for places in by_member.values():
                    self._add([(place, worth[place]) for place in places], -inf, most)
            case "min_share_bp":
                for places in by_member.values():
                    self._add([(place, worth[place]) for place in places], -(-whole * value // 10_000), inf)
            case "max_contracts":
                for places in by_member.values():
                    self._add([(place, 1) for place in places], -inf, value)
            case "max_grade_share_bp":
                self._add([(place, worth[place]) for place in inside], -inf, most)
            case "exclude":
                self._add([(place, 1) for place in inside], -inf, 0)
            case "require":
                self._add([(place, 1) for place in inside if self.pairs[place][1]["score_bp"] < 6_500], -inf, 0)
            case "max_suppliers" | "min_suppliers":
                self._suppliers(kind, value, by_member)

    def _suppliers(self, kind: str, value: int, by_member: dict[str, list[int]]) -> None:
        present = {member: self.uppers + place for place, member in enumerate(by_member)}
        self.uppers += len(present)
        inf = highspy.kHighsInf
        counted: list[tuple[int, float]] = [(column, 1) for column in present.values()]
        if kind == "max_suppliers":
            for member, places in by_member.items():
                for place in places:
                    self._add([(place, 1), (present[member], -1)], -inf, 0)
            self._add(counted, -inf, value)
            return
        for member, places in by_member.items():
            self._add([(present[member], 1), *((place, -1.0) for place in places)], -inf, 0)
        self._add(counted, value, inf)
