"""The decision: every reason, every score, and outcomes in place of exceptions."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.decision import ApprovalNeed, DecisionOutcome, ExclusionReason, ScoreParts, Share
from contracts.errors import Invalid
from contracts.facts import Candidate, ContractFacts, Facts, LedgerFacts, MemberFacts, QuoteFacts
from rules.authority import CompiledAuthority, approvals_needed, compile_authority
from rules.decide import decide, facts_digest, screen
from rules.policy import CompiledPolicy, compile_policy

BOOKS = Path(__file__).parents[2] / "rules" / "books"
TYPES = (BOOKS / "alliance-core" / "2025-01-01.yaml").read_text(encoding="utf-8")

PARAMS = """\
apiVersion: lianyue/v1
kind: ParameterSet
metadata: {name: few, title: 参数}
spec:
  parameters:
    least_bp: {type: int, unit: bp, values: [{from: "2025-01-01", value: 7000}, {from: "2025-07-01", value: 8000}]}
"""

POLICY = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: trial, title: 试行, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: alliance-core
  params: few
  match: {category: any}
  variables:
    - {name: spare, value: "10000 / member.joined_day"}
  eligibility:
    - {id: quality, require: member.score_bp >= params.least_bp, message: 得分不足}
    - {id: spare, require: spare > 0, message: 没有余量}
  scoring:
    - {id: price, title: 价格, weight_bp: 6000, score: "mulDiv(best_price_fen, 10000, quote.price_fen)"}
    - {id: fairness, title: 均衡, weight_bp: 4000, score: 10000 - ledger.awards * 4000}
  select: {method: top_k, k_max: 2, tie: [quote.order, member.code]}
  divide: {method: pro_rata, weight: score_bp}
"""

AUTHORITY = """\
apiVersion: lianyue/v1
kind: AuthorityMatrix
metadata: {name: signoff, title: 批准, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: alliance-core
  params: few
  bands:
    - {id: small, up_to_fen: 1000, require: [{role: desk_officer, count: 1}]}
    - {id: large, up_to_fen: unlimited, require: [{role: council_member, count: 2}]}
  escalate:
    - {id: shared, when: award.winners.size() > 1, require: [{role: finance_lead, count: 1}], message: 由多家分担}
    - {id: broken, when: 1 / award.ties > 0, require: [{role: auditor, count: 1}], message: 有并列}
"""


def trial(*changes: tuple[str, str]) -> CompiledPolicy:
    """The trial policy, with some of its text replaced."""
    text = POLICY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return compile_policy(text, PARAMS, TYPES)


def candidate(
    code: str, price_fen: int | None = 1_000, *, score_bp: int = 9_000, awards: int = 0, spare: int = 1
) -> Candidate:
    """A member that may be selected."""
    quote = None if price_fen is None else QuoteFacts(price_fen=price_fen)
    member = MemberFacts(code=code, score_bp=score_bp, joined_day=spare)
    return Candidate(member=member, quote=quote, ledger=LedgerFacts(awards=awards))


def facts(
    *candidates: Candidate, day: str = "2025-08-01", declined: dict[str, str] | None = None, **contract: object
) -> Facts:
    """A contract of 1,000 fen and its candidates."""
    known = {
        "number": "LY-2025-0001",
        "category": "works",
        "client": "CLIENT",
        "park": "fengxian",
        "value_fen": 1_000,
        "quantity": 1,
        "starts_day": 20_454,
        "ends_day": 20_818,
    }
    return Facts(
        decision_day=day,
        contract=ContractFacts.model_validate({**known, **contract}),
        candidates=candidates,
        declined=declined or {},
    )


def test_scores_are_rounded_part_by_part() -> None:
    """2/3 of 10,000 is 6,666; weighted with 60 % it is 3,999.6, rounded 4,000."""
    decision = decide(trial(), facts(candidate("AA", 1_000), candidate("BB", 1_500, awards=1)))

    expected = {
        "AA": ScoreParts(total_bp=10_000, parts={"price": 6_000, "fairness": 4_000}),
        "BB": ScoreParts(total_bp=6_400, parts={"price": 4_000, "fairness": 2_400}),
    }
    assert expected == decision.scores


