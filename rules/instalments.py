"""Instalments: members × milestones in whole fen, both totals exact, planned and replanned around paid cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm

from contracts.errors import Invalid
from contracts.money import split

WHOLE_BP = 10_000

Cell = tuple[str, str]
"""One member, one milestone."""


@dataclass(frozen=True, slots=True)
class Replan:
    """
    A plan around paid cells: ``cells`` holds the paid and the open ones in fen, none negative.

    ``claw_backs`` names every member with what it must give back in fen, nought for most.
    """

    cells: Mapping[Cell, int]
    claw_backs: Mapping[str, int]

    @property
    def total_fen(self) -> int:
        """Σ paid + Σ open − Σ claw-backs, which is the sum of the new shares."""
        return sum(self.cells.values()) - sum(self.claw_backs.values())


def planned(shares: Mapping[str, int], weights_bp: Mapping[str, int]) -> dict[Cell, int]:
    """
    Spread each member's share in fen over the milestones by their weights; cells come back in sorted order.

    A member's cells sum to its share, and a milestone's cells to its part of ``split(total, weights_bp)``,
    always. Every cell is the floor or the ceiling of ``share × weight / 10,000`` wherever both totals permit
    it. A few small tables do not (shares of 10 and 4 fen, weights of 25, 25, 10, 10 and 30 %): there single
    cells go beyond their ceiling. No cell is negative, a nought stays a nought, and the order of the input
    changes nothing.

    Source: controlled rounding (Cox and Ernst 1982) as a flow through unit capacities.

    Raises:
        Invalid: If a share or weight is negative, or the weights do not sum to 10,000 bp.
    """
    return dict(replanned(shares, weights_bp, {}).cells)


def replanned(shares_new: Mapping[str, int], weights_bp: Mapping[str, int], paid: Mapping[Cell, int]) -> Replan:
    """
    Plan the new shares in fen around the cells in *paid*, which stay as they are.

    What a member's new share leaves after its paid cells is spread over its open milestones in proportion to
    their weights, every cell rounded down or up. A milestone's open cells sum to its largest-remainder part
    of all that is left, or, where no such table exists, to a floor or ceiling of its exact sum. A member that
    was paid more than its new share has open cells of nought and owes the difference as a claw-back. With
    nothing paid this is ``planned``.

    Raises:
        Invalid: If a number is negative, the weights do not sum to 10,000 bp, a paid cell is not in the plan,
            or a share rises of which every weighted instalment is paid.
    """
    _check(shares_new, weights_bp, paid)
    left = {member: share - _paid_to(member, paid) for member, share in sorted(shares_new.items())}
    cells = dict(paid)
    cells.update(_rounded(_open_cells(left, weights_bp, paid), are_columns_fixed=not paid))
    return Replan(
        cells=dict(sorted(cells.items())),
        claw_backs={member: max(0, -rest) for member, rest in left.items()},
    )


def _open_cells(
    left: Mapping[str, int], weights_bp: Mapping[str, int], paid: Mapping[Cell, int]
) -> dict[Cell, Fraction]:
    """Return the exact value of every cell that is not paid, in sorted order."""
    exact: dict[Cell, Fraction] = {}
    for member, rest in sorted(left.items()):
        weights = {name: weights_bp[name] for name in sorted(weights_bp) if (member, name) not in paid}
        whole = sum(weights.values())
        if rest > 0 and not whole:
            raise Invalid(
                f"{member} has no open instalment to carry {rest} fen more; "
                f"add a milestone, or leave its share at {_paid_to(member, paid)} fen"
            )
        for name, weight in weights.items():
            exact[member, name] = Fraction(max(0, rest) * weight, whole or 1)
    return exact


def _rounded(exact: Mapping[Cell, Fraction], *, are_columns_fixed: bool) -> dict[Cell, int]:
    """
    Round a table whose rows sum to whole fen; columns become the largest-remainder parts of the total.

    Where no table of floors and ceilings has these columns, fixed columns let cells rise further, and columns
    that are not fixed become a floor or ceiling of their exact sum too, for which such a table always exists.
    """
    columns = _added((column, value) for (_, column), value in exact.items())
    parts = _parts(columns)
    rise = _Rise(exact)
    rise.fill({column: floor(total) for column, total in columns.items()})  # what a column has, it keeps
    if rise.fill(parts):
        return rise.cells
    if not are_columns_fixed:
        rise.fill({column: ceil(total) for column, total in columns.items()})
    slack = 1
    while are_columns_fixed and not rise.fill(parts, slack):
        slack += 1
    return rise.cells


class _Rise:
    """The fen that floors leave over, put on cells until each row has what it lacks."""

    def __init__(self, exact: Mapping[Cell, Fraction]) -> None:
        self._floors = {cell: floor(value) for cell, value in exact.items()}
        self._ceilings = {cell: ceil(value) for cell, value in exact.items()}
        self.cells = dict(self._floors)
        self._room: dict[str, int] = {}
        left_over = _added((row, value % 1) for (row, _), value in exact.items())
        self._rows = tuple(left_over)
        self._waiting = [row for row, fen in left_over.items() for _ in range(int(fen))]
        by_fraction = sorted(exact, key=lambda cell: (-(exact[cell] % 1), cell))
        self._wishes = {row: [name for owner, name in by_fraction if owner == row] for row in self._rows}

    def fill(self, totals: Mapping[str, int], slack: int = 0) -> bool:
        """
        Place every fen that fits into columns of *totals*; say whether none is left waiting.

        A cell rises to its ceiling, or with *slack* to so many fen above its floor.
        """
        if slack:
            self._ceilings = {cell: low + slack for cell, low in self._floors.items()}
        self._room = dict(totals)
        for (_, column), amount_fen in self.cells.items():
            self._room[column] -= amount_fen
        self._waiting = [row for row in self._waiting if not self._place(row, [])]
        return not self._waiting

    def _place(self, row: str, seen: list[str]) -> bool:
        """Raise a cell of *row* by one fen along an augmenting path, the largest fraction first."""
        for column in self._wishes[row]:
            if column in seen or self.cells[row, column] >= self._ceilings[row, column]:
                continue
            seen.append(column)
            if self._room[column] > 0:
                self._room[column] -= 1
            elif not self._yielded(column, seen):
                continue
            self.cells[row, column] += 1
            return True
        return False

    def _yielded(self, column: str, seen: list[str]) -> bool:
        """Take one fen back from a row that can place it in another column, if there is one."""
        for row in self._rows:
            cell = (row, column)
            if self.cells.get(cell, 0) > self._floors.get(cell, 0) and self._place(row, seen):
                self.cells[cell] -= 1
                return True
        return False


def _parts(columns: Mapping[str, Fraction]) -> dict[str, int]:
    """Split the sum of *columns*, which is whole, by their exact values."""
    total = sum(columns.values())
    if not total:
        return dict.fromkeys(columns, 0)
    scale = lcm(*(value.denominator for value in columns.values()))
    return split(int(total), {column: int(value * scale) for column, value in columns.items()})


def _added(entries: Iterable[tuple[str, Fraction]]) -> dict[str, Fraction]:
    sums: dict[str, Fraction] = {}
    for name, value in entries:
        sums[name] = sums.get(name, Fraction(0)) + value
    return dict(sorted(sums.items()))


def _paid_to(member: str, paid: Mapping[Cell, int]) -> int:
    return sum(amount_fen for (payee, _), amount_fen in paid.items() if payee == member)


def _check(shares: Mapping[str, int], weights_bp: Mapping[str, int], paid: Mapping[Cell, int]) -> None:
    whole_bp = sum(weights_bp.values())
    if whole_bp != WHOLE_BP:
        raise Invalid(f"the milestone weights sum to {whole_bp} bp, not to {WHOLE_BP} bp")
    for name, number in (*sorted(shares.items()), *sorted(weights_bp.items())):
        if number < 0:
            raise Invalid(f"{name} cannot have {number}: shares and milestone weights are nought or more")
    for (member, milestone), amount_fen in sorted(paid.items()):
        if member not in shares or milestone not in weights_bp:
            raise Invalid(f"milestone {milestone} was paid to {member}, but the new plan does not have this cell")
        if amount_fen < 0:
            raise Invalid(f"milestone {milestone} of {member} cannot have been paid with {amount_fen} fen")
