"""Whether certificates stand: revocation lists and OCSP answers, fetched, kept while they hold, put into documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final, cast

from asn1crypto import pem
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from contracts.errors import Unreachable
from lianyue.signing.fetching import asked
from lianyue.signing.places import RevocationPlace

LISTS_KEPT: Final = timedelta(hours=1)
ANSWERS_KEPT: Final = timedelta(minutes=10)
"""How long what was fetched is used before it is asked for again, if it does not end earlier by itself."""


@dataclass(frozen=True)
class Standing:
    """What says that certificates were not revoked: lists and OCSP answers, DER."""

    lists: tuple[bytes, ...] = ()
    answers: tuple[bytes, ...] = ()

    def __add__(self, other: Standing) -> Standing:
        """Return both, each of theirs once."""
        lists, answers = (*self.lists, *other.lists), (*self.answers, *other.answers)
        return Standing(tuple(dict.fromkeys(lists)), tuple(dict.fromkeys(answers)))

    def revokes(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        """Whether it says of *certificate*, by *issuer*, that it is revoked."""
        listed = [x509.load_der_x509_crl(each) for each in self.lists]
        if any(
            each.issuer == issuer.subject and each.get_revoked_certificate_by_serial_number(certificate.serial_number)
            for each in listed
        ):
            return True
        answered = [_single(each, certificate) for each in self.answers]
        return any(each.certificate_status is ocsp.OCSPCertStatus.REVOKED for each in answered if each)


@dataclass
class _Kept:
    content: bytes
    until: datetime


@dataclass
class Revocations:
    """
    Finds what says whether certificates are revoked, in the places that the settings name.

    An authority's list is preferred, since one covers all of its certificates; of whom no list is by the issuer, the
    OCSP services are asked one after the other.
    """

    places: Sequence[RevocationPlace]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _fetched: dict[str, _Kept] = field(default_factory=dict)
    _answered: dict[tuple[bytes, int], _Kept] = field(default_factory=dict)

    def standing(self, chain: Sequence[bytes]) -> Standing:
        """
        Return what says of each certificate of *chain* (DER, each under the next) whether it is revoked.

        Raises:
            Unreachable: If nothing says it of one of them: no list that holds now, and no OCSP answer.
        """
        certificates = [x509.load_der_x509_certificate(each) for each in chain]
        issuers = {each.subject: each for each in certificates}
        lists = [each for each in self._lists() if _is_by_one_of(each, issuers)]
        covered = [each.issuer for each in lists]
        answers = [
            self._answer(below, above)
            for below, above in pairwise(certificates)
            if above.subject not in covered and below.issuer == above.subject
        ]
        return Standing(tuple(each.public_bytes(Encoding.DER) for each in lists), tuple(answers))

    def try_all(self) -> None:
        """Fetch every list, or raise what stands in the way; OCSP services are asked when there is a certificate."""
        self._lists()

    # --- lists ----------------------------------------------------------------------------------------------

    def _lists(self) -> list[x509.CertificateRevocationList]:
        return [self._list(place) for place in self.places if place.ocsp is None]

    def _list(self, place: RevocationPlace) -> x509.CertificateRevocationList:
        source, now = str(place.file or place.url), self.clock()
        kept = self._fetched.get(source)
        if kept is not None and now < kept.until:
            return x509.load_der_x509_crl(kept.content)
        content = _der(_file(place) if place.file else asked(source), source)
        listed = _read_list(content, source)
        ends = listed.next_update_utc
        if ends is not None and ends <= now:
            raise Unreachable(f"the revocation list of {source} ended at {ends.isoformat()}", where=source)
        self._fetched[source] = _Kept(content, min(now + LISTS_KEPT, ends or now + LISTS_KEPT))
        return listed

    # --- OCSP -----------------------------------------------------------------------------------------------

    def _answer(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
        key, now = (issuer.subject.public_bytes(), certificate.serial_number), self.clock()
        kept = self._answered.get(key)
        if kept is not None and now < kept.until:
            return kept.content
        name = certificate.subject.rfc4514_string()
        reasons = []
        for place in self.places:
            if place.ocsp is None:
                continue
            try:
                content, until = _asked_about(place.ocsp, certificate, issuer, now)
            except Unreachable as failure:
                reasons.append(failure.message)
                continue
            self._answered[key] = _Kept(content, min(until, now + ANSWERS_KEPT))
            return content
        why = "; ".join(reasons) or f"no list by {issuer.subject.rfc4514_string()} and no OCSP service is named"
        raise Unreachable(f"nothing says whether the certificate {name} is revoked: {why}")


def _file(place: RevocationPlace) -> bytes:
    try:
        return place.file.read_bytes() if place.file else b""
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise Unreachable(f"the revocation list {place.file} cannot be read: {reason}", str(place.file)) from None


def _der(content: bytes, source: str) -> bytes:
    try:
        return bytes(pem.unarmor(content)[2]) if pem.detect(content) else content
    except ValueError:
        raise Unreachable(f"{source} does not hold a revocation list (CRL, DER or PEM)", source) from None


def _read_list(content: bytes, source: str) -> x509.CertificateRevocationList:
    try:
        return x509.load_der_x509_crl(content)
    except ValueError:
        raise Unreachable(f"{source} does not hold a revocation list (CRL, DER or PEM)", source) from None


def _is_by_one_of(listed: x509.CertificateRevocationList, issuers: dict[x509.Name, x509.Certificate]) -> bool:
    issuer = issuers.get(listed.issuer)
    try:
        return issuer is not None and listed.is_signature_valid(
            cast("CertificateIssuerPublicKeyTypes", issuer.public_key())
        )
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False


def _asked_about(
    url: str, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> tuple[bytes, datetime]:
    # RFC 6960 and 5019: SHA-1 names the issuer here and protects nothing; responders know no other hash.
    question = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1()).build()  # noqa: S303
    content = asked(url, question.public_bytes(Encoding.DER), {"Content-Type": "application/ocsp-request"})
    answer = _single(content, certificate)
    if answer is not None and not _is_signed_for(content, issuer):
        raise Unreachable(f"the answer of {url} is signed by nobody who may", where=url)
    if answer is None or answer.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise Unreachable(f"{url} does not know the certificate", where=url)
    ends = answer.next_update_utc or now + ANSWERS_KEPT
    if ends <= now:
        raise Unreachable(f"the answer of {url} ended at {ends.isoformat()}", where=url)
    return content, ends


def _single(content: bytes, certificate: x509.Certificate) -> ocsp.OCSPSingleResponse | None:
    """What an OCSP answer says of *certificate*; nothing if it is none, or is about another."""
    try:
        answer = ocsp.load_der_ocsp_response(content)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None
        return next((each for each in answer.responses if each.serial_number == certificate.serial_number), None)
    except ValueError:
        return None


def _is_signed_for(content: bytes, issuer: x509.Certificate) -> bool:
    """Whether *issuer* has signed the OCSP answer, or somebody to whom it has given that task."""
    answer = ocsp.load_der_ocsp_response(content)
    signers = [issuer, *(each for each in answer.certificates if _may_answer(each, issuer))]
    return any(_has_signed(each, answer) for each in signers)


def _may_answer(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (InvalidSignature, TypeError, ValueError, x509.ExtensionNotFound):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def _has_signed(signer: x509.Certificate, answer: ocsp.OCSPResponse) -> bool:
    key, algorithm = signer.public_key(), answer.signature_hash_algorithm
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(algorithm))
            return True
        if isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), algorithm)
            return True
    except InvalidSignature:
        pass
    return False
