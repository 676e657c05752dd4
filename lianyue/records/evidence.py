"""The rows of evidence: who handed over which file, for what, when; rows are only added."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from contracts.value import Recorded
from lianyue.records.engine import Database
from lianyue.records.eyes import Readable
from lianyue.records.insert import inserted
from lianyue.records.tables import EvidenceRow


class KeptEvidence(Recorded):
    """A file handed over for a contract by one of its companies."""

    number: str
    company: str
    sha256: str
    name: str
    size: int
    media_type: str
    milestone: str
    user: str
    at: datetime


class EvidenceRows:
    """What was handed over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, kept: KeptEvidence) -> KeptEvidence:
        """Keep the row, and return what is kept: of the same file handed over twice, the first."""

        def work(session):  # type: ignore[no-untyped-def]
            inserted(session, EvidenceRow, kept.model_dump())
            row = session.get_one(EvidenceRow, (kept.number, kept.company, kept.sha256))
            return KeptEvidence.model_validate(row.model_dump())

        return self._database.write(work)

    def digests(self, number: str, company: str) -> frozenset[str]:
        """Return the digests of the files that *company* handed over for contract *number*."""
        own = select(EvidenceRow.sha256).where(EvidenceRow.number == number, EvidenceRow.company == company)
        with self._database.reading() as session:
            return frozenset(session.exec(own))

    def all(self) -> tuple[KeptEvidence, ...]:
        """Return every row, ordered by contract, company and digest."""
        return evidence_of(self._database)


def evidence_of(database: Readable, number: str | None = None) -> tuple[KeptEvidence, ...]:
    """Return what *database* shows of the evidence of contract *number*, or of all, in the order of arrival."""
    found = select(EvidenceRow).order_by(col(EvidenceRow.number), col(EvidenceRow.at), col(EvidenceRow.sha256))
    found = found if number is None else found.where(EvidenceRow.number == number)
    with database.reading() as session:
        return tuple(KeptEvidence.model_validate(row.model_dump()) for row in session.exec(found))
