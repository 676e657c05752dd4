"""Money: no fen is lost or made, and a reversal cancels."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from random import Random

import pytest
from apportionment.methods import TiesException, compute
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.errors import NothingToSplitBy
from contracts.money import TaxedAmount, share_of, split, taxed, yuan

AMOUNTS = st.integers(-(10**13), 10**13)


def named(weights: Sequence[int]) -> dict[str, int]:
    """Give each weight a member code."""
    return {f"M{place:02}": weight for place, weight in enumerate(weights)}


WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=17).filter(any).map(named)


@pytest.mark.parametrize(
    ("total_fen", "weights", "parts"),
    [
        (1_000_001, (1, 1, 1), (333_334, 333_334, 333_333)),
        (5, (70, 30), (4, 1)),
        (100, (50, 30, 20), (50, 30, 20)),
        (50_000_000_000, (1,) * 17, (2_941_176_471,) * 10 + (2_941_176_470,) * 7),
        (-5, (70, 30), (-4, -1)),
        (0, (1, 2), (0, 0)),
        (7, (3,), (7,)),
        (1, (0, 1, 1), (0, 1, 0)),
        (3, (1, 3, 2), (0, 2, 1)),
        (10, (5, 3, 1), (6, 3, 1)),
    ],
)
def test_known_splits(total_fen: int, weights: tuple[int, ...], parts: tuple[int, ...]) -> None:
    """Largest remainder: known vectors, a credit note, nought, one member, a weight of nought, a tie, a fraction."""
    assert named(parts) == split(total_fen, named(weights))


@settings(deadline=None)
@given(AMOUNTS, WEIGHTS)
def test_the_parts_sum_to_the_total(total_fen: int, weights: dict[str, int]) -> None:
    """Σ parts = total, for every sign."""
    assert total_fen == sum(split(total_fen, weights).values())


@settings(deadline=None)
@given(AMOUNTS, WEIGHTS)
def test_a_reversal_cancels(total_fen: int, weights: dict[str, int]) -> None:
    """The split of a credit note is the split of the amount with the sign changed."""
    reversed_parts = split(-total_fen, weights)

    assert dict.fromkeys(weights, 0) == {m: part + reversed_parts[m] for m, part in split(total_fen, weights).items()}


@settings(deadline=None)
@given(AMOUNTS, WEIGHTS)
def test_every_part_keeps_its_quota(total_fen: int, weights: dict[str, int]) -> None:
    """No part is a fen or more from its exact value, and a weight of nought gets nothing."""
    whole = sum(weights.values())

    for member, part in split(total_fen, weights).items():
        assert abs(part - Fraction(total_fen * weights[member], whole)) < 1
        assert weights[member] or not part


@settings(deadline=None)
@given(AMOUNTS, WEIGHTS, st.integers(1, 1_000), st.randoms(use_true_random=False))
def test_order_and_scale_change_nothing(total_fen: int, weights: dict[str, int], scale: int, chance: Random) -> None:
    """Shuffled members and multiplied weights give the same parts in the same order."""
    shuffled = [(member, weight * scale) for member, weight in weights.items()]
    chance.shuffle(shuffled)

    assert list(split(total_fen, weights).items()) == list(split(total_fen, dict(shuffled)).items())


@settings(deadline=None)
@given(st.integers(1, 5_000), WEIGHTS)
def test_an_independent_library_agrees(total_fen: int, weights: dict[str, int]) -> None:
    """Where nothing is tied, the parts are those of the apportionment library."""
    try:
        theirs = compute("hamilton", list(weights.values()), total_fen, fractions=True, tiesallowed=False)
    except TiesException:
        assume(False)

    assert theirs == list(split(total_fen, weights).values())


@pytest.mark.parametrize("weights", [{}, {"A1": 0}, {"A1": 3, "B1": -1}])
def test_nothing_to_split_by(weights: dict[str, int]) -> None:
    """Without a weight above nought, or with one below, there is no division."""
    with pytest.raises(NothingToSplitBy) as refusal:
        split(5, weights)

    assert f"cannot split 5 fen by {weights}" == refusal.value.message


@pytest.mark.parametrize(
    ("gross_fen", "vat_bp", "net_fen"),
    [
        (10_600, 600, 10_000),
        (100, 600, 94),
        (103, 600, 97),
        (1, 1_300, 1),
        (0, 900, 0),
        (777, 0, 777),
        (-100, 600, -94),
    ],
)
def test_tax_is_taken_out_of_gross(gross_fen: int, vat_bp: int, net_fen: int) -> None:
    """Net is gross / (1 + rate) rounded half up, tax is the rest."""
    assert TaxedAmount(net_fen=net_fen, vat_fen=gross_fen - net_fen, gross_fen=gross_fen, vat_bp=vat_bp) == taxed(
        gross_fen, vat_bp
    )


@settings(deadline=None)
@given(st.integers(0, 10**13), st.integers(0, 10_000))
def test_net_is_the_nearest_fen(gross_fen: int, vat_bp: int) -> None:
    """Net is the exact quotient rounded half up, and its mirror for a credit note."""
    amount, credit = taxed(gross_fen, vat_bp), taxed(-gross_fen, vat_bp)

    assert floor(Fraction(gross_fen * 10_000, 10_000 + vat_bp) + Fraction(1, 2)) == amount.net_fen
    assert (0, 0) == (amount.net_fen + credit.net_fen, amount.vat_fen + credit.vat_fen)


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=17), st.sampled_from([0, 100, 300, 600, 900, 1_300]))
def test_tax_lines_sum_to_the_contract(shares: list[int], vat_bp: int) -> None:
    """Net and tax, split by the shares, sum to the contract's; a line is within two fen of its recomputation."""
    contract = taxed(sum(shares), vat_bp)

    net = split(contract.net_fen, named(shares))
    vat = split(contract.vat_fen, named(shares))

    assert contract.gross_fen == sum(net.values()) + sum(vat.values())
    assert all(abs(net[m] - taxed(share, vat_bp).net_fen) <= 2 for m, share in named(shares).items())


@pytest.mark.parametrize(
    ("amount_fen", "ratio_bp", "part_fen"),
    [(1, 5_000, 1), (1, 4_999, 0), (-1, 5_000, -1), (333, 10_000, 333), (333, 0, 0), (10_000, 1, 1)],
)
def test_a_ratio_is_rounded_half_up(amount_fen: int, ratio_bp: int, part_fen: int) -> None:
    """Half a fen counts as one, for a credit note downwards."""
    assert part_fen == share_of(amount_fen, ratio_bp)


@pytest.mark.parametrize(
    ("amount_fen", "text"),
    [(-1_234_567, "-12,345.67 元"), (5, "0.05 元"), (-5, "-0.05 元"), (50_000_000_000, "500,000,000.00 元")],
)
def test_amounts_for_people(amount_fen: int, text: str) -> None:
    """Yuan with two decimals and thousands."""
    assert text == yuan(amount_fen)
