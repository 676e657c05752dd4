"""Shanghai's working days: the State Council's notices as shipped, an operator's own, and what neither may say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from contracts.calendar import EPOCH, epoch_day, iso_day
from contracts.errors import Invalid, MalformedDocument
from lianyue.working_days import shanghai_calendar
from rules.problems import RuleProblems

NOTICE = """notices:
  - year: 2027
    reference: a notice for this test
    holidays:
      - name: 元旦
        name_en: New Year's Day
        first_day: "2026-12-31"
        last_day: "2027-01-02"
        make_up_days: ["2027-01-03"]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An operator's file with a notice of 2027 that reaches into 2026."""
    file = tmp_path / "own.yaml"
    file.write_text(NOTICE, encoding="utf-8")
    return file


def edited(file: Path, old: str, new: str) -> Path:
    """The file with *old*, which must stand in it, replaced by *new*."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def refusals(file: Path) -> list[tuple[int, str]]:
    """Line and message of everything that is wrong with *file*."""
    with pytest.raises(RuleProblems) as caught:
        shanghai_calendar(2025, 2027, file)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def weekday_holidays(year: int) -> list[str]:
    """Month and day of the days from Monday to Friday that are not worked in *year*."""
    calendar = shanghai_calendar(year, year)
    days = range(epoch_day(f"{year}-01-01"), epoch_day(f"{year}-12-31") + 1)
    return [iso_day(day)[5:] for day in days if (day + 3) % 7 < 5 and not calendar.is_working(day)]


def worked_weekends(year: int) -> list[str]:
    """Month and day of the Saturdays and Sundays that are worked in *year*."""
    calendar = shanghai_calendar(year, year)
    days = range(epoch_day(f"{year}-01-01"), epoch_day(f"{year}-12-31") + 1)
    return [iso_day(day)[5:] for day in days if (day + 3) % 7 >= 5 and calendar.is_working(day)]


def test_the_days_off_of_2025() -> None:
    """The weekdays off in 2025 are those of 国办发明电〔2024〕12号."""
    days = "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06 10-07 10-08"

    assert days.split() == weekday_holidays(2025)


def test_the_days_off_of_2026() -> None:
    """The weekdays off in 2026 are those of 国办发明电〔2025〕7号."""
    days = (
        "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25"
        " 10-01 10-02 10-05 10-06 10-07"
    )

    assert days.split() == weekday_holidays(2026)


@pytest.mark.parametrize(
    ("year", "days"),
    [(2025, "01-26 02-08 04-27 09-28 10-11"), (2026, "01-04 02-14 02-28 05-09 09-20 10-10")],
)
def test_weekends_that_are_worked(year: int, days: str) -> None:
    """A weekend day is worked where the notice says so, and nowhere else."""
    assert days.split() == worked_weekends(year)


@pytest.mark.parametrize(("year", "working_days"), [(2025, 248), (2026, 248)])
def test_a_year_has_its_working_days(year: int, working_days: int) -> None:
    """The working days of a year are weekdays less days off plus made-up days."""
    calendar = shanghai_calendar(year, year)

    assert working_days == calendar.between(epoch_day(f"{year - 1}-12-31"), epoch_day(f"{year}-12-31"))


def test_a_deadline_steps_over_the_spring_festival() -> None:
    """The fifth working day after Monday 9 February 2026 is a made-up Saturday, the sixth the 24th."""
    calendar = shanghai_calendar(2026, 2026)
    monday = epoch_day("2026-02-09")

    assert ["2026-02-14", "2026-02-24"] == [iso_day(calendar.after(monday, days)) for days in (5, 6)]


def test_the_calendar_knows_how_far_it_reaches() -> None:
    """Years without a notice follow the weekend rule, and the calendar says from when."""
    calendar = shanghai_calendar(2025, 2028)

    assert "2026-12-31" == iso_day(calendar.known_to_day)
    assert calendar.is_working(epoch_day("2027-10-01"))


def test_a_calendar_holds_its_period_alone() -> None:
    """Days of other years than those asked for are not in it."""
    calendar = shanghai_calendar(2025, 2025)

    years = {date.fromisoformat(iso_day(day)).year for day in (*calendar.holidays, *calendar.make_up_days)}
    assert ({2025}, "2025-12-31") == (years, iso_day(calendar.known_to_day))


def test_an_operator_adds_a_year(own: Path) -> None:
    """The next year's notice reaches into December, also where only the year before is asked for."""
    calendar = shanghai_calendar(2026, 2027, own)

    assert "2027-12-31" == iso_day(calendar.known_to_day)
    assert [False, False, True] == [
        calendar.is_working(epoch_day(d)) for d in ("2026-12-31", "2027-01-01", "2027-01-03")
    ]
    assert not shanghai_calendar(2026, 2026, own).is_working(epoch_day("2026-12-31"))


