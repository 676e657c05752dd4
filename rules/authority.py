"""Who must approve an award, and who may not: bands by amount, further lines by condition, recusals, time limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from contracts.approval import ApprovalPlan, ApprovalTimeout, OnTimeout, Recusal, SignerFacts
from contracts.decision import ApprovalNeed, Decision
from contracts.facts import Facts
from contracts.money import yuan
from contracts.organisation import Role
from rules.canonical import digest
from rules.check import Checked
from rules.compile import GROUND, Formulas, document_of, types_with, values_on
from rules.consistency import faults_of
from rules.documents.authority import AuthorityBand, AuthorityMatrix, Escalation, RecusalLine, Requirement, Timeout
from rules.documents.ground import ParameterSet, TypeSet
from rules.eligibility import ground
from rules.formula import Scene, calculate
from rules.parse import parsed
from rules.problems import RuleProblems, did_you_mean
from rules.source import Path, Source, read
from rules.tree import Node, children

AWARD = {
    "amount_fen": "int",
    "winners": "list<string>",
    "method": "string",
    "division": "string",
    "ties": "int",
    "excluded": "int",
}
"""What an escalation may read of the decision, besides the contract."""

SIGNER = {"user": "string", "company": "string", "roles": "list<string>", "related": "list<string>"}
"""What a recusal may read of a person, besides the award and the contract."""

ROLES = [role.value for role in Role]

RECUSE_WINNERS = "recuse-winners"
"""The rule that recuses whoever belongs to a company that wins."""


@dataclass(frozen=True)
class CompiledAuthority:
    """One edition of an authority matrix, ready to be asked."""

    document: AuthorityMatrix
    parameters: ParameterSet
    escalate: tuple[tuple[Escalation, Checked], ...]
    recuse: tuple[tuple[RecusalLine, Checked], ...]
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
    formulas = Formulas(source, types_with(type_set, parameters, Award=AWARD, Signer=SIGNER))
    escalate, recuse = tuple(_escalations(formulas, matrix)), tuple(_recusals(formulas, matrix))
    problems = [*faults_of(source, matrix), *formulas.problems]
    if problems:
        raise RuleProblems(problems)
    return CompiledAuthority(matrix, parameters, escalate, recuse, digest(source.data))


def _escalations(formulas: Formulas, matrix: AuthorityMatrix) -> Iterator[tuple[Escalation, Checked]]:
    names = {**GROUND, "award": "Award"}
    for index, line in enumerate(matrix.spec.escalate):
        formula = formulas.check(line.when, ("spec", "escalate", index, "when"), names, "bool")
        if formula:
            yield line, formula


def _recusals(formulas: Formulas, matrix: AuthorityMatrix) -> Iterator[tuple[RecusalLine, Checked]]:
    """Check the recusals; one that looks at nobody, or for a role that nobody can hold, is a problem."""
    names = {**GROUND, "award": "Award", "signer": "Signer"}
    for index, line in enumerate(matrix.spec.recuse):
        path: Path = ("spec", "recuse", index, "when")
        formula = formulas.check(line.when, path, names, "bool")
        if formula is None:
            continue
        if not any(each.partition(".")[0] == "signer" for each in formula.reads):
            message = "this reads nothing of the signer: it would recuse everybody or nobody"
            formulas.refuse(path, "recusal", message)
        for role, offset in _roles_sought(formula.ast["body"]):
            message = f"no role is called {role!r}, so this can never hold{did_you_mean(role, ROLES)}"
            formulas.refuse(path, "recusal", message, offset)
        yield line, formula


def _roles_sought(node: Node) -> Iterator[tuple[str, int]]:
    """Words that are sought in ``signer.roles`` and are none of the roles, each with its place."""
    if node["kind"] == "call" and node["function"] == "@in":
        sought, among = node["args"]
        unknown = sought["kind"] == "literal" and sought["value"] not in ROLES
        if unknown and among["kind"] == "select" and among["field"] == "roles":
            yield sought["value"], sought["span"][0]
    yield from chain.from_iterable(_roles_sought(child) for child in children(node))


def approval_plan(
    matrix: CompiledAuthority,
    facts: Facts,
    decision: Decision,
    signers: Sequence[SignerFacts],
    starter: str | None,
) -> ApprovalPlan:
    """
    Say who must approve *decision* and who of *signers* may not, in plain values that need no rules any more.

    A recusal that cannot be calculated counts as holding.
    """
    spec = matrix.document.spec
    return ApprovalPlan(
        needs=approvals_needed(matrix, facts, decision),
        timeouts=tuple(_timeouts(matrix, facts, decision)),
        distinct_persons=spec.separation.distinct_persons,
        mandate_depth=spec.delegation.max_depth,
        mandates_must_be_dated=spec.delegation.must_be_dated,
        starter=starter,
        signers=tuple(signers),
        recused={
            signer.user: recusals
            for signer in sorted(signers, key=lambda signer: signer.user)
            if (recusals := tuple(_recused(matrix, facts, decision, signer)))
        },
    )


def approvals_needed(matrix: CompiledAuthority, facts: Facts, decision: Decision) -> tuple[ApprovalNeed, ...]:
    """
    Say who must approve *decision*, and why: the band of its amount, then every line that holds.

    The lines add to one another. A condition that cannot be calculated counts as holding, with the error as the reason.
    """
    needs = [*band_needs(matrix, decision.amount_fen)]
    for line, because in _lines_that_hold(matrix, facts, decision):
        needs += [_need(each, line.id, because) for each in line.require]
    return tuple(needs)


def band_needs(matrix: CompiledAuthority, amount_fen: int) -> tuple[ApprovalNeed, ...]:
    """Say who must approve an award of *amount_fen* in any case: what its band requires."""
    band = _band(matrix, amount_fen)
    return tuple(_need(each, band.id, f"金额 {yuan(amount_fen)}") for each in band.require)


def _lines_that_hold(matrix: CompiledAuthority, facts: Facts, decision: Decision) -> Iterator[tuple[Escalation, str]]:
    """Each line whose condition holds or cannot be calculated, with the reason."""
    scene = _scene(matrix, facts, decision)
    for line, formula in matrix.escalate:
        found = calculate(formula, scene)
        if found.error or found.value:
            yield line, f"{line.message}（条件无法计算：{found.error}）" if found.error else line.message


def _recused(matrix: CompiledAuthority, facts: Facts, decision: Decision, signer: SignerFacts) -> Iterator[Recusal]:
    if matrix.document.spec.separation.recuse_winners and signer.company in decision.selected:
        reads = {"award.winners": list(decision.selected), "signer.company": signer.company}
        yield Recusal(rule=RECUSE_WINNERS, message="所在单位中选", reads=reads)
    scene = _scene(matrix, facts, decision).with_names(signer=signer.model_dump(mode="json"))
    for line, formula in matrix.recuse:
        found = calculate(formula, scene)
        if found.error or found.value:
            because = f"{line.message}（条件无法计算：{found.error}）" if found.error else line.message
            yield Recusal(rule=line.id, message=because, reference=line.reference or "", reads=found.reads)


def _timeouts(matrix: CompiledAuthority, facts: Facts, decision: Decision) -> Iterator[ApprovalTimeout]:
    """The time limits that can come up: from the award's band upwards, and of every line that holds."""
    bands = matrix.document.spec.bands
    first = bands.index(_band(matrix, decision.amount_fen))
    for place, band in enumerate(bands[first:], start=first):
        if band.timeout is None:
            break
        counted = tuple(each.id for each in bands[first : place + 1])
        following = bands[place + 1] if place + 1 < len(bands) else band
        yield _timeout(band.id, band.timeout, following, counted)
        if band.timeout.on_timeout is not OnTimeout.ESCALATE_ONE_BAND:
            break
    for line, _ in _lines_that_hold(matrix, facts, decision):
        if line.timeout:
            yield _timeout(line.id, line.timeout, None, ())


def _timeout(rule: str, timeout: Timeout, following: AuthorityBand | None, counted: tuple[str, ...]) -> ApprovalTimeout:
    """One limit: the next band takes over with what has been given counted, a role is asked besides what was given."""
    limit = ApprovalTimeout(rule=rule, working_days=timeout.working_days, on_timeout=timeout.on_timeout)
    because = f"{timeout.working_days}个工作日内未批准"
    if timeout.on_timeout is OnTimeout.ESCALATE_TO_ROLE and timeout.role:
        need = ApprovalNeed(role=timeout.role.value, count=timeout.count, rule=f"{rule}/timeout", because=because)
        return limit.model_copy(update={"instead": (need,)})
    if timeout.on_timeout is OnTimeout.ESCALATE_ONE_BAND and following:
        instead = tuple(_need(each, following.id, because) for each in following.require)
        return limit.model_copy(update={"instead": instead, "counted": counted})
    return limit


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
