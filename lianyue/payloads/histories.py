"""Histories as they were before encryption: every payload in every event, wherever in the event it lies."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory

from lianyue.payloads.codec import EncryptingCodec, bound_to, tree_of


def decrypted(history: WorkflowHistory, codec: EncryptingCodec | None) -> WorkflowHistory:
    """
    Return a copy of *history* with its payloads decrypted; without a *codec* it is as the server keeps it.

    A history also holds what workflows of other trees were told; they are named in it.

    Raises:
        PayloadUnreadable: If a key is missing, or a payload was changed or is of a tree that is not named here.
    """
    if codec is None:
        return history
    events = [type(event).FromString(event.SerializeToString()) for event in history.events]
    codecs = {tree: codec.for_workflow(tree) for tree in _trees(history)}
    own = codecs[tree_of(history.workflow_id)]
    for event in events:
        for payload in payloads_in(event):
            payload.CopyFrom(codecs.get(bound_to(payload), own).decrypted(payload))
    return WorkflowHistory(workflow_id=history.workflow_id, events=events)


def _trees(history: WorkflowHistory) -> list[str]:
    """The tree of *history*, and those of the workflows that it started or signalled."""
    found = [history.workflow_id]
    for event in history.events:
        told = getattr(event, event.WhichOneof("attributes") or "", None)
        found.append(getattr(told, "workflow_id", ""))
        found.append(getattr(getattr(told, "workflow_execution", None), "workflow_id", ""))
    return list(dict.fromkeys(tree_of(each) for each in found if each))


def payloads_in(message: Message) -> Iterator[Payload]:
    """Yield every payload in *message*, however deep."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for part in _parts(field, value):
                yield from payloads_in(part)


def _parts(field: FieldDescriptor, value: object) -> list[Message]:
    if not field.is_repeated:
        return [value]  # type: ignore[list-item]
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return [each for each in value.values() if isinstance(each, Message)]  # type: ignore[attr-defined]
    return list(value)  # type: ignore[call-overload]
