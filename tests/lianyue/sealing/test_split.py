"""Splitting: any so many shares open a quote, one fewer says nothing, and each fits only where it belongs."""

from __future__ import annotations

import itertools
import json
import secrets
from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.quoting import commitment
from contracts.calendar import Deadline
from contracts.errors import SignatureInvalid
from contracts.organisation import Keyholder, Role
from contracts.quote import SealedQuote
from contracts.sealing import QuoteSealing, misfit, shares_in, shares_text
from lianyue.sealing.envelopes import SplitSealed, opened, seal, unwrapped_share, wrapped_share
from lianyue.sealing.keyholders import public_hex
from lianyue.sealing.shamir import PRIME, SHARE_BYTES, joined, split
from rules.canonical import canonical

NUMBER, MEMBER, AT = "LY-2025-0001", "LGWY", datetime(2025, 7, 1, tzinfo=UTC)
CONTENT = {"price_fen": 128_765_431, "remarks": "含税，分三期"}
KEYS = {name: X25519PrivateKey.generate() for name in ("coordinator", "auditor", "council")}


def sealing(needed: int = 2) -> QuoteSealing:
    """So many of three keyholders."""
    holders = tuple(
        Keyholder(name=name, title=name, company="OFFICE", role=Role.AUDITOR, public_key=public_hex(key))
        for name, key in KEYS.items()
    )
    return QuoteSealing(needed=needed, holders=holders, deadline=Deadline())


def quote_of(sealed: SplitSealed, **changes: object) -> SealedQuote:
    """What history keeps of *sealed*, or what somebody would make of it."""
    return sealed.quote.model_copy(update=changes)


def share_of(sealed: SplitSealed, holder: str, key: X25519PrivateKey | None = None) -> str:
    """The share of *holder*, unwrapped."""
    return unwrapped_share(
        NUMBER, quote_of(sealed), holder, wrapped_share(sealed.envelope, holder), key or KEYS[holder]
    )


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(1, 9), st.data())
def test_any_so_many_shares_give_the_secret_back(secret: bytes, count: int, data: st.DataObject) -> None:
    """Whichever they are, and in whatever order."""
    needed = data.draw(st.integers(1, count))
    shares = split(secret, needed, count)
    chosen = data.draw(st.permutations(list(shares)))[:needed]

    assert secret == joined({place: shares[place] for place in chosen}, 32)


def test_one_share_fewer_says_nothing() -> None:
    """For every secret there is a missing share that makes it: what one fewer hold fits all secrets alike."""
    shares = split(secrets.token_bytes(32), 3, 3)
    known = {1: shares[1], 2: shares[2]}
    other = secrets.token_bytes(32)

    # The polynomial through (0, other), (1, y1), (2, y2) at 3, by Lagrange: 1·s − 3·y1 + 3·y2.
    y1, y2 = (int.from_bytes(known[place], "big") for place in (1, 2))
    third = (int.from_bytes(other, "big") - 3 * y1 + 3 * y2) % PRIME

    assert other == joined({**known, 3: third.to_bytes(SHARE_BYTES, "big")}, 32)


@pytest.mark.parametrize(("needed", "count"), [(0, 3), (4, 3), (1, 256)])
def test_numbers_that_cannot_be_are_refused(needed: int, count: int) -> None:
    """At least one share, no more than there are, no more than fit."""
    with pytest.raises(ValueError, match="shares cannot be made"):
        split(b"secret", needed, count)


def test_every_pair_of_keyholders_opens_a_quote() -> None:
    """Content and nonce come back whole and fit the commitment."""
    sealed = seal(NUMBER, MEMBER, 1, CONTENT, sealing(), AT)
    shares = {holder: share_of(sealed, holder) for holder in KEYS}

    for pair in itertools.combinations(KEYS, 2):
        chosen = {holder: shares[holder] for holder in pair}
        nonce, content = opened(NUMBER, quote_of(sealed), sealed.envelope, chosen)
        assert (CONTENT, sealed.quote.commitment) == (content, commitment(nonce, dict(content)))


