"""Days: epoch days there and back, working days over National Day, a clock that runs faster."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.calendar import SHANGHAI, AllianceClock, WorkingCalendar, day_of, epoch_day, iso_day
from contracts.errors import Invalid

NATIONAL_DAY_2025 = WorkingCalendar(
    holidays=tuple(epoch_day(f"2025-10-{day:02}") for day in range(1, 9)),
    make_up_days=(epoch_day("2025-09-28"), epoch_day("2025-10-11")),
    known_to_day=epoch_day("2025-12-31"),
)
DEMONSTRATION = AllianceClock(
    origin=datetime(2025, 7, 1, tzinfo=SHANGHAI), real_origin=datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC), speed=86_400
)
PASSED = st.integers(0, 10 * 365 * 86_400 * 10**6).map(lambda passed: timedelta(microseconds=passed))
"""Anything up to ten years."""

DAYS = st.integers(-36_500, 73_000)


@settings(deadline=None)
@given(DAYS)
def test_days_go_there_and_back(day: int) -> None:
    """An epoch day written as a date is the same day again."""
    assert day == epoch_day(iso_day(day))


def test_the_epoch_is_nought() -> None:
    """Days count from 1970-01-01, also when given as a date."""
    assert (0, 20_270) == (epoch_day("1970-01-01"), epoch_day(date(2025, 7, 1)))


@pytest.mark.parametrize("text", ["2025-02-29", "tomorrow", "", "20250701", "2025-W27-2", "2025-7-1", "2025-07-01\n"])
def test_a_date_has_one_spelling(text: str) -> None:
    """Anything but a calendar date spelt YYYY-MM-DD is refused."""
    with pytest.raises(Invalid) as refusal:
        epoch_day(text)

    assert f'{text!r} is not a date; write it like "2025-07-01"' == refusal.value.message


def test_a_day_begins_in_shanghai() -> None:
    """16:00 in UTC is the next day in Shanghai."""
    assert [20_270, 20_271] == [
        day_of(datetime(2025, 7, 1, 15, 59, 59, tzinfo=UTC)),
        day_of(datetime(2025, 7, 1, 16, tzinfo=UTC)),
    ]


def test_which_days_around_national_day_are_worked() -> None:
    """From Friday 26 September to Monday 13 October 2025: two make-up days are worked, eight holidays are not."""
    days = range(epoch_day("2025-09-26"), epoch_day("2025-10-13") + 1)

    worked = [iso_day(day)[5:] for day in days if NATIONAL_DAY_2025.is_working(day)]

    assert ["09-26", "09-28", "09-29", "09-30", "10-09", "10-10", "10-11", "10-13"] == worked


@pytest.mark.parametrize(
    ("start", "working_days", "end"),
    [
        ("2025-09-27", 1, "2025-09-28"),
        ("2025-09-30", 1, "2025-10-09"),
        ("2025-09-30", 3, "2025-10-11"),
        ("2025-09-26", 5, "2025-10-10"),
        ("2025-10-11", 1, "2025-10-13"),
        ("2025-10-04", 0, "2025-10-04"),
    ],
)
def test_a_deadline_jumps_the_holidays(start: str, working_days: int, end: str) -> None:
    """So many working days after a day lies beyond the holidays and counts make-up days."""
    assert end == iso_day(NATIONAL_DAY_2025.after(epoch_day(start), working_days))


@settings(deadline=None)
@given(st.integers(20_000, 21_000), st.integers(0, 60))
def test_between_undoes_after(day: int, working_days: int) -> None:
    """The working days between a day and the one so many after it are so many."""
    assert working_days == NATIONAL_DAY_2025.between(day, NATIONAL_DAY_2025.after(day, working_days))


def test_nothing_lies_between_backwards() -> None:
    """An end that is not later leaves no working days."""
    assert [0, 0] == [NATIONAL_DAY_2025.between(20_270, end) for end in (20_270, 20_200)]


@settings(deadline=None)
@given(st.integers(-30_000, 60_000))
def test_the_plain_calendar_is_the_week(day: int) -> None:
    """Without a notice, Monday to Friday are worked."""
    weekday = (date(1970, 1, 1) + timedelta(days=day)).weekday()

    assert (weekday < 5) == WorkingCalendar().is_working(day)


@settings(deadline=None)
@given(PASSED)
def test_real_time_goes_there_and_back(passed: timedelta) -> None:
    """At 86,400 times the speed, the real time of what the clock shows is the real time."""
    real = DEMONSTRATION.real_origin + passed / 86_400

    assert real == DEMONSTRATION.real(DEMONSTRATION.at(real))


@settings(deadline=None)
@given(PASSED)
def test_no_moment_comes_early(passed: timedelta) -> None:
    """When its real time is reached the clock shows the moment, or less than a real microsecond later."""
    moment = DEMONSTRATION.origin + passed

    late = DEMONSTRATION.at(DEMONSTRATION.real(moment)) - moment

    assert timedelta(0) <= late < timedelta(microseconds=86_400)


def test_a_real_second_is_a_day() -> None:
    """At 86,400 times the speed, business closes on the third day after two seconds and three quarters."""
    close = DEMONSTRATION.close_of(epoch_day("2025-07-03"))

    assert timedelta(seconds=2, milliseconds=750) == DEMONSTRATION.real(close) - DEMONSTRATION.real_origin
    assert epoch_day("2025-07-03") == DEMONSTRATION.day(DEMONSTRATION.real(close))


def test_the_ordinary_clock_shows_real_time() -> None:
    """A clock without settings is the ordinary one."""
    now = datetime(2025, 7, 1, 12, 34, 56, 789, tzinfo=UTC)

    assert (now, now) == (AllianceClock().at(now), AllianceClock().real(now))
