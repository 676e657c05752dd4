"""The check of a signed document as a contract: every party once, by its own certificate, over what was decided."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Final

from asn1crypto import cms
from pydantic import ValidationError
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import DocumentSecurityStore, EmbeddedPdfSignature
from pyhanko.sign.validation.errors import SignatureValidationError, ValidationInfoReadingError

from contracts.service_contract import SignerRole
from contracts.signature import SignatureCheck, SignatureVerdict
from contracts.signed_document import (
    VERDICT_OF,
    DocumentCheck,
    DocumentFinding,
    DocumentScope,
    DocumentSigner,
    Expectation,
)
from lianyue.signing.cms_check import Judge, Judged
from lianyue.signing.pdf_changes import suspicious_change
from lianyue.signing.pdf_content import difference
from lianyue.signing.pdf_signing import APPLICATION, CLOSING_FIELD, PLATFORM_FIELD, pdf_digest
from lianyue.signing.trust import Trust
from lianyue.signing.verifier import TEST_MARK

LARGEST: Final = 32 * 2**20
"""Bytes of a document that is looked at."""

_UNREADABLE = (
    PdfError,
    SignatureValidationError,
    ValidationError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    ArithmeticError,
    RecursionError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What the reading of a malformed PDF ends in; a file nobody can read is an answer, not a failure."""


class _Found(Exception):
    """The first thing that is wrong with the document as a whole."""

    def __init__(self, finding: DocumentFinding, detail: str = "") -> None:
        super().__init__(finding)
        self.finding = finding
        self.detail = detail


def check_document(
    pdf: bytes, trust: Trust, moment: datetime, expected: Expectation | None = None, *, is_grown_here: bool = False
) -> DocumentCheck:
    """
    Say whether *pdf* is a contract that all its signers signed, as of *moment*; it asks neither network nor records.

    Without *expected* it is measured against what the platform's certification says must be signed, and by whom.
    Certificates are judged as of the time stamp of each signature, so that it says the same years later. Whatever is
    wrong is a reason code, never an exception. *is_grown_here* says that the caller has made every revision on the one
    before it, so that nothing can have changed in between: to look for that takes longer than all the rest.
    """
    examination = _Examination(pdf, trust, moment, expected, is_grown_here)
    try:
        finding, detail = examination.finding()
    except _Found as found:
        finding, detail = found.finding, found.detail
    except _UNREADABLE as error:
        finding, detail = DocumentFinding.UNREADABLE, type(error).__name__
    return DocumentCheck(
        verdict=VERDICT_OF.get(finding, SignatureVerdict.INVALID),
        reason=finding,
        detail=detail,
        digest=pdf_digest(pdf),
        scope=examination.scope,
        parties=tuple(examination.parties),
        signed_at=examination.signed_at,
        holders=examination.holders,
        closed_at=examination.closed_at,
        test_keys=examination.test_keys,
    )