def test_shares_follow_the_scores_and_sum_to_the_value() -> None:
    """1,000 fen by 10,000 and 6,400 are 610 and 390."""
    decision = decide(trial(), facts(candidate("BB", 1_500, awards=1), candidate("AA", 1_000)))

    expected = (Share(member="AA", amount_fen=610, role="joint"), Share(member="BB", amount_fen=390, role="joint"))
    assert (expected, 1_000) == (decision.shares, decision.amount_fen)


def test_an_excluded_member_sees_every_reason_with_what_was_read() -> None:
    """No rule is skipped because another one has failed."""
    decision = decide(trial(), facts(candidate("AA"), candidate("BB", score_bp=7_999, spare=20_000)))

    expected = (
        ExclusionReason(rule="quality", message="得分不足", reads={"member.score_bp": 7_999, "params.least_bp": 8_000}),
        ExclusionReason(rule="spare", message="没有余量", reads={"member.joined_day": 20_000, "spare": 0}),
    )
    assert {"BB": expected} == decision.excluded


def test_a_rule_that_cannot_be_calculated_excludes_with_its_error() -> None:
    """An error in a variable is the error of every rule that uses it."""
    decision = decide(trial(), facts(candidate("AA"), candidate("BB", spare=0)))

    message = "规则无法计算：division by zero: 10000 / member.joined_day"
    expected = ExclusionReason(rule="spare", message=message, reads={"member.joined_day": 0})
    assert {"BB": (expected,)} == decision.excluded


def test_a_score_outside_the_scale_excludes() -> None:
    """Three awards make a fairness score of -2,000."""
    decision = decide(trial(), facts(candidate("AA"), candidate("BB", awards=3)))

    expected = ExclusionReason(rule="fairness", message="均衡：评分 -2000 超出 0 至 10000", reads={"ledger.awards": 3})
    assert ({"BB": (expected,)}, ("AA",)) == (decision.excluded, decision.eligible)


def test_the_parameter_of_the_decision_day_counts() -> None:
    """7,500 is enough up to June, and not from July."""
    given = (candidate("AA", score_bp=7_500),)

    assert ("AA",) == decide(trial(), facts(*given, day="2025-06-30")).selected
    assert () == decide(trial(), facts(*given, day="2025-07-01")).selected


def test_a_parameter_without_a_value_yet_is_refused() -> None:
    """The rules did not say anything for that day."""
    with pytest.raises(Invalid) as caught:
        decide(trial(), facts(candidate("AA"), day="2024-12-31"))

    expected = "the parameter 'least_bp' has no value on 2024-12-31; its first is from 2025-01-01"
    assert expected == caught.value.message


def test_reasons_from_the_facts_stand_before_those_of_the_rules() -> None:
    """The buyer's exclusion, then the refusal, then the rule."""
    given = facts(candidate("AA"), candidate("BB", score_bp=0), declined={"BB": "没有人手"}, excluded_members=("BB",))

    decision = decide(trial(), given)

    assert ["excluded-by-buyer", "declined", "quality"] == [reason.rule for reason in decision.excluded["BB"]]


def test_who_has_not_quoted_is_not_ranked() -> None:
    """But screening, which comes before the quotes, lets the member through."""
    given = facts(candidate("AA"), candidate("BB", None))

    decision, screening = decide(trial(), given), screen(trial(), given)

    expected = ExclusionReason(rule="no-quote", message="未提交有效报价", reads={"quote": None})
    assert ({"BB": (expected,)}, ("AA", "BB")) == (decision.excluded, screening.eligible)


