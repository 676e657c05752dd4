"""How pages look, as far as it is data: differences of texts, contrast of colours."""

from __future__ import annotations

import re
from pathlib import Path

from lianyue.portal.pages.rules import compared


def test_two_editions_are_compared_line_by_line() -> None:
    """What stays around a difference is shown, what lies between is left out."""
    before = "\n".join(["a", "b", *"123456789", "y", "z"])

    found = list(compared(before, before.replace("a\n", "A\n").replace("z", "Z")))

    assert [("-", "a"), ("+", "A"), (" ", "b"), (" ", "1"), (" ", "2"), ("…", "")] == found[:6]
    assert [("-", "z"), ("+", "Z")] == found[-2:]


def test_the_style_sheet_has_contrast() -> None:
    """Every colour that text is written in stands out from its ground by 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    sheet = (Path(__file__).parents[2] / "lianyue/portal/static/app.css").read_text(encoding="utf-8")
    colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", sheet))
    pairs = [
        *((ink, ground) for ink in ("ink", "soft", "accent", "red", "amber") for ground in ("sheet", "ground")),
        *(("soft", "wash"), ("red", "red-wash"), ("amber", "amber-wash"), ("green", "green-wash")),
        *(("accent-deep", "accent-wash"), ("sheet", "accent"), ("sheet", "red")),
    ]

    assert [] == [pair for pair in pairs if _contrast(colour[pair[0]], colour[pair[1]]) < 4.5]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(sign * 2 for sign in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