class _Examination:
    """One document under examination, from what is cheap to say to what takes long."""

    def __init__(
        self, pdf: bytes, trust: Trust, moment: datetime, expected: Expectation | None, is_grown_here: bool
    ) -> None:
        self._is_grown_here = is_grown_here
        self._pdf = pdf
        self._trust = trust
        self._moment = moment
        self._expected = expected
        self.scope: DocumentScope | None = None
        self.parties: list[SignatureCheck] = []
        self.signed_at: dict[str, datetime] = {}
        self.holders: dict[str, str] = {}
        self.closed_at: datetime | None = None
        self.test_keys = False

    def finding(self) -> tuple[DocumentFinding, str]:
        """Return what is wrong first, or that nothing is."""
        if len(self._pdf) > LARGEST:
            return DocumentFinding.TOO_LARGE, f"{len(self._pdf)} bytes"
        reader = PdfFileReader(BytesIO(self._pdf), strict=True)
        if reader.encrypted:
            return DocumentFinding.UNREADABLE, "encrypted"
        signatures = {each.field_name: each for each in reader.embedded_signatures}
        self._compare_closed(signatures.get(CLOSING_FIELD))
        certification = self._certification(reader, signatures)
        judge = Judge(self._trust, _security_store(reader))
        platform = judge.signature(certification)
        self._mind(platform)
        _refuse(platform.finding, PLATFORM_FIELD)
        if platform.organisation != self._trust.platform:
            raise _Found(DocumentFinding.NOT_CERTIFIED, f"certified by {platform.organisation or 'nobody'}")
        scope = self.scope = _scope(reader, certification)
        self._compare_scope(scope)
        known = {PLATFORM_FIELD, CLOSING_FIELD, *(each.company for each in scope.signers)}
        if foreign := sorted(set(signatures) - known):
            raise _Found(DocumentFinding.CHANGED_AFTER_SIGNING, f"nobody is to sign in {', '.join(foreign)}")
        self._judge_signers(scope, signatures, judge)
        self._inspect_changes(reader, certification, signatures)
        self._refuse_signers(scope)
        self._inspect_closing(reader, signatures, judge)
        return DocumentFinding.OK, ""

    def _compare_closed(self, closing: EmbeddedPdfSignature | None) -> None:
        """Of a document that was closed, every byte is at stake: one comparison says whether any has changed."""
        if closing is None or closing.sig_object_type != "/DocTimeStamp":
            return
        imprint = closing.signed_data["encap_content_info"]["content"].parsed["message_imprint"]
        if closing.compute_digest(imprint["hash_algorithm"]["algorithm"].native) != imprint["hashed_message"].native:
            raise _Found(DocumentFinding.BAD_TIMESTAMP, "the bytes are not those that were closed")

    def _certification(
        self, reader: PdfFileReader, signatures: dict[str, EmbeddedPdfSignature]
    ) -> EmbeddedPdfSignature:
        """The first signature must be the platform's, and allow nothing but signatures after it."""
        first = reader.embedded_signatures[0] if reader.embedded_signatures else None
        if first is None or first.field_name != PLATFORM_FIELD or first.docmdp_level is not MDPPerm.FILL_FORMS:
            raise _Found(DocumentFinding.NOT_CERTIFIED)
        if len(signatures) != len(reader.embedded_signatures):
            raise _Found(DocumentFinding.CHANGED_AFTER_SIGNING, "two signatures in one field")
        return first

    def _compare_scope(self, scope: DocumentScope) -> None:
        """The certified scope is about these bytes, and about what was expected."""
        rendered = self._pdf[: scope.rendered_size]
        if pdf_digest(rendered) != scope.rendered:
            raise _Found(DocumentFinding.OTHER_DOCUMENT, "not the pages that were certified")
        expected = self._expected
        if expected is None:
            return
        told = (scope.number, scope.version, scope.document)
        if told != (expected.number, expected.version, expected.document):
            raise _Found(DocumentFinding.OTHER_DOCUMENT, f"{scope.number}, version {scope.version}")
        organisations = {each.company: each.organisation for each in scope.signers if each.role is SignerRole.PARTY}
        if organisations != expected.organisations:
            raise _Found(DocumentFinding.OTHER_DOCUMENT, "other parties than those that were decided")

    # --- who signed -----------------------------------------------------------------------------------------

    def _judge_signers(self, scope: DocumentScope, signatures: dict[str, EmbeddedPdfSignature], judge: Judge) -> None:
        for signer in scope.signers:
            signature = signatures.get(signer.company)
            finding = DocumentFinding.MISSING_SIGNATURE
            if signature is not None:
                judged = judge.signature(signature)
                self._mind(judged)
                self.holders[signer.company] = judged.holder
                finding = _by_the_right_one(judged, signer, scope.signers)
                if judged.at is not None:
                    self.signed_at[signer.company] = judged.at
            verdict = VERDICT_OF.get(finding, SignatureVerdict.INVALID)
            self.parties.append(SignatureCheck(company=signer.company, verdict=verdict, reason=finding.value))

    def _refuse_signers(self, scope: DocumentScope) -> None:
        """Every party, and of each group as many as it needs; a signature that is there must be sound in any case."""
        missing = DocumentFinding.MISSING_SIGNATURE
        found = {each.company: DocumentFinding(each.reason) for each in self.parties}
        for finding in sorted(set(found.values()) - {missing, DocumentFinding.OK}, key=_gravity):
            raise _Found(finding, ", ".join(company for company, each in found.items() if each is finding))
        absent = [each.company for each in scope.signers if each.group is None and found[each.company] is missing]
        signed = Counter(each.group for each in scope.signers if found[each.company] is DocumentFinding.OK)
        absent += [group.name for group in scope.groups if signed[group.name] < group.needed]
        if absent:
            raise _Found(missing, ", ".join(absent))

    def _mind(self, judged: Judged) -> None:
        self.test_keys = self.test_keys or is_test(judged)

    # --- what changed ---------------------------------------------------------------------------------------

    def _inspect_changes(
        self, reader: PdfFileReader, certification: EmbeddedPdfSignature, signatures: dict[str, EmbeddedPdfSignature]
    ) -> None:
        """After the certification each revision is one signature, and each changes nothing else."""
        first = certification.signed_revision
        change = None if self._is_grown_here else suspicious_change(reader, first)
        if change is not None:
            revision, told = change
            closing = signatures.get(CLOSING_FIELD)
            late = closing is not None and revision > closing.signed_revision
            raise _Found(_named(reader.get_historical_resolver(first), reader, late=late), told)
        self._inspect_layout(reader, first, signatures)

    def _inspect_layout(self, reader: PdfFileReader, first: int, signatures: dict[str, EmbeddedPdfSignature]) -> None:
        told = sorted(each.signed_revision for each in signatures.values())
        there = list(range(first, reader.xrefs.total_revisions))
        if told == there:
            return
        closing = signatures.get(CLOSING_FIELD)
        if closing is not None and there[-1] > closing.signed_revision:
            raise _Found(DocumentFinding.CHANGED_AFTER_CLOSING)
        raise _Found(DocumentFinding.CHANGED_AFTER_SIGNING, "a revision that signs nothing")

    # --- the end --------------------------------------------------------------------------------------------

    def _inspect_closing(
        self, reader: PdfFileReader, signatures: dict[str, EmbeddedPdfSignature], judge: Judge
    ) -> None:
        """The last revision is the time stamp, and it covers every byte but itself."""
        closing = signatures.get(CLOSING_FIELD)
        if closing is None or closing.sig_object_type != "/DocTimeStamp":
            raise _Found(DocumentFinding.NOT_CLOSED)
        if closing.signed_revision != reader.xrefs.total_revisions - 1 or not _covers(closing, self._pdf):
            raise _Found(DocumentFinding.CHANGED_AFTER_CLOSING)
        judged = judge.closing(closing, self._moment)
        self._mind(judged)
        _refuse(judged.finding, CLOSING_FIELD)
        self.closed_at = judged.at
        if judged.at is None or any(at > judged.at for at in self.signed_at.values()):
            raise _Found(DocumentFinding.BAD_TIMESTAMP, "closed before it was signed")


