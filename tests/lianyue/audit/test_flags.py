"""Red flags: each is found where its definition holds, and nowhere beside it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.calendar import WorkingCalendar, start_of
from contracts.journal import Happening
from lianyue.audit.flags import DEFINITIONS, Limits, flags_in
from lianyue.records.contests import Contest, gaps


def contest(number: str, **changes: Any) -> Contest:
    """A contest of three members that raises no flag; *changes* override fields."""
    values: dict[str, Any] = {
        "client": f"CLIENT{number}",
        "category": f"category{number}",
        "day": 20_000,
        "value_fen": 64_000_000,
        "is_invited": True,
        "prices": {"NORTH": 60_000_000, "LAKE": 61_000_000, "HILL": 64_000_000},
        "shares": {"NORTH": 60_000_000},
        "settled": {"NORTH": 60_000_000},
    }
    return Contest(number=number, **{**values, **changes})


SAME = {"client": "HARBOUR", "category": "property"}
HALVES = {"shares": {"NORTH": 30_000_000, "LAKE": 30_000_000}, "settled": {}}
RAISED: dict[str, tuple[list[Contest], tuple[str, ...], str]] = {
    "single-bid": ([contest("1", prices={"NORTH": 1})], ("1",), "only NORTH quoted"),
    "close-prices": (
        [contest("1", prices={"NORTH": 60_000_000, "LAKE": 60_599_999})],
        ("1",),
        "NORTH and LAKE are 5,999.99 yuan apart",
    ),
    "share-concentration": (
        [contest("1", category="pv"), contest("2", category="pv", shares={"LAKE": 59_999_999}, settled={})],
        ("1",),
        "NORTH has 50% of pv, 600,000.00 yuan",
    ),
    "same-winner": (
        [contest(str(n), **SAME, day=20_000 + 100 * n, value_fen=100_000_000, **HALVES) for n in range(3)],
        ("0", "1", "2"),
        "LAKE won 3 in a row of property for HARBOUR",
    ),
    "split-contracts": (
        [contest(str(n), **SAME, day=20_000 + 90 * n, value_fen=50_000_000, **HALVES) for n in range(2)],
        ("0", "1"),
        "2 contracts of HARBOUR since 2024-10-04, 1,000,000.00 yuan together",
    ),
    "overpayment": (
        [contest("1", settled={"NORTH": 60_000_001})],
        ("1",),
        "NORTH is to be paid 600,000.01 yuan of a share of 600,000.00 yuan",
    ),
    "override": ([contest("1", overrides=(("coord", "熟悉设备"),))], ("1",), "coord: 熟悉设备"),
    "late-publication": (
        [contest("1", told_after=3)],
        ("1",),
        "told 3 working days after it was settled",
    ),
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_flag_is_raised_where_its_definition_holds(name: str) -> None:
    """The contracts concerned are named, and what was found; no other flag is raised."""
    contests, numbers, detail = RAISED[name]

    assert [(name, numbers, detail)] == [
        (each.name, each.numbers, each.told()) for each in flags_in(contests, Limits())
    ]


@pytest.mark.parametrize(
    "contests",
    [
        [contest("1")],
        [contest("1", is_invited=False, prices={}, told_after=2)],
        [contest("1", prices={"NORTH": 60_000_000, "LAKE": 60_600_000})],
        [contest(str(n), **SAME, day=20_000 + 91 * n, value_fen=50_000_000, **HALVES) for n in range(2)],
        [],
    ],
)
def test_what_only_comes_near_raises_none(contests: list[Contest]) -> None:
    """A hundredth apart, a day too late, a call-off without quotes, told on the second day: nothing to look at."""
    assert [] == flags_in(contests, Limits())


def test_a_result_is_late_by_working_days_from_its_settling() -> None:
    """What was approved last counts, else the decision; a weekend does not; an award that is told anew counts anew."""
    days = [
        *(("decided", "2025-07-01"), ("submitted", "2025-07-04"), ("allocated", "2025-07-08")),
        *(("decided", "2025-07-08"), ("award_overridden", "2025-07-08")),
        *(("decided", "2025-07-09"), ("allocated", "2025-07-09"), ("decided", "2025-07-10")),
    ]
    told = [Happening(at=start_of(day), on=start_of(day), verb=verb) for verb, day in days]

    assert [2, 0] == list(gaps(told, WorkingCalendar()))
