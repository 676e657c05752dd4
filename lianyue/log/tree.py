"""
The tree of RFC 9162 (and RFC 6962): its root, proofs that an entry is in it, and that it only ever grew.

What is asked for a node is a function from level and index to the hash of a whole subtree: level 0 holds the leaves, a
node of level *l* and index *i* covers the leaves from ``i·2^l`` up to the next. Only whole subtrees are ever kept, so
that nothing that is kept changes when an entry is added, and adding one costs as much as the tree is high.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

Node = Callable[[int, int], bytes]

EMPTY: Final = hashlib.sha256(b"").digest()
"""The root of a tree without an entry."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(b"\0" + entry).digest()


def parent_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def completed(size: int, leaf: bytes, node: Node) -> list[tuple[int, int, bytes]]:
    """
    Return the subtrees that are whole once *leaf* follows *size* others, as level, index and hash.

    The leaf itself is the first of them.
    """
    made, level, index, found = [(0, size, leaf)], 0, size, leaf
    while index % 2:
        found = parent_hash(node(level, index - 1), found)
        level, index = level + 1, index // 2
        made.append((level, index, found))
    return made


def root(size: int, node: Node) -> bytes:
    """Return the root over the first *size* entries."""
    return _hash(0, size, node) if size else EMPTY


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Return what proves that entry *index* is among the first *size*: the hashes beside its way up."""
    return _path(index, 0, size, node)


def consistency_proof(first: int, second: int, node: Node) -> list[bytes]:
    """Return what proves that the first *second* entries begin with the first *first* ones."""
    if not 0 < first < second:
        return []
    return _subproof(first, 0, second, node, whole=True)


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Say whether *proof* proves that *leaf* is entry *index* of the tree of *size* with the root *expected*."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = parent_hash(step, found)
            while at and not at % 2:
                at, last = at // 2, last // 2
        else:
            found = parent_hash(found, step)
        at, last = at // 2, last // 2
    return last == 0 and found == expected


def extends(first: int, second: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Say whether *proof* proves that the tree of *second* entries begins with the one of *first*."""
    if first == second:
        return not proof and old_root == new_root
    if first == 0:
        return not proof
    if first > second or not proof:
        return False
    steps = list(proof) if first & (first - 1) else [old_root, *proof]
    at, last = first - 1, second - 1
    while at % 2:
        at, last = at // 2, last // 2
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            old, new = parent_hash(step, old), parent_hash(step, new)
            while at and not at % 2:
                at, last = at // 2, last // 2
        else:
            new = parent_hash(new, step)
        at, last = at // 2, last // 2
    return last == 0 and old == old_root and new == new_root


def _hash(start: int, end: int, node: Node) -> bytes:
    """The hash over the entries from *start* up to *end*; where that is a whole subtree, it is kept."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return parent_hash(_hash(start, middle, node), _hash(middle, end, node))


def _split(count: int) -> int:
    """The largest power of two below *count*."""
    return 1 << (count - 1).bit_length() - 1


def _path(index: int, start: int, end: int, node: Node) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle, node), _hash(middle, end, node)]
    return [*_path(index, middle, end, node), _hash(start, middle, node)]


def _subproof(first: int, start: int, end: int, node: Node, *, whole: bool) -> list[bytes]:
    if first == end:
        return [] if whole else [_hash(start, end, node)]
    middle = start + _split(end - start)
    if first <= middle:
        return [*_subproof(first, start, middle, node, whole=whole), _hash(middle, end, node)]
    return [*_subproof(first, middle, end, node, whole=False), _hash(start, middle, node)]
