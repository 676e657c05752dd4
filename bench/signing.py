"""Signatures: what each party's costs, and what the check of a contract of so many parties does."""

from __future__ import annotations

import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bench.measuring import Stopwatch
from bench.printing import agreement_of, companies_of
from contracts.agreement import AgreementVersion
from contracts.organisation import Actor
from contracts.service_contract import SigningTerms
from contracts.signed_document import PreparedSignature, SigningEvidence
from lianyue.document_store import FolderStore
from lianyue.documents.rendering import render
from lianyue.packs import read_category, shipped
from lianyue.signing.dev_authority import DevAuthority
from lianyue.signing.signed_documents import SignedDocuments
from lianyue.signing.trust import Trust
from rules.canonical import digest

CONTRACTS = 3
AIM_MS = 250


class Signed(BaseModel):
    """CPU milliseconds, with test keys: one signature, certification and closing together, and one check."""

    model_config = ConfigDict(frozen=True)

    parties: int
    bytes: int
    signature_ms: float
    frame_ms: float
    check_ms: float


def measure() -> Signed:
    """Have contracts signed and checked; the first, which reads fonts and makes keys, is not counted."""
    with tempfile.TemporaryDirectory(prefix="lianyue-signing-") as folder:
        documents = _documents(Path(folder))
        taken: dict[str, list[float]] = {"signature": [], "frame": [], "check": []}
        size = 0
        for serial in range(CONTRACTS + 1):
            size = _sign(documents, serial, taken if serial else {name: [] for name in taken})
    parties = len(agreement_of(0).parties)
    medians = {f"{name}_ms": round(statistics.median(values), 1) for name, values in taken.items()}
    return Signed(parties=parties, bytes=size, **medians)


def _documents(folder: Path) -> SignedDocuments:
    category, companies = read_category(shipped() / "charging"), companies_of()
    authority = DevAuthority(folder / "keys", companies.values())
    return SignedDocuments(
        lambda agreement: render(agreement, companies, category),
        FolderStore(folder / "documents"),
        lambda _: authority,
        authority,
        companies.get,
        _NoPreparations(),
        lambda: Trust.of_pem(authority.root_pem()),
    )


def _sign(documents: SignedDocuments, serial: int, taken: dict[str, list[float]]) -> int:
    agreement = agreement_of(serial)
    version = AgreementVersion(agreement=agreement, digest=digest(agreement.model_dump(mode="json")))
    watch = Stopwatch()
    head = documents.certified(version, SigningTerms())
    frame = watch.ms
    for party in agreement.parties:
        watch = Stopwatch()
        head = documents.signed(head, party, _evidence(party, version.digest))
        taken["signature"].append(watch.ms)
    watch = Stopwatch()
    head = documents.closed(head)
    taken["frame"].append(frame + watch.ms)
    watch = Stopwatch()
    documents.check(head, version)
    taken["check"].append(watch.ms)
    return head.size


def _evidence(party: str, shown: str) -> SigningEvidence:
    actor = Actor(user="li.wei", company=party, roles=())
    moment = datetime(2025, 7, 1, tzinfo=UTC)
    task = f"LY-2025-0001/sign/v1:sign-{party}"
    return SigningEvidence(actor=actor, task=task, shown=shown, consent=shown, consented_at=moment)


class _NoPreparations:
    """Nothing is signed outside here."""

    def keep_prepared(self, prepared: PreparedSignature, begun_json: str) -> None:
        """Keep nothing."""

    def prepared(self, id_: str) -> str:
        """Know nothing."""
        raise KeyError(id_)