def test_a_framework_call_off_asks_for_no_quote() -> None:
    """The price is the framework's: the contract's value."""
    decision = decide(trial(), facts(candidate("AA", None), framework=True))

    assert (Share(member="AA", amount_fen=1_000),) == decision.shares


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (facts(), DecisionOutcome.NO_ELIGIBLE),
        (facts(candidate("AA", score_bp=0)), DecisionOutcome.NO_ELIGIBLE),
        (facts(candidate("AA", None)), DecisionOutcome.TOO_FEW_QUOTES),
        (facts(candidate("AA"), declined={"AA": "没有人手"}), DecisionOutcome.EXHAUSTED),
    ],
)
def test_finding_nobody_is_an_outcome(given: Facts, expected: DecisionOutcome) -> None:
    """Nobody eligible, nobody quoted, or everybody has declined: never an exception."""
    decision = decide(trial(), given)

    assert (expected, (), (), 0) == (decision.outcome, decision.selected, decision.shares, decision.amount_fen)


def test_a_member_listed_twice_is_refused() -> None:
    """The facts contradict themselves."""
    with pytest.raises(Invalid) as caught:
        screen(trial(), facts(candidate("AA"), candidate("AA")))

    assert "member AA is among the candidates twice" == caught.value.message


def test_a_policy_does_not_decide_for_another_category() -> None:
    """It was not written for it."""
    policy = trial(("{category: any}", "{category: pv}"))

    with pytest.raises(Invalid) as caught:
        decide(policy, facts(candidate("AA")))

    assert "policy 'trial' is not for LY-2025-0001 of category 'works'" == caught.value.message


def test_a_policy_does_not_decide_against_its_condition() -> None:
    """The category fits, the contract is too large."""
    policy = trial(("{category: any}", "{category: any, when: contract.value_fen < 1000}"))

    with pytest.raises(Invalid) as caught:
        screen(policy, facts(candidate("AA")))

    assert "policy 'trial' is not for LY-2025-0001 of category 'works'" == caught.value.message


def test_an_indivisible_contract_is_not_divided() -> None:
    """Whatever the policy says."""
    with pytest.raises(Invalid) as caught:
        decide(trial(), facts(candidate("AA"), candidate("BB"), divisible=False))

    assert "LY-2025-0001 is indivisible, but policy 'trial' divides it" == caught.value.message


def test_who_weighs_nothing_is_not_selected() -> None:
    """A share of nothing is no share; the note says so."""
    policy = trial(("weight: score_bp", "weight: ledger.awards"))

    decision = decide(policy, facts(candidate("AA"), candidate("BB", awards=1)))

    assert (("BB",), "份额为零，不列入：AA") == (decision.selected, decision.note)


def test_a_weight_that_cannot_be_calculated_names_the_member() -> None:
    """Nobody guesses a weight."""
    policy = trial(("weight: score_bp", "weight: 1 / ledger.awards"))

    with pytest.raises(Invalid) as caught:
        decide(policy, facts(candidate("AA")))

    expected = "the weight of AA cannot be calculated: division by zero: 1 / ledger.awards (in '1 / ledger.awards')"
    assert expected == caught.value.message


def test_the_trace_holds_each_rule_for_each_member() -> None:
    """In order of rule within member, with value and reads."""
    decision = decide(trial(), facts(candidate("AA")))

    expected = (
        {
            "rule": "quality",
            "member": "AA",
            "value": True,
            "reads": {"member.score_bp": 9_000, "params.least_bp": 8_000},
        },
        {"rule": "spare", "member": "AA", "value": True, "reads": {"member.joined_day": 1, "spare": 10_000}},
        {
            "rule": "price",
            "member": "AA",
            "value": 10_000,
            "reads": {"best_price_fen": 1_000, "quote.price_fen": 1_000},
        },
        {"rule": "fairness", "member": "AA", "value": 10_000, "reads": {"ledger.awards": 0}},
        {"rule": "weight", "member": "AA", "value": 10_000, "reads": {"score_bp": 10_000}},
    )
    assert expected == decision.trace


def test_the_digest_of_facts_does_not_depend_on_their_order() -> None:
    """But on what they say."""
    one, other = candidate("AA"), candidate("BB")

    assert facts_digest(facts(one, other)) == facts_digest(facts(other, one))
    assert facts_digest(facts(one, other)) != facts_digest(facts(one))


