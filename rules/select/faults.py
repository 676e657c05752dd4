"""Whether what a policy says of selecting agrees with itself and with the rest of the policy."""

from __future__ import annotations

from collections.abc import Iterator

from rules.documents import AllocationPolicySpec
from rules.problems import Problem
from rules.select.methods import Cascade, RankBy, Scored, TopK
from rules.source import Path, Source

CODE_KEY = "member.code"
"""The last tie key of every policy: no two members have the same code."""


def selection_faults(source: Source, spec: AllocationPolicySpec) -> Iterator[Problem]:
    """Tie keys that leave equals, counts that contradict each other, and a ranking by scores that nobody gives."""
    path: Path = ("spec", "select")
    if spec.select.tie[-1:] != (CODE_KEY,):
        message = f"the tie keys must end with {CODE_KEY}, so that no two members stay equal"
        yield source.problem((*path, "tie"), "tie", message, key=True)
    if isinstance(spec.select, TopK) and spec.select.k_min > spec.select.k_max:
        message = f"k_min {spec.select.k_min} is larger than k_max {spec.select.k_max}"
        yield source.problem((*path, "k_min"), "range", message)
    if _needs_score(spec) and not spec.scoring:
        message = f"{spec.select.method} ranks by score, but the policy has no scoring rules"
        yield source.problem((*path, "method"), "no-scoring", message)


def _needs_score(spec: AllocationPolicySpec) -> bool:
    match spec.select:
        case Scored():
            return True
        case Cascade() | TopK():
            return spec.select.rank_by is RankBy.SCORED
        case _:
            return False
