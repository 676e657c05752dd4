"""
The container of a bundle: a ZIP file of which every byte is determined by its members.

Members lie uncompressed, in order of their names, with one fixed time; there is nothing else in the file. So the same
members make the same bytes with any release of any library, and there is no byte that could be changed unnoticed.
Whoever has no Lianyue opens it with any other tool.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping

from contracts.errors import Invalid

LARGEST_FILE = 512 * 2**20
"""Bytes of the largest bundle that is read; a contract of seventeen members takes one megabyte."""

LARGEST_MEMBER = 64 * 2**20
MOST_MEMBERS = 20_000

FIRST = "manifest.json"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,4}")
_LONGEST_NAME = 240

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION, _STORED, _TIME, _DATE = 20, 0, 0, 0x21  # 1980-01-01 00:00, the first moment ZIP can write
_MADE_ON_UNIX, _MODE = 3 << 8 | _VERSION, 0o100644 << 16


class NotABundle(Invalid):
    """Ask for the bundle again; what is in this file was not written by `lianyue audit export`, or was changed."""

    code = "not-a-bundle"


def written(members: Mapping[str, bytes]) -> bytes:
    """
    Return the container of *members*.

    Raises:
        NotABundle: If a name is not allowed in one.
    """
    parts, directory, at = [], [], 0
    for name in ordered(members):
        content, encoded = members[name], _encoded(name)
        size, crc = len(content), zlib.crc32(content)
        head = _LOCAL.pack(b"PK\3\4", _VERSION, 0, _STORED, _TIME, _DATE, crc, size, size, len(encoded), 0)
        fields = (_STORED, _TIME, _DATE, crc, size, size, len(encoded), 0, 0, 0, 0, _MODE, at)
        directory.append(_CENTRAL.pack(b"PK\1\2", _MADE_ON_UNIX, _VERSION, 0, *fields) + encoded)
        parts.append(head + encoded + content)
        at += len(parts[-1])
    count, listed = len(directory), b"".join(directory)
    return b"".join((*parts, listed, _END.pack(b"PK\5\6", 0, 0, count, count, len(listed), at, 0)))


def unwritten(raw: bytes) -> dict[str, bytes]:
    """
    Return the members of the container *raw*; nothing is unpacked to a disk, and nothing grows.

    Raises:
        NotABundle: If it is not byte for byte what `written` makes of its members.
    """
    if len(raw) > LARGEST_FILE:
        raise NotABundle(f"{len(raw):,} bytes are more than the {LARGEST_FILE:,} that a bundle may have")
    members: dict[str, bytes] = {}
    at = 0
    while raw[at : at + 4] == b"PK\3\4":
        name, content, at = _member(raw, at)
        if name in members:
            raise NotABundle(f"the member {name} is there twice")
        members[name] = content
        if len(members) > MOST_MEMBERS:
            raise NotABundle(f"there are more than {MOST_MEMBERS:,} members")
    if not members:
        raise NotABundle("this is no ZIP file of the kind that is exported")
    if written(members) != raw:
        raise NotABundle("the file is not what its members make: something between or behind them was changed")
    return members


def ordered(names: Mapping[str, object]) -> list[str]:
    """Return the *names* as they follow each other: the manifest first."""
    return sorted(names, key=lambda name: (name != FIRST, name))


def _member(raw: bytes, at: int) -> tuple[str, bytes, int]:
    """Return name and content of the member that begins at *at*, and where the next one begins."""
    if at + _LOCAL.size > len(raw):
        raise NotABundle("the file ends in the middle of a member")
    _, _, _, stored, _, _, crc, size, full, length, extra = _LOCAL.unpack_from(raw, at)
    begins = at + _LOCAL.size + length
    name = raw[at + _LOCAL.size : begins].decode("ascii", "replace")
    _encoded(name)
    if stored != _STORED or extra or size != full or size > LARGEST_MEMBER:
        raise NotABundle(f"the member {name} is compressed, too large, or has fields that no bundle has")
    if begins + size > len(raw):
        raise NotABundle(f"the file ends in the middle of {name}")
    content = raw[begins : begins + size]
    if zlib.crc32(content) != crc:
        raise NotABundle(f"the member {name} was changed: it does not have its checksum")
    return name, content, begins + size


def _encoded(name: str) -> bytes:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise NotABundle(f"{name[:80]!r} is not the name of a member")
    return name.encode("ascii")
