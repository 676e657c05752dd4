"""How the log stands: how long it is, what its newest checkpoint covers, and how far witnesses have followed it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from lianyue.log.keeping import LogKeeper
from lianyue.log.note import Checkpoint, key_in


class Witnessed(NamedTuple):
    """A witness: its name, how many entries it has signed for, and when it did last."""

    name: str
    size: int
    at: datetime


class LogStanding(NamedTuple):
    """The log's verifier key, how many entries it has, its newest checkpoint and when it was kept, its witnesses."""

    key: str
    size: int
    checkpoint: Checkpoint | None
    at: datetime | None
    witnesses: tuple[Witnessed, ...]

    def as_document(self) -> dict[str, Any]:
        """Return it as programs read it."""
        newest = self.checkpoint and {"size": self.checkpoint.size, "root": self.checkpoint.root.hex(), "at": self.at}
        witnesses = [each._asdict() for each in self.witnesses]
        return {"key": self.key, "size": self.size, "checkpoint": newest, "witnesses": witnesses}


def standing_of(keeper: LogKeeper) -> LogStanding:
    """Return how the log stands; nothing is signed for it."""
    newest = keeper.book.newest()
    return LogStanding(
        key=str(keeper.key),
        size=keeper.book.size(),
        checkpoint=newest[0] if newest else None,
        at=newest[1] if newest else None,
        witnesses=tuple(Witnessed(key_in(key).name, size, at) for key, size, at in keeper.book.witnessed()),
    )
