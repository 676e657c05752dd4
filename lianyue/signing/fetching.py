"""How services are asked over HTTP: for a bounded time and answer, and nothing that was sent is told of a failure."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Final

from contracts.errors import Unreachable

PATIENCE_SECONDS: Final = 5
"""How long one service is waited for: an activity that signs asks several, and has 20 seconds."""

LARGEST: Final = 16 * 2**20
"""Bytes of an answer; revocation lists of large authorities have several millions."""


def asked(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
    """Return what *url* answers to *body*, or raise Unreachable."""
    request = urllib.request.Request(url, body, dict(headers or {}))  # noqa: S310 - by settings, http(s) alone
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            content: bytes = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        raise Unreachable(f"{url} answered {refusal.code}", where=url) from None
    except (OSError, ValueError) as failure:
        raise Unreachable(f"{url} does not answer: {type(failure).__name__}", where=url) from None
    if len(content) > LARGEST:
        raise Unreachable(f"{url} answered with more than {LARGEST:,} bytes", where=url)
    return content