def is_test(judged: Judged) -> bool:
    """Whether a certificate says that its key is a test's."""
    return judged.holder.endswith(TEST_MARK)


def _refuse(finding: DocumentFinding, detail: str) -> None:
    if finding is not DocumentFinding.OK:
        raise _Found(finding, detail)


def _by_the_right_one(judged: Judged, signer: DocumentSigner, others: Sequence[DocumentSigner]) -> DocumentFinding:
    """Whose certificate it is matters only once it is sound."""
    if judged.finding is not DocumentFinding.OK or judged.organisation == signer.organisation:
        return judged.finding
    if judged.organisation in {each.organisation for each in others}:
        return DocumentFinding.SWAPPED_SIGNER
    return DocumentFinding.WRONG_ORGANISATION


def _gravity(finding: DocumentFinding) -> tuple[bool, str]:
    """What is invalid is said before what cannot be told."""
    return (VERDICT_OF.get(finding) is SignatureVerdict.CANNOT_TELL, finding.value)


def _named(certified: HistoricalResolver, reader: PdfFileReader, *, late: bool) -> DocumentFinding:
    """Name a change by what a reader of the document would see of it."""
    if late:
        return DocumentFinding.CHANGED_AFTER_CLOSING
    return difference(certified, reader) or DocumentFinding.CHANGED_AFTER_SIGNING


def _scope(reader: PdfFileReader, certification: EmbeddedPdfSignature) -> DocumentScope:
    """Read what is signed by whom, as it stood when the platform certified it."""
    certified = reader.get_historical_resolver(certification.signed_revision)
    private = certified.root["/PieceInfo"][APPLICATION]["/Private"]
    return DocumentScope.model_validate_json(private.data)


def _security_store(reader: PdfFileReader) -> DocumentSecurityStore:
    try:
        return DocumentSecurityStore.read_dss(reader)
    except ValidationInfoReadingError:
        return DocumentSecurityStore(None)


def _covers(closing: EmbeddedPdfSignature, pdf: bytes) -> bool:
    """Whether the time stamp covers all but its own value, and that is spelt in the one way."""
    start, length, rest, tail = (int(each) for each in closing.byte_range)
    if start != 0 or rest + tail != len(pdf) or pdf[length : length + 1] != b"<" or pdf[rest - 1 : rest] != b">":
        return False
    spelt = bytes.fromhex(pdf[length + 1 : rest - 1].decode("ascii"))
    value = cms.ContentInfo.load(spelt).dump()
    return spelt == value.ljust(len(spelt), b"\0")
