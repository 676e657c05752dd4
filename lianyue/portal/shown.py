"""How values are written on a page: yuan, points, per cent, days, and how long there still is."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from contracts.calendar import SHANGHAI, iso_day
from lianyue.portal.entries import decimal
from lianyue.portal.i18n import counting, speaking
from lianyue.portal.plain_words import said_of
from lianyue.settings import Language
from lianyue.story import term
from rules.explain.shown import percent, points


def filters(language: Language) -> dict[str, Callable[..., Any]]:
    """The filters of the templates in *language*."""
    return {
        "money": yuan,
        "points": points,
        "percent": percent,
        "day": iso_day,
        "moment": moment,
        "hour": hour,
        "short": short,
        "term": lambda value, name: term(name, str(value), language),
        "distance": lambda due, now: distance(due, now, language),
        "urgency": urgency,
        "clip": clip,
        "said": lambda error: said_of(error, language),
    }


def yuan(amount_fen: int) -> str:
    """Write an amount with its sign of currency: ``¥3,860,000`` or ``¥0.50``."""
    return f"{'-' if amount_fen < 0 else ''}¥{decimal(abs(amount_fen), 2)}"


def moment(at: datetime | None) -> str:
    """Write a moment as Shanghai's clock shows it; nothing if there is none."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""


def hour(at: datetime | None) -> str:
    """Write a moment without its year."""
    return f"{at.astimezone(SHANGHAI):%m-%d %H:%M}" if at else ""


def short(digest: str) -> str:
    """Write a digest by its two ends."""
    plain = digest.removeprefix("sha256:")
    return plain if len(plain) <= 12 else f"{plain[:4]}…{plain[-4:]}"


def urgency(due: datetime | None, now: datetime) -> str:
    """Say ``late`` for what is overdue, ``soon`` for what is due on the same day, else nothing."""
    if due is None:
        return ""
    if due < now:
        return "late"
    return "soon" if due.astimezone(SHANGHAI).date() == now.astimezone(SHANGHAI).date() else ""


def distance(due: datetime | None, now: datetime, language: Language) -> str:
    """Say how long there still is in the largest unit that fits: ``6小时后``; ``已逾期`` for what is overdue."""
    if due is None:
        return ""
    if due < now:
        return speaking(language)("已逾期")
    count, left = counting(language), due - now
    if left < timedelta(hours=1):
        return count("%(num)s分钟后", "%(num)s分钟后", max(1, left // timedelta(minutes=1)))
    if left < timedelta(days=1):
        return count("%(num)s小时后", "%(num)s小时后", left // timedelta(hours=1))
    if left < timedelta(days=21):
        return count("%(num)s天后", "%(num)s天后", left // timedelta(days=1))
    return count("%(num)s周后", "%(num)s周后", left // timedelta(days=7))


def clip(text: str, most: int) -> str:
    """Cut *text* to the width of so many Chinese characters, with a mark that it was cut."""
    width = 0
    for place, sign in enumerate(text):
        width += 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if width > 2 * most:
            return f"{text[:place]}…"
    return text
