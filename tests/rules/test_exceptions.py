"""Exceptions: what they waive, what they never change, and what is said of those that do not help."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.decision import Waiver
from contracts.facts import Candidate, ContractFacts, ExceptionFacts, Facts, MemberFacts, QuoteFacts
from contracts.signature import SignatureVerdict
from rules.decide import decide, screen
from rules.policy import CompiledPolicy, compile_policy

DAY = 20_270
DIGEST = "sha256:" + "0" * 63
TYPES = """\
apiVersion: lianyue/v1
kind: TypeSet
metadata: {name: core, title: 类型}
spec:
  types:
    Contract: {category: string, park: string}
    Member: {code: string, parks: list<string>, score_bp: int}
    Ledger: {awards: int}
    Quote: {price_fen: int}
"""
PARAMS = """\
apiVersion: lianyue/v1
kind: ParameterSet
metadata: {name: params, title: 参数}
spec:
  parameters:
    floor_bp: {type: int, values: [{from: "2025-01-01", value: 6000}]}
"""
POLICY = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: trial, title: 试验, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: params
  match: {category: any}
  eligibility:
    - {id: park, require: contract.park in member.parks, message: 不服务该园区, waivable: true}
    - {id: score, require: member.score_bp >= params.floor_bp, message: 考核得分过低}
    - {id: awards, require: 100 / ledger.awards > 1, message: 中标过多, waivable: true}
  select: {method: mini_competition, ceiling: "100000", tie: [member.code]}
  divide: {method: whole}
"""
MEMBERS = ("AA", "BB", "CC")
RULES = ("park", "score", "awards", "none")


def policy() -> CompiledPolicy:
    """The policy of these tests: two rules are waivable, one is not."""
    return compile_policy(POLICY, PARAMS, TYPES)


def exception(**changes: Any) -> ExceptionFacts:
    """An exception to the rule on parks for AA, in force on the day."""
    values = {
        "digest": DIGEST + "0",
        "name": "area",
        "policy": "trial",
        "rules": ("park",),
        "members": ("AA",),
        "from_day": DAY,
        "to_day": DAY + 1,
        "granted_by": "anna",
        "role": "council_member",
        "signature": SignatureVerdict.VALID,
    }
    return ExceptionFacts(**{**values, **changes})


def facts(*exceptions: ExceptionFacts, score_bp: int = 9_000, awards: int = 1) -> Facts:
    """Three members of which none serves the park."""
    return Facts(
        decision_day="2025-07-01",
        contract=ContractFacts(
            number="LY-2025-0001",
            category="property",
            client="CC",
            park="south",
            value_fen=1_000,
            quantity=1,
            starts_day=DAY,
            ends_day=DAY,
        ),
        candidates=tuple(
            Candidate(
                member=MemberFacts(code=code, parks=("north",), score_bp=score_bp),
                quote=QuoteFacts(price_fen=1_000),
                ledger={"awards": awards},
            )
            for code in MEMBERS
        ),
        exceptions=exceptions,
    )


def test_an_exception_waives_a_rule_for_its_member() -> None:
    """AA is in, and the decision says by what and until when; the others stay out."""
    decision = decide(policy(), facts(exception()))

    waiver = Waiver(rule="park", message="不服务该园区", exception=DIGEST + "0", name="area", until_day=DAY + 1)
    assert (("AA",), {"AA": (waiver,)}) == (decision.selected, decision.waived)
    assert ["BB", "CC"] == list(decision.excluded)


def test_a_screening_waives_alike() -> None:
    """Whoever is excepted is asked to quote."""
    assert ("AA",) == screen(policy(), facts(exception())).eligible


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"from_day": DAY + 1, "to_day": DAY + 2}, "2025-07-02起生效，决定日尚未生效"),
        ({"from_day": DAY - 2, "to_day": DAY}, "2025-07-01起已失效"),
        ({"from_day": DAY - 2, "revoked_day": DAY}, "自2025-07-01起已撤销"),
        ({"signature": SignatureVerdict.INVALID}, "签名未通过验证（invalid），不予适用"),
        ({"signature": SignatureVerdict.CANNOT_TELL}, "签名未通过验证（cannot_tell），不予适用"),
    ],
)
def test_an_exception_that_does_not_help_is_told(changes: dict[str, Any], told: str) -> None:
    """Beside the reason stands what an auditor would ask: why the exception did not count."""
    decision = decide(policy(), facts(exception(**changes)))

    assert (f"例外 area：{told}",) == decision.excluded["AA"][0].exceptions
    assert {} == decision.waived


