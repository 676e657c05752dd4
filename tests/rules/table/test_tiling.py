"""Gaps, overlaps, rows never reached, and the rows that match: as counted point by point on small domains."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import Any, NamedTuple

from rules.table.axes import ChoiceAxis, NumberAxis
from rules.table.evaluate import answer_of
from rules.table.grid import Grid, grid_of
from rules.table.layout import Reads, TableLayout
from rules.table.tiling import Box, overlaps, tiling_of, words

KINDS = ("int", "string", "bool")
POINTS = list(product(range(8), ("a", "b", "c", "other"), (False, True)))


class Cell(NamedTuple):
    """The text of a cell, and whether it holds for a value, said independently of the text."""

    text: str
    holds: Callable[[Any], bool]


def cell(chance: random.Random, kind: str) -> Cell:
    """A cell that holds for something."""
    if chance.random() < 0.2:
        return Cell("-", lambda _: True)
    if kind == "bool":
        wanted = chance.random() < 0.5
        return Cell(str(wanted).lower(), lambda value: value is wanted)
    if kind == "string":
        listed = chance.sample(["a", "b", "c"], chance.randint(1, 3))
        text = ",".join(f'"{each}"' for each in listed)
        if chance.random() < 0.3:
            return Cell(f"not({text})", lambda value: value not in listed)
        return Cell(text, lambda value: value in listed)
    return number(chance)


def number(chance: random.Random) -> Cell:
    """A cell over 0 to 7 that holds for something, also on its own side of a not()."""
    low = chance.randint(0, 6)
    high = chance.randint(low + 1, 7)
    return chance.choice(
        [
            Cell(f"{low}", lambda value: value == low),
            Cell(f"< {high}", lambda value: value < high),
            Cell(f">= {high}", lambda value: value >= high),
            Cell(f"[{low}..{high})", lambda value: low <= value < high),
            Cell(f"({low}..{high}]", lambda value: low < value <= high),
            Cell(f"[{low}..{high}], 0", lambda value: low <= value <= high or value == 0),
            Cell(f"not({low},{high})", lambda value: value not in (low, high)),
        ]
    )


def layout(cells: list[list[Cell]], **more: Any) -> TableLayout:
    """A table over the three columns, each row of which says its number."""
    return TableLayout.model_validate(
        {
            "reads": Reads.CONTRACT,
            "columns": [
                {"name": "number", "value": "0", "domain": "[0..7]"},
                {"name": "text", "value": "''"},
                {"name": "flag", "value": "true"},
            ],
            "outputs": [{"name": "row", "type": "int"}],
            "rows": [
                {"id": f"r{index}", "in": tuple(each.text for each in row), "out": (index,)}
                for index, row in enumerate(cells)
            ],
            **more,
        }
    )


def tables() -> Iterator[list[list[Cell]]]:
    """Three thousand tables of one to six rows, the same every time."""
    chance = random.Random(20250701)
    for _ in range(3_000):
        yield [[cell(chance, kind) for kind in KINDS] for _ in range(chance.randint(1, 6))]


def match(row: list[Cell], point: tuple[Any, ...]) -> bool:
    """Whether each cell of *row* holds."""
    return all(each.holds(value) for each, value in zip(row, point, strict=True))


def within(grid: Grid, box: Box) -> set[tuple[Any, ...]]:
    """The points that lie in *box*."""
    return {point for point in POINTS if all(a & b for a, b in zip(box, grid.point(point), strict=True))}


def test_the_proof_is_as_counted_point_by_point() -> None:
    """Of three thousand random tables: what no row is for, what two rows are for, and which row is never reached."""
    for rows in tables():
        grid = grid_of(layout(rows), KINDS)
        matching = {point: [index for index, row in enumerate(rows) if match(row, point)] for point in POINTS}
        tiling = tiling_of(grid.domain, grid.rows)
        gaps = [within(grid, box) for box in tiling.gaps]
        both = {(one, other): within(grid, box) for one, other, box in overlaps(grid.rows)}

        assert {point for point in POINTS if not matching[point]} == set().union(*gaps)
        assert sum(map(len, gaps)) == len(set().union(*gaps))
        assert {
            pair: found
            for pair in combinations(range(len(rows)), 2)
            if (found := {point for point in POINTS if set(pair) <= set(matching[point])})
        } == both
        assert [
            index for index in range(len(rows)) if all(found[0] != index for found in matching.values() if found)
        ] == list(tiling.covered)


def test_the_rows_that_match_are_those_whose_every_cell_holds() -> None:
    """Of three thousand random tables, at every point; and the default stands for none."""
    for rows in tables():
        told = layout(rows, hit="rule_order", default=())
        grid = grid_of(told, KINDS)
        for point in POINTS[::7]:
            expected = [index for index, row in enumerate(rows) if match(row, point)]
            found = answer_of(told, grid, point)

            assert expected == found.value
            assert (tuple(f"r{index}" for index in expected) or ("default",)) == found.rows


def test_the_order_of_the_rows_is_irrelevant_where_one_result_is_proven() -> None:
    """Rows that do not overlap, or agree where they do, give the same in any order."""
    chance = random.Random(7)
    for rows in list(tables())[:600]:
        grid = grid_of(layout(rows), KINDS)
        apart = [row for index, row in enumerate(rows) if all(index not in pair[:2] for pair in overlaps(grid.rows))]
        if not apart:
            continue
        told = layout(apart, default=(-1,))
        mixed = told.model_copy(update={"rows": tuple(chance.sample(told.rows, len(told.rows)))})
        for point in POINTS[::5]:
            one = answer_of(told, grid_of(told, KINDS), point)
            other = answer_of(mixed, grid_of(mixed, KINDS), point)

            assert (one.value, one.rows) == (other.value, other.rows)


def test_a_box_is_written_as_cells() -> None:
    """Columns on which nothing depends are left out; neighbouring parts are one interval."""
    axes = (
        NumberAxis(((0, 4), (5, 5), (6, 9), (20, 2**63 - 1))),
        ChoiceAxis(("a", "b"), is_open=True),
        ChoiceAxis((False, True)),
    )
    names = ("number", "text", "flag")

    assert 'number [0..5],[20..] and text not("a") and flag true' == words(axes, names, (0b1011, 0b110, 0b10))
    assert "all values" == words(axes, names, (0b1111, 0b111, 0b11))


def test_a_proof_that_would_take_too_long_is_given_up() -> None:
    """A hostile table costs a bounded number of steps, and is not taken for proven."""
    axis = 20
    domain: Box = (3,) * axis
    rows = [tuple(1 + (number >> place & 1) for place in range(axis)) for number in range(500)]
    chance = random.Random(1)
    rows = [tuple(3 if chance.random() < 0.7 else mask for mask in row) for row in rows]

    tiling = tiling_of(domain, rows)

    assert (False, (), ()) == (tiling.is_proven, tiling.gaps, tiling.covered)
