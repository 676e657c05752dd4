"""Records that hold the archive of a recorded story, as if the contract had lived here; no server is needed."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

from contracts.ids import contract_workflow
from contracts.service_contract import ContractOrder
from lianyue.audit.checks import Check
from lianyue.audit.evidence import started_with
from lianyue.audit.exporting import exported
from lianyue.audit.trust import Trust
from lianyue.audit.verifying import verify_bundle
from lianyue.books import publish
from lianyue.histories import packed
from lianyue.settings import Settings
from lianyue.testing import small_alliance
from lianyue.wiring import Wiring
from rules.canonical import digest
from tests.replay.recorded import AUTHORITY, FOLDER, recording, recordings
from tests.replay.stories import NUMBER

WHOLE_LIFE = "divided_whole_life"


def archive(story: str, template: Path, place: Path) -> Wiring:
    """Return an installation at *place* in whose records the contract of *story* is archived."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "records.sqlite").write_bytes(template.read_bytes())
    keys = place / "keys" / "authority"
    keys.mkdir(parents=True)
    (keys / AUTHORITY).write_bytes((FOLDER / story / AUTHORITY).read_bytes())
    wiring = Wiring(Settings(data=place, sqlite_synchronous="OFF"))
    wiring.directory.load(small_alliance())
    order = started_with(recording(story, "").history(), ContractOrder)
    wiring.door.register(order, digest(order.contract.model_dump(mode="json")), order.clock.real_origin)
    keep_histories(wiring, story)
    return wiring


def keep_histories(wiring: Wiring, story: str) -> None:
    """Put the histories of *story* into the archive, the root last as the archivist does."""
    for each in sorted(recordings(), key=lambda each: each.workflow_id, reverse=True):
        if each.story == story and each.workflow_id.startswith(contract_workflow(NUMBER)):
            history = each.history()
            run = history.events[0].workflow_execution_started_event_attributes.original_execution_run_id
            kept = packed(history, run)
            wiring.records.keep_history(kept.workflow_id, run, NUMBER, kept.events, kept.zlibbed, kept.digest)


@cache
def published(template: Path) -> Path:
    """Return a migrated file that holds the shipped books and packs."""
    file = template.with_name("published.db")
    file.write_bytes(template.read_bytes())
    wiring = Wiring(Settings(data=template.parent, database_url=f"sqlite:///{file}", sqlite_synchronous="OFF"))
    publish(wiring.records, None, wiring.categories)
    wiring.database.close()
    return file


def bundle_of(story: str, template: Path, place: Path) -> bytes:
    """Return the bundle of a recorded *story*."""
    wiring = archive(story, published(template), place)
    try:
        return exported(wiring, NUMBER)
    finally:
        wiring.database.close()


def checks_of(raw: bytes, trust: Trust | None = None) -> list[Check]:
    """Return what an audit of the bundle *raw* finds."""
    return list(asyncio.run(verify_bundle(raw, trust)))


def failed(raw: bytes, trust: Trust | None = None) -> dict[str, str]:
    """Return what is wrong with the bundle *raw*, by the name of the check."""
    return {check.name: check.detail for check in checks_of(raw, trust) if not check.ok}
