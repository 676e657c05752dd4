"""Files that go with an answer on the command line: handed over first, their digests put where their names stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contracts.value import Json
from lianyue.desk.desk import Desk
from lianyue.remote import RemoteDesk
from lianyue.strict_files import UnreadableFile


async def handed_over(desk: Desk | RemoteDesk, task: str, user: str, answer: Json, paths: Sequence[Path]) -> Json:
    """
    Hand over *paths*, of a folder the files that *answer* names; return it with their digests where it has none.

    Raises:
        UnreadableFile: If one of them cannot be read.
    """
    items = answer.get("evidence")
    named = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    digests: dict[str, str] = {}
    for file in _files(paths, [str(item.get("name")) for item in named]):
        try:
            with file.open("rb") as stream:
                digests[file.name] = (await desk.hand_over(task, user, file.name, stream)).sha256
        except OSError as error:
            raise UnreadableFile(f"{file} cannot be read: {error.strerror}", where=str(file)) from None
    return {**answer, "evidence": [_with_digest(item, digests) for item in items]} if digests and items else answer


def _files(paths: Sequence[Path], names: Sequence[str]) -> list[Path]:
    there = [path / name for path in paths if path.is_dir() for name in names if (path / name).is_file()]
    return list(dict.fromkeys([*(path for path in paths if not path.is_dir()), *there]))


def _with_digest(item: object, digests: dict[str, str]) -> object:
    if not isinstance(item, dict) or "sha256" in item or item.get("name") not in digests:
        return item
    return {**item, "sha256": digests[item["name"]]}
