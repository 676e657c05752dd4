"""What the pages say, in both languages: the source strings are Chinese, English is a catalogue beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final

from babel.messages.pofile import read_po

from lianyue.settings import Language

CATALOGUE: Final = "locale/en.po"
TAGS: Final = {Language.ZH: "zh-CN", Language.EN: "en"}
"""The language of a page as HTML names it."""

Say = Callable[..., str]
"""Says a source string in one language, with the named facts put in."""


@cache
def english() -> dict[str, tuple[str, ...]]:
    """The English of every source string: one form, or the singular and the plural."""
    text = (files("lianyue.portal") / CATALOGUE).read_text(encoding="utf-8")
    catalogue = read_po(text.splitlines(keepends=True), locale="en")
    return {_source(message.id): _forms(message.string) for message in catalogue if message.id}


@cache
def speaking(language: Language) -> Say:
    """Return what says source strings in *language*; one that has no English is said in Chinese."""

    def say(text: str, /, **facts: Any) -> str:
        found = english().get(text) if language == Language.EN else None
        spoken = found[0] if found else text
        return spoken % facts if facts else spoken

    return say


@cache
def counting(language: Language) -> Callable[..., str]:
    """Return what says how many: Chinese has one form, English two; the number is the fact ``num``."""

    def count(text: str, many: str, num: int, /, **facts: Any) -> str:
        found = english().get(text) if language == Language.EN else None
        spoken = found[-1 if num != 1 else 0] if found else (text if num == 1 else many)
        return spoken % {"num": num, **facts}

    return count


def _source(identity: str | list[str] | tuple[str, ...]) -> str:
    return identity if isinstance(identity, str) else identity[0]


def _forms(string: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ())
