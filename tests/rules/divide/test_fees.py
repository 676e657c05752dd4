"""Fees: every level by figures that can be followed by hand, and every boundary."""

from __future__ import annotations

from random import Random

import pytest

from contracts.decision import Fee, FeeBase, Share
from contracts.errors import Invalid
from rules.divide.fees import Charge, Step, Tier, commission, guaranteed, letting_fee, referral_fee, staged, waterfall
from tests.rules.divide.trials import divided, fees, shares

GROSS, NET, RESIDUAL = FeeBase.GROSS, FeeBase.NET, FeeBase.RESIDUAL
PRO_RATA = {"method": "pro_rata", "weight": "weight"}
TWO = {"LGWY": {"weight": 3}, "LGFW": {"weight": 1}}


def test_a_waterfall_takes_its_levels_in_order() -> None:
    """106 yuan gross, 6 tax, 10 cost; 2 % of the net, 1 % of what is left, then 3 % of what is left."""
    charges = waterfall(
        [
            Step("vat", "tax_office", GROSS, vat_bp=600),
            Step("cost", "supplier", RESIDUAL, amount_fen=1_000),
            Step("referral", "referrer", NET, rate_bp=200),
            Step("alliance", "office", RESIDUAL, rate_bp=100),
            Step("lead-fee", "lead", RESIDUAL, rate_bp=300),
        ],
        10_600,
    )

    assert (
        Charge("vat", "tax_office", GROSS, 10_600, 600),
        Charge("cost", "supplier", RESIDUAL, 10_000, 1_000),
        Charge("referral", "referrer", NET, 10_000, 200),
        Charge("alliance", "office", RESIDUAL, 8_800, 88),
        Charge("lead-fee", "lead", RESIDUAL, 8_712, 261),
    ) == charges


def test_the_order_of_levels_matters() -> None:
    """A fee on the residual before or after the cost is another fee."""
    cost, fee = Step("cost", "supplier", RESIDUAL, amount_fen=500), Step("fee", "office", RESIDUAL, rate_bp=1_000)

    assert [500, 50] == [charge.amount_fen for charge in waterfall([cost, fee], 1_000)]
    assert [100, 500] == [charge.amount_fen for charge in waterfall([fee, cost], 1_000)]


@pytest.mark.parametrize(("gross_fen", "fee_fen"), [(1_000, 50), (5_000, 50), (6_000, 60), (8_000, 80), (9_000, 80)])
def test_a_level_is_held_between_floor_and_cap(gross_fen: int, fee_fen: int) -> None:
    """1 % of the gross, at least 50 and at most 80 fen."""
    (charge,) = waterfall([Step("fee", "office", GROSS, rate_bp=100, floor_fen=50, cap_fen=80)], gross_fen)

    assert fee_fen == charge.amount_fen


def test_a_level_takes_no_more_than_is_left_and_says_so() -> None:
    """A floor above the total, or a cost that nothing is left for, is owed as far as the money goes."""
    charges = waterfall(
        [Step("cost", "supplier", GROSS, amount_fen=150), Step("fee", "office", GROSS, rate_bp=1, floor_fen=5)], 100
    )

    assert (
        Charge("cost", "supplier", GROSS, 100, 100, "应计 1.50 元，余额只有 1.00 元"),
        Charge("fee", "office", GROSS, 100, 0, "应计 0.05 元，余额只有 0.00 元"),
    ) == charges


def test_a_negative_amount_in_a_level_takes_nothing() -> None:
    """An expression that falls below nought is no gift to the members."""
    assert [0] == [charge.amount_fen for charge in waterfall([Step("f", "office", GROSS, amount_fen=-5)], 100)]


TIERS = [Tier(10_000, 1_000), Tier(50_000, 500), Tier(None, 100)]


@pytest.mark.parametrize(
    ("amount_fen", "fee_fen"),
    [
        (0, 0),
        (1, 0),
        (9_999, 1_000),
        (10_000, 1_000),
        (10_001, 1_000),
        (10_010, 1_001),
        (49_999, 3_000),
        (50_000, 3_000),
        (50_001, 3_000),
        (50_100, 3_001),
        (1_050_000, 13_000),
    ],
)
def test_a_commission_is_marginal(amount_fen: int, fee_fen: int) -> None:
    """10 % up to 100 yuan, 5 % of what lies above up to 500, 1 % of the rest; a boundary is no jump."""
    assert fee_fen == commission(amount_fen, TIERS)


