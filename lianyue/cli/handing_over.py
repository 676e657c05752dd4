"""Files that go with an answer on the command line: handed over first, their digests put where their names stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contracts.value import Json
from lianyue.cli.documents import UnreadableFile
from lianyue.desk.desk import Desk


async def handed_over(desk: Desk, task: str, user: str, answer: Json, files: Sequence[Path]) -> Json:
    """
    Return *answer* with the digest of each of *files* in the items of evidence that name it and have none.

    Raises:
        UnreadableFile: If one of them cannot be read.
    """
    digests = {}
    for file in files:
        try:
            with file.open("rb") as stream:
                digests[file.name] = (await desk.hand_over(task, user, file.name, stream)).sha256
        except OSError as error:
            raise UnreadableFile(f"{file} cannot be read: {error.strerror}", where=str(file)) from None
    items = answer.get("evidence")
    if not digests or not isinstance(items, list):
        return answer
    return {**answer, "evidence": [_with_digest(item, digests) for item in items]}


def _with_digest(item: object, digests: dict[str, str]) -> object:
    if not isinstance(item, dict) or "sha256" in item or item.get("name") not in digests:
        return item
    return {**item, "sha256": digests[item["name"]]}
