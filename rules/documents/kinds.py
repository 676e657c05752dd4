"""Every kind of rule file with its model, and under which kind a document is looked up."""

from __future__ import annotations

from rules.documents.authority import AuthorityMatrix, PolicyException
from rules.documents.cases import PolicyTest
from rules.documents.envelope import SHADOW_POLICY, Kind
from rules.documents.ground import ParameterSet, TypeSet
from rules.documents.policy import AllocationPolicy, GuardSet, PolicyMode
from rules.documents.table import DecisionTable

RuleDocument = (
    TypeSet
    | ParameterSet
    | GuardSet
    | AllocationPolicy
    | AuthorityMatrix
    | DecisionTable
    | PolicyException
    | PolicyTest
)

MODELS: dict[str, type[RuleDocument]] = {
    Kind.TYPE_SET.value: TypeSet,
    Kind.PARAMETER_SET.value: ParameterSet,
    Kind.GUARD_SET.value: GuardSet,
    Kind.ALLOCATION_POLICY.value: AllocationPolicy,
    Kind.AUTHORITY_MATRIX.value: AuthorityMatrix,
    Kind.DECISION_TABLE.value: DecisionTable,
    Kind.POLICY_EXCEPTION.value: PolicyException,
    Kind.POLICY_TEST.value: PolicyTest,
}


def shelf_of(document: RuleDocument) -> str:
    """Under which kind *document* is kept and looked up: its own, or among the shadows."""
    if isinstance(document, AllocationPolicy):
        return policy_shelf(document.spec.mode)
    return document.kind


def policy_shelf(mode: PolicyMode) -> str:
    """Under which kind policies of a *mode* are kept."""
    return SHADOW_POLICY if mode is PolicyMode.SHADOW else Kind.ALLOCATION_POLICY
