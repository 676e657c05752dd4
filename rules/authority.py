"""Who must approve an award: bands by amount, further lines by condition, and who may not be the one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from contracts.decision import ApprovalNeed, Decision
from contracts.facts import Facts
from contracts.money import yuan
from contracts.organisation import Actor
from rules.canonical import digest
from rules.check import Checked
from rules.compile import GROUND, Formulas, document_of, types_with, values_on
from rules.consistency import faults_of
from rules.documents import AuthorityBand, AuthorityMatrix, Escalation, ParameterSet, Requirement, TypeSet
from rules.eligibility import ground
from rules.formula import Scene, calculate
from rules.parse import parsed
from rules.problems import RuleProblems
from rules.source import Source, read

AWARD = {
    "amount_fen": "int",
    "winners": "list<string>",
    "method": "string",
    "division": "string",
    "ties": "int",
    "excluded": "int",
}
"""What an escalation may read of the decision, besides the contract."""


@dataclass(frozen=True)
class CompiledAuthority:
    """One edition of an authority matrix, ready to be asked."""

    document: AuthorityMatrix
    parameters: ParameterSet
    escalate: tuple[tuple[Escalation, Checked], ...]
    digest: str


@lru_cache(maxsize=256)
def compile_authority(
    authority_text: str,
    params_text: str,
    types_text: str,
    authority_file: str = "authority.yaml",
    params_file: str = "params.yaml",
    types_file: str = "types.yaml",
) -> CompiledAuthority:
    """
    Check an authority matrix with its parameters and types, and compile its expressions.

    Raises:
        RuleProblems: With everything that is wrong in the first file that has problems: types, parameters, matrix.
    """
    types, params = read(types_text, types_file), read(params_text, params_file)
    return compiled(read(authority_text, authority_file), params, types)


def compiled(source: Source, params: Source, types: Source) -> CompiledAuthority:
    """Compile the matrix in *source*; RuleProblems as `compile_authority`."""
    type_set, parameters = document_of(types, TypeSet), document_of(params, ParameterSet)
    matrix = parsed(source, AuthorityMatrix)
    formulas = Formulas(source, types_with(type_set, parameters, Award=AWARD))
    names = {**GROUND, "award": "Award"}
    found: list[tuple[Escalation, Checked]] = []
    for index, line in enumerate(matrix.spec.escalate):
        formula = formulas.check(line.when, ("spec", "escalate", index, "when"), names, "bool")
        if formula:
            found.append((line, formula))
    problems = [*faults_of(source, matrix), *formulas.problems]
    if problems:
        raise RuleProblems(problems)
    return CompiledAuthority(matrix, parameters, tuple(found), digest(source.data))


def approvals_needed(matrix: CompiledAuthority, facts: Facts, decision: Decision) -> tuple[ApprovalNeed, ...]:
    """
    Say who must approve *decision*, and why: the band of its amount, then every line that holds.

    The lines add to one another. A condition that cannot be calculated counts as holding, with the error as the reason.
    """
    band = _band(matrix, decision.amount_fen)
    needs = [_need(each, band.id, f"金额 {yuan(decision.amount_fen)}") for each in band.require]
    scene = _scene(matrix, facts, decision)
    for line, formula in matrix.escalate:
        found = calculate(formula, scene)
        if found.error or found.value:
            because = f"{line.message}（条件无法计算：{found.error}）" if found.error else line.message
            needs += [_need(each, line.id, because) for each in line.require]
    return tuple(needs)


def may_approve(
    matrix: CompiledAuthority,
    need: ApprovalNeed,
    actor: Actor,
    decision: Decision,
    approved_by: Collection[str] = (),
) -> str | None:
    """
    Return why *actor* may not approve *decision* for *need*, or nothing if they may.

    *approved_by* are the users that have approved it already. A person acts in one role only; nobody approves an
    award in which their own company wins.
    """
    separation = matrix.document.spec.separation
    if need.role not in actor.roles:
        return f"user {actor.user} does not hold the role {need.role}"
    if separation.recuse_winners and actor.company in decision.selected:
        return f"user {actor.user} belongs to {actor.company}, which wins in this award"
    if separation.distinct_persons and actor.user in approved_by:
        return f"user {actor.user} has approved this award already; another person must"
    return None


def _band(matrix: CompiledAuthority, amount_fen: int) -> AuthorityBand:
    """The band that *amount_fen* lies in; its limit is inclusive, the last has none."""
    bands = matrix.document.spec.bands
    within = (band for band in bands if band.up_to_fen == "unlimited" or amount_fen <= band.up_to_fen)
    return next(within)


def _need(requirement: Requirement, rule: str, because: str) -> ApprovalNeed:
    return ApprovalNeed(role=requirement.role.value, count=requirement.count, rule=rule, because=because)


def _scene(matrix: CompiledAuthority, facts: Facts, decision: Decision) -> Scene:
    return Scene(
        {
            **ground(facts, values_on(matrix.parameters, facts.day)),
            "award": {
                "amount_fen": decision.amount_fen,
                "winners": list(decision.selected),
                "method": decision.method,
                "division": decision.division,
                "ties": len(decision.ties),
                "excluded": len(decision.excluded),
            },
        }
    )
