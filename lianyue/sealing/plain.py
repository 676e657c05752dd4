"""What is sealed, and how large its parts are: the same under the key of an installation and under split keys."""

from __future__ import annotations

from typing import Final

KEY_BYTES: Final = 32
IV_BYTES: Final = 12
TAG_BYTES: Final = 16
NONCE_BYTES: Final = 32
BLOCK: Final = 1024
"""The content is filled up to whole blocks of so many bytes: its length would hint at the price and the remarks."""


def filled_up(text: bytes) -> bytes:
    """Return *text* with blanks behind, which no JSON reader minds, up to a whole number of blocks."""
    return text.ljust(-(-len(text) // BLOCK) * BLOCK)
