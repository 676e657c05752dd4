"""What rendering comes to: the bytes, where each party signs, and the digests of all that went into them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from contracts.value import Digest


class DocumentKind(StrEnum):
    """Which paper it is: a contract, a change of one (补充协议), an approval sheet (审批单), an acceptance (验收单)."""

    CONTRACT = "contract"
    AMENDMENT = "amendment"
    APPROVAL = "approval"
    ACCEPTANCE = "acceptance"


class DocumentLanguage(StrEnum):
    """Chinese alone, or Chinese with an English translation; where they differ the Chinese text holds."""

    ZH = "zh"
    BILINGUAL = "bilingual"


@dataclass(frozen=True)
class SignatureBox:
    """
    Where *party* signs: a rectangle on *page* (the first is 0), in PDF points from the lower left corner.

    The template leaves it empty and has measured it itself.
    """

    party: str
    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class DocumentDigests:
    """
    What decides the bytes of a document: the same four give the same bytes on every machine.

    ``engine`` is name and version of the typesetter, ``template`` is over the shared templates and that of the
    category, ``fonts`` over the font files, ``content`` over everything that stands in the document.
    """

    engine: str
    template: Digest
    fonts: Digest
    content: Digest


@dataclass(frozen=True)
class RenderedDocument:
    """A document as PDF/A-3b, what it was made from attached; ``fields`` in the order in which the parties sign."""

    kind: DocumentKind
    pdf: bytes
    pages: int
    fields: tuple[SignatureBox, ...]
    digests: DocumentDigests

    @property
    def pdf_sha256(self) -> Digest:
        """The digest of the bytes."""
        return "sha256:" + hashlib.sha256(self.pdf).hexdigest()
