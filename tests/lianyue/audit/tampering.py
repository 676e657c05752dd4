"""What somebody who wants to deceive an auditor could do to a bundle, with a manifest that fits again."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.api.history.v1 import History

from lianyue.audit.bundle import MANIFEST, SEAL, Manifest, read_bundle
from lianyue.audit.container import unwritten
from lianyue.audit.vouched import SEALED, sealed_bytes
from tests.lianyue.audit.bundles import restated, with_members

Events = list[Any]
FORGER = Ed25519PrivateKey.from_private_bytes(b"forger" + bytes(26))


def with_history(raw: bytes, path: str, change: Callable[[Events], Events | None]) -> bytes:
    """Change the events of the workflow at *path* of the contract, and state the new digest and count everywhere."""
    bundle = read_bundle(raw)
    place = f"contract/{bundle.manifest.number}{path}"
    (listed,) = [each for each in bundle.manifest.histories if each.workflow_id == place]
    events = list(History.FromString(zlib.decompress(bundle.members[listed.member])).events)
    changed = change(events) or events
    plain = History(events=changed).SerializeToString(deterministic=True)
    stated = {"digest": "sha256:" + hashlib.sha256(plain).hexdigest(), "events": len(changed)}

    def restate(manifest: Manifest) -> dict[str, Any]:
        others = [each.model_copy(update=stated) if each.workflow_id == place else each for each in manifest.histories]
        return {"histories": tuple(others)}

    return restated(with_members(raw, {listed.member: zlib.compress(plain, 9)}), restate)


def answered(name: str, change: Callable[[Any], object], nth: int = 0) -> Callable[[Events], None]:
    """Change what the *nth* activity called *name* answered."""

    def tamper(events: Events) -> None:
        completed = _completions(events, name)[nth].activity_task_completed_event_attributes
        _rewrite(completed.result.payloads[0], change)

    return tamper


def asked(name: str, change: Callable[[Any], object], nth: int = 0) -> Callable[[Events], None]:
    """Change what the *nth* activity called *name* was asked."""

    def tamper(events: Events) -> None:
        at = _completions(events, name)[nth].activity_task_completed_event_attributes.scheduled_event_id
        scheduled = events[at - 1].activity_task_scheduled_event_attributes
        _rewrite(scheduled.input.payloads[0], change)

    return tamper


def acted(change: Callable[[Any], object], nth: int = 0) -> Callable[[Events], None]:
    """Change what somebody sent with the *nth* update."""

    def tamper(events: Events) -> None:
        taken = [event for event in events if event.HasField("workflow_execution_update_accepted_event_attributes")]
        request = taken[nth].workflow_execution_update_accepted_event_attributes.accepted_request
        _rewrite(request.input.args.payloads[0], change)

    return tamper


def started(change: Callable[[Any], object]) -> Callable[[Events], None]:
    """Change what the workflow was started with."""
    return lambda events: _rewrite(events[0].workflow_execution_started_event_attributes.input.payloads[0], change)


def with_json(raw: bytes, name: str, change: Callable[[Any], object]) -> bytes:
    """Change a document of the bundle, and state its new SHA-256."""
    value = json.loads(unwritten(raw)[name])
    change(value)
    content = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return restated(with_members(raw, {name: content}))


def resealed(raw: bytes) -> bytes:
    """Sign the manifest anew, with the forger's own key."""
    import base64

    members = unwritten(raw)
    public = base64.b64encode(FORGER.public_key().public_bytes_raw()).decode()
    signature = base64.b64encode(FORGER.sign(SEALED + sealed_bytes(members[MANIFEST]))).decode()
    seal = json.dumps({"desk": public, "signature": signature}, separators=(",", ":")).encode()
    return with_members(raw, {SEAL: seal})


def without_entry(nth: int) -> Callable[[Any], None]:
    """Leave an entry of the log out."""
    return lambda log: log["entries"].pop(nth)


def _completions(events: Events, name: str) -> list[Any]:
    found = []
    for event in events:
        if event.HasField("activity_task_completed_event_attributes"):
            at = event.activity_task_completed_event_attributes.scheduled_event_id
            if events[at - 1].activity_task_scheduled_event_attributes.activity_type.name == name:
                found.append(event)
    return found


def _rewrite(payload: Any, change: Callable[[Any], object]) -> None:
    value = json.loads(payload.data)
    change(value)
    payload.data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
