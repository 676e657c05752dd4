"""Checkpoints as C2SP writes them, and witnesses whom nobody can tell two stories."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.errors import MalformedDocument
from lianyue.log.keeping import LogKeeper
from lianyue.log.note import Signer, checkpoint_in, key_in, signed_by
from lianyue.log.standing import standing_of
from lianyue.log.witness import LogForked, Witness
from lianyue.records.engine import Database
from lianyue.records.log import LogBook, Told
from tests.lianyue.records.samples import AT

NOTE = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
"""The example of Go's sumdb/note, which is where the form of notes comes from."""


def test_a_note_that_others_have_signed_is_read() -> None:
    """The known example verifies; with another word, or another key, it does not."""
    key = key_in(KEY)

    assert signed_by(NOTE, key)
    assert not signed_by(NOTE.replace("your problem is", "my problem is"), key)
    assert not signed_by(NOTE, Signer("PeterNeumann", Ed25519PrivateKey.generate()).key)
    assert KEY == str(key)


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", KEY.replace("c74f", "c74e"), KEY[:-4]])
def test_what_is_no_key_is_refused(text: str) -> None:
    """A key that does not fit its id is none."""
    with pytest.raises(MalformedDocument):
        key_in(text)


def keeper(database: Database, folder: Path) -> LogKeeper:
    """The keeper of a log in *database*."""
    return LogKeeper(folder, LogBook(database))


def enter(database: Database, count: int) -> None:
    """Enter so many things in the log."""

    def write(session: object) -> None:
        told = Told(session, "", AT)  # type: ignore[arg-type]
        for number in range(count):
            told.enter("mandate", f"m{number}", {"number": number})

    database.write(write)


def test_a_witness_follows_a_log_that_grows(database: Database, tmp_path: Path) -> None:
    """Each checkpoint that continues the last one is signed, and the log takes the signature in, once."""
    log, witness = (
        keeper(database, tmp_path / "log"),
        Witness(Signer("north", Ed25519PrivateKey.generate()), tmp_path / "seen"),
    )
    for size, entries in ((3, 3), (8, 5), (9, 1)):
        enter(database, entries)
        seen = witness.seen(log.key.name)
        note = witness.cosign(log.publication(seen.size if seen else 0), log.key, 1_750_000_000)

        assert size == checkpoint_in(note).size
        assert signed_by(note, log.key)
        assert signed_by(note, witness.key)
        assert [1, 0] == [log.accept(note, witness.key), log.accept(note, witness.key)]
        assert (str(witness.key),) == log.book.witnesses(size)
        standing = standing_of(log)
        assert (size, checkpoint_in(note)) == (standing.size, standing.checkpoint)
        assert [("north", size)] == [(each.name, each.size) for each in standing.witnesses]

    enter(database, 2)
    assert (11, 9) == (standing_of(log).size, getattr(standing_of(log).checkpoint, "size", 0))


def test_a_witness_refuses_a_fork(database: Database, tmp_path: Path) -> None:
    """A shorter log, another of the same length, one that does not continue what was seen: none is signed."""
    log, witness = (
        keeper(database, tmp_path / "log"),
        Witness(Signer("north", Ed25519PrivateKey.generate()), tmp_path / "seen"),
    )
    enter(database, 5)
    first = log.publication()
    enter(database, 3)
    witness.cosign(log.publication(), log.key, 0)
    forked = log.signer.sign(other := f"{log.key.name}\n8\n{'A' * 43}=\n")
    longer = log.signer.sign(more := f"{log.key.name}\n9\n{'A' * 43}=\n")

    with pytest.raises(LogForked, match=r"^we have signed 8 entries, this checkpoint is over 5: entries are gone$"):
        witness.cosign(first, log.key, 0)
    with pytest.raises(LogForked, match=r"^we have signed 8 entries, this checkpoint is over as many others$"):
        witness.cosign(f"old 0\n\n{other}\n{forked}\n", log.key, 0)
    with pytest.raises(LogForked, match=r"do not begin with them$"):
        witness.cosign(f"old 8\n{'A' * 43}=\n\n{more}\n{longer}\n", log.key, 0)
    with pytest.raises(MalformedDocument, match=r"^the checkpoint is not signed by"):
        witness.cosign(first, key_in(KEY), 0)
