"""
Shamir's secret sharing over a prime field: any so many shares give the secret, one fewer says nothing about it.

The secret is the value at nought of a polynomial with random coefficients of degree ``needed - 1`` modulo the Mersenne
prime 2^521 - 1; share *x* is its value at *x*. (A. Shamir, How to share a secret, CACM 22(11), 1979.)
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

PRIME: Final = 2**521 - 1
SHARE_BYTES: Final = 66
MOST_SHARES: Final = 255


def split(secret: bytes, needed: int, count: int) -> dict[int, bytes]:
    """
    Split *secret* of at most 64 bytes into *count* shares, by their places from one; any *needed* of them give it back.

    Raises:
        ValueError: If there are not enough shares, or the secret is too long.
    """
    if not 1 <= needed <= count <= MOST_SHARES or len(secret) > SHARE_BYTES - 2:
        raise ValueError(f"{needed} of {count} shares cannot be made of {len(secret)} bytes")
    coefficients = [int.from_bytes(secret, "big"), *(secrets.randbelow(PRIME) for _ in range(needed - 1))]
    return {x: _value(coefficients, x).to_bytes(SHARE_BYTES, "big") for x in range(1, count + 1)}


def joined(shares: Mapping[int, bytes], length: int) -> bytes:
    """
    Return the secret of *length* bytes that *shares* were split from; wrong or too few shares give another one.

    Raises:
        ValueError: If what they give is longer: then it cannot have been the secret.
    """
    total = sum(int.from_bytes(share, "big") * _weight(x, tuple(shares)) for x, share in shares.items()) % PRIME
    try:
        return total.to_bytes(length, "big")
    except OverflowError:
        raise ValueError("these shares do not belong together") from None


def _value(coefficients: list[int], x: int) -> int:
    """The polynomial at *x*, by Horner."""
    value = 0
    for coefficient in reversed(coefficients):
        value = (value * x + coefficient) % PRIME
    return value


def _weight(x: int, places: tuple[int, ...]) -> int:
    """Lagrange's weight of the share at *x* for the value at nought."""
    above = below = 1
    for other in places:
        if other != x:
            above = above * other % PRIME
            below = below * (other - x) % PRIME
    return above * pow(below, -1, PRIME) % PRIME
