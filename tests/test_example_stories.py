"""The stories of the ceremony: each is on one contract, has its departures, and is decided as it says."""

from __future__ import annotations

import pytest

from contracts.service_contract import ServiceContract
from contracts.task import TaskKind
from lianyue.simulate.script import Departure, Order
from rules.decide import screen
from tests.dry_run import ceremony, example, policy_of, story


def acts(contract: ServiceContract) -> list[tuple[TaskKind, Departure | Order]]:
    """What people do in a contract that is not the usual."""
    script, number = example().script, contract.number
    departures = [(each.kind, each.act) for each in script.deviations if each.number == number]
    orders = [(each.kind, each.act) for each in script.interventions if each.number == number]
    return [*departures, *orders]


STORIES = {
    "拒签递补": [(TaskKind.SIGN, Departure.DECLINE)],
    "报价不足": [(TaskKind.QUOTE, Departure.SILENT)],
    "逾期升级": [(TaskKind.DELIVER, Departure.LATE), (TaskKind.DELIVER, Order.REMIND)],
    "争议暂停": [(TaskKind.DELIVER, Departure.LATE), (TaskKind.DELIVER, Order.SUSPEND)],
    "履约中变更": [(TaskKind.DELIVER, Order.AMEND)],
    "退回重做": [(TaskKind.ACCEPT, Departure.RETURN)],
    "默示验收": [(TaskKind.ACCEPT, Departure.SILENT)],
    "红线": [(TaskKind.RATE, Departure.RED_LINE)],
    "申诉": [(TaskKind.REPLY, Departure.APPEAL), (TaskKind.HEAR_APPEAL, Departure.REVISE)],
    "要求修改": [(TaskKind.SIGN, Departure.REQUIRE_CHANGES)],
    "前置招商": [(TaskKind.CONFIRM_TERMS, Departure.CHANGE_TERMS), (TaskKind.REVISE_TERMS, Departure.LATE)],
    "联合承接": [],
    "主办协办": [],
    "框架顺序轮候": [],
    "证照到期": [],
    "能力约束": [],
    "小额直接选定": [],
}
"""What sets each story apart; those without an entry follow from the rules alone."""


@pytest.mark.parametrize("word", sorted(STORIES))
def test_a_story_has_its_departures(word: str) -> None:
    """Each story is on one contract of its own and has exactly its departures."""
    assert STORIES[word] == acts(story(word))


def test_no_other_contract_departs_from_the_usual() -> None:
    """Contracts with departures or with a story text are those of the stories."""
    told = {contract.number for contract in example().contracts if contract.story}

    assert {story(word).number for word in STORIES} == told
    assert {deviation.number for deviation in example().script.deviations} <= told


def test_a_joint_contract_is_divided_among_three() -> None:
    """The first three share 50, 30 and 20 per cent."""
    decision = ceremony().decisions[story("联合承接").number]

    assert ["LGLC", "LGYF", "LGFW"] == [share.member for share in decision.shares]
    assert [514_800_000, 308_880_000, 205_920_000] == [share.amount_fen for share in decision.shares]


def test_a_lead_has_subs() -> None:
    """One member leads and two are its subs."""
    decision = ceremony().decisions[story("主办协办").number]

    assert {"LGST": "lead", "LGWY": "sub", "LGYF": "sub"} == {share.member: share.role for share in decision.shares}


def test_a_call_off_rotates() -> None:
    """The two certification bodies of the framework take turns."""
    numbers = [contract.number for contract in example().contracts if contract.category == "certification"]

    assert [("LGSC",), ("ZKY",)] == [ceremony().decisions[number].selected for number in numbers[:2]]


def test_a_refusal_cascades() -> None:
    """The best refuses to sign, and the next gets the award at the contract's value."""
    contract = story("拒签递补")

    assert ("CQF",) == ceremony().refused[contract.number].selected
    assert ("LGWY",) == ceremony().decisions[contract.number].selected


def test_a_first_round_with_one_quote_is_repeated() -> None:
    """Two quotes are needed and one of the two members stays silent in the first round only."""
    contract = story("报价不足")
    (silent,) = [deviation for deviation in example().script.deviations if deviation.number == contract.number]

    assert (2, 2, {"LGLC", "LGFW"}) == (
        contract.quoting.min_quotes,
        contract.quoting.rounds,
        set(example().script.quotes[contract.number]),
    )
    assert ("LGFW", {"round": "1"}) == (silent.company, silent.subject)


@pytest.mark.parametrize(("word", "member"), [("证照到期", "YSQF"), ("框架顺序轮候", "GYY")])
def test_a_certificate_that_runs_out_in_the_term_excludes(word: str, member: str) -> None:
    """The only reasons against the member are about the paper that does not cover the whole term."""
    contract = story(word)
    screened = screen(policy_of(contract), ceremony().facts_of(contract))
    about_papers = ("certificates", "food-licence", "cnca-approval")

    assert all(reason.rule in about_papers for reason in screened.excluded[member])


def test_a_small_contract_goes_to_the_home_member() -> None:
    """Contracts up to 200,000 yuan are given directly."""
    small = [contract for contract in example().contracts if contract.policy == "small-works"]

    assert {("LGYF",)} == {ceremony().decisions[contract.number].selected for contract in small}
    assert max(contract.value_fen for contract in small) <= 20_000_000
