"""What must not leak: the secrets of each company, in every spelling in which they could be told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lianyue.testing import House
from rules.explain.shown import points
from tests.portal.town import AWARDED, PRICES, SEALED, SEALED_PRICES, TOGETHER

WINNER = "NORTH"
"""The lowest price; what it was awarded is announced to everybody who was asked."""


def spellings(fen: int) -> tuple[str, ...]:
    """The ways in which a price in fen is written: fen, yuan, 万元, with and without separators."""
    yuan = fen / 100
    return (
        *(str(fen), f"{fen:,}"),
        *(f"{yuan:.2f}", f"{yuan:,.2f}", f"{yuan:.1f}", f"{yuan:,.1f}"),
        *(f"{yuan / 10_000:.4f}", f"{yuan / 10_000:.6f}", f"{yuan / 10_000:.2f}万"),
    )


def secrets_of(company: str, house: House) -> tuple[str, ...]:
    """Everything of *company* that another member must never read."""
    return (*_prices(company), *_tasks(company), *_scores(company, house), *_papers(company, house))


def leaks(text: str, secrets: tuple[str, ...]) -> list[str]:
    """Those of *secrets* that *text* holds."""
    return [secret for secret in secrets if _holds(text, secret)]


def _holds(text: str, secret: str) -> bool:
    if not secret.replace(",", "").replace(".", "").isdigit():
        return secret in text
    return re.search(rf"(?<![\d.,]){re.escape(secret)}(?!\d)", text) is not None


def _prices(company: str) -> Iterator[str]:
    if company in SEALED_PRICES:
        yield from spellings(SEALED_PRICES[company])
    if company in PRICES and company != WINNER:
        yield from spellings(PRICES[company])
    for prices in TOGETHER.values():
        if company in prices:
            yield from spellings(prices[company])


def _tasks(company: str) -> Iterator[str]:
    for number in (SEALED, AWARDED, *TOGETHER):
        yield f"{number}/quote:quote-{company}-1"
    yield f"{AWARDED}/deliver/{company}"


def _scores(company: str, house: House) -> Iterator[str]:
    """The total of a losing member's score is the sum of points that nobody else has."""
    for kept in house.desk.reading.decisions(AWARDED):
        mine = kept.decision.scores.get(company)
        others = [each.total_bp for code, each in kept.decision.scores.items() if code != company]
        if mine is not None and mine.total_bp not in (*others, 10_000):
            yield f'"total_bp":{mine.total_bp}'
            yield points(mine.total_bp)


def _papers(company: str, house: House) -> Iterator[str]:
    """The fingerprints of its sealed quotes, and the nonces that would let a price be guessed."""
    for number in (SEALED, AWARDED, *TOGETHER):
        for task in house.desk.reading.tasks(number=number, company=company, open_only=False):
            if task.answer and "commitment" in task.answer:
                yield str(task.answer["commitment"])
    for number in (AWARDED, *TOGETHER):
        for quote in house.desk.reading.quotes(number):
            if quote.member == company:
                yield quote.nonce
