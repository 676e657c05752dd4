"""The keeper of the log: signs its checkpoints, gives the proofs, and takes in what witnesses have signed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from contracts.errors import MalformedDocument
from lianyue.key_files import private_key
from lianyue.log.entries import fingerprint
from lianyue.log.note import Checkpoint, Key, Signer, checkpoint_in, signed_by, text_of
from lianyue.records.log import LogBook


class LogKeeper:
    """Signs for the log with the key in ``log.key`` of the folder; the log is called after its key."""

    def __init__(self, folder: Path, book: LogBook) -> None:
        self._file = folder / "log.key"
        self.book = book

    @cached_property
    def signer(self) -> Signer:
        """Who signs checkpoints."""
        key = private_key(self._file)
        return Signer(f"lianyue.log/{fingerprint(key.public_key().public_bytes_raw())}", key)

    @property
    def key(self) -> Key:
        """The verifier key, which auditors and witnesses are given."""
        return self.signer.key

    def checkpoint(self, at_least: int = 0) -> tuple[Checkpoint, str]:
        """
        Return the first checkpoint over *at_least* so many entries, with the cosignatures that have come in.

        Where there is none yet, one is signed over all entries there are, and kept.
        """
        found = self.book.checkpoint(at_least or self.book.size())
        if found is None:
            size = self.book.size()
            checkpoint = Checkpoint(self.signer.name, size, self.book.state(size))
            note = f"{checkpoint.text}\n{self.signer.sign(checkpoint.text)}\n"
            self.book.keep_checkpoint(checkpoint, note, datetime.now(UTC))
            found = self.book.checkpoint(size)
        if found is None:
            raise MalformedDocument(f"there are no {at_least} entries in the log")
        return found

    def publication(self, since: int = 0) -> str:
        """
        Return what a witness is asked to sign: the newest checkpoint, and the proof that it continues *since*.

        The form is that of a C2SP tlog-witness request: ``old``, the proof, an empty line, the note.
        """
        checkpoint, note = self.checkpoint()
        proof = [base64.b64encode(step).decode() for step in self.book.consistency(since, checkpoint.size)]
        return "\n".join([f"old {since}", *proof, "", note])

    def accept(self, note: str, witness: Key) -> int:
        """
        Take in the cosignature of *witness* under one of our checkpoints; return how many are new.

        Raises:
            MalformedDocument: If the note is not ours, or the witness has not signed it.
        """
        if not signed_by(note, self.key):
            raise MalformedDocument("this note is not signed by the log")
        if not signed_by(note, witness):
            raise MalformedDocument(f"{witness.name} has not signed this note, or with another key")
        lines = [
            line for line in note.removeprefix(text_of(note)).splitlines() if line.startswith(f"— {witness.name} ")
        ]
        mine = [line for line in lines if signed_by(f"{text_of(note)}\n{line}\n", witness)]
        return self.book.keep_cosignatures(checkpoint_in(note).size, [(str(witness), mine[0])], datetime.now(UTC))