def test_a_later_file_replaces_a_year(own: Path) -> None:
    """When a holiday is moved, the operator's notice of that year counts as a whole."""
    edited(own, "2026-12-31", "2027-01-01")
    edited(own, "2027-01-03", "2027-01-04")
    edited(own, "2027", "2026")

    calendar = shanghai_calendar(2026, 2026, own)

    assert (("2026-01-01", "2026-01-02"), ("2026-01-04",)) == (
        tuple(map(iso_day, calendar.holidays)),
        tuple(map(iso_day, calendar.make_up_days)),
    )


def test_a_year_before_the_notices_is_refused() -> None:
    """A calendar that would silently work through a known holiday season is not made."""
    with pytest.raises(Invalid) as caught:
        shanghai_calendar(2024, 2026)

    assert "the holiday notice of 2024 is missing, that of 2026 is there" == caught.value.message


def test_a_gap_between_the_notices_is_refused(own: Path) -> None:
    """A notice of 2028 does not help without that of 2027."""
    edited(own, "2027", "2028")
    edited(own, "2026", "2027")
    edited(own, '["2028-01-03"]', "[]")

    with pytest.raises(Invalid) as caught:
        shanghai_calendar(2025, 2026, own)

    assert "the holiday notice of 2027 is missing, that of 2028 is there" == caught.value.message


def test_a_period_runs_forward() -> None:
    """A last year before the first is refused."""
    with pytest.raises(Invalid) as caught:
        shanghai_calendar(2026, 2025)

    assert "a calendar cannot run from 2026 back to 2025" == caught.value.message


WRONG = {
    "a make-up day that is worked anyway": (
        '["2027-01-03"]', '["2027-01-04"]',
        [(5, "the make-up day 2027-01-04 is a Monday, which is worked anyway")],
    ),
    "a make-up day on a Friday": (
        '["2027-01-03"]', '["2027-01-08"]',
        [(5, "the make-up day 2027-01-08 is a Friday, which is worked anyway")],
    ),
    "a holiday that runs backward": (
        '"2027-01-02"', '"2026-12-30"',
        [(5, "the last day 2026-12-30 is before the first day 2026-12-31")],
    ),
    "a day off that is worked": (
        '["2027-01-03"]', '["2027-01-02"]',
        [(2, "2027-01-02 is a holiday and a make-up day")],
    ),
    "a day of another year": ('"2026-12-31"', '"2026-11-30"', [(2, "2026-11-30 (元旦) is not a day of 2027")]),
    "no such day": ('"2027-01-02"', '"2027-02-30"', [(8, '"2027-02-30" is not a date; write it like "2025-07-01"')]),
    "an unquoted date": (
        '"2027-01-02"', "2027-01-02",
        [(8, "'2027-01-02' is a date to some programs and text to others; put it in quotes")],
    ),
    "no source": ("    reference: a notice for this test\n", "", [(2, "field 'reference' is missing")]),
    "a misspelt field": ("last_day", "lastday", [(8, "unknown field 'lastday'; did you mean 'last_day'?")]),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), WRONG.values(), ids=WRONG)
def test_a_wrong_notice_is_refused_at_its_place(own: Path, old: str, new: str, expected: list[tuple[int, str]]) -> None:
    """What a notice cannot say is refused with the line and the fact."""
    assert expected == refusals(edited(own, old, new))


def test_a_year_has_one_notice(own: Path) -> None:
    """A file that announces one year twice is refused."""
    own.write_text(NOTICE + NOTICE.removeprefix("notices:\n"), encoding="utf-8")

    assert [(1, "the year 2027 has more than one notice")] == refusals(own)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is refused by its name."""
    with pytest.raises(MalformedDocument) as caught:
        shanghai_calendar(2025, 2026, tmp_path / "none.yaml")

    assert str(tmp_path / "none.yaml") == caught.value.where


def test_days_are_counted_from_the_epoch() -> None:
    """The test's own weekday rule is Python's."""
    assert [date(2025, 1, day).weekday() for day in range(1, 8)] == [
        ((date(2025, 1, day) - EPOCH).days + 3) % 7 for day in range(1, 8)
    ]
