"""What is entered in the log, and how: one line of canonical JSON for whatever nobody may leave out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from contracts.value import Digest, Recorded
from rules.canonical import canonical, digest

NOTHING: Final = "sha256:" + 64 * "0"
"""What the first entry of a chain follows."""

REGISTERED, REFUSED_ATTEMPT, ARCHIVED, CHECKPOINTED = "registered", "refused_attempt", "archived", "checkpointed"

EFFECTS: Final = (
    *("screen", "open_quotes", "decide", "release", "allocate", "let_go", "take_up"),
    *("draw_up", "amend", "certify", "sign", "conclude", "void", "settle", "draft", "finalise"),
)
"""Effects that are entered, by the step that had them; the payload is what the step answered."""

HAPPENINGS: Final = (
    *("refused", "suspended", "resumed", "amendment_proposed", "amendment_refused", "cancellation_ordered"),
    *("approval_passed_on", "award_overridden", "portfolio_adjusted", "waived"),
)
"""Happenings that are entered: refusals, and what goes against the ordinary run; the payload is the happening."""

WEIGHTY: Final = (":approve-", ":open-")
"""In the ids of tasks that approve, or in which a keyholder shows a key; who answered them is entered too."""


class Entry(Recorded):
    """
    One entry of the log.

    ``sequence`` counts the entries about one contract, and ``previous`` is the hash of the one before: whoever leaves
    one out leaves a gap.
    """

    v: int = 1
    number: str
    sequence: int
    previous: Digest
    kind: str
    subject: str
    payload: Digest
    at: str

    def line(self) -> bytes:
        """Return the bytes that the tree is over."""
        return canonical(self.model_dump(mode="json"))


def payload_of(value: Any) -> Digest:
    """Return the digest of what an entry stands for, a JSON value without fractions."""
    return digest(value)


def is_entered(happening: Mapping[str, Any]) -> bool:
    """Say whether a happening, field by field, is entered in the log."""
    if happening["verb"] in ("submitted", "declined"):
        return any(part in happening["task"] for part in WEIGHTY)
    return happening["verb"] in HAPPENINGS


def hashed(content: bytes) -> str:
    """Return the leaf's or node's hash as text."""
    return "sha256:" + content.hex()


def unhashed(text: str) -> bytes:
    """Return the hash that *text* writes."""
    return bytes.fromhex(text.removeprefix("sha256:"))


def fingerprint(raw: bytes) -> str:
    """Return eight characters by which people tell keys apart."""
    return hashlib.sha256(raw).hexdigest()[:8]
