"""Drawing lots so that nobody can choose the outcome and everybody can check it: commit, then reveal."""

from __future__ import annotations

import hashlib

from contracts.errors import Invalid
from contracts.facts import DrawFacts
from rules.select.ordering import ranked
from rules.select.ranking import Contest, Ranked


def commitment_to(seed: str) -> str:
    """Return ``sha256:`` and the SHA-256 of *seed* as text: what is made known while the seed is not."""
    return f"sha256:{hashlib.sha256(seed.encode()).hexdigest()}"


def lot(seed: str, number: str, member: str) -> str:
    """Return the lot of *member* in contract *number*: SHA-256 of the three texts in a row, in hexadecimal."""
    return hashlib.sha256(f"{seed}{number}{member}".encode()).hexdigest()


def draw(contest: Contest) -> Ranked:
    """
    Rank by lot, the lowest first.

    Raises:
        Invalid: If the facts hold no draw, or its seed is not the one that was committed to.
    """
    drawn = _checked(contest.terms.number, contest.terms.draw)
    return ranked(contest, lambda contender: lot(drawn.seed, contest.terms.number, contender.code))


def _checked(number: str, drawn: DrawFacts | None) -> DrawFacts:
    if drawn is None:
        raise Invalid(f"the policy draws lots for {number}, but there is no draw among the facts")
    if commitment_to(drawn.seed) != drawn.commitment:
        raise Invalid(f"the seed of the draw for {number} is not the one that was committed to as {drawn.commitment}")
    return drawn
