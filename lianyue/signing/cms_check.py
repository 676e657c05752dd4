"""The check of one signature or time stamp of a PDF: intact, by whom, when, and under whose authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from asn1crypto import x509
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESSubIndic
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureStatus
from pyhanko_certvalidator import ValidationContext

from contracts.signed_document import DocumentFinding
from lianyue.signing.driving import at_once
from lianyue.signing.keys import organisation_of
from lianyue.signing.revocations import Revocations
from lianyue.signing.trust import Trust

USAGE: Final = KeyUsageConstraints(key_usage={"non_repudiation"}, explicit_extd_key_usage_required=False)


@dataclass(frozen=True)
class Judged:
    """One signature: what was found, by which certificate it is, and the moment of its time stamp."""

    finding: DocumentFinding
    certificate: x509.Certificate
    at: datetime | None = None

    @property
    def organisation(self) -> str:
        """The identifier of the organisation that signed."""
        return organisation_of(self.certificate)

    @cached_property
    def holder(self) -> str:
        """The name of the organisation to which the certificate is made out."""
        return str(self.certificate.subject.native.get("organization_name", ""))


class Judge:
    """Checks signatures under the roots of *trust*, with the revocation lists of the file and of *trust*."""

    def __init__(self, trust: Trust, store: DocumentSecurityStore) -> None:
        self._roots = [x509.Certificate.load(each) for each in trust.roots]
        self._learned = Revocations(trust.lists)
        self._certificates = list(store.load_certs())
        self._answers = [each.get_object().data for each in store.ocsps]
        self._lists = [*(each.get_object().data for each in store.crls), *trust.lists]

    def signature(self, signature: EmbeddedPdfSignature) -> Judged:
        """Check a signature as of the moment of its own time stamp."""
        at = _stamped_at(signature)
        if at is None:
            return Judged(DocumentFinding.BAD_TIMESTAMP, signature.signer_cert)
        context = self._context(at)
        try:
            status = at_once(
                async_validate_pdf_signature(
                    signature, context, self._context(at), skip_diff=True, key_usage_settings=USAGE
                )
            )
        except SignatureValidationError:
            return Judged(DocumentFinding.BAD_SIGNATURE, signature.signer_cert)
        stamp = status.timestamp_validity
        if not (status.intact and status.valid):
            return Judged(DocumentFinding.BAD_SIGNATURE, signature.signer_cert)
        if stamp is None or not (stamp.intact and stamp.valid):
            return Judged(DocumentFinding.BAD_TIMESTAMP, signature.signer_cert)
        finding = _trusted(status)
        if finding is DocumentFinding.OK:
            finding = _trusted(stamp)
        if finding is DocumentFinding.OK and self._is_revoked(signature, at):
            finding = DocumentFinding.REVOKED_CERTIFICATE
        return Judged(finding, signature.signer_cert, at)

    def closing(self, signature: EmbeddedPdfSignature, moment: datetime) -> Judged:
        """Check a document's time stamp; whether its authority may still be relied on is judged as of *moment*."""
        at = signature.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
        try:
            status = at_once(async_validate_pdf_timestamp(signature, self._context(at), skip_diff=True))
        except SignatureValidationError:
            return Judged(DocumentFinding.BAD_TIMESTAMP, signature.signer_cert)
        if not (status.intact and status.valid):
            return Judged(DocumentFinding.BAD_TIMESTAMP, signature.signer_cert)
        finding = _trusted(status)
        if finding is DocumentFinding.OK and self._is_revoked(signature, at):
            finding = DocumentFinding.REVOKED_CERTIFICATE
        if finding is DocumentFinding.OK and moment > signature.signer_cert.not_valid_after:
            finding = DocumentFinding.STALE_EVIDENCE
        return Judged(finding, signature.signer_cert, at)

    def _is_revoked(self, signature: EmbeddedPdfSignature, at: datetime) -> bool:
        """Whether lists learned of later say that the certificate was revoked before it signed."""
        held = [signature.signer_cert, *signature.other_embedded_certs, *self._certificates, *self._roots]
        return self._learned.tell_against(held, at)

    def _context(self, moment: datetime) -> ValidationContext:
        return ValidationContext(
            trust_roots=self._roots,
            other_certs=self._certificates,
            crls=self._lists,
            ocsps=self._answers,
            moment=moment,
            best_signature_time=moment,
            allow_fetching=False,
            revocation_mode="hard-fail",
        )


def _stamped_at(signature: EmbeddedPdfSignature) -> datetime | None:
    token = next(iter(extract_tst_data_iter(signature.signer_info, signed=False)), None)
    if token is None:
        return None
    moment: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return moment.astimezone(UTC)


_FINDINGS: Final[dict[AdESSubIndic, DocumentFinding]] = {
    AdESIndeterminate.REVOKED_NO_POE: DocumentFinding.REVOKED_CERTIFICATE,
    AdESIndeterminate.REVOKED_CA_NO_POE: DocumentFinding.REVOKED_CERTIFICATE,
    AdESFailure.FORMAT_FAILURE: DocumentFinding.BAD_SIGNATURE,
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: DocumentFinding.EXPIRED_CERTIFICATE,
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED: DocumentFinding.EXPIRED_CERTIFICATE,
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: DocumentFinding.UNKNOWN_AUTHORITY,
    AdESIndeterminate.NO_SIGNING_CERTIFICATE_FOUND: DocumentFinding.UNKNOWN_AUTHORITY,
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: DocumentFinding.WRONG_PURPOSE,
    AdESIndeterminate.CERTIFICATE_CHAIN_GENERAL_FAILURE: DocumentFinding.UNKNOWN_AUTHORITY,
    AdESIndeterminate.TRY_LATER: DocumentFinding.STALE_EVIDENCE,
    AdESIndeterminate.NO_POE: DocumentFinding.STALE_EVIDENCE,
}


def _trusted(status: SignatureStatus) -> DocumentFinding:
    """Say what stands in the way of believing the certificate."""
    if status.trusted:
        return DocumentFinding.OK
    if status.revoked:
        return DocumentFinding.REVOKED_CERTIFICATE
    problem = status.trust_problem_indic
    return (
        DocumentFinding.UNKNOWN_AUTHORITY if problem is None else _FINDINGS.get(problem, DocumentFinding.BAD_SIGNATURE)
    )
