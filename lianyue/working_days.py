"""The working days of Shanghai: weekends, and the State Council's notice of each year as shipped or added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from contracts.calendar import WorkingCalendar, epoch_day
from contracts.errors import Invalid, MalformedDocument
from contracts.value import Authored, Line
from rules.documents.envelope import Day
from rules.parse import parsed
from rules.source import read

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Holiday(Authored):
    """Days off in a row, first and last included, and the weekend days that are worked for them."""

    name: Line
    name_en: Line
    first_day: Day
    last_day: Day
    make_up_days: tuple[Day, ...] = ()

    @property
    def days(self) -> range:
        """The epoch days off."""
        return range(epoch_day(self.first_day), epoch_day(self.last_day) + 1)

    @property
    def worked(self) -> tuple[int, ...]:
        """The epoch days that are worked though they fall on a weekend."""
        return tuple(epoch_day(day) for day in self.make_up_days)

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError(f"the last day {self.last_day} is before the first day {self.first_day}")
        return self

    @model_validator(mode="after")
    def _is_made_up_for_on_weekends(self) -> Self:
        for day in self.make_up_days:
            name = WEEKDAYS[(epoch_day(day) + 3) % 7]  # 1970-01-01 was a Thursday
            if name not in WEEKDAYS[5:]:
                raise ValueError(f"the make-up day {day} is a {name}, which is worked anyway")
        return self


class HolidayNotice(Authored):
    """What the State Council announced for one year; a New Year holiday may begin in the December before."""

    year: Annotated[int, Field(strict=True, ge=1970, le=2150)]
    reference: Line
    holidays: Annotated[tuple[Holiday, ...], Field(min_length=1)]

    @property
    def holiday_days(self) -> tuple[int, ...]:
        """All epoch days off."""
        return tuple(day for holiday in self.holidays for day in holiday.days)

    @property
    def make_up_days(self) -> tuple[int, ...]:
        """All epoch days worked on a weekend."""
        return tuple(day for holiday in self.holidays for day in holiday.worked)

    @model_validator(mode="after")
    def _stays_in_its_year(self) -> Self:
        first, last = f"{self.year - 1}-12-01", f"{self.year}-12-31"
        for holiday in self.holidays:
            for day in (holiday.first_day, holiday.last_day, *holiday.make_up_days):
                if not first <= day <= last:
                    raise ValueError(f"{day} ({holiday.name}) is not a day of {self.year}")
        return self

    @model_validator(mode="after")
    def _works_or_rests(self) -> Self:
        for holiday in self.holidays:
            for day in holiday.make_up_days:
                if epoch_day(day) in self.holiday_days:
                    raise ValueError(f"{day} is a holiday and a make-up day")
        return self


class HolidayNotices(Authored):
    """The notices of one file, each year once."""

    notices: Annotated[tuple[HolidayNotice, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_year_once(self) -> Self:
        years = [notice.year for notice in self.notices]
        for year in years:
            if years.count(year) > 1:
                raise ValueError(f"the year {year} has more than one notice")
        return self


def shanghai_calendar(first_year: int, last_year: int, *added: Traversable) -> WorkingCalendar:
    """
    Return the working days from *first_year* to *last_year*, both included.

    The notice of a year in a later file of *added* replaces an earlier or the shipped one (the State Council has
    moved a holiday before). Years after the last notice follow the weekend rule, and ``known_to_day`` says so.

    Raises:
        RuleProblems: If a file says something it must not; all places at once.
        MalformedDocument: If a file cannot be read.
        Invalid: If there is no notice for a year of the period while there is one for a later year.
    """
    if last_year < first_year:
        raise Invalid(f"a calendar cannot run from {first_year} back to {last_year}")
    notices = _notices((files("lianyue") / "working_days.yaml", *added))
    known_to_year = max(notices)
    for year in range(first_year, known_to_year):
        if year not in notices:
            raise Invalid(f"the holiday notice of {year} is missing, that of {known_to_year} is there")
    return _calendar(first_year, last_year, known_to_year, notices.values())


def _calendar(first_year: int, last_year: int, known_to_year: int, notices: Iterable[HolidayNotice]) -> WorkingCalendar:
    """Lay the notices over the period: the next year's may reach into its December."""
    period = range(epoch_day(f"{first_year}-01-01"), epoch_day(f"{last_year}-12-31") + 1)
    held = tuple(notices)
    return WorkingCalendar(
        holidays=_within(period, (day for notice in held for day in notice.holiday_days)),
        make_up_days=_within(period, (day for notice in held for day in notice.make_up_days)),
        known_to_day=epoch_day(f"{min(last_year, known_to_year)}-12-31"),
    )


def _within(period: range, days: Iterator[int]) -> tuple[int, ...]:
    return tuple(sorted(dict.fromkeys(day for day in days if day in period)))


def _notices(sources: Iterable[Traversable]) -> dict[int, HolidayNotice]:
    """Return the notices of all files by year, ordered by year."""
    found = {notice.year: notice for source in sources for notice in _read(source).notices}
    return dict(sorted(found.items()))


def _read(file: Traversable) -> HolidayNotices:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedDocument(f"{file.name} cannot be read: {error}", where=str(file)) from None
    return parsed(read(text, str(file)), HolidayNotices)
