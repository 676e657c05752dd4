"""The signed document: a PDF that grows by one revision a signature, and what a check of it came to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from contracts.ids import ContractNumber, TaskId
from contracts.organisation import Actor
from contracts.service_contract import SignerGroup, SignerRole
from contracts.signature import SignatureCheck, SignatureVerdict
from contracts.value import Code, Digest, Line, Recorded, Slug


class RevisionKind(StrEnum):
    """What a revision adds."""

    CERTIFIED = "certified"
    """All fields, and the platform's certification: from here on only signatures may follow."""
    SIGNED = "signed"
    CLOSED = "closed"
    """The time stamp over the whole file, with nothing after it."""


class DocumentSigner(Recorded):
    """A company for which the document has a field; ``organisation`` is how its certificate must name it."""

    company: Code
    organisation: Line
    role: SignerRole = SignerRole.PARTY
    group: Slug | None = None


class DocumentScope(Recorded):
    """What is signed by whom: stated inside the PDF under the platform's certification."""

    number: ContractNumber
    version: int
    document: Digest
    """Of the agreement's canonical JSON, as the decision and the terms produced it."""
    rendered: Digest
    """Of the PDF as it was rendered, which is the first ``rendered_size`` bytes of every revision."""
    rendered_size: int
    signers: tuple[DocumentSigner, ...]
    groups: tuple[SignerGroup, ...] = ()
    engine: str = ""
    template: Digest | None = None
    fonts: Digest | None = None
    """By what it was set: name and version of the typesetter, digests of its templates and of the fonts."""


class SigningEvidence(Recorded):
    """
    What Article 13 of the Electronic Signature Law asks about: who used the key, on whose behalf, and for what.

    ``shown`` is the digest of the PDF that was before the signatory's eyes, ``consent`` the answer by which the
    signatory agreed; with a mandate the actor carries its digest.
    """

    actor: Actor
    task: TaskId
    shown: Digest
    consent: Digest
    consented_at: datetime


class DocumentRevision(Recorded):
    """
    One revision of the PDF; its bytes lie in the document store under ``digest``.

    Revision ``ordinal`` follows on the one before it, whose digest is ``previous``. ``at`` is the moment of the time
    stamp in it, ``certificate`` the digest of the signer's certificate.
    """

    number: ContractNumber
    version: int
    ordinal: int
    kind: RevisionKind
    digest: Digest
    previous: Digest | None = None
    size: int
    at: datetime
    company: Code | None = None
    organisation: str = ""
    certificate: Digest | None = None
    provider: str = ""
    test_key: bool = False
    evidence: SigningEvidence | None = None


class PreparedSignature(Recorded):
    """
    What a key outside signs: ``attributes`` (DER, Base64), or their SHA-256 where the device takes a digest.

    It is good for revision ``previous`` alone, until ``expires_at``.
    """

    id: Digest
    number: ContractNumber
    version: int
    company: Code
    previous: Digest
    attributes_base64: str
    attributes_digest: Digest
    expires_at: datetime


class DocumentFinding(StrEnum):
    """What a check of a signed document found, as the reason code of its verdict."""

    OK = "ok"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too-large"
    GAVE_UP = "gave-up"
    UNKNOWN_AUTHORITY = "unknown-authority"
    STALE_EVIDENCE = "stale-evidence"
    NOT_CERTIFIED = "not-certified"
    NOT_CLOSED = "not-closed"
    OTHER_DOCUMENT = "other-document"
    MISSING_SIGNATURE = "missing-signature"
    BAD_SIGNATURE = "bad-signature"
    BAD_TIMESTAMP = "bad-timestamp"
    SWAPPED_SIGNER = "swapped-signer"
    WRONG_ORGANISATION = "wrong-organisation"
    WRONG_PURPOSE = "wrong-purpose"
    REVOKED_CERTIFICATE = "revoked-certificate"
    EXPIRED_CERTIFICATE = "expired-certificate"
    PAGE_CHANGED = "page-changed"
    ANNOTATION_ADDED = "annotation-added"
    ATTACHMENT_CHANGED = "attachment-changed"
    CHANGED_AFTER_SIGNING = "changed-after-signing"
    CHANGED_AFTER_CLOSING = "changed-after-closing"


VERDICT_OF = {
    DocumentFinding.OK: SignatureVerdict.VALID,
    DocumentFinding.UNREADABLE: SignatureVerdict.CANNOT_TELL,
    DocumentFinding.TOO_LARGE: SignatureVerdict.CANNOT_TELL,
    DocumentFinding.GAVE_UP: SignatureVerdict.CANNOT_TELL,
    DocumentFinding.UNKNOWN_AUTHORITY: SignatureVerdict.CANNOT_TELL,
    DocumentFinding.STALE_EVIDENCE: SignatureVerdict.CANNOT_TELL,
}
"""Any other finding than these is invalid."""


class Expectation(Recorded):
    """What the records say a document must be: the contract, the digest of its agreement, and who signs it."""

    number: ContractNumber
    version: int
    document: Digest
    organisations: dict[Code, str]


class DocumentCheck(Recorded):
    """
    The verdict on a signed document with a reason code; ``parties`` say it of each signature.

    ``holders`` says to whom the certificate of each signature is made out, ``closed_at`` is the moment of the closing
    time stamp, ``test_keys`` whether any certificate is a test's.
    """

    verdict: SignatureVerdict
    reason: DocumentFinding
    detail: str = ""
    digest: Digest
    scope: DocumentScope | None = None
    parties: tuple[SignatureCheck, ...] = ()
    signed_at: dict[Code, datetime] = {}
    holders: dict[Code, str] = {}
    closed_at: datetime | None = None
    test_keys: bool = False
