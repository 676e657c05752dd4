"""The check of company signatures against the certificates of known authorities; no private key is needed."""

from __future__ import annotations

import base64
from enum import StrEnum
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from contracts.errors import MalformedDocument
from contracts.signature import Signature, SignatureCheck, SignatureVerdict, signed_bytes

ALGORITHM: Final = "ecdsa-p256-sha256"
TEST_MARK: Final = "测试 TEST"
"""How the organisation's name ends in every certificate of a test key."""


class Finding(StrEnum):
    """What a check found, as the reason code of its verdict."""

    OK = "ok"
    OTHER_DOCUMENT = "other-document"
    UNREADABLE = "unreadable"
    UNKNOWN_AUTHORITY = "unknown-authority"
    WRONG_COMPANY = "wrong-company"
    DISGUISED_TEST_KEY = "disguised-test-key"
    EXPIRED_CERTIFICATE = "expired-certificate"
    BAD_SIGNATURE = "bad-signature"


VERDICTS: Final = {
    Finding.OK: SignatureVerdict.VALID,
    Finding.UNREADABLE: SignatureVerdict.CANNOT_TELL,
    Finding.UNKNOWN_AUTHORITY: SignatureVerdict.CANNOT_TELL,
}
"""Whoever does not know the authority or the algorithm cannot tell; any other finding than these is invalid."""


class _Evidence(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePublicKey
    value: bytes


class Verifier:
    """
    Checks signatures against one or more certificate authorities.

    It looks at no revocation list: a key that is known to be compromised has to be told to the auditor otherwise.
    """

    def __init__(self, ca_pem: bytes) -> None:
        """
        Trust the authorities whose certificates are in *ca_pem*.

        Raises:
            MalformedDocument: If there is none in it.
        """
        try:
            self._authorities = tuple(x509.load_pem_x509_certificates(ca_pem))
        except ValueError as error:
            raise MalformedDocument(f"the authority's certificate cannot be read: {error}") from None

    def check(self, signature: Signature, document: str) -> SignatureCheck:
        """Check *signature* against the digest *document*; whatever is wrong is a reason code, never an exception."""
        finding = self._finding(signature, document)
        verdict = VERDICTS.get(finding, SignatureVerdict.INVALID)
        return SignatureCheck(company=signature.company, verdict=verdict, reason=finding.value)

    def _finding(self, signature: Signature, document: str) -> Finding:
        """Go from what is cheap to say to what needs the certificate, which is believed only once it is certified."""
        if signature.document != document:
            return Finding.OTHER_DOCUMENT
        evidence = _read(signature)
        if evidence is None:
            return Finding.UNREADABLE
        issuer = self._issuer(evidence.certificate)
        if issuer is None:
            return Finding.UNKNOWN_AUTHORITY
        if (signature.company, signature.company) != (_named(evidence.certificate), signature.actor.company):
            return Finding.WRONG_COMPANY
        if signature.test_key is not _is_marked(evidence.certificate):
            return Finding.DISGUISED_TEST_KEY
        if not all(_in_force(certificate, signature) for certificate in (evidence.certificate, issuer)):
            return Finding.EXPIRED_CERTIFICATE
        return Finding.OK if _fits(evidence, signature) else Finding.BAD_SIGNATURE

    def _issuer(self, certificate: x509.Certificate) -> x509.Certificate | None:
        """Return the authority that issued *certificate*, if it is one of ours."""
        for authority in self._authorities:
            try:
                certificate.verify_directly_issued_by(authority)
            except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
                continue
            return authority
        return None


def _read(signature: Signature) -> _Evidence | None:
    """
    Return certificate, public key and value, or None if one of them is not what `ALGORITHM` says.

    Only the one spelling of each is read: PEM, base64 and DER leave room for changes that mean nothing, and an
    auditor who compares bytes would stumble over them.
    """
    if signature.algorithm != ALGORITHM or signature.signed_at.utcoffset() is None:
        return None
    try:
        value = base64.b64decode(signature.value_base64, validate=True)
        certificate = x509.load_pem_x509_certificate(signature.certificate_pem.encode())
        key = certificate.public_key()
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
        return None
    if base64.b64encode(value).decode() != signature.value_base64 or _spelt(certificate) != signature.certificate_pem:
        return None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return None
    return _Evidence(certificate, key, value)


def _spelt(certificate: x509.Certificate) -> str:
    """
    Return the one PEM text of *certificate*; "" if its last field claims unused bits.

    The count of unused bits before the authority's signature is the one byte of a certificate nobody signs or reads.
    """
    whole = certificate.public_bytes(Encoding.DER).endswith(b"\0" + certificate.signature)
    return certificate.public_bytes(Encoding.PEM).decode() if whole else ""


def _named(certificate: x509.Certificate) -> str:
    """Return the company code a certificate is made out to; "" if it does not say exactly one."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else ""


def _is_marked(certificate: x509.Certificate) -> bool:
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return any(str(name.value).endswith(TEST_MARK) for name in names)


def _in_force(certificate: x509.Certificate, signature: Signature) -> bool:
    return certificate.not_valid_before_utc <= signature.signed_at <= certificate.not_valid_after_utc


def _fits(evidence: _Evidence, signature: Signature) -> bool:
    signed = signed_bytes(signature.company, signature.document, signature.actor.user, signature.signed_at)
    try:
        evidence.key.verify(evidence.value, signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
