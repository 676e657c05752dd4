"""HiGHS behind the port: one thread, a fixed seed, costs scaled by a power of two so that nothing is rounded."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import highspy
import numpy as np

from lianyue.optimiser.solver import Effort, Program, Relaxed, Verdict, nodes_for
from rules.portfolio.answer import AllocationStatus

LARGEST_COST = 2.0**20
"""The solver's tolerances are absolute and meant for figures of about this size."""

SEED = 1

TRUSTED = 1e-9
"""By how much what the solver says of its objective may differ from what its answer costs."""


class Highs:
    """The solver that decides."""

    @property
    def engine(self) -> str:
        """Name and version, kept with each answer."""
        return f"HiGHS {version('highspy')}"

    def solve(self, program: Program, effort: Effort) -> Verdict:
        """
        Solve *program* to proof, or until *effort* is spent; the best found so far is never lost.

        No start is handed over: HiGHS 1.16 then sometimes calls the start itself optimal.
        """
        scale = _scale(program.costs)
        solver = _loaded(program, scale, whole=True)
        solver.setOptionValue("mip_abs_gap", 0.9 * scale)
        if effort.left is not None:
            solver.setOptionValue("time_limit", effort.left)
        nodes = nodes_for(len(program.uppers)) if effort.nodes is None else effort.nodes
        solver.setOptionValue("mip_max_nodes", nodes)
        solver.run()
        return _verdict(solver, program, scale)

    def relax(self, program: Program) -> Relaxed | None:
        """Solve the program without wholeness; nothing if that has no solution."""
        scale = _scale(program.costs)
        solver = _loaded(program, scale, whole=False)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = solver.getSolution()
        return Relaxed(tuple(solution.col_value), tuple(price / scale for price in solution.row_dual))


def _scale(costs: Sequence[int]) -> float:
    """A power of two that makes the largest cost one of about `LARGEST_COST`; dividing by it rounds nothing."""
    largest = max((abs(cost) for cost in costs), default=0)
    return 2.0 ** -max(0, math.ceil(math.log2(max(1, largest) / LARGEST_COST)))


def _loaded(program: Program, scale: float, *, whole: bool) -> Any:
    lp = highspy.HighsLp()
    width, height = len(program.uppers), len(program.rows)
    lp.num_col_, lp.num_row_ = width, height
    lp.col_cost_ = np.array(program.costs, dtype=float) * scale
    lp.col_lower_ = np.zeros(width)
    lp.col_upper_ = np.array(program.uppers, dtype=float)
    lp.row_lower_ = _sides([row.lower for row in program.rows], -highspy.kHighsInf)
    lp.row_upper_ = _sides([row.upper for row in program.rows], highspy.kHighsInf)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *(len(row.columns) for row in program.rows)])
    lp.a_matrix_.index_ = np.array([column for row in program.rows for column in row.columns], dtype=np.int32)
    lp.a_matrix_.value_ = np.array([number for row in program.rows for number in row.coefficients], dtype=float)
    if whole:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * width
    solver = _silent()
    options = {"output_flag": False, "threads": 1, "parallel": "off", "random_seed": SEED, "mip_rel_gap": 0.0}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(lp)
    return solver


def _silent() -> Any:
    """A new solver; its constructor writes a banner to the process's stdout, before it can be told not to."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        return highspy.Highs()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _sides(sides: Sequence[int | None], opened: float) -> Any:
    return np.array([opened if side is None else side for side in sides], dtype=float)


def _verdict(solver: Any, program: Program, scale: float) -> Verdict:
    info, status = solver.getInfo(), solver.getModelStatus()
    work = max(0, int(info.mip_node_count))
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Verdict(AllocationStatus.INFEASIBLE, nodes=work)
    bound = _bound(info.mip_dual_bound / scale)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Verdict(AllocationStatus.UNKNOWN, bound=bound, nodes=work)
    columns = [round(value) for value in solver.getSolution().col_value]
    values = tuple(columns[: program.decided])
    cost = sum(cost * value for cost, value in zip(program.costs, columns, strict=True))
    if abs(cost - info.objective_function_value / scale) > 1 + abs(cost) * TRUSTED:
        return Verdict(AllocationStatus.FEASIBLE, values, None, work)  # it says one thing and answers another
    proven = status == highspy.HighsModelStatus.kOptimal
    return Verdict(AllocationStatus.OPTIMAL if proven else AllocationStatus.FEASIBLE, values, bound, work)


def _bound(said: float) -> int | None:
    """What the solver says of the bound, made a whole number on the safe side of its roundings."""
    return math.floor(said - max(1e-3, 1e-9 * abs(said))) if math.isfinite(said) else None