def test_an_ineligible_member_changes_nothing_for_the_others() -> None:
    """Not even the best price, were it lower."""
    field = (candidate("AA", 1_000), candidate("BB", 1_200))

    alone = decide(trial(), facts(*field))
    beside = decide(trial(), facts(*field, candidate("CC", 1, score_bp=0)))

    assert (alone.scores, alone.shares) == (beside.scores, beside.shares)


@pytest.fixture(scope="module")
def signoff() -> CompiledAuthority:
    """The authority matrix of these tests."""
    return compile_authority(AUTHORITY, PARAMS, TYPES)


def test_band_and_lines_add_up(signoff: CompiledAuthority) -> None:
    """A limit is inclusive; a condition that cannot be calculated counts as holding."""
    given = facts(candidate("AA"), candidate("BB", 1_500))

    needs = approvals_needed(signoff, given, decide(trial(), given))

    error = "有并列（条件无法计算：division by zero: 1 / award.ties）"
    expected = (
        ApprovalNeed(role="desk_officer", count=1, rule="small", because="金额 10.00 元"),
        ApprovalNeed(role="finance_lead", count=1, rule="shared", because="由多家分担"),
        ApprovalNeed(role="auditor", count=1, rule="broken", because=error),
    )
    assert expected == needs


def test_above_the_last_limit_the_last_band_decides(signoff: CompiledAuthority) -> None:
    """One fen more than 1,000."""
    given = facts(candidate("AA"), value_fen=1_001)

    needs = approvals_needed(signoff, given, decide(trial(), given))

    assert ApprovalNeed(role="council_member", count=2, rule="large", because="金额 10.01 元") == needs[0]


def test_a_measured_amount_is_what_all_have_quoted_by_the_unit() -> None:
    """actual_based: the amount is the sum of quantity times unit price; a commission on it is borne in proportion."""
    policy = trial(
        (
            "divide: {method: pro_rata, weight: score_bp}",
            (
                "amount: measured\n"
                "  divide:\n"
                "    method: tiered_commission\n"
                "    payee: office\n"
                "    brackets: [{up_to_fen: 1000, rate_bp: 1000}, {up_to_fen: unlimited, rate_bp: 100}]\n"
                "    residual: {method: actual_based, quantity: quote.quantity, unit_price_fen: quote.unit_price_fen}"
            ),
        )
    )
    one, two = candidate("AA"), candidate("BB")
    quoted = [
        each.model_copy(update={"quote": QuoteFacts(price_fen=1, quantity=quantity, unit_price_fen=50)})
        for each, quantity in ((one, 30), (two, 10))
    ]

    decision = decide(policy, facts(*quoted))

    assert (2_000, "tiered_commission") == (decision.amount_fen, decision.division)
    assert {"AA": 1_500, "BB": 500} == {share.member: share.amount_fen for share in decision.shares}
    assert [("AA", 83), ("BB", 27)] == [(fee.payer, fee.amount_fen) for fee in decision.fees]


def test_nothing_measured_is_nothing_to_divide() -> None:
    """Without a quantity there is no amount, and that is told."""
    policy = trial(
        (
            "divide: {method: pro_rata, weight: score_bp}",
            "divide: {method: actual_based, quantity: quote.quantity, unit_price_fen: 50}\n  amount: measured",
        )
    )

    with pytest.raises(Invalid) as caught:
        decide(policy, facts(candidate("AA")))

    assert "LY-2025-0001: what was measured comes to 0 fen; nothing to divide" == caught.value.message


def test_a_level_that_cannot_be_calculated_is_named() -> None:
    """With its error and its expression."""
    policy = trial(
        (
            "divide: {method: pro_rata, weight: score_bp}",
            (
                "divide: {method: minimum_guarantee, guarantee_fen: 1 / (params.least_bp - 8000), rate_bp: 1,"
                " residual: {method: equal}}"
            ),
        )
    )

    with pytest.raises(Invalid) as caught:
        decide(policy, facts(candidate("AA")))

    assert (
        "the guarantee_fen cannot be calculated: division by zero: 1 / (params.least_bp - 8000) "
        "(in '1 / (params.least_bp - 8000)')"
    ) == caught.value.message
