"""Values as a reader of a decision wants them: fen as yuan, basis points as per cent or points, epoch days as dates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from contracts.calendar import iso_day
from contracts.errors import AllianceError
from contracts.money import yuan
from rules.explain.sentences import VALUES
from rules.explain.words import ENGLISH

LONGEST = 160
WHOLE_BP = 10_000


def money(amount_fen: int, language: str) -> str:
    """Write an amount in yuan, with the unit of the language."""
    written = yuan(amount_fen)
    return written.removesuffix("元") + "yuan" if language == ENGLISH else written


def points(score_bp: int) -> str:
    """Write a score of basis points as points of a hundred: ``92.50``."""
    return f"{score_bp // 100}.{score_bp % 100:02d}"


def percent(ratio_bp: int) -> str:
    """Write a ratio of basis points in per cent: ``37.5%``."""
    return f"{points(ratio_bp).rstrip('0').rstrip('.')}%"


def part_of(amount_fen: int, total_fen: int) -> str:
    """Write *amount_fen* as a part of *total_fen* in per cent, rounded half up to two places."""
    return percent((2 * amount_fen * WHOLE_BP + total_fen) // (2 * total_fen)) if total_fen else percent(0)


def shown(name: str, value: Any, language: str, longest: int = LONGEST) -> str:
    """
    Write the *value* of an input; the end of its *name* says what unit it counts in.

    What is longer than *longest* characters is cut, with a mark that it was.
    """
    text = _written(name.rpartition(".")[2], value, language)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _written(name: str, value: Any, language: str) -> str:
    if isinstance(value, bool):
        return VALUES["true" if value else "false"].in_(language)
    if isinstance(value, int):
        return _number(name, value, language)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_written(name, item, language) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_written(str(key), value[key], language)}' for key in sorted(value))}}}"
    if value is None:
        return VALUES["nothing"].in_(language)
    return json.dumps(value, ensure_ascii=False)


def _number(name: str, value: int, language: str) -> str:
    if name.endswith("_fen"):
        return money(value, language)
    if name.endswith("_bp") and value >= 0:
        return percent(value)
    return _day(value) if name.endswith("_day") else f"{value:,}"


def _day(value: int) -> str:
    """The date; a number that is no day of the calendar stays a number."""
    try:
        return iso_day(value)
    except (AllianceError, OverflowError, ValueError):
        return str(value)
