"""How the certificates and revocation lists of the test authority are made out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FROM: Final = datetime(2020, 1, 1, tzinfo=UTC)
VALID_TO: Final = datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)
"""Wide and fixed: a demonstration's clock may show any day, and making a certificate asks no clock."""

LIST_LIFE: Final = timedelta(days=30)
"""How long after it was made a revocation list may be relied on."""

DOCUMENT_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")


class Purpose(Enum):
    """What a key may be used for."""

    ROOT = "root"
    ISSUING = "issuing"
    SIGNING = "signing"
    TIME_STAMPING = "time-stamping"


def made_out(
    purpose: Purpose,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> bytes:
    """Return a certificate for *subject* and *key* as PEM; with equal names it certifies itself."""
    serial = x509.random_serial_number()
    unsigned = (
        x509.CertificateBuilder(issuer, subject, key, serial, VALID_FROM, VALID_TO)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(_constraints(purpose), critical=True)
        .add_extension(_usage(certifies=purpose in (Purpose.ROOT, Purpose.ISSUING)), critical=True)
    )
    extended = _extended(purpose)
    if extended is not None:
        # RFC 3161 wants it critical, and time stamping as the only purpose.
        unsigned = unsigned.add_extension(extended, critical=purpose is Purpose.TIME_STAMPING)
    return unsigned.sign(issuer_key, SHA256()).public_bytes(Encoding.PEM)


def revocation_list(
    issuer: x509.Name, issuer_key: ec.EllipticCurvePrivateKey, revoked: Mapping[int, datetime], made_at: datetime
) -> bytes:
    """Return the list of the *revoked* serial numbers with their moments, DER, as of *made_at*."""
    unsigned = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer)
        .last_update(made_at)
        .next_update(made_at + LIST_LIFE)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(int(made_at.timestamp())), critical=False)
    )
    for serial, since in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
        unsigned = unsigned.add_revoked_certificate(entry)
    return unsigned.sign(issuer_key, SHA256()).public_bytes(Encoding.DER)


def distinguished(organisation: str, identifier: str = "", common: str = "") -> x509.Name:
    """Return a name of this country; the parts that are empty are left out."""
    parts = {
        NameOID.COUNTRY_NAME: "CN",
        NameOID.ORGANIZATION_NAME: organisation,
        NameOID.ORGANIZATION_IDENTIFIER: identifier,
        NameOID.COMMON_NAME: common,
    }
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts.items() if text])


def _constraints(purpose: Purpose) -> x509.BasicConstraints:
    lengths = {Purpose.ROOT: 1, Purpose.ISSUING: 0}
    return x509.BasicConstraints(ca=purpose in lengths, path_length=lengths.get(purpose))


def _extended(purpose: Purpose) -> x509.ExtendedKeyUsage | None:
    """Beside document signing also e-mail protection, without which common tools do not accept the certificate."""
    if purpose is Purpose.SIGNING:
        return x509.ExtendedKeyUsage([DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION])
    if purpose is Purpose.TIME_STAMPING:
        return x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return None


def _usage(*, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certifies,
        content_commitment=not certifies,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )
