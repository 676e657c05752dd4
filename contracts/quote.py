"""Quotes: sealed when they arrive, opened together at the deadline."""

from __future__ import annotations

from datetime import datetime

from contracts.ids import ContractNumber
from contracts.value import Code, Count, Digest, Json, PositiveFen, Recorded, Slug


class SealedQuote(Recorded):
    """What history knows of a quote before the opening: a commitment, and where its ciphertext lies."""

    member: Code
    round: int
    commitment: Digest
    """SHA-256 of nonce ‖ canonical JSON of the content."""
    arrived_at: datetime
    share_digests: dict[Slug, Digest] = {}
    """By keyholder, where split keys seal it; empty under the key of the installation."""


class Quote(Recorded):
    """An opened quote; ``content`` is the whole form the member filled in."""

    member: Code
    round: int
    price_fen: PositiveFen
    commitment: Digest
    nonce: str
    order: Count
    """Position by arrival among the opened quotes, from nought; earlier wins where a policy says so."""
    content: Json


class Quotes(Recorded):
    """All that the quote stage hands on: who was asked, who was not and why, and what they offered."""

    number: ContractNumber
    eligible: tuple[Code, ...]
    excluded: dict[Code, tuple[str, ...]]
    quotes: tuple[Quote, ...]
    declined: dict[Code, str]
    rounds: int
    enough: bool
