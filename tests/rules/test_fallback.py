"""Fallbacks: another policy decides on the same facts where the first comes to nothing, in one record."""

from __future__ import annotations

import pytest

from contracts.decision import Attempt, Decision, DecisionOutcome
from contracts.facts import Candidate, ContractFacts, Facts, LedgerFacts, MemberFacts, QueueFacts, QuoteFacts
from rules.decide import decide, screen
from rules.policy import CompiledPolicy, compile_policy

TYPES = """\
apiVersion: lianyue/v1
kind: TypeSet
metadata: {name: core, title: 事实}
spec:
  types:
    Contract: {category: string, value_fen: int}
    Member: {code: string, score_bp: int}
    Ledger: {awards: int}
    Quote: {price_fen: int}
"""

PARAMS = """\
apiVersion: lianyue/v1
kind: ParameterSet
metadata: {name: few, title: 参数}
spec: {parameters: {}}
"""

FIRST = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: first, title: 竞价, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  match: {category: any}
  eligibility:
    - {id: known, require: ledger.awards > 0, message: 尚无业绩}
  select: {method: mini_competition, ceiling: contract.value_fen, min_quotes: 2}
  divide: {method: whole}
  amount: quoted
  fallback: {after: [no_eligible, too_few_quotes, above_ceiling], policy: last}
"""

LAST = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: last, title: 递补, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  match: {category: any}
  eligibility:
    - {id: good, require: member.score_bp >= 6000, message: 得分不足}
  select: {method: cascade, rank_by: price}
  divide: {method: whole}
  amount: quoted
"""


def compiled(first: str = FIRST, last: str = LAST) -> CompiledPolicy:
    """The first policy with its fallback."""
    return compile_policy(first, PARAMS, TYPES, (last,))


def facts(*members: tuple[str, int, int], declined: dict[str, str] | None = None, category: str = "pv") -> Facts:
    """Members by code, price and awards so far."""
    return Facts(
        decision_day="2025-08-01",
        contract=ContractFacts(
            number="LY-2025-0001", category=category, client="LGCX", park="fengxian", value_fen=100, quantity=1,
            starts_day=20_301, ends_day=20_400,
        ),
        candidates=tuple(
            Candidate(
                member=MemberFacts(code=code),
                quote=QuoteFacts(price_fen=price),
                ledger=LedgerFacts(awards=awards),
            )
            for code, price, awards in members
        ),
        queue=QueueFacts(name="one", order=("LGAA", "LGBB")),
        declined=declined or {},
    )  # fmt: skip


def told(decision: Decision) -> tuple[str, str, list[str], list[tuple[str, str]]]:
    """Who decided what, and what was tried before."""
    before = [(each.policy.name, each.outcome.value) for each in decision.after]
    return decision.policy.name, decision.outcome.value, list(decision.selected), before


NOTHING = {
    "nobody eligible": (facts(("LGAA", 90, 0)), "no_eligible"),
    "too few quotes": (facts(("LGAA", 90, 1)), "too_few_quotes"),
    "all above the ceiling": (facts(("LGAA", 110, 1), ("LGBB", 120, 1)), "above_ceiling"),
}


@pytest.mark.parametrize(("given", "outcome"), NOTHING.values(), ids=NOTHING.keys())
def test_a_fallback_decides_where_the_first_policy_comes_to_nothing(given: Facts, outcome: str) -> None:
    """And the record says what the first came to."""
    assert ("last", "awarded", ["LGAA"], [("first", outcome)]) == told(decide(compiled(), given))


def test_an_award_of_the_first_policy_stands() -> None:
    """The fallback is not asked."""
    decision = decide(compiled(), facts(("LGAA", 90, 1), ("LGBB", 80, 1)))

    assert ("first", "awarded", ["LGBB"], []) == told(decision)


def test_an_outcome_that_is_not_named_stands() -> None:
    """Everybody has declined; the policy does not fall back after that."""
    given = facts(("LGAA", 90, 1), declined={"LGAA": "没有人手"})

    assert ("first", "exhausted", [], []) == told(decide(compiled(), given))


def test_the_record_keeps_the_reasons_of_the_first_policy() -> None:
    """Its edition, outcome, exclusions and trace; the rest is the fallback's."""
    given = facts(("LGAA", 90, 0))
    alone = decide(compile_policy(FIRST.replace(FIRST[FIRST.index("  fallback") :], ""), PARAMS, TYPES), given)

    decision = decide(compiled(), given)

    expected = Attempt(
        policy=compiled().reference(given.day),
        outcome=DecisionOutcome.NO_ELIGIBLE,
        excluded=alone.excluded,
        trace=alone.trace,
    )
    assert (expected,) == decision.after
    assert decide(compile_policy(LAST, PARAMS, TYPES), given) == decision.model_copy(update={"after": ()})


def test_deciding_again_gives_the_same_bytes() -> None:
    """Whatever was tried before, and in whatever order the candidates come."""
    given = facts(("LGAA", 90, 0), ("LGBB", 80, 0))
    mirrored = given.model_copy(update={"candidates": given.candidates[::-1]})

    assert decide(compiled(), given).model_dump_json() == decide(compiled(), mirrored).model_dump_json()


def test_a_fallback_that_is_not_for_the_contract_changes_nothing() -> None:
    """Its condition is asked of the facts."""
    last = LAST.replace("{category: any}", "{category: any, when: contract.value_fen > 100}")

    assert ("first", "no_eligible", [], []) == told(decide(compiled(last=last), facts(("LGAA", 90, 0))))


def test_fallbacks_follow_one_another() -> None:
    """Each attempt in its order."""
    middle = FIRST.replace("name: first", "name: middle").replace("ledger.awards > 0", "ledger.awards > 5")
    first = FIRST.replace("policy: last", "policy: middle")
    policy = compile_policy(first, PARAMS, TYPES, (LAST, middle))

    decision = decide(policy, facts(("LGAA", 90, 1)))

    assert ("last", "awarded", ["LGAA"], [("first", "too_few_quotes"), ("middle", "no_eligible")]) == told(decision)


def test_turns_that_the_first_policy_used_up_stay_used() -> None:
    """A rotation that comes to nothing and the rotation it falls back on turn the same queue."""
    rotation = LAST.replace("{method: cascade, rank_by: price}", "{method: rotation, queue: one}")
    given = facts(("LGAA", 90, 0), ("LGBB", 90, 0), declined={"LGAA": "没有人手"})

    decision = decide(compiled(last=rotation), given)

    assert (("LGAA", "LGBB"), ("LGBB",)) == (decision.queue_turns, decision.selected)


def test_who_may_quote_is_asked_of_the_fallback_where_nobody_may() -> None:
    """Else nobody would be invited whom it could choose."""
    nobody, somebody = facts(("LGAA", 90, 0)), facts(("LGAA", 90, 1), ("LGBB", 90, 0))

    first, then = screen(compiled(), somebody), screen(compiled(), nobody)

    assert ("first", ("LGAA",), ()) == (first.policy.name, first.eligible, first.after)
    assert ("last", ("LGAA",)) == (then.policy.name, then.eligible)
    assert ["known"] == [reason.rule for reason in then.after[0].excluded["LGAA"]]
