"""What the expressions of a method come to: once about the contract, and for each member or why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contracts.decision import ExclusionReason
from contracts.facts import Facts
from rules.check import Checked
from rules.documents.policy import NO_MEASURE
from rules.eligibility import Trace, trace_of
from rules.formula import Evaluated, Scene, calculate, value_of
from rules.policy import CompiledPolicy
from rules.select.chain import Stated, expressions_of, weights_of
from rules.select.methods import Select
from rules.select.ranking import Terms

MEASURES = ("weight", "target", "cap", "cost")
"""The expressions of which a method has at most one."""

POSITIVE = ("weight", "target")
"""Measures of which nothing means that the member has no part in the method."""


@dataclass(frozen=True)
class Measured:
    """A member with its measure and groups, or why the method cannot look at it."""

    code: str
    measure: int = 0
    groups: tuple[bool, ...] = ()
    reasons: tuple[ExclusionReason, ...] = ()
    trace: tuple[Trace, ...] = ()


def terms_of(policy: CompiledPolicy, facts: Facts, ground: Scene) -> Terms:
    """
    Return what the method knows besides the contenders; *ground* is the scene of the contract as a whole.

    Raises:
        Invalid: If the ceiling, the limit or the named member cannot be calculated.
    """
    contract = facts.contract
    named = {
        stated.name: value_of(policy.expressions.select[stated.name], ground, f"the {stated.name}")
        for stated in expressions_of(policy.spec.select)
        if not stated.of_member
    }
    return Terms(
        number=contract.number,
        amount_fen=contract.value_fen,
        quantity=contract.quantity,
        park=contract.park,
        incumbent=contract.incumbent,
        renewals=contract.renewals,
        ceiling_fen=named.get("ceiling"),
        limit_fen=named.get("limit"),
        member=named.get("member"),
        queue=facts.queue,
        draw=facts.draw,
        declined=facts.declined,
        candidates=tuple(sorted(candidate.member.code for candidate in facts.candidates)),
    )


def measured(policy: CompiledPolicy, scenes: Mapping[str, Scene]) -> dict[str, Measured]:
    """
    Put the method's own expressions to each member in its scene.

    One that cannot be calculated, or a weight or target that is not positive, excludes the member, with the reason.
    """
    stated = [(each.name, policy.expressions.select[each.name]) for each in _of_member(policy.spec.select)]
    listed = weights_of(policy.spec.select)
    return {code: _measured(code, scene, stated, listed) for code, scene in scenes.items()}


def _of_member(select: Select) -> Iterator[Stated]:
    return (stated for stated in expressions_of(select) if stated.of_member)


def _measured(
    code: str, scene: Scene, stated: Sequence[tuple[str, Checked]], listed: Mapping[str, int] | None
) -> Measured:
    found = {name: calculate(formula, scene) for name, formula in stated}
    if listed is not None:
        found["weight"] = Evaluated(listed.get(code, 0), {"weights": listed.get(code, 0)})
    return Measured(
        code,
        measure=next((each.value or 0 for name, each in found.items() if name in MEASURES), 0),
        groups=tuple(each.value is True for name, each in found.items() if name not in MEASURES),
        reasons=tuple(reason for name, each in found.items() if (reason := _reason(name, each))),
        trace=tuple(trace_of(f"select.{name}", code, each) for name, each in found.items()),
    )


def _reason(name: str, found: Evaluated) -> ExclusionReason | None:
    if found.error:
        message = f"{_TITLES.get(name, '分组条件')}无法计算：{found.error}"
    elif name in POSITIVE and found.value <= 0:
        message = f"{_TITLES[name]} {found.value} 不是正数"
    else:
        return None
    return ExclusionReason(rule=NO_MEASURE, message=message, reads=found.reads)


_TITLES = {"weight": "轮候权重", "target": "目标份额", "cap": "承接限额", "cost": "成本"}
