"""Instalments: both totals exact, no negative cell, paid cells untouched."""

from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.errors import Invalid
from contracts.money import split
from rules.instalments import Cell, Replan, planned, replanned

Table = tuple[dict[str, int], dict[str, int]]

AMOUNTS = st.one_of(st.integers(0, 30), st.integers(0, 50_000_000_000))


@st.composite
def weights(draw: st.DrawFn, most: int = 17) -> dict[str, int]:
    """Milestone weights that sum to 10,000 bp."""
    raw = draw(st.lists(st.integers(0, 20), min_size=1, max_size=most).filter(any))
    return split(10_000, {f"m{place:02}": weight for place, weight in enumerate(raw)})


@st.composite
def tables(draw: st.DrawFn, members: int = 14, milestones: int = 17) -> Table:
    """Shares and milestone weights, up to 14 × 17."""
    amounts = draw(st.lists(AMOUNTS, min_size=1, max_size=members))
    return {f"M{place:02}": fen for place, fen in enumerate(amounts)}, draw(weights(milestones))


@st.composite
def amended(draw: st.DrawFn) -> tuple[Table, dict[Cell, int]]:
    """A table with new shares, and the cells of the old plan that are paid."""
    shares, weights_bp = draw(tables(8, 8))
    plan = planned(shares, weights_bp)
    paid = {cell: plan[cell] for cell in plan if draw(st.booleans())}
    return ({member: draw(AMOUNTS) for member in shares}, weights_bp), paid


def sums(cells: dict[Cell, int], axis: int) -> dict[str, int]:
    """Sum the cells by member (0) or by milestone (1)."""
    totals: dict[str, int] = {}
    for cell, amount_fen in cells.items():
        totals[cell[axis]] = totals.get(cell[axis], 0) + amount_fen
    return totals


def is_roundable(exact: dict[Cell, Fraction], rows: dict[str, int], columns: dict[str, int]) -> bool:
    """Hoffman's condition: no group of rows lacks more fen than the columns can take from it."""
    names = sorted(rows)
    lacks = {name: rows[name] - sum(floor(v) for (row, _), v in exact.items() if row == name) for name in names}
    takes = {c: columns[c] - sum(floor(v) for (_, column), v in exact.items() if column == c) for c in columns}
    for size in range(1, len(names) + 1):
        for group in combinations(names, size):
            room = sum(min(takes[c], sum(exact[row, c] % 1 > 0 for row in group)) for c in columns)
            if sum(lacks[row] for row in group) > room:
                return False
    return True


@settings(deadline=None)
@given(tables())
def test_rows_sum_to_the_shares(table: Table) -> None:
    """What a member is paid over all milestones is its share."""
    shares, weights_bp = table

    assert shares == sums(planned(shares, weights_bp), 0)


@settings(deadline=None)
@given(tables())
def test_columns_sum_to_the_largest_remainder(table: Table) -> None:
    """What a milestone pays to all members is its part of the split total."""
    shares, weights_bp = table

    assert split(sum(shares.values()), weights_bp) == sums(planned(shares, weights_bp), 1)


@settings(deadline=None)
@given(tables())
def test_no_cell_is_negative_and_nought_stays_nought(table: Table) -> None:
    """No instalment is below its floor, and without a share or a weight there is none."""
    shares, weights_bp = table
    cells = planned(shares, weights_bp)

    assert all(
        amount_fen >= shares[member] * weights_bp[name] // 10_000 for (member, name), amount_fen in cells.items()
    )
    assert all(not amount_fen for (m, name), amount_fen in cells.items() if not shares[m] * weights_bp[name])


@settings(deadline=None, max_examples=300)
@given(tables(members=6, milestones=8))
def test_cells_are_rounded_wherever_that_is_possible(table: Table) -> None:
    """If any table of floors and ceilings has both totals, every cell is a floor or a ceiling."""
    shares, weights_bp = table
    exact = {(m, name): Fraction(shares[m] * weights_bp[name], 10_000) for m in shares for name in weights_bp}
    assume(is_roundable(exact, shares, split(sum(shares.values()), weights_bp)))

    assert all(cell in (floor(exact[k]), ceil(exact[k])) for k, cell in planned(shares, weights_bp).items())


