"""The signed PDFs of a bundle, and the roots under which their certificates count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.errors import UnknownName
from contracts.signed_document import DocumentRevision
from lianyue.audit.bundle import Bundle

if TYPE_CHECKING:
    from lianyue.signing.trust import Trust


class BundledPdfs:
    """Documents by version, as ``lianyue.audit.checks.Pdfs`` promises."""

    def __init__(self, bundle: Bundle, authorities: bytes, platform: str) -> None:
        self._bundle = bundle
        self._authorities = authorities
        self._platform = platform

    def pdf(self, revision: DocumentRevision) -> bytes:
        """Return the PDF of the version that *revision* is of, or raise UnknownName."""
        for each in self._bundle.manifest.documents:
            if (each.version, each.form) == (revision.version, "pdf"):
                return self._bundle.members[each.member]
        raise UnknownName(f"the bundle does not hold the signed document of version {revision.version}")

    def trust(self) -> Trust:
        """Return the trust in the roots among the authorities that the audit believes."""
        from lianyue.signing.trust import Trust

        return Trust.of_pem(self._authorities, platform=self._platform)
