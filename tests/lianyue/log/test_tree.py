"""The tree: the known roots of RFC 6962, and proofs that hold for what is so and for nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lianyue.log.tree import (
    EMPTY,
    Node,
    completed,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    root,
)

INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The entries and roots that implementations of RFC 6962 are tested with."""


def tree_of(entries: Sequence[bytes]) -> Node:
    """The kept subtrees over *entries*."""
    nodes: dict[tuple[int, int], bytes] = {}
    for size, entry in enumerate(entries):
        for level, index, found in completed(size, leaf_hash(entry), lambda level, index: nodes[level, index]):
            nodes[level, index] = found
    return lambda level, index: nodes[level, index]


KNOWN = tree_of([bytes.fromhex(each) for each in INPUTS])
LARGE = tree_of([str(number).encode() for number in range(70)])


def test_the_roots_are_the_known_ones() -> None:
    """Eight entries, and after each the root that everybody else has."""
    assert EMPTY == root(0, KNOWN)
    assert ROOTS == tuple(root(size, KNOWN).hex() for size in range(1, 9))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 33, 64, 70])
def test_inclusion_is_proved_for_every_entry_and_no_other(size: int) -> None:
    """A proof holds for its own entry, at its own place, in its own tree."""
    expected = root(size, LARGE)
    for index in range(size):
        proof = inclusion_proof(index, size, LARGE)

        assert includes(LARGE(0, index), index, size, proof, expected)
        assert not includes(leaf_hash(b"other"), index, size, proof, expected)
        assert not includes(LARGE(0, index), index + 1, size, proof, expected)
        assert not includes(LARGE(0, index), index, size, [*proof, expected], expected)
        assert not proof or not includes(LARGE(0, index), index, size, proof[:-1], expected)


@pytest.mark.parametrize("second", [1, 2, 3, 8, 13, 32, 70])
def test_consistency_is_proved_for_every_beginning_and_no_other(second: int) -> None:
    """A log that has grown begins with what it was; another beginning is not proved."""
    new = root(second, LARGE)
    for first in range(1, second + 1):
        old, proof = root(first, LARGE), consistency_proof(first, second, LARGE)

        assert extends(first, second, proof, old, new)
        assert not extends(first, second, proof, leaf_hash(b"other"), new)
        assert first == second or not extends(first, second, proof[:-1], old, new)
        assert first == second or not extends(first, second, proof, old, old)