@settings(deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(table: Table, chance: Random) -> None:
    """Shuffled members and milestones give the same cells in the same order."""
    shares, weights_bp = (list(side.items()) for side in table)
    chance.shuffle(shares)
    chance.shuffle(weights_bp)

    assert list(planned(*table).items()) == list(planned(dict(shares), dict(weights_bp)).items())


def test_three_equal_members_gain_in_turn() -> None:
    """Seven milestones of 100 fen among three give 234, 233 and 233, where each alone would give 238, 231, 231."""
    weights_bp = {f"m{place}": 1_429 if place < 4 else 1_428 for place in range(7)}

    cells = planned({"LGWY": 234, "CHJK": 233, "SHGY": 233}, weights_bp)

    assert {"CHJK": 233, "LGWY": 234, "SHGY": 233} == sums(cells, 0)
    assert dict.fromkeys(weights_bp, 100) == sums(cells, 1)
    assert {33, 34} == set(cells.values())


def test_the_alabama_paradox_takes_nothing_back() -> None:
    """Weights 1:3:3 and milestones of 3 and then 1 fen: cumulative rounding would pay the first member -1."""
    shares = split(4, {"A1": 1, "B1": 3, "C1": 3})

    assert {
        ("A1", "first"): 0,
        ("A1", "second"): 0,
        ("B1", "first"): 1,
        ("B1", "second"): 1,
        ("C1", "first"): 2,
        ("C1", "second"): 0,
    } == planned(shares, {"first": 7_500, "second": 2_500})


def test_a_fen_goes_where_most_of_it_is_due() -> None:
    """Of 0.4 and 0.6 fen the larger is rounded up, as far as the totals leave the choice."""
    assert {("A1", "m1"): 0, ("A1", "m2"): 1, ("B1", "m1"): 4, ("B1", "m2"): 5} == planned(
        {"A1": 1, "B1": 9}, {"m1": 4_000, "m2": 6_000}
    )


def test_totals_come_before_roundness() -> None:
    """Where floors and ceilings cannot meet both totals, the totals hold and one cell moves past its ceiling."""
    shares = {"A1": 10, "B1": 4}
    weights_bp = {"m1": 2_500, "m2": 2_500, "m3": 1_000, "m4": 1_000, "m5": 3_000}

    cells = planned(shares, weights_bp)

    assert {"m1": 4, "m2": 4, "m3": 1, "m4": 1, "m5": 4} == sums(cells, 1)
    assert shares == sums(cells, 0)
    assert [("B1", "m1")] == [
        (m, name) for (m, name), fen in cells.items() if fen > ceil(Fraction(shares[m] * weights_bp[name], 10_000))
    ]


def test_one_milestone_carries_the_shares() -> None:
    """With one milestone each cell is the share."""
    assert {("A1", "all"): 7, ("B1", "all"): 0} == planned({"B1": 0, "A1": 7}, {"all": 10_000})


def test_nothing_is_planned_for_nothing() -> None:
    """Shares of nought give cells of nought, and no members give no cells."""
    assert {("A1", "m1"): 0, ("A1", "m2"): 0} == planned({"A1": 0}, {"m1": 4_000, "m2": 6_000})
    assert {} == planned({}, {"m1": 10_000})


def test_weights_must_be_whole() -> None:
    """Weights that do not sum to 10,000 bp are refused."""
    with pytest.raises(Invalid) as refusal:
        planned({"A1": 1}, {"m1": 9_999})

    assert "the milestone weights sum to 9999 bp, not to 10000 bp" == refusal.value.message


def test_a_negative_share_is_refused() -> None:
    """A share below nought is refused."""
    with pytest.raises(Invalid) as refusal:
        planned({"A1": -1}, {"m1": 10_000})

    assert "A1 cannot have -1: shares and milestone weights are nought or more" == refusal.value.message


@settings(deadline=None)
@given(tables())
def test_replanned_without_payments_is_the_plan(table: Table) -> None:
    """With nothing paid, a replan is the plan, and nobody gives anything back."""
    shares, _ = table

    assert Replan(planned(*table), dict.fromkeys(shares, 0)) == replanned(*table, {})


@settings(deadline=None, max_examples=300)
@given(amended())
def test_paid_cells_stay_and_everything_sums(case: tuple[Table, dict[Cell, int]]) -> None:
    """Paid cells keep their amount; paid and open less claw-back is each new share; nothing is negative."""
    (shares, weights_bp), paid = case
    assume(_can_carry(shares, weights_bp, paid))

    replan = replanned(shares, weights_bp, paid)

    rows = sums(dict(replan.cells), 0)
    assert shares == {member: rows[member] - replan.claw_backs[member] for member in shares}
    assert sum(shares.values()) == replan.total_fen
    assert paid == {cell: replan.cells[cell] for cell in paid}
    assert min(*replan.cells.values(), *replan.claw_backs.values(), 0) == 0


@settings(deadline=None, max_examples=300)
@given(amended())
def test_open_cells_follow_the_weights(case: tuple[Table, dict[Cell, int]]) -> None:
    """With something paid, an open cell is the floor or ceiling of its part of what is left of the share."""
    (shares, weights_bp), paid = case
    assume(paid and _can_carry(shares, weights_bp, paid))

    for (member, name), amount_fen in replanned(shares, weights_bp, paid).cells.items():
        if (member, name) not in paid:
            rest = max(0, shares[member] - sums(paid, 0).get(member, 0))
            whole = sum(weights_bp[other] for other in weights_bp if (member, other) not in paid)
            part = Fraction(rest * weights_bp[name], whole or 1)
            assert amount_fen in (floor(part), ceil(part))


def test_a_rise_goes_on_the_open_milestones() -> None:
    """A share that doubles after the first milestone is caught up with by the weights of the others."""
    replan = replanned({"A1": 200}, {"m1": 3_000, "m2": 4_000, "m3": 3_000}, {("A1", "m1"): 30})

    assert Replan({("A1", "m1"): 30, ("A1", "m2"): 97, ("A1", "m3"): 73}, {"A1": 0}) == replan


def test_too_much_paid_is_clawed_back() -> None:
    """A member paid beyond its new share owes the difference and has nothing open; the other is unmoved."""
    replan = replanned({"A1": 20, "B1": 100}, {"m1": 3_000, "m2": 7_000}, {("A1", "m1"): 30, ("B1", "m1"): 30})

    assert (
        Replan({("A1", "m1"): 30, ("A1", "m2"): 0, ("B1", "m1"): 30, ("B1", "m2"): 70}, {"A1": 10, "B1": 0}) == replan
    )


def test_the_order_of_a_replan_is_canonical() -> None:
    """Members and cells come back in sorted order, whatever order they were named in."""
    replan = replanned({"B1": 4, "A1": 6}, {"m2": 5_000, "m1": 5_000}, {("B1", "m2"): 2, ("A1", "m2"): 3})

    assert [("A1", "m1"), ("A1", "m2"), ("B1", "m1"), ("B1", "m2")] == list(replan.cells)
    assert ["A1", "B1"] == list(replan.claw_backs)


def test_columns_give_way_around_paid_cells() -> None:
    """Holes in the table may leave no room in the largest-remainder columns; then cells stay rounded."""
    weights_bp = {"m1": 2_500, "m2": 2_500, "m3": 2_000, "m4": 2_000, "m5": 1_000}
    paid = {("A1", name): 0 for name in ("m3", "m4", "m5")} | {("B1", name): 0 for name in ("m1", "m2")}

    cells = replanned({"A1": 1, "B1": 1}, weights_bp, paid).cells

    assert [("A1", "m1"), ("B1", "m3")] == [cell for cell, amount_fen in cells.items() if amount_fen]


def test_a_rise_needs_an_open_milestone() -> None:
    """A share whose every instalment is paid cannot rise, and the refusal says what to do."""
    with pytest.raises(Invalid) as refusal:
        replanned({"A1": 101}, {"m1": 10_000}, {("A1", "m1"): 100})

    assert (
        "A1 has no open instalment to carry 1 fen more; add a milestone, or leave its share at 100 fen"
        == refusal.value.message
    )


def test_a_paid_cell_must_stay_in_the_plan() -> None:
    """A plan that drops a paid member or milestone is refused."""
    with pytest.raises(Invalid) as refusal:
        replanned({"A1": 100}, {"m1": 10_000}, {("B1", "m1"): 1})

    assert "milestone m1 was paid to B1, but the new plan does not have this cell" == refusal.value.message


def _can_carry(shares: dict[str, int], weights_bp: dict[str, int], paid: dict[Cell, int]) -> bool:
    """Whether each rise has an open milestone with a weight."""
    before = sums(paid, 0)
    return all(
        share <= before.get(member, 0) or any(w and (member, name) not in paid for name, w in weights_bp.items())
        for member, share in shares.items()
    )
