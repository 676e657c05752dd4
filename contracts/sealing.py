"""Split keys: who holds them, how many open the quotes of a contract, and the shares that keyholders hand in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from contracts.calendar import Deadline
from contracts.organisation import Keyholder
from contracts.quote import SealedQuote
from contracts.value import Recorded

SHARE_DIGITS = 132
"""Hexadecimal digits of a share."""

SHARES = rf"^[A-Z][A-Z0-9]{{1,11}}:[0-9a-f]{{{SHARE_DIGITS}}}(\s+[A-Z][A-Z0-9]{{1,11}}:[0-9a-f]{{{SHARE_DIGITS}}})*\s*$"
"""Shares as text: for each member its code, a colon and the share, in any order, with blanks or new lines between."""


class QuoteSealing(Recorded):
    """By whose keys the quotes of one contract are opened: ``needed`` of the holders, as the directory had them."""

    needed: Annotated[int, Field(strict=True, ge=1)]
    holders: tuple[Keyholder, ...]
    deadline: Deadline

    @property
    def is_test(self) -> bool:
        """Whether the test keys among them suffice to open the quotes, or to keep the others from it."""
        return any(holder.test for holder in self.holders)


def share_digest(number: str, quote: SealedQuote, holder: str, share: str) -> str:
    """Return what history keeps of *share* of *holder*: it fits this quote of this contract and this holder only."""
    bound = f"share-v1|{number}|{quote.member}|{quote.round}|{quote.commitment}|{holder}|{share}"
    return "sha256:" + hashlib.sha256(bound.encode()).hexdigest()


def shares_in(text: str) -> dict[str, str]:
    """Return the shares in *text* by member; of one that is there twice, the last."""
    pairs = (word.partition(":") for word in text.split())
    return {member: share for member, _, share in pairs}


def shares_text(shares: Mapping[str, str]) -> str:
    """Return *shares* as the text that a keyholder hands in."""
    return "\n".join(f"{member}:{share}" for member, share in sorted(shares.items()))


def misfit(number: str, quotes: Mapping[str, SealedQuote], holder: str, shares: Mapping[str, str]) -> str:
    """Say in what *shares* of *holder* do not fit *quotes*, which are by member; nothing if they do."""
    missing = [member for member in quotes if member not in shares]
    strange = [member for member in shares if member not in quotes]
    if missing or strange:
        told = [f"missing for {', '.join(missing)}"] if missing else []
        return "; ".join([*told, *([f"none was asked for {', '.join(strange)}"] if strange else [])])
    wrong = [
        member
        for member, quote in quotes.items()
        if quote.share_digests.get(holder) != share_digest(number, quote, holder, shares[member])
    ]
    return f"not the share of {holder} for {', '.join(wrong)}" if wrong else ""
