"""Days as Shanghai counts them: epoch days, working days with holidays and make-up days, and the alliance's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

from pydantic import Field

from contracts.errors import Invalid
from contracts.value import Authored, Count, EpochDay, Recorded

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Mainland China keeps one offset and no daylight saving since 1991."""

CLOSE_OF_BUSINESS = time(18, 0)
EPOCH = date(1970, 1, 1)


def epoch_day(day: date | str) -> int:
    """
    Return the days from 1970-01-01 to *day* (a date, or text like ``2025-07-01``).

    Raises:
        Invalid: If the text is not a date of the calendar.
    """
    if isinstance(day, str):
        day = _date(day)
    return (day - EPOCH).days


def _date(text: str) -> date:
    """Read the one spelling of a date; ``20250701`` and ``2025-W27-2`` would give one day several digests."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Invalid(f'{text!r} is not a date; write it like "2025-07-01"')
    return day


def iso_day(day: int) -> str:
    """Return epoch day *day* as ``2025-07-01``."""
    return (EPOCH + timedelta(days=day)).isoformat()


def start_of(day: date | str) -> datetime:
    """Return the moment at which *day* begins in Shanghai."""
    return datetime.fromisoformat(iso_day(epoch_day(day))).replace(tzinfo=SHANGHAI)


def day_of(moment: datetime) -> int:
    """Return the Shanghai day in which an aware *moment* falls."""
    return epoch_day(moment.astimezone(SHANGHAI).date())


class WorkingCalendar(Recorded):
    """Which days are worked: weekends are not, except make-up days; listed holidays are not."""

    holidays: tuple[EpochDay, ...] = ()
    make_up_days: tuple[EpochDay, ...] = ()
    known_to_day: EpochDay = 0
    """The last day for which the State Council's notice is included; later days follow the weekend rule."""

    def is_working(self, day: int) -> bool:
        """Say whether *day* is worked."""
        if day in self.make_up_days:
            return True
        return day not in self.holidays and (day + 3) % 7 < 5  # 1970-01-01 was a Thursday

    def after(self, day: int, working_days: int) -> int:
        """Return the day that lies *working_days* after *day*; nought gives *day* itself, worked or not."""
        while working_days > 0:
            day += 1
            working_days -= self.is_working(day)
        return day

    def between(self, start: int, end: int) -> int:
        """Count the working days after *start* up to and including *end*; nought if *end* is not later."""
        return sum(self.is_working(day) for day in range(start + 1, end + 1))


class AllianceClock(Recorded):
    """
    The time the alliance lives in: real time, or on a demonstration a faster one.

    ``speed`` alliance seconds pass in each real second, counted from ``real_origin``, at which the alliance's
    clock showed ``origin``. With speed 1 and equal origins it is the ordinary clock.
    """

    origin: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    real_origin: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    speed: int = Field(default=1, ge=1, le=10_000_000)

    def at(self, real: datetime) -> datetime:
        """Return what the alliance's clock shows at *real*."""
        return self.origin + (real - self.real_origin) * self.speed

    def day(self, real: datetime) -> int:
        """Return the alliance's Shanghai day at *real*."""
        return day_of(self.at(real))

    def real(self, moment: datetime) -> datetime:
        """Return the first real microsecond at which the alliance's clock shows *moment* or later."""
        return self.real_origin - (self.origin - moment) // self.speed  # rounded up: no timer fires early

    def close_of(self, day: int) -> datetime:
        """Return the alliance's moment at which business closes on *day*."""
        return datetime.combine(EPOCH + timedelta(days=day), CLOSE_OF_BUSINESS, SHANGHAI)


class Deadline(Authored):
    """How long somebody has: working days to the due day, to the reminder, and from due to escalation."""

    working_days: Count = 5
    remind_after: Count | None = None
    escalate_after: Count | None = None
