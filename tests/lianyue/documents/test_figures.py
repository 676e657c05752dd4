"""Numbers as a Chinese contract writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Invalid
from lianyue.documents.figures import amount, in_words, iso_in_words, ordinal, rate, ratios

DIGITS = {sign: figure for figure, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1_000}


def read_back(words: str) -> int:
    """The fen that an amount in words says, read figure by figure."""
    sign = -1 if words.startswith("负") else 1
    fen, group, figure, whole = 0, 0, 0, 0
    for each in words.removeprefix("负"):
        if each in DIGITS:
            figure = DIGITS[each]
        elif each in PLACES:
            group, figure = group + figure * PLACES[each], 0
        elif each == "万":
            whole, group, figure = whole + (group + figure) * 10**4, 0, 0
        elif each == "亿":
            whole, group, figure = (whole + group + figure) * 10**8, 0, 0
        elif each == "元":
            fen, whole, group, figure = (whole + group + figure) * 100, 0, 0, 0
        elif each in "角分":
            fen, figure = fen + figure * (10 if each == "角" else 1), 0
    return sign * fen


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (1_000_000_000_000, "壹佰亿元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (2_068_992_000, "贰仟零陆拾捌万玖仟玖佰贰拾元整"),
        (10**15, "壹拾万亿元整"),
        (-123_456, "负壹仟贰佰叁拾肆元伍角陆分"),
    ],
)
def test_an_amount_in_words(fen: int, words: str) -> None:
    """As the rules for cheques write it, the examples of the rules among them."""
    assert words == in_words(fen)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_words_say_the_amount_and_nothing_else(fen: int) -> None:
    """What the words say is the amount; no nought is written twice in a row."""
    words = in_words(fen)

    assert fen == read_back(words)
    assert "零零" not in words


def test_more_than_there_may_be_has_no_words() -> None:
    """Beyond the bound of money the amount is refused."""
    with pytest.raises(Invalid):
        in_words(10**15 + 1)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 10**12), min_size=1, max_size=20))
def test_ratios_sum_to_the_whole(amounts: dict[str, int]) -> None:
    """Written with two places, the parts of a whole add up to 100.00 %."""
    parts = [int(part.removesuffix("%").replace(".", "")) for part in ratios(amounts).values()]

    assert (10_000 if any(amounts.values()) else 0) == sum(parts)


def test_small_things() -> None:
    """Amounts in figures, rates, days and places."""
    assert ("1,234,567.80", "-0.05") == (amount(123_456_780), amount(-5))
    assert ("6%", "0.03%", "10.5%") == (rate(600), rate(3), rate(1_050))
    assert "2025年7月1日" == iso_in_words("2025-07-01")
    assert ["一", "十", "十二", "二十", "二十一"] == [ordinal(place) for place in (1, 10, 12, 20, 21)]
