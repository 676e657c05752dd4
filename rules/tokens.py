"""The words of an expression and where they stand, so that each part of it can be quoted back."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*)
    |[rRbB]{0,2}(?:'''(?:\\.|.)*?'''|\"\"\"(?:\\.|.)*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
    |[A-Za-z_][A-Za-z0-9_]*|`[^`\n]*`
    |0[xX][0-9a-fA-F]+[uU]?|[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?[uU]?
    |&&|\|\||[<>=!]=|.""",
    re.VERBOSE | re.DOTALL,
)
_CLOSERS = {")": "(", "]": "[", "}": "{"}


class Token(NamedTuple):
    """One word or sign: its text and the characters it takes, ``start`` to before ``end``."""

    text: str
    start: int
    end: int


class Tokens:
    """The tokens of one expression, with their brackets paired."""

    def __init__(self, text: str) -> None:
        self.all = [
            Token(found.group(), found.start(), found.end())
            for found in _TOKEN.finditer(text)
            if found.lastgroup != "blank"
        ]
        self.partner: dict[int, int] = {}
        self._by_start = {token.start: index for index, token in enumerate(self.all)}
        self._pair_brackets()

    def at(self, offset: int) -> int:
        """Return the index of the token that starts at *offset*, 0 if none does."""
        return self._by_start.get(offset, 0)

    def closing(self, index: int) -> int:
        """Return the index of the bracket that closes the one at *index*, or *index* itself."""
        return max(index, self.partner.get(index, index))

    def span(self, first: int, last: int) -> list[int]:
        """Return start and end of the characters from token *first* to *last*, widened until brackets pair up."""
        first, last = max(0, first), min(last, len(self.all) - 1)
        index = first
        while index <= last:
            partner = self.partner.get(index, index)
            first, last = min(first, partner), max(last, partner)
            index += 1
        return [self.all[first].start, self.all[last].end]

    def _pair_brackets(self) -> None:
        opened: list[int] = []
        for index, token in enumerate(self.all):
            if token.text in ("(", "[", "{"):
                opened.append(index)
            elif opened and self.all[opened[-1]].text == _CLOSERS.get(token.text):
                self.partner[index] = opened[-1]
                self.partner[opened.pop()] = index
