"""The codec: each payload is encrypted with AES-256-GCM and bound to the contract whose workflow it belongs to."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from contracts.errors import PayloadUnreadable
from lianyue.payloads.key_ring import KeyRing
from lianyue.settings import Settings
from workflows.registry import DATA_CONVERTER

ENCODING: Final = b"binary/encrypted"
KEY_ID: Final = "key-id"
BOUND_TO: Final = "bound-to"
IV_BYTES: Final = 12


class EncryptingCodec(PayloadCodec, WithSerializationContext):
    """
    Encrypts what goes to the Temporal server, and decrypts what comes from it.

    A payload is bound to its tree: ``contract/LY-2025-0001`` for the root, its children and their activities alike.
    Put into another contract's history it does not open. Payloads that were never encrypted pass: histories from
    before the codec was switched on go on.
    """

    def __init__(self, ring: KeyRing, bound_to: str | None = None) -> None:
        self._ring = ring
        self._bound_to = bound_to

    def with_context(self, context: SerializationContext) -> EncryptingCodec:
        """Return the codec for the payloads of one workflow or of an activity that it started."""
        if isinstance(context, WorkflowSerializationContext | ActivitySerializationContext) and context.workflow_id:
            return self.for_workflow(context.workflow_id)
        return self

    def for_workflow(self, workflow_id: str) -> EncryptingCodec:
        """Return the codec for the payloads of *workflow_id*."""
        return EncryptingCodec(self._ring, tree_of(workflow_id))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt under the newest key."""
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """
        Decrypt under the key that each payload names.

        Raises:
            PayloadUnreadable: If the ring lacks the key, or the payload was changed or belongs to another contract.
        """
        return [self.decrypted(payload) for payload in payloads]

    def decrypted(self, payload: Payload) -> Payload:
        """Return *payload* as it was before it was encrypted; errors as `decode`."""
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key_id, tree = payload.metadata[KEY_ID].decode(), bound_to(payload)
        if self._bound_to is not None and tree != self._bound_to:
            raise PayloadUnreadable(f"a payload of {tree} lies in a history of {self._bound_to}")
        cipher, iv = self._ring.cipher(key_id), payload.data[:IV_BYTES]
        try:
            plain = cipher.decrypt(iv, payload.data[IV_BYTES:], _additional(key_id, tree))
        except (InvalidTag, ValueError):
            raise PayloadUnreadable(f"a payload of {tree} was changed after it was encrypted") from None
        return Payload.FromString(plain)

    def _encrypted(self, payload: Payload) -> Payload:
        key_id, cipher = self._ring.newest()
        tree, iv = self._bound_to or "", os.urandom(IV_BYTES)
        sealed = cipher.encrypt(iv, payload.SerializeToString(), _additional(key_id, tree))
        metadata = {"encoding": ENCODING, KEY_ID: key_id.encode(), BOUND_TO: tree.encode()}
        return Payload(metadata=metadata, data=iv + sealed)


def tree_of(workflow_id: str) -> str:
    """Return what the payloads of *workflow_id* are bound to: the id of the root of its tree."""
    return "/".join(workflow_id.split("/", 2)[:2])


def bound_to(payload: Payload) -> str:
    """Return the tree that *payload* says it is bound to; nothing for one that is not encrypted."""
    return payload.metadata.get(BOUND_TO, b"").decode()


def encrypting(ring: KeyRing) -> DataConverter:
    """Return the converter of all our processes with *ring*; what a failure says is encrypted as well."""
    return dataclasses.replace(
        DATA_CONVERTER,
        payload_codec=EncryptingCodec(ring),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def converter_of(settings: Settings) -> DataConverter:
    """Return the one converter that worker, desk, portal and archivist of an installation use."""
    return encrypting(KeyRing(settings.payload_key_file)) if settings.payload_encryption else DATA_CONVERTER


def _additional(key_id: str, tree: str) -> bytes:
    """What the ciphertext is bound to; neither part can hold the separator."""
    return f"payload-v1|{key_id}|{tree}".encode()
