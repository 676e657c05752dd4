"""Envelopes: a quote under a key of its own, and of that key a share for each keyholder."""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from activities.quoting import commitment
from contracts.errors import SignatureInvalid
from contracts.quote import SealedQuote
from contracts.sealing import QuoteSealing, share_digest
from lianyue.sealing.keyholders import unwrapped, wrapped
from lianyue.sealing.plain import IV_BYTES, KEY_BYTES, NONCE_BYTES, filled_up
from lianyue.sealing.shamir import joined, split
from rules.canonical import canonical

VERSION: Final = "split-v1"


class SplitSealed(NamedTuple):
    """A quote sealed by split keys: what history keeps of it, and the envelope for the records."""

    quote: SealedQuote
    envelope: bytes


def seal(
    number: str, member: str, round_: int, content: Mapping[str, Any], sealing: QuoteSealing, arrived_at: datetime
) -> SplitSealed:
    """
    Seal the quote of *member* for contract *number* so that only ``needed`` of the holders open it.

    The content is encrypted with AES-256-GCM under a key that nobody keeps; its shares are wrapped for the holders.
    Both are bound to contract, member, round and commitment.

    Raises:
        NotCanonical: If *content* holds a float or another value without a canonical form.
    """
    nonce, key, iv = secrets.token_hex(NONCE_BYTES), secrets.token_bytes(KEY_BYTES), secrets.token_bytes(IV_BYTES)
    promise = commitment(nonce, dict(content))
    bound = SealedQuote(member=member, round=round_, commitment=promise, arrived_at=arrived_at)
    plain = filled_up(canonical({"nonce": nonce, "content": content}))
    shares = split(key, sealing.needed, len(sealing.holders))
    places = {holder.name: place for place, holder in enumerate(sealing.holders, 1)}
    envelope = {
        "version": VERSION,
        "content": _text(iv + AESGCM(key).encrypt(iv, plain, _content_of(number, bound))),
        "shares": {
            holder.name: {
                "place": places[holder.name],
                "wrapped": _text(
                    wrapped(shares[places[holder.name]], holder.public_key, _share_of(number, bound, holder.name))
                ),
            }
            for holder in sealing.holders
        },
    }
    digests = {name: share_digest(number, bound, name, shares[place].hex()) for name, place in places.items()}
    return SplitSealed(bound.model_copy(update={"share_digests": digests}), canonical(envelope))


def wrapped_share(envelope: bytes, holder: str) -> str:
    """
    Return the share of *holder* in *envelope* as it was wrapped, in base64.

    Raises:
        SignatureInvalid: If the envelope holds none.
    """
    found = _read(envelope)["shares"].get(holder)
    if found is None:
        raise SignatureInvalid(f"the sealed quote holds no share of {holder}")
    return str(found["wrapped"])


def unwrapped_share(number: str, quote: SealedQuote, holder: str, sealed: str, key: X25519PrivateKey) -> str:
    """
    Return the share that *holder* hands in for *quote*.

    Raises:
        SignatureInvalid: If it does not open with *key*.
    """
    return unwrapped(b64decode(sealed), key, _share_of(number, quote, holder)).hex()


def opened(
    number: str, quote: SealedQuote, envelope: bytes, shares: Mapping[str, str]
) -> tuple[str, Mapping[str, object]]:
    """
    Return the nonce and the content of *quote*, opened with *shares* by holder.

    Raises:
        SignatureInvalid: If the shares are too few or wrong, or the envelope was changed or is of another quote.
    """
    sealed = _read(envelope)
    message = f"the sealed quote of {quote.member} for {number} does not open with the shares of {', '.join(shares)}"
    try:
        by_place = {sealed["shares"][holder]["place"]: bytes.fromhex(share) for holder, share in shares.items()}
        key, content = joined(by_place, KEY_BYTES), b64decode(sealed["content"])
        plain = AESGCM(key).decrypt(content[:IV_BYTES], content[IV_BYTES:], _content_of(number, quote))
    except (InvalidTag, ValueError, KeyError):
        raise SignatureInvalid(message) from None
    found = json.loads(plain)
    return found["nonce"], found["content"]


def _read(envelope: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(envelope)
    except ValueError:
        found = {}
    if found.get("version") != VERSION:
        raise SignatureInvalid("this quote was not sealed by split keys")
    return found


def _content_of(number: str, quote: SealedQuote) -> bytes:
    """What the content is bound to; no part can hold the separator."""
    return f"quote-v2|{number}|{quote.member}|{quote.round}|{quote.commitment}".encode()


def _share_of(number: str, quote: SealedQuote, holder: str) -> bytes:
    return f"share-v1|{number}|{quote.member}|{quote.round}|{quote.commitment}|{holder}".encode()


def _text(content: bytes) -> str:
    return b64encode(content).decode()