def test_a_rule_that_is_not_waivable_is_not_waived() -> None:
    """Whatever was signed."""
    decision = decide(policy(), facts(exception(rules=("park", "score")), score_bp=5_000))

    reasons = decision.excluded["AA"]
    assert ["score"] == [reason.rule for reason in reasons]
    assert ("例外 area：该规则不允许例外",) == reasons[0].exceptions


def test_a_rule_that_cannot_be_calculated_is_not_waived() -> None:
    """Nobody knows what it would have said."""
    decision = decide(policy(), facts(exception(rules=("park", "awards")), awards=0))

    assert ["awards"] == [reason.rule for reason in decision.excluded["AA"]]


def test_the_exception_that_holds_longest_waives() -> None:
    """Of several, whatever their order."""
    short, long = exception(), exception(digest=DIGEST + "1", name="longer", to_day=DAY + 9)

    assert ["longer"] == [each.name for each in decide(policy(), facts(short, long)).waived["AA"]]
    assert ["longer"] == [each.name for each in decide(policy(), facts(long, short)).waived["AA"]]


exceptions = st.builds(
    exception,
    rules=st.lists(st.sampled_from(RULES), min_size=1, max_size=3, unique=True).map(tuple),
    members=st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=2, unique=True).map(tuple),
    contracts=st.sampled_from([(), ("LY-2025-0001",), ("LY-2025-0002",)]),
    category=st.sampled_from([None, "property", "pv"]),
    policy=st.sampled_from(["any", "trial", "other"]),
    from_day=st.integers(DAY - 3, DAY + 2),
    to_day=st.integers(DAY - 2, DAY + 3),
    revoked_day=st.none() | st.integers(DAY - 2, DAY + 2),
    signature=st.sampled_from(list(SignatureVerdict)),
)


def holds(each: ExceptionFacts) -> bool:
    """Whether an exception is for this contract and this day at all, and signed."""
    in_time = each.from_day <= DAY < min(each.to_day, each.to_day if each.revoked_day is None else each.revoked_day)
    for_this = each.contracts != ("LY-2025-0002",) and each.category != "pv" and each.policy != "other"
    return in_time and for_this and each.signature is SignatureVerdict.VALID


def outcome(given_facts: Facts) -> dict[str, tuple[str, ...]]:
    """For each member the rules that exclude it."""
    decision = decide(policy(), given_facts)
    return {code: tuple(why.rule for why in decision.excluded.get(code, ())) for code in MEMBERS}


@given(exceptions, st.sampled_from([9_000, 5_000]), st.sampled_from([1, 200]))
def test_an_exception_changes_only_what_it_says(each: ExceptionFacts, score_bp: int, awards: int) -> None:
    """Outside its days, members, contracts and rules, and for rules that are not waivable, all is as without it."""
    without = outcome(facts(score_bp=score_bp, awards=awards))

    found = outcome(facts(each, score_bp=score_bp, awards=awards))

    waivable = {"park", "awards"} & set(each.rules) if holds(each) else set()
    expected = {
        code: tuple(rule for rule in rules if code not in each.members or rule not in waivable)
        for code, rules in without.items()
    }
    assert expected == found


@given(exceptions)
def test_an_exception_that_does_not_hold_decides_nothing(each: ExceptionFacts) -> None:
    """Shares, ranking and selection are those of a decision that knows nothing of it."""
    assume(not holds(each))
    with_it, without = decide(policy(), facts(each)), decide(policy(), facts())

    assert (without.selected, without.shares, without.ranking) == (with_it.selected, with_it.shares, with_it.ranking)
