"""The payload codec: unreadable without the ring, bound to its contract, and open to every key that was ever on it."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import ActivitySerializationContext, WorkflowSerializationContext
from temporalio.exceptions import ApplicationError

from contracts.errors import MalformedDocument, PayloadUnreadable
from contracts.ids import archiving_workflow, contract_workflow
from lianyue.payloads.codec import EncryptingCodec, encrypting, tree_of
from lianyue.payloads.key_ring import KeyRing

NUMBER, OTHER = "LY-2025-0001", "LY-2025-0002"
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"price_fen":128765431}')


def codec_of(ring: KeyRing, path: str = f"contract/{NUMBER}") -> EncryptingCodec:
    """The codec as the workflow at *path* is given it."""
    return EncryptingCodec(ring).with_context(WorkflowSerializationContext(namespace="default", workflow_id=path))


def encoded(codec: EncryptingCodec, payload: Payload = PLAIN) -> Payload:
    """*payload* as the server gets it."""
    (sealed,) = asyncio.run(codec.encode([payload]))
    return sealed


def decoded(codec: EncryptingCodec, payload: Payload) -> Payload:
    """*payload* as a worker gets it back."""
    (plain,) = asyncio.run(codec.decode([payload]))
    return plain


def refusal(codec: EncryptingCodec, payload: Payload) -> str:
    """What is said when *payload* cannot be read."""
    with pytest.raises(PayloadUnreadable) as refused:
        decoded(codec, payload)
    return refused.value.message


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the ring lies."""
    return tmp_path / "keys" / "ring.keys"


@pytest.fixture
def ring(file: Path) -> KeyRing:
    """A ring with one key."""
    return KeyRing(file)


def test_a_payload_comes_back_and_cannot_be_read_in_between(ring: KeyRing) -> None:
    """What the server holds shows neither the price nor the kind of the payload."""
    sealed = encoded(codec_of(ring))

    assert PLAIN == decoded(codec_of(ring), sealed)
    assert [False, False] == [each in sealed.SerializeToString() for each in (b"128765431", b"json/plain")]


def test_the_same_payload_looks_different_each_time(ring: KeyRing) -> None:
    """Nobody can see from the ciphertext that two members offer the same."""
    assert encoded(codec_of(ring)).data != encoded(codec_of(ring)).data


@pytest.mark.parametrize("path", ["/quote", "/sign/v1", "/deliver/LGWY/2"])
def test_a_tree_is_one(ring: KeyRing, path: str) -> None:
    """Root, children and their activities read one another: a child's request is written by its parent."""
    sealed = encoded(codec_of(ring, contract_workflow(NUMBER) + path))
    activity = ActivitySerializationContext(
        namespace="default",
        activity_id="1",
        activity_type="decide",
        activity_task_queue="lianyue",
        workflow_id=contract_workflow(NUMBER),
        workflow_type="ServiceContractWorkflow",
        is_local=False,
    )

    assert PLAIN == decoded(EncryptingCodec(ring).with_context(activity), sealed)


def test_a_payload_of_another_contract_does_not_open(ring: KeyRing) -> None:
    """A ciphertext copied into another contract's history is refused, and so is one whose label was changed."""
    sealed = encoded(codec_of(ring, contract_workflow(OTHER)))
    relabelled = Payload.FromString(sealed.SerializeToString())
    relabelled.metadata["bound-to"] = contract_workflow(NUMBER).encode()

    assert f"a payload of contract/{OTHER} lies in a history of contract/{NUMBER}" == refusal(codec_of(ring), sealed)
    changed = f"a payload of contract/{NUMBER} was changed after it was encrypted"
    assert changed == refusal(codec_of(ring), relabelled)


@pytest.mark.parametrize("place", [0, 11, 12, 40, -1])
def test_a_changed_payload_does_not_open(ring: KeyRing, place: int) -> None:
    """One bit anywhere is enough."""
    sealed = encoded(codec_of(ring))
    data = bytearray(sealed.data)
    data[place] ^= 1
    sealed.data = bytes(data)

    assert f"a payload of contract/{NUMBER} was changed after it was encrypted" == refusal(codec_of(ring), sealed)


def test_what_was_never_encrypted_passes(ring: KeyRing) -> None:
    """Histories from before the codec was switched on go on."""
    assert PLAIN == decoded(codec_of(ring), PLAIN)


def test_after_a_rotation_the_new_key_encrypts_and_the_old_one_decrypts(file: Path, ring: KeyRing) -> None:
    """A process that ran on meanwhile finds the new key as soon as it meets it."""
    running = codec_of(KeyRing(file))
    before = encoded(running)
    first = ring.ids[0]

    second = ring.rotate()
    after = encoded(codec_of(ring))

    assert (first.encode(), second.encode()) == (before.metadata["key-id"], after.metadata["key-id"])
    assert [PLAIN, PLAIN] == [decoded(running, each) for each in (before, after)]
    assert (first, second) == KeyRing(file).ids


def test_a_missing_key_is_named(ring: KeyRing, tmp_path: Path) -> None:
    """Whoever restores has to know which key is wanted, and where it was looked for."""
    sealed = encoded(codec_of(KeyRing(tmp_path / "elsewhere.keys")))

    with pytest.raises(PayloadUnreadable) as refused:
        decoded(codec_of(ring), sealed)
    assert f"the key {sealed.metadata['key-id'].decode()} is not on the ring" == refused.value.message
    assert str(tmp_path / "keys" / "ring.keys") == refused.value.where


def test_the_ring_is_for_its_owner_alone(file: Path, ring: KeyRing) -> None:
    """File and folder can be read by nobody else, before and after a rotation."""
    _ = ring.ids
    before = stat.S_IMODE(file.stat().st_mode)

    ring.rotate()

    assert (0o600, 0o600, 0o700) == (
        before,
        stat.S_IMODE(file.stat().st_mode),
        stat.S_IMODE(file.parent.stat().st_mode),
    )


@pytest.mark.parametrize("line", ["0123456789abcdef " + "00" * 32, "garbage", "0123456789abcdef " + "zz" * 32])
def test_a_line_that_is_no_key_is_refused(file: Path, ring: KeyRing, line: str) -> None:
    """A key whose id does not fit was mixed up or damaged; the place is told."""
    _ = ring.ids
    file.write_text(file.read_text() + line + "\n")

    with pytest.raises(MalformedDocument) as refused:
        KeyRing(file).newest()
    assert ("this line is no key and its id", f"{file}:3") == (refused.value.message, refused.value.where)


def test_a_failure_tells_nothing_either(ring: KeyRing) -> None:
    """Message and stack trace of a failure are payloads too; its type stays readable, for it steers retries."""
    context = WorkflowSerializationContext(namespace="default", workflow_id=contract_workflow(NUMBER))
    converter = encrypting(ring).with_context(context)
    failure = Failure()

    asyncio.run(converter.encode_failure(ApplicationError("the price is 128765431", type="Refused"), failure))

    assert b"128765431" not in failure.SerializeToString()
    assert "Refused" == failure.application_failure_info.type
    again = asyncio.run(converter.decode_failure(failure))
    assert isinstance(again, ApplicationError)
    assert "the price is 128765431" == again.message


def test_trees_are_named_by_their_root() -> None:
    """A contract with all below it is one tree; the archivist's is its own."""
    assert "contract/LY-2025-0001" == tree_of("contract/LY-2025-0001/sign/v2")
    assert "archive/LY-2025-0001" == tree_of(archiving_workflow(NUMBER))
    assert "portfolio/2025" == tree_of("portfolio/2025")
