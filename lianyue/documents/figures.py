"""Numbers as a Chinese contract writes them: amounts in figures and in words (大写), ratios, days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contracts.calendar import iso_day
from contracts.errors import Invalid
from contracts.money import split

WHOLE_BP: Final = 10_000
LARGEST_FEN: Final = 10**15
_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_ORDER: Final = "一二三四五六七八九十"


def amount(amount_fen: int) -> str:
    """Write *amount_fen* in yuan to the fen, without a unit: ``1,234,567.80``."""
    sign = "-" if amount_fen < 0 else ""
    whole, cents = divmod(abs(amount_fen), 100)
    return f"{sign}{whole:,}.{cents:02d}"


def in_words(amount_fen: int) -> str:
    """
    Write *amount_fen* in words as a cheque does: ``壹拾贰万叁仟元伍角整``.

    One 零 for any run of noughts between two figures, 整 behind what ends with 元 or 角, as 《正确填写票据和结算凭证的
    基本规定》 asks; where it leaves the 零 open, none.

    Raises:
        Invalid: If the amount is beyond what money may be here.
    """
    if abs(amount_fen) > LARGEST_FEN:
        raise Invalid(f"{amount_fen} fen is more than is written in words")
    yuan, cents = divmod(abs(amount_fen), 100)
    jiao, fen = divmod(cents, 10)
    whole = f"{_whole(yuan)}元" if yuan else "" if cents else "零元"
    tenths = f"{_DIGITS[jiao]}角" if jiao else "零" if fen and yuan else ""
    return ("负" if amount_fen < 0 else "") + whole + tenths + (f"{_DIGITS[fen]}分" if fen else "整")


def ratio(part_bp: int) -> str:
    """Write basis points in per cent with two places: ``37.50%``."""
    return f"{part_bp // 100}.{part_bp % 100:02d}%"


def rate(rate_bp: int) -> str:
    """Write a rate in per cent without needless places: ``6%``, ``0.03%``."""
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


def ratios(amounts_fen: Mapping[str, int]) -> dict[str, str]:
    """Write each amount as a part of their sum; the parts, two places each, sum to 100 %."""
    if not any(amounts_fen.values()):
        return dict.fromkeys(amounts_fen, ratio(0))
    return {name: ratio(part) for name, part in split(WHOLE_BP, amounts_fen).items()}


def day(epoch_day: int) -> str:
    """Write an epoch day: ``2025年7月1日``."""
    return iso_in_words(iso_day(epoch_day))


def iso_in_words(iso: str) -> str:
    """Write ``2025-07-01`` as ``2025年7月1日``."""
    year, month, number = iso.split("-")
    return f"{int(year)}年{int(month)}月{int(number)}日"


def ordinal(place: int) -> str:
    """Write a place from 1 to 99 in Chinese: ``一``, ``十二``, ``二十``."""
    tens, ones = divmod(place, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_ORDER[tens - 1]}十"
    return head + (_ORDER[ones - 1] if ones else "")


def _whole(yuan: int) -> str:
    """A whole number below 10^16, eight figures at a time."""
    high, low = divmod(yuan, 10**8)
    if not high:
        tens, ones = divmod(low, 10**4)
        return f"{_group(tens)}万{_gap(ones, 10**3)}{_group(ones)}" if tens else _group(ones)
    return f"{_whole(high)}亿" + _gap(low, 10**7) + (_whole(low) if low else "")


def _gap(low: int, first: int) -> str:
    """The 零 between a larger unit and what follows it without its first figure."""
    return "零" if 0 < low < first else ""


def _group(group: int) -> str:
    """Four figures, the noughts between them as one 零."""
    written = ""
    for place in (3, 2, 1, 0):
        figure = group // 10**place % 10
        if figure:
            written += _DIGITS[figure] + _PLACES[place]
        elif written and group % 10**place and not written.endswith("零"):
            written += "零"
    return written
