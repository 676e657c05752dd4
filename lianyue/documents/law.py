"""What the law asks of documents, as data: when a signature is reliable, and how long each kind of document is kept."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from pydantic import Field

from contracts.value import Authored, Line
from lianyue.documents.rendered import DocumentKind
from rules.parse import parsed
from rules.source import read


class Condition(Authored):
    """
    One condition of a reliable signature.

    *kept* is the evidence of it that is kept, *seen* what a check that found a document valid says of it.
    """

    item: Line
    title_zh: Line
    title_en: Line
    kept_zh: Line
    kept_en: Line
    seen_zh: Line
    seen_en: Line


class ReliableSignature(Authored):
    """The conditions under which a signature is equal to handwriting or seal, and where they stand."""

    source: Line
    conditions: tuple[Condition, ...]


class Retention(Authored):
    """For how many years after the end of the contract a kind of document is kept, and by which rule."""

    kind: DocumentKind
    years: int = Field(ge=1, le=100)
    source: Line


class DocumentLaw(Authored):
    """All that documents say of the law on signatures and keeping."""

    reliable_signature: ReliableSignature
    retention: tuple[Retention, ...]

    def keeping(self, kind: DocumentKind) -> Retention:
        """Return how long documents of *kind* are kept."""
        return next(each for each in self.retention if each.kind is kind)


@cache
def document_law() -> DocumentLaw:
    """Return the law as it is shipped."""
    file = files("lianyue") / "documents" / "law.yaml"
    return parsed(read(file.read_text(encoding="utf-8"), "law.yaml"), DocumentLaw)


def law_lines(kind: DocumentKind) -> dict[str, object]:
    """Return what a template of *kind* says of the law."""
    law = document_law()
    kept = law.keeping(kind)
    return {
        "reliability": [each.model_dump(mode="json") for each in law.reliable_signature.conditions],
        "retention": {"years": str(kept.years), "source": kept.source},
    }