def test_a_commission_never_falls_and_never_jumps() -> None:
    """Over 3,000 random amounts one fen more raises the commission by one fen at most, and never lowers it."""
    chance = Random("commission")
    for _ in range(3_000):
        ends = sorted(chance.sample(range(1, 100_000), 3))
        tiers = [*(Tier(end, chance.randint(0, 10_000)) for end in ends), Tier(None, chance.randint(0, 10_000))]
        amount_fen = chance.choice((chance.randint(0, 200_000), chance.choice(ends)))

        assert commission(amount_fen + 1, tiers) - commission(amount_fen, tiers) in (0, 1)


def test_a_single_unlimited_bracket_is_a_rate() -> None:
    """Then marginal and whole are the same."""
    assert 333 == commission(9_990, [Tier(None, 333)])


def test_a_referral_fee_is_a_rate_or_an_area_up_to_a_cap() -> None:
    """min(cap, rate · base) and min(cap, area · unit fee)."""
    assert [300, 250, 0] == [referral_fee(10_000, 300, None), referral_fee(10_000, 300, 250), referral_fee(-9, 300, 1)]
    assert [4_000, 3_500] == [letting_fee(8, 500, None), letting_fee(8, 500, 3_500)]


def test_stages_sum_to_the_fee() -> None:
    """A third, a third and a third of 100 fen are 34, 33 and 33."""
    whole = Charge("referral", "referrer", GROSS, 10_000, 100)
    parts = [("accepted", "线索受理", 3_333), ("signed", "签约", 3_333), ("stayed", "入驻", 3_334)]

    found = list(staged(whole, parts))

    assert [("accepted", 33), ("signed", 33), ("stayed", 34)] == [(each.level, each.amount_fen) for each in found]
    assert ["线索受理", "签约", "入驻"] == [each.note for each in found]
    assert [whole] == list(staged(whole, []))


@pytest.mark.parametrize(
    ("revenue_fen", "owed_fen"), [(0, 500), (6_249, 500), (6_250, 500), (6_263, 501), (10_000, 800)]
)
def test_the_guarantee_is_owed_until_the_rate_exceeds_it(revenue_fen: int, owed_fen: int) -> None:
    """max(500, 8 % of the revenue)."""
    assert owed_fen == guaranteed(revenue_fen, 500, 800)


def test_every_member_bears_its_part_of_every_fee() -> None:
    """Of 1,000 fen the office is owed 10 %; three quarters of it by whoever does three quarters."""
    stated = {
        "method": "waterfall",
        "levels": [{"id": "alliance", "title": "联盟服务费", "payee": "office", "rate_bp": 1_000}],
        "residual": PRO_RATA,
    }

    found = divided(stated, 1_000, TWO)

    line = {"level": "alliance", "payee": "office", "base": RESIDUAL, "base_fen": 1_000, "note": "联盟服务费"}
    assert (Share(member="LGWY", amount_fen=750, role="joint"), Share(member="LGFW", amount_fen=250, role="joint")) == (
        found.shares
    )
    assert (Fee(payer="LGWY", amount_fen=75, **line), Fee(payer="LGFW", amount_fen=25, **line)) == found.fees


def test_the_parts_of_a_fee_sum_to_it() -> None:
    """100 fen of 752 and 251 are 74.98 and 25.02: the fen between goes to the larger remainder."""
    levels = [{"id": "alliance", "payee": "office", "rate_bp": 1_000}]

    found = divided({"method": "waterfall", "levels": levels, "residual": PRO_RATA}, 1_003, TWO)

    assert [("LGWY", 75), ("LGFW", 25)] == [(fee.payer, fee.amount_fen) for fee in found.fees]


def test_the_lead_stands_in_a_fee_by_its_code() -> None:
    """Its own line too, so that the lines sum to the level."""
    stated = {
        "method": "waterfall",
        "levels": [{"id": "lead-fee", "payee": "lead", "rate_bp": 300}],
        "residual": {"method": "lead_sub", "subs": {"method": "equal"}, "fee_bp": 1_000},
    }

    found = divided(stated, 1_000, TWO)

    assert {"lead-fee": {"LGWY": 15, "LGFW": 15}, "management": {"LGFW": 49}} == fees(found)
    assert ["LGWY"] * 3 == [fee.payee for fee in found.fees]
    assert [1_000, 1_000, 485] == [fee.base_fen for fee in found.fees]
    assert {"LGWY": "lead", "LGFW": "sub"} == {share.member: share.role for share in found.shares}


