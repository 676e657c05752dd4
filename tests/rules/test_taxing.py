"""Value-added tax: several rates in one price, exact over members and over supplies."""

from __future__ import annotations

from random import Random

import pytest

from contracts.agreement import Agreement, TaxLine
from contracts.category import CategoryPack, VatLine
from contracts.decision import Share
from contracts.errors import Invalid
from contracts.money import TaxedAmount, added, taxed
from contracts.service_contract import PriceLine
from rules.taxing import party_amounts, payable, rate_of, tax_lines, taxed_by_supply, taxed_shares

PACK = CategoryPack.model_construct(
    code="charging",
    vat=(
        VatLine(
            code="service", title_zh="充电服务费", title_en="Service fee", rate_bp=600, source="《增值税法》第十条"
        ),
        VatLine(code="electricity", title_zh="充电电费", title_en="Power", rate_bp=1_300, source="《增值税法》第十条"),
    ),
)
BOTH = (PriceLine(vat="electricity", part_bp=7_000), PriceLine(vat="service", part_bp=3_000))
POWER = TaxLine(code="electricity", title="充电电费", part_bp=7_000, vat_bp=1_300)
SERVICE = TaxLine(code="service", title="充电服务费", part_bp=3_000, vat_bp=600)


def agreed(*lines: TaxLine, vat_bp: int = 600, **shares: int) -> Agreement:
    """An agreement of which nothing but the shares and the taxes matters."""
    parts = tuple(Share(member=member, amount_fen=fen) for member, fen in shares.items())
    return Agreement.model_construct(shares=parts, tax_lines=lines, vat_bp=vat_bp)


def test_supplies_that_are_accounted_separately_have_their_own_rates() -> None:
    """Electricity 13 %, service 6 %."""
    assert (POWER, SERVICE) == tax_lines(PACK, BOTH, separately_accounted=True)


def test_supplies_that_are_not_bear_the_highest_rate() -> None:
    """《增值税法》第十二条: then there are no lines, and 13 % holds for the whole."""
    assert ((), 1_300) == (tax_lines(PACK, BOTH, separately_accounted=False), rate_of(PACK, BOTH))


def test_without_price_lines_all_is_the_main_supply() -> None:
    """The first VAT line of the pack; a single price line names another."""
    assert ((), 600) == (tax_lines(PACK, (), separately_accounted=True), rate_of(PACK, ()))
    assert 1_300 == rate_of(PACK, (PriceLine(vat="electricity", part_bp=10_000),))


def test_an_unknown_supply_is_named() -> None:
    """With those there are."""
    with pytest.raises(Invalid) as caught:
        tax_lines(PACK, (PriceLine(vat="parking", part_bp=10_000),), separately_accounted=True)

    assert "charging has no VAT line 'parking'; it has service, electricity" == caught.value.message


def test_an_instalment_is_taxed_by_supply() -> None:
    """70 % of 1,000.00 yuan at 13 % and 30 % at 6 %; the sum has no single rate."""
    agreement = agreed(POWER, SERVICE)

    by_supply = taxed_by_supply(agreement, 100_000)

    assert {"electricity": taxed(70_000, 1_300), "service": taxed(30_000, 600)} == by_supply
    assert TaxedAmount(net_fen=90_249, vat_fen=9_751, gross_fen=100_000, vat_bp=None) == payable(agreement, 100_000)
    assert added((taxed(-70_000, 1_300), taxed(-30_000, 600))) == payable(agreement, -100_000)


def test_one_rate_needs_no_supplies() -> None:
    """Then the amount is taxed as a whole."""
    assert ({}, taxed(100_000, 600)) == (taxed_by_supply(agreed(), 100_000), payable(agreed(), 100_000))


def test_members_taxes_sum_to_that_of_the_contract() -> None:
    """Three shares of 100 fen at 6 %: net 283 in all, so that one of the three bears a fen less of it."""
    found = taxed_shares(
        {"LGWY": 100, "LGFW": 100, "LGST": 100}, [TaxLine(code="all", title="全", part_bp=10_000, vat_bp=600)]
    )

    assert [("LGFW", 95, 5, -1), ("LGST", 94, 6, 0), ("LGWY", 94, 6, 0)] == [
        (each.member, each.amount.net_fen, each.amount.vat_fen, each.adjust_fen) for each in found
    ]
    assert taxed(300, 600).vat_fen == sum(each.amount.vat_fen for each in found)


def test_each_party_has_its_own_amounts() -> None:
    """By member and supply: what stamp duty is reckoned on where several sign one document."""
    amounts = party_amounts(agreed(POWER, SERVICE, LGWY=60_000, LGFW=40_000))

    assert {
        "LGWY": [("electricity", 42_000), ("service", 18_000)],
        "LGFW": [("electricity", 28_000), ("service", 12_000)],
    } == {member: [(each.supply, each.amount.gross_fen) for each in lines] for member, lines in amounts.items()}
    assert ["whole"] == [each.supply for each in party_amounts(agreed(LGWY=1))["LGWY"]]


def test_gross_net_and_tax_are_exact_in_both_directions() -> None:
    """Over 3,000 random contracts: members sum to shares, supplies to their tax, adjustments are one fen at most."""
    chance = Random("taxing")
    for _ in range(3_000):
        first_bp = chance.randint(1, 9_999)
        lines = [
            TaxLine(code="a", title="甲", part_bp=first_bp, vat_bp=chance.choice((0, 300, 600, 900, 1_300))),
            TaxLine(code="b", title="乙", part_bp=10_000 - first_bp, vat_bp=chance.choice((0, 600, 1_300))),
        ]
        shares = {
            f"M{number}": chance.choice((0, chance.randint(1, 99), chance.randint(1, 10**10))) for number in range(3)
        }

        found = taxed_shares(shares, lines)

        assert shares == {m: sum(each.amount.gross_fen for each in found if each.member == m) for m in shares}
        for line in lines:
            own = [each.amount for each in found if each.supply == line.code]
            gross_fen = sum(amount.gross_fen for amount in own)
            assert taxed(gross_fen, line.vat_bp).vat_fen == sum(amount.vat_fen for amount in own)
        assert all(
            each.adjust_fen in (-1, 0, 1) and min(each.amount.net_fen, each.amount.vat_fen) >= 0 for each in found
        )
