"""The kept bundles: made when their stories were recorded, verified by whatever code there is now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lianyue.audit.bundle import MANIFEST, Manifest, manifest_bytes, member_of, read_bundle
from lianyue.audit.checks import Check
from lianyue.audit.container import unwritten, written
from lianyue.audit.trust import Trust
from lianyue.audit.verifying import verify_bundle

FOLDER = Path(__file__).parent / "kept"
WHOLE_LIFE, AMENDED, TOGETHER = "divided_whole_life", "changed_and_amended", "awarded_together"
BUNDLED = (WHOLE_LIFE, AMENDED, TOGETHER, "passed_between_colleagues", "excepted_and_passed_on")


def bundle_of(story: str) -> Path:
    """Return where the bundle of a *story* lies."""
    return FOLDER / f"{story}.zip"


def kept(story: str = WHOLE_LIFE) -> bytes:
    """Return the bundle of a *story*."""
    return bundle_of(story).read_bytes()


def checks_of(raw: bytes, trust: Trust | None = None) -> list[Check]:
    """Return what an audit of the bundle *raw* finds."""
    return list(asyncio.run(verify_bundle(raw, trust)))


def failed(raw: bytes, trust: Trust | None = None) -> dict[str, str]:
    """Return what is wrong with the bundle *raw*, by the name of the check."""
    return {check.name: check.detail for check in checks_of(raw, trust) if not check.ok}


def with_members(raw: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """Return the bundle with other members; without one where there is none; the manifest stays."""
    members = {**unwritten(raw), **{name: content for name, content in changes.items() if content is not None}}
    return written({name: content for name, content in members.items() if changes.get(name, b"") is not None})


def restated(raw: bytes, change: Callable[[Manifest], Mapping[str, Any]] | None = None) -> bytes:
    """Return the bundle with a manifest that states its members as they are, and *change* what it says besides."""
    bundle = read_bundle(raw)
    listed = [name for name in bundle.members if not name.startswith("manifest.")]
    members = tuple(member_of(name, bundle.members[name]) for name in sorted(listed))
    manifest = bundle.manifest.model_copy(update={"members": members})
    if change is not None:
        manifest = manifest.model_copy(update=dict(change(manifest)))
    return with_members(raw, {MANIFEST: manifest_bytes(manifest)})
