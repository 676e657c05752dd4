"""Shared guards: put to every member beside the policy's own rules, where they apply to the contract."""

from __future__ import annotations

from typing import Any

from contracts.decision import ExclusionReason
from contracts.facts import Candidate, ContractFacts, Facts, LedgerFacts, MemberFacts, QuoteFacts
from rules.decide import decide, screen
from rules.policy import compile_policy

TYPES = """\
apiVersion: lianyue/v1
kind: TypeSet
metadata: {name: core, title: 事实}
spec:
  types:
    Contract: {category: string, value_fen: int, urgent: bool, needs: "map<string, int>"}
    Member: {code: string, score_bp: int}
    Ledger: {awards: int}
    Quote: {price_fen: int}
"""

PARAMS = """\
apiVersion: lianyue/v1
kind: ParameterSet
metadata: {name: few, title: 参数}
spec:
  parameters:
    least_bp: {type: int, unit: bp, values: [{from: "2025-01-01", value: 7000}]}
"""

GUARDS = """\
apiVersion: lianyue/v1
kind: GuardSet
metadata: {name: law, title: 法, reference: [某法]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  variables:
    - {name: short_bp, value: params.least_bp - member.score_bp}
  guards:
    - id: good
      require: short_bp <= 0
      message: 得分不足
      messageExpression: |
        "得分差 " + string(short_bp)
      reference: 某法第一条
    - {id: calm, when: contract.urgent, require: ledger.awards < 3, message: 太忙, reference: 某法第二条}
    - {id: large, when: 'contract.needs["m2"] > 0', require: member.score_bp >= 8000, message: 太小, reference: 某法}
"""

POLICY = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: trial, title: 试行, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  match: {category: any}
  guards: [law]
  variables:
    - {name: short_bp, value: "0"}
  eligibility:
    - {id: known, require: short_bp == 0 && ledger.awards > 0, message: 尚无业绩}
  select: {method: cascade, rank_by: price}
  divide: {method: whole}
"""

TRIAL = compile_policy(POLICY.replace('"0"', "ledger.awards - ledger.awards"), PARAMS, TYPES, (GUARDS,))


def facts(score_bp: int, awards: int, **contract: Any) -> Facts:
    """One member that has quoted for one contract."""
    given = {"urgent": False, "needs": {"m2": 0}, **contract}
    return Facts(
        decision_day="2025-08-01",
        contract=ContractFacts(
            number="LY-2025-0001", category="pv", client="LGCX", park="fengxian", value_fen=100, quantity=1,
            starts_day=20_301, ends_day=20_400, **given,
        ),
        candidates=(
            Candidate(
                member=MemberFacts(code="LGXN", score_bp=score_bp),
                quote=QuoteFacts(price_fen=90),
                ledger=LedgerFacts(awards=awards),
            ),
        ),
    )  # fmt: skip


def rules(given: Facts) -> list[str]:
    """The rules that exclude the one member."""
    excluded = decide(TRIAL, given).excluded
    assert excluded == screen(TRIAL, given).excluded
    return [reason.rule for reason in excluded.get("LGXN", ())]


def test_guards_are_put_to_members_before_the_policys_own_rules() -> None:
    """All of them, so that a member sees every reason."""
    assert [] == rules(facts(7_000, 1))
    assert ["good", "known"] == rules(facts(6_999, 0))


def test_a_guard_shows_its_own_variables() -> None:
    """They have nothing to do with those of the policy, even if they are called alike."""
    reason = ExclusionReason(
        rule="good",
        message="得分差 500",
        reads={"member.score_bp": 6_500, "params.least_bp": 7_000, "short_bp": 500},
    )
    assert {"LGXN": (reason,)} == decide(TRIAL, facts(6_500, 1)).excluded


def test_a_guard_holds_back_where_it_does_not_apply() -> None:
    """An urgent contract asks for members that are not too busy, another does not."""
    assert ["calm"] == rules(facts(7_000, 3, urgent=True))
    assert [] == rules(facts(7_000, 3))


def test_a_guard_that_does_not_apply_is_in_the_trace_once() -> None:
    """With what its condition read; it was put to nobody."""
    trace = decide(TRIAL, facts(7_000, 3)).trace

    calm = {"rule": "calm", "member": "", "value": None, "applies": False, "reads": {"contract.urgent": False}}
    assert calm == trace[0]
    assert ["calm", "large", "good", "known"] == [line["rule"] for line in trace]


def test_a_guard_whose_condition_cannot_be_calculated_applies() -> None:
    """Nobody escapes the law by leaving a fact out."""
    assert ["large"] == rules(facts(7_000, 1, needs={}))
    assert [] == rules(facts(8_000, 1, needs={}))
