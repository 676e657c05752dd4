"""Amounts that a statute fixes: interest on late payment, stamp duty of each party, tax on mixed supplies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.calendar import epoch_day
from contracts.errors import Invalid, UnknownName
from contracts.money import TaxedAmount
from rules.law.late_payment import due_day, late_interest
from rules.law.mixed_vat import mixed_vat
from rules.law.stamp_duty import stamp_duty

fen = st.integers(0, 10**13)
RATES = {"works": 3, "lease": 10, "property": 0}


def test_a_million_paid_thirty_days_late_costs_fifteen_thousand() -> None:
    """1,000,000.00 yuan at 0.05 % a day."""
    assert 1_500_000 == late_interest(100_000_000, 30, 5)


def test_a_payment_in_time_costs_nothing() -> None:
    """Nor does nothing paid late."""
    assert (0, 0) == (late_interest(100_000_000, 0, 5), late_interest(0, 30, 5))


def test_half_a_fen_of_interest_is_rounded_up() -> None:
    """1,000 fen for one day at 5 bp are half a fen."""
    assert (1, 0) == (late_interest(1_000, 1, 5), late_interest(999, 1, 5))


def test_interest_is_not_negative() -> None:
    """Whoever pays early has no claim from this."""
    with pytest.raises(Invalid, match="no interest on 100 fen, -1 days late, at 5 bp a day"):
        late_interest(100, -1, 5)


@given(amount_fen=fen, days=st.integers(0, 3_650), more=st.integers(0, 100))
def test_interest_grows_with_the_days(amount_fen: int, days: int, more: int) -> None:
    """A later payment never costs less."""
    assert late_interest(amount_fen, days, 5) <= late_interest(amount_fen, days + more, 5)


def test_the_days_run_from_delivery_or_from_the_end_of_a_late_inspection() -> None:
    """A client who does not accept in time gains none by it."""
    delivered = epoch_day("2025-07-01")

    assert epoch_day("2025-08-30") == due_day(delivered, 60)
    assert epoch_day("2025-09-09") == due_day(delivered, 60, epoch_day("2025-07-11"))


def test_each_party_pays_stamp_duty_on_its_own_amount() -> None:
    """Two members share one contract; the property service is not a taxed item."""
    amounts = {"LGWY": {"works": 30_000_000, "property": 90_000_000}, "LGNY": {"works": 70_000_000}}

    assert {"LGNY": 21_000, "LGWY": 9_000} == stamp_duty(amounts, RATES)


def test_items_that_are_not_listed_separately_take_the_highest_rate() -> None:
    """Works and a lease in one sum are taxed as a lease."""
    amounts = {"LGWY": {"works": 30_000_000, "lease": 10_000_000}}

    assert {"LGWY": 19_000} == stamp_duty(amounts, RATES)
    assert {"LGWY": 40_000} == stamp_duty(amounts, RATES, listed_separately=False)


def test_an_item_without_a_rate_is_refused() -> None:
    """A tax that nobody knows is not nought."""
    with pytest.raises(UnknownName) as caught:
        stamp_duty({"LGWY": {"loan": 1}}, RATES)

    assert "no rate of stamp duty for loan; there are lease, property, works" == caught.value.message


@given(one=st.dictionaries(st.sampled_from(sorted(RATES)), fen), other=st.dictionaries(st.sampled_from(["works"]), fen))
def test_what_one_party_owes_does_not_depend_on_the_others(one: dict[str, int], other: dict[str, int]) -> None:
    """And listing items separately never costs more than a fen of rounding for each."""
    both = stamp_duty({"LGWY": one, "LGNY": other}, RATES)
    together = stamp_duty({"LGWY": one}, RATES, listed_separately=False)

    assert stamp_duty({"LGWY": one}, RATES)["LGWY"] == both["LGWY"]
    assert both["LGWY"] <= together["LGWY"] + len(one)


def test_mixed_supplies_are_taxed_each_at_its_rate_if_accounted_separately() -> None:
    """Otherwise all of them at the highest."""
    gross = {1_300: 11_300, 600: 10_600}

    assert (
        TaxedAmount(net_fen=10_000, vat_fen=600, gross_fen=10_600, vat_bp=600),
        TaxedAmount(net_fen=10_000, vat_fen=1_300, gross_fen=11_300, vat_bp=1_300),
    ) == mixed_vat(gross, accounted_separately=True)
    assert (TaxedAmount(net_fen=19_381, vat_fen=2_519, gross_fen=21_900, vat_bp=1_300),) == mixed_vat(
        gross, accounted_separately=False
    )
    assert () == mixed_vat({}, accounted_separately=False)


@given(gross=st.dictionaries(st.sampled_from([300, 600, 900, 1_300]), fen, min_size=1), separately=st.booleans())
def test_no_fen_of_mixed_supplies_is_lost(gross: dict[int, int], separately: bool) -> None:
    """The lines sum to what was charged, and not accounting separately never saves more than the rounding."""
    lines = mixed_vat(gross, accounted_separately=separately)

    assert sum(gross.values()) == sum(line.gross_fen for line in lines)
    vat = [sum(line.vat_fen for line in mixed_vat(gross, accounted_separately=each)) for each in (True, False)]
    assert vat[0] <= vat[1] + len(gross)