@pytest.mark.parametrize("holders", [["auditor"], []])
def test_too_few_keyholders_open_nothing(holders: list[str]) -> None:
    """One of two needed is as good as none."""
    sealed = seal(NUMBER, MEMBER, 1, CONTENT, sealing(), AT)

    with pytest.raises(SignatureInvalid):
        opened(NUMBER, quote_of(sealed), sealed.envelope, {holder: share_of(sealed, holder) for holder in holders})


def test_an_envelope_shows_nothing() -> None:
    """Neither the price, a word of the content nor its length can be seen."""
    sealed = seal(NUMBER, MEMBER, 1, CONTENT, sealing(), AT)
    longer = seal(NUMBER, MEMBER, 1, {**CONTENT, "price_fen": 9_999_999_999, "more": "x" * 300}, sealing(), AT)

    assert [False] * 3 == [part in sealed.envelope for part in (b"128765431", b"price_fen", "含税".encode())]
    assert len(sealed.envelope) == len(longer.envelope)


def test_a_share_opens_only_with_its_key_and_only_in_its_place() -> None:
    """Another's key, another quote and another holder's label are refused."""
    sealed = seal(NUMBER, MEMBER, 1, CONTENT, sealing(), AT)
    wrapped = wrapped_share(sealed.envelope, "auditor")

    for quote, holder, key in (
        (quote_of(sealed), "auditor", KEYS["council"]),
        (quote_of(sealed), "council", KEYS["auditor"]),
        (quote_of(sealed, member="LGYF"), "auditor", KEYS["auditor"]),
        (quote_of(sealed, round=2), "auditor", KEYS["auditor"]),
    ):
        with pytest.raises(SignatureInvalid):
            unwrapped_share(NUMBER, quote, holder, wrapped, key)
    assert len(share_of(sealed, "auditor")) == 2 * SHARE_BYTES


def test_an_envelope_of_another_quote_does_not_open() -> None:
    """A ciphertext put in place of another's is refused, whatever shares are given."""
    mine, theirs = (seal(NUMBER, member, 1, CONTENT, sealing(), AT) for member in (MEMBER, "LGYF"))
    shares = {holder: share_of(mine, holder) for holder in ("auditor", "council")}

    with pytest.raises(SignatureInvalid):
        opened(NUMBER, quote_of(mine), theirs.envelope, shares)


def test_a_changed_content_does_not_open() -> None:
    """One bit is enough."""
    sealed = seal(NUMBER, MEMBER, 1, CONTENT, sealing(), AT)
    document = json.loads(sealed.envelope)
    content = bytearray(b64decode(document["content"]))
    content[20] ^= 1
    document["content"] = b64encode(bytes(content)).decode()

    with pytest.raises(SignatureInvalid):
        opened(
            NUMBER,
            quote_of(sealed),
            canonical(document),
            {holder: share_of(sealed, holder) for holder in ("auditor", "council")},
        )


def test_a_handler_tells_a_wrong_share_without_any_key() -> None:
    """History has the digests: what does not fit is named by member."""
    sealed = seal(NUMBER, MEMBER, 1, CONTENT, sealing(), AT)
    quotes, share = {MEMBER: quote_of(sealed)}, share_of(sealed, "auditor")

    assert "" == misfit(NUMBER, quotes, "auditor", shares_in(shares_text({MEMBER: share})))
    assert f"not the share of council for {MEMBER}" == misfit(NUMBER, quotes, "council", {MEMBER: share})
    assert f"not the share of auditor for {MEMBER}" == misfit("LY-2025-0002", quotes, "auditor", {MEMBER: share})
    assert f"missing for {MEMBER}; none was asked for LGYF" == misfit(NUMBER, quotes, "auditor", {"LGYF": share})
