"""What a bundle says of the log: the entries about one contract, and the proof that each is in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from contracts.value import Recorded
from lianyue.log.entries import Entry, payload_of
from lianyue.records.kept import RefusedAttempt

if TYPE_CHECKING:
    from lianyue.log.keeping import LogKeeper


class EntryProof(Recorded):
    """One entry: its place in the log, its line, and the hashes beside its way to the root, in hexadecimal."""

    position: int
    entry: str
    proof: tuple[str, ...]
    payload: dict[str, Any] | None = None
    """What it stands for, where that is in no history."""


class LogProof(Recorded):
    """The entries about one contract under one checkpoint."""

    key: str
    """The verifier key of the log."""
    checkpoint: str
    """The note: the checkpoint with its signatures."""
    entries: tuple[EntryProof, ...]


def log_proof(keeper: LogKeeper, number: str, attempts: Iterable[RefusedAttempt]) -> LogProof:
    """
    Return the entries about contract *number*, proved under the first checkpoint that covers them all.

    *attempts* are those that the desk refused: no history has them.
    """
    entries = keeper.book.entries(number)
    last = max((position for position, _ in entries), default=-1)
    checkpoint, note = keeper.checkpoint(last + 1)
    proofs = keeper.book.inclusion([position for position, _ in entries], checkpoint.size)
    beside = {payload_of(told): told for each in attempts for told in [each.model_dump(mode="json")]}
    return LogProof(
        key=str(keeper.key),
        checkpoint=note,
        entries=tuple(
            EntryProof(
                position=position,
                entry=line.decode(),
                proof=tuple(step.hex() for step in proofs[position]),
                payload=beside.get(Entry.model_validate_json(line).payload),
            )
            for position, line in entries
        ),
    )
