"""Checking an authority matrix: gaps, time limits that lead nowhere, and recusals that can never hold."""

from __future__ import annotations

import pytest

from rules.check_book import problems_in

TYPES = """\
apiVersion: lianyue/v1
kind: TypeSet
metadata: {name: core, title: 事实}
spec:
  types:
    Contract: {category: string, client: string}
"""
PARAMS = """\
apiVersion: lianyue/v1
kind: ParameterSet
metadata: {name: few, title: 参数}
spec:
  parameters:
    least_bp: {type: int, values: [{from: "2025-01-01", value: 7000}]}
"""
MATRIX = """\
apiVersion: lianyue/v1
kind: AuthorityMatrix
metadata: {name: signoff, title: 批准, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  bands:
    - id: small
      up_to_fen: 1000
      require: [{role: desk_officer, count: 1}]
      timeout: {working_days: 5, on_timeout: escalate_one_band}
    - id: large
      up_to_fen: unlimited
      require: [{role: council_member, count: 2}]
      timeout: {working_days: 5, on_timeout: escalate_to_role, role: coordinator}
  escalate:
    - id: shared
      when: award.winners.size() > 1
      require: [{role: finance_lead, count: 1}]
      message: 由多家分担
      timeout: {working_days: 3, on_timeout: remind}
  recuse:
    - {id: related, when: "signer.related.exists(each, each in award.winners)", message: 有关联关系, reference: 公司法}
    - {id: auditors, when: '"auditor" in signer.roles', message: 审计人不批准}
  delegation: {max_depth: 1, must_be_dated: true}
  exceptions: {role: council_member}
"""


def found(old: str, new: str) -> list[str]:
    """The problems of the matrix after some text of it has been replaced."""
    assert old in MATRIX
    files = {"types.yaml": TYPES, "params.yaml": PARAMS, "signoff.yaml": MATRIX.replace(old, new, 1)}
    return [str(problem) for problem in problems_in(files)]


def test_a_sound_matrix_has_no_problems() -> None:
    """The ground on which the other tests stand."""
    assert [] == found("公司法", "公司法")


ONE_BAND = "on_timeout: escalate_one_band"
FAULTS = {
    "the last band has none above it": (
        "on_timeout: escalate_to_role, role: coordinator",
        ONE_BAND,
        ["signoff.yaml:16:46: 'large' is the last band; write escalate_to_role or remind"],
    ),
    "a band that asks nobody new": (
        "require: [{role: council_member, count: 2}]",
        "require: [{role: desk_officer, count: 1}]",
        ["signoff.yaml:12:46: 'large' asks nobody whom 'small' does not ask; name a role instead"],
    ),
    "a line has no band above it": (
        "on_timeout: remind",
        ONE_BAND,
        ["signoff.yaml:22:46: a line of 'escalate' has no next band; write escalate_to_role or remind"],
    ),
    "a role is missing": (
        "escalate_to_role, role: coordinator",
        "escalate_to_role",
        ["signoff.yaml:16:46: escalate_to_role needs the role to ask; add 'role'"],
    ),
    "a role too many": (
        "on_timeout: remind",
        "on_timeout: remind, role: auditor",
        ["signoff.yaml:22:60: remind asks no role; delete 'role' or write escalate_to_role"],
    ),
    "an unknown role": (
        "role: coordinator}",
        "role: cordinator}",
        [
            (
                "signoff.yaml:16:70: 'role' must be one of coordinator, handler, signer, buyer, desk_officer, "
                'finance_lead, council_member, reviewer, auditor, operator, not "cordinator"; '
                "did you mean 'coordinator'?"
            )
        ],
    ),
    "a recusal of nobody": (
        "signer.related.exists(each, each in award.winners)",
        "award.winners.size() > 1",
        ["signoff.yaml:24:27: this reads nothing of the signer: it would recuse everybody or nobody"],
    ),
    "a recusal by a role that nobody holds": (
        '"auditor" in signer.roles',
        '"auditer" in signer.roles',
        ["signoff.yaml:25:29: no role is called 'auditer', so this can never hold; did you mean 'auditor'?"],
    ),
    "an id that stands twice": (
        "id: auditors",
        "id: small",
        ["signoff.yaml:25:12: the rule id 'small' stands on line 9 already"],
    ),
    "authority that is handed on": (
        "max_depth: 1",
        "max_depth: 2",
        ["signoff.yaml:26:27: 'max_depth' must be at most 1, not 2"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_at_its_place(fault: str) -> None:
    """What is wrong, where, and what to do; nothing else."""
    old, new, told = FAULTS[fault]

    assert told == found(old, new)
