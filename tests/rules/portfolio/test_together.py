"""From contracts that were quoted to one document, and from its answer to the decision of each contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.decision import Share
from contracts.facts import Candidate, ContractFacts, Facts, MemberFacts, QueueFacts, QuoteFacts
from contracts.portfolio import Override
from lianyue.desk.portfolios import PortfolioDesk
from lianyue.optimiser.allocator import Allocator
from lianyue.optimiser.files import json_source
from lianyue.testing import small_portfolio
from rules.decide import assess, decide
from rules.policy import compile_policy
from rules.portfolio.answer import AwardReason, PassedOver, Solved
from rules.portfolio.awarding import conflict_in_words, decision_of, note_of, reason_for_nobody
from rules.portfolio.gathering import Entry, PortfolioRules, gathered, standing
from rules.problems import RuleProblems
from tests.rules.test_fallback import FIRST, LAST, PARAMS, TYPES

FREE = {"LGAA": {"m2": 10}, "LGBB": {"m2": 10}}
ONE_EACH = {"id": "one-each", "type": "max_contracts", "value": 1, "priority": 3}


def entry(number: str = "LY-2025-0001", **prices: int) -> Entry:
    """A contract that members quoted for, assessed by a policy that takes anybody."""
    facts = Facts(
        decision_day="2025-08-01",
        contract=ContractFacts(
            number=number, category="pv", client="LGCX", park="fengxian", value_fen=100, quantity=1, needs={"m2": 6},
            starts_day=20_301, ends_day=20_400,
        ),
        candidates=tuple(
            Candidate(member=MemberFacts(code=code), quote=QuoteFacts(price_fen=fen)) for code, fen in prices.items()
        ),
        queue=QueueFacts(name="one"),
    )  # fmt: skip
    return Entry(facts, assess(compile_policy(LAST, PARAMS, TYPES), facts))


def solved(*entries: Entry, rules: dict[str, Any] | None = None, free: Any = FREE, **more: Any) -> Solved:
    """The answer for *entries* by *rules*."""
    document, idle = gathered("two", 20_301, PortfolioRules.model_validate(rules or {}), entries, free, **more)
    found = Allocator().allocate(document, lambda _: None)
    return found.model_copy(update={"idle": (*idle, *found.idle)})


def awards(found: Solved) -> dict[str, dict[str, int]]:
    """Who has how much of which contract."""
    by_contract: dict[str, dict[str, int]] = {}
    for award in found.allocation.awards:
        by_contract.setdefault(award.contract, {})[award.member] = award.share_bp
    return by_contract


def test_what_a_member_has_left_counts_where_the_file_is_silent() -> None:
    """Ten square metres are room for one contract of six; the file may say that there are twelve."""
    first, second = entry(LGAA=80, LGBB=90), entry("LY-2025-0002", LGAA=80, LGBB=95)
    stated = {"members": [{"code": "LGAA", "capacity": {"m2": 12}}]}

    assert {"LY-2025-0001": {"LGBB": 10_000}, "LY-2025-0002": {"LGAA": 10_000}} == awards(solved(first, second))
    assert {"LY-2025-0001": {"LGAA": 10_000}, "LY-2025-0002": {"LGAA": 10_000}} == awards(
        solved(first, second, rules=stated)
    )


def test_a_constraint_on_what_has_fallen_out_counts_nothing() -> None:
    """A scope keeps the words that something still has; without any, the constraint is idle and not in the way."""
    constraints = [
        {"id": "both", "type": "exclude", "of": {"category": ["pv", "canteen"], "member": "LGAA"}},
        {"id": "gone", "type": "exclude", "of": {"category": "canteen"}},
        {"id": "apart", "type": "not_both", "contracts": ["LY-2025-0001", "LY-2025-0002"]},
        {"id": "most", "type": "min_contracts", "value": 1, "of": {"grade": "B", "when": "quote.price_fen > 1000"}},
    ]
    found = solved(entry(LGAA=80, LGBB=90), rules={"constraints": constraints})

    assert ({"LY-2025-0001": {"LGBB": 10_000}}, ("gone", "apart", "most")) == (awards(found), found.idle)


def test_a_constraint_that_cannot_hold_is_the_conflict_and_has_its_price() -> None:
    """Three suppliers where two have quoted: the rule is named, and leaving it out is the first step."""
    rule = {"id": "three", "type": "min_suppliers", "value": 3, "priority": 4}
    found = solved(entry(LGAA=80, LGBB=90), rules={"constraints": [rule]})
    (step,) = found.allocation.relaxations

    assert (("three",), ("three",), 80) == (found.allocation.conflict, step.left_out, step.price_fen)
    assert "3 members cannot receive something where only 2 have quoted" == found.says


def test_an_award_that_stands_takes_its_part_and_is_left_alone() -> None:
    """LGAA has the first; with one each it cannot have the second, though it is dearer where it is."""
    first = entry(LGAA=90, LGBB=80)
    kept = standing(first.facts, _awarded(first, Share(member="LGAA", amount_fen=90)))
    found = solved(kept, entry("LY-2025-0002", LGAA=70, LGBB=90), rules={"constraints": [ONE_EACH]})

    assert {"LY-2025-0001": {"LGAA": 10_000}, "LY-2025-0002": {"LGBB": 10_000}} == awards(found)


@pytest.mark.parametrize("parts", [(25, 75), (33, 99), (50, 50)])
def test_a_divided_award_that_stands_keeps_its_shares(parts: tuple[int, int]) -> None:
    """Whatever would be cheaper now, the shares stay."""
    first = entry(LGAA=90, LGBB=80)
    shares = [Share(member=code, amount_fen=fen) for code, fen in zip(("LGAA", "LGBB"), parts, strict=True)]
    rules = {"lots": {"LY-2025-0001": {"divisible": True, "min_lot_bp": 2_500}}}
    found = solved(standing(first.facts, _awarded(first, *shares)), rules=rules)

    bp = parts[0] * 10_000 // sum(parts)
    assert {"LY-2025-0001": {"LGAA": bp, "LGBB": 10_000 - bp}} == awards(found)


def test_an_override_is_a_constraint() -> None:
    """Who must have a contract has it; who must not has not."""
    must = Override(contract="LY-2025-0001", member="LGBB")
    must_not = Override(contract="LY-2025-0001", member="LGAA", is_required=False)

    assert {"LGBB": 10_000} == awards(solved(entry(LGAA=80, LGBB=90), overrides=[must]))["LY-2025-0001"]
    assert {"LGBB": 10_000} == awards(solved(entry(LGAA=80, LGBB=90), overrides=[must_not]))["LY-2025-0001"]


def test_a_decision_says_by_which_rule_a_cheaper_quote_was_passed_over() -> None:
    """The reason names rank, saving and rule; the amount is what was quoted, as the policy says."""
    first, second = entry(LGAA=80, LGBB=90), entry("LY-2025-0002", LGAA=80, LGBB=95)
    found = solved(first, second, rules={"constraints": [ONE_EACH]}, free={})
    decision = decision_of("two", first, found.allocation, {"one-each": "每家至多一份"})

    assert (("LGBB",), 90, "portfolio") == (decision.selected, decision.amount_fen, decision.method)
    assert "价格第2名（共2家）；LGAA低0.10 元，但会违反one-each（每家至多一份）" in decision.note
    assert "组合two整体决定" == note_of("two", None, {}, "price")


def test_of_a_divided_contract_the_reason_says_whose_part_a_better_quote_would_have_had() -> None:
    """Beside two holders a third is better than each by another saving."""
    passed = tuple(PassedOver(member="LGCC", instead_of=code, saves=10, breaks=()) for code in ("LGAA", "LGBB"))
    reason = AwardReason(contract="LY-2025-0001", members=("LGAA", "LGBB"), rank=2, quotes=3, passed_over=passed)

    assert "；LGCC比LGAA低0.10 元，但须与其他合同同时调整；LGCC比LGBB低" in note_of("two", reason, {}, "price")


def test_a_lead_with_subs_is_refused_before_anything_starts() -> None:
    """Rather than to leave the words out silently: the problem stands at its place in the file."""
    portfolio = small_portfolio().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    portfolio["spec"]["contracts"][0]["lead_sub"] = {}
    with pytest.raises(RuleProblems) as refused:
        PortfolioDesk.checked(json_source(json.dumps(portfolio), "portfolio.json"))

    assert ["lot"] == [problem.code for problem in refused.value.problems]


def test_reasons_that_members_read_name_rules_and_nobody() -> None:
    """Why a contract has nobody, and which rules conflict: without a code of a member."""
    policy = compile_policy(LAST, PARAMS, TYPES)
    declined = entry(LGAA=80, LGBB=90).facts.model_copy(update={"declined": {"LGAA": "放弃", "LGBB": "放弃"}})
    told = reason_for_nobody(assess(policy, declined).excluded)
    conflict = conflict_in_words(("one-each",), ("capacity:LGAA:m2", "capacity:LGBB:m2"), {"one-each": "每家一份"})

    assert "没有可以承接的成员单位（declined 2家）" == told
    assert "规则不能同时满足：one-each（每家一份）、能力上限 m2" == conflict


def test_ceilings_and_least_numbers_of_the_selection_hold_in_a_portfolio_too() -> None:
    """What a policy would award to nobody, a portfolio awards to nobody: the fallback is asked, as ever."""
    policy = compile_policy(FIRST, PARAMS, TYPES, (LAST,))
    given = entry(LGAA=110, LGBB=120).facts
    known = given.model_copy(
        update={
            "candidates": tuple(
                each.model_copy(update={"ledger": each.ledger.model_copy(update={"awards": 1})})
                for each in given.candidates
            )
        }
    )
    found = assess(policy, known)

    assert [each.outcome for each in decide(policy, known).after] == [each.outcome for each in found.after]
    assert ("last", {"LGAA": 110, "LGBB": 120}) == (found.reference.name, found.prices)


def test_being_watched_changes_no_answer() -> None:
    """The same document gives the same bytes, whoever looks on."""
    entries = [entry(f"LY-2025-{place:04}", LGAA=80 + place, LGBB=90 - place) for place in range(1, 9)]
    document, _ = gathered("two", 20_301, PortfolioRules.model_validate({"constraints": [{**ONE_EACH, "value": 5}]}),
                           entries, {})  # fmt: skip
    heard: list[object] = []

    assert Allocator().allocate(document, heard.append) == Allocator().allocate(document, lambda _: None)
    assert heard


def _awarded(first: Entry, *shares: Share) -> Any:
    """The decision by which *shares* were awarded."""
    decision = decide(compile_policy(LAST, PARAMS, TYPES), first.facts)
    return decision.model_copy(update={"shares": shares, "selected": tuple(share.member for share in shares)})
