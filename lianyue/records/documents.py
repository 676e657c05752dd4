"""The rows of signed documents: the revisions of each version, whose bytes lie outside."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from contracts.signed_document import DocumentRevision
from lianyue.records.engine import Database
from lianyue.records.tables import DocumentRevisionRow


def revisions_of(session: Session, number: str, version: int) -> tuple[DocumentRevision, ...]:
    """Return the revisions of one version's document, first to last."""
    of_version = select(DocumentRevisionRow.revision_json).where(DocumentRevisionRow.number == number)
    of_version = of_version.where(DocumentRevisionRow.version == version)
    rows = session.exec(of_version.order_by(col(DocumentRevisionRow.ordinal)))
    return tuple(DocumentRevision.model_validate_json(revision) for revision in rows)


def newest_revisions(database: Database) -> tuple[DocumentRevision, ...]:
    """Return the last revision of every document, of which the others are the beginning, by contract and version."""
    version = (col(DocumentRevisionRow.number), col(DocumentRevisionRow.version))
    last = select(*version, func.max(DocumentRevisionRow.ordinal).label("last")).group_by(*version).subquery()
    newest = select(DocumentRevisionRow.revision_json).join(
        last,
        (version[0] == last.c.number) & (version[1] == last.c.version) & (DocumentRevisionRow.ordinal == last.c.last),
    )
    with database.reading() as session:
        return tuple(DocumentRevision.model_validate_json(each) for each in session.exec(newest.order_by(*version)))