def test_a_single_member_does_everything_and_owes_everything() -> None:
    """There is nobody to share with."""
    stated = {
        "method": "tiered_commission",
        "payee": "office",
        "brackets": [{"up_to_fen": "unlimited", "rate_bp": 500}],
    }

    found = divided({**stated, "residual": {"method": "whole"}}, 1_000, {"LGWY": {}})

    assert ({"LGWY": 1_000}, {"commission": {"LGWY": 50}}) == (shares(found), fees(found))


def test_a_member_without_weight_gets_and_owes_nothing() -> None:
    """And is not listed; the note says so."""
    stated = {"method": "referral", "rate_bp": 1_000, "residual": PRO_RATA}

    found = divided(stated, 1_000, {**TWO, "LGST": {"weight": 0}})

    assert ({"LGWY": 750, "LGFW": 250}, {"referral": {"LGWY": 75, "LGFW": 25}}) == (shares(found), fees(found))
    assert "份额为零，不列入：LGST" == found.note


def test_a_guarantee_above_the_revenue_is_borne_by_weight() -> None:
    """Revenue of 100, guarantee of 1,000: shares stay what was earned, the client is owed all of the guarantee."""
    stated = {"method": "minimum_guarantee", "guarantee_fen": "g", "rate_bp": 800, "residual": PRO_RATA}

    found = divided(stated, 100, TWO, g=1_000)

    assert ({"LGWY": 75, "LGFW": 25}, {"guarantee": {"LGWY": 750, "LGFW": 250}}) == (shares(found), fees(found))
    assert ["client", "client"] == [fee.payee for fee in found.fees]


def test_a_guarantee_without_any_revenue_is_still_owed() -> None:
    """Nobody has a share, and everybody a line."""
    stated = {"method": "minimum_guarantee", "guarantee_fen": 1_000, "rate_bp": 800, "residual": PRO_RATA}

    found = divided(stated, 0, TWO)

    assert ({}, {"guarantee": {"LGWY": 750, "LGFW": 250}}) == (shares(found), fees(found))


def test_savings_are_shared_year_by_year() -> None:
    """The owner keeps 20 %, then 50 % of each year's verified and adjusted saving; the rest is divided."""
    stated = {
        "method": "emc_share",
        "years": [
            {"saving_fen": 1_000, "owner_bp": 2_000},
            {"saving_fen": "metered", "adjustment_fen": -100, "owner_bp": 5_000},
        ],
        "residual": PRO_RATA,
    }

    found = divided(stated, 1_700, TWO, metered=800)

    assert {"year-1": {"LGWY": 150, "LGFW": 50}, "year-2": {"LGWY": 263, "LGFW": 87}} == fees(found)
    assert [1_000, 1_000, 700, 700] == [fee.base_fen for fee in found.fees]
    assert "第 2 年节能效益 7.00 元，含基线调整 -1.00 元" == found.fees[2].note
    assert {"LGWY": 1_275, "LGFW": 425} == shares(found)


def test_what_was_delivered_is_paid_at_its_price() -> None:
    """1,234,567 kWh at 0.5513 yuan each, the price stated for 10,000: rounded half up once, and nothing else."""
    figures = {"LGWY": {"kwh": 1_234_567, "price": 551_300}, "LGFW": {"kwh": 0, "price": 551_300}}
    stated = {"method": "actual_based", "quantity": "kwh", "unit_price_fen": "price", "per": 10_000}

    found = divided(stated, 68_061_679, figures)

    assert {"LGWY": 68_061_679} == shares(found)


def test_a_price_for_no_unit_is_refused() -> None:
    """A division by nought is told in words."""
    stated = {"method": "actual_based", "quantity": "q", "unit_price_fen": "q", "per": "per"}

    with pytest.raises(Invalid) as caught:
        divided(stated, 1, {"LGWY": {"q": 1, "per": 0}})

    assert "the unit price of LGWY is for 0 units; `per` is at least 1" == caught.value.message


def test_a_figure_that_cannot_be_money_is_refused() -> None:
    """An expression may leave what an amount can hold; the level is named."""
    stated = {"method": "minimum_guarantee", "guarantee_fen": "g", "rate_bp": 800, "residual": PRO_RATA}

    with pytest.raises(Invalid) as caught:
        divided(stated, 100, TWO, g=10**15 + 1)

    assert "the level 'guarantee' comes to 1000000000000001 fen of 100" == caught.value.message
