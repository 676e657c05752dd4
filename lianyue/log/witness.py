"""A witness: a member company that signs a checkpoint only if it continues the last one it saw."""

from __future__ import annotations

import base64
import binascii
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from contracts.errors import MalformedDocument, Refused
from lianyue.log.note import Checkpoint, Key, Signer, checkpoint_in, signed_by, with_lines
from lianyue.log.tree import extends


class LogForked(Refused):
    """Keep both files and call the auditors: the log has told two of its readers different things."""

    code = "log-forked"


class Seen(NamedTuple):
    """The last checkpoint of a log that a witness has signed."""

    size: int
    root: bytes


class Witness:
    """
    Signs for one company, and remembers in a file what it has signed.

    The file must never be put back from a backup: a witness that forgets can be told two stories.
    """

    def __init__(self, signer: Signer, memory: Path) -> None:
        self._signer = signer
        self._memory = memory

    @property
    def key(self) -> Key:
        """The verifier key of the cosignatures."""
        return self._signer.witness_key

    def seen(self, origin: str) -> Seen | None:
        """Return what was signed last of the log *origin*."""
        stated = self._read().get(origin)
        return Seen(stated["size"], base64.b64decode(stated["root"])) if stated else None

    def cosign(self, publication: str, log: Key, at_seconds: int) -> str:
        """
        Return the published note with our cosignature under it, if it continues what we saw.

        Raises:
            MalformedDocument: If the publication cannot be read, or is not signed by *log*.
            LogForked: If it does not continue the last checkpoint that we have signed.
        """
        old, proof, note = published(publication)
        if not signed_by(note, log):
            raise MalformedDocument(f"the checkpoint is not signed by {log.name}")
        checkpoint = checkpoint_in(note)
        if checkpoint.origin != log.name:
            raise MalformedDocument(f"the checkpoint is of {checkpoint.origin}, not of {log.name}")
        self._refuse_fork(checkpoint, old, proof)
        line = self._signer.cosign(checkpoint.text, at_seconds)
        self._remember(checkpoint)
        return with_lines(note, [line])

    def _refuse_fork(self, checkpoint: Checkpoint, old: int, proof: list[bytes]) -> None:
        seen = self.seen(checkpoint.origin)
        if seen is None:
            return
        told = f"we have signed {seen.size} entries"
        if checkpoint.size < seen.size:
            raise LogForked(f"{told}, this checkpoint is over {checkpoint.size}: entries are gone")
        if checkpoint.size == seen.size:
            if checkpoint.root != seen.root:
                raise LogForked(f"{told}, this checkpoint is over as many others")
            return
        if old != seen.size:
            raise MalformedDocument(f"{told}; ask for what was published since {seen.size}, this is since {old}")
        if not extends(seen.size, checkpoint.size, proof, seen.root, checkpoint.root):
            raise LogForked(f"{told}; the {checkpoint.size} entries of this checkpoint do not begin with them")

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            found: dict[str, dict[str, Any]] = json.loads(self._memory.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise MalformedDocument(
                f"what the witness remembers cannot be read: {error}", where=str(self._memory)
            ) from None
        return found

    def _remember(self, checkpoint: Checkpoint) -> None:
        """Have it on the disk before the signature leaves the house."""
        known = self._read()
        known[checkpoint.origin] = {"size": checkpoint.size, "root": base64.b64encode(checkpoint.root).decode()}
        draft = self._memory.with_name(f".{self._memory.name}.new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(known, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._memory)


def published(publication: str) -> tuple[int, list[bytes], str]:
    """Return from which size on, with what proof, which note was published; MalformedDocument if none was."""
    head, gap, note = publication.partition("\n\n")
    first, *steps = head.split("\n")
    word, _, size = first.partition(" ")
    try:
        proof = [base64.b64decode(step, validate=True) for step in steps]
        old = int(size)
    except (ValueError, binascii.Error):
        word, proof, old = "", [], 0
    if not gap or word != "old" or old < 0 or len(proof) > 63:
        raise MalformedDocument("this was not published by a log: 'old' and a size, a proof, an empty line, a note")
    return old, proof, note
