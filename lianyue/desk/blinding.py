"""What is remembered of a request whose body must not be guessed from what is kept of it."""

from __future__ import annotations

import hashlib
import hmac

from contracts.value import Json
from rules.canonical import digest


def blinded(request_id: str, body: Json) -> tuple[str, str]:
    """
    Return the identity under which a request is kept and goes on, and the digest of its *body* keyed with its id.

    The digest of a price is quickly found by trying all prices. Keyed, it tells a repetition from another request to
    whoever knows the id, and nothing to whoever reads what is kept: of the id there is a digest only.
    """
    identity = "blind-" + hashlib.sha256(f"request-v1|{request_id}".encode()).hexdigest()
    return identity, "sha256:" + hmac.new(request_id.encode(), digest(body).encode(), hashlib.sha256).hexdigest()
