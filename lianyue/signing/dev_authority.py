"""The development certificate authority: test keys for every company, made on first use, never for production."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from contracts.errors import MalformedDocument, SignatureInvalid, UnfitForProduction, UnknownName
from contracts.organisation import Actor, Company
from contracts.signature import Signature, SignatureCheck, signed_bytes
from lianyue.key_files import kept
from lianyue.signing.verifier import ALGORITHM, TEST_MARK, Verifier

PROVIDER: Final = "dev-soft"
"""The name of this provider of signatures in settings and messages."""

AUTHORITY: Final = "联约开发证书机构 Lianyue development authority"

VALID_FROM: Final = datetime(2020, 1, 1, tzinfo=UTC)
VALID_TO: Final = datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)
"""Wide and fixed: a demonstration's clock may show any day, and making a certificate asks no clock."""

LONGEST_NAME: Final = 64
"""Characters of an organizationName by X.520."""

_COMPANY = re.compile(r"[A-Z][A-Z0-9]{1,11}")


def require_fit(environment: str, provider: str) -> None:
    """
    Let *provider* sign in *environment*, or refuse.

    Raises:
        UnfitForProduction: If it is the development authority in production.
    """
    if environment == "production" and provider == PROVIDER:
        raise UnfitForProduction(f"signatures would come from {PROVIDER}, whose keys are test keys")


class DevAuthority:
    """
    Signs with test keys that lie in a folder of this machine: `activities.ports.Signatures` for development.

    ``authority.pem`` certifies ``companies/<code>.pem``; beside each lies its key, PKCS#8 with mode 0600. The keys
    have no password, because they are test keys: whoever may read the folder may sign for everybody. Therefore
    every certificate says 测试 TEST, every signature says ``test_key``, and production refuses (`require_fit`).
    Names and credit codes come from *companies* when a certificate is first made; an unlisted company goes by its
    code.
    """

    def __init__(self, folder: Path, companies: Iterable[Company] = ()) -> None:
        self._folder = folder
        self._companies = {company.code: company for company in companies}

    def sign(self, company: str, document: str, actor: Actor, signed_at: datetime) -> Signature:
        """
        Sign the digest *document* with the key of *company* on behalf of *actor*.

        Raises:
            SignatureInvalid: If *actor* acts for another company.
            UnknownName: If *company* is not a company code.
        """
        if actor.company != company:
            raise SignatureInvalid(f"{actor.user} acts for {actor.company} and cannot sign for {company}")
        certificate = self._company_certificate(company)
        signed = signed_bytes(company, document, actor.user, signed_at)
        value = self._key(f"companies/{company}").sign(signed, ec.ECDSA(SHA256()))
        return Signature(
            company=company,
            document=document,
            actor=actor,
            signed_at=signed_at,
            algorithm=ALGORITHM,
            certificate_pem=certificate.decode(),
            value_base64=base64.b64encode(value).decode(),
            test_key=True,
        )

    def check(self, signature: Signature, document: str) -> SignatureCheck:
        """Check *signature* against the digest *document* and this authority."""
        return self._verifier.check(signature, document)

    def ca_certificate_pem(self) -> bytes:
        """Return the authority's certificate, which is all that a `Verifier` needs."""
        return kept(self._folder / "authority.pem", self._authority_certificate)

    @cached_property
    def _verifier(self) -> Verifier:
        return Verifier(self.ca_certificate_pem())

    def _company_certificate(self, code: str) -> bytes:
        if not _COMPANY.fullmatch(code):
            raise UnknownName(f"{code!r} is not the code of a company")
        return kept(self._folder / f"companies/{code}.pem", lambda: self._certified_company(code))

    def _certified_company(self, code: str) -> bytes:
        key = self._key(f"companies/{code}").public_key()
        authority = x509.load_pem_x509_certificate(self.ca_certificate_pem())
        authority_key = self._key("authority")
        unsigned = _for_signing(_unsigned(self._subject(code), authority.subject, key), authority_key.public_key())
        return _pem(unsigned.sign(authority_key, SHA256()))

    def _authority_certificate(self) -> bytes:
        key = self._key("authority")
        name = x509.Name([_country(), _attribute(NameOID.ORGANIZATION_NAME, f"{AUTHORITY} {TEST_MARK}")])
        return _pem(_for_certifying(_unsigned(name, name, key.public_key())).sign(key, SHA256()))

    def _subject(self, code: str) -> x509.Name:
        company = self._companies.get(code)
        name, identifier = (company.name, company.credit_code or code) if company else (code, code)
        return x509.Name(
            [
                _country(),
                _attribute(NameOID.ORGANIZATION_NAME, f"{name[: LONGEST_NAME - len(TEST_MARK) - 1]} {TEST_MARK}"),
                _attribute(NameOID.ORGANIZATION_IDENTIFIER, f"NTRCN-{identifier}"),
                _attribute(NameOID.COMMON_NAME, code),
            ]
        )

    def _key(self, name: str) -> ec.EllipticCurvePrivateKey:
        file = self._folder / f"{name}.key.pem"
        try:
            key = load_pem_private_key(kept(file, _new_key), password=None)
        except (TypeError, ValueError):
            key = None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise MalformedDocument(f"{file.name} does not hold a private EC key without password", where=str(file))
        return key


def _new_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _unsigned(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    serial = x509.random_serial_number()
    unsigned = x509.CertificateBuilder(issuer, subject, key, serial, VALID_FROM, VALID_TO)
    return unsigned.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _for_certifying(unsigned: x509.CertificateBuilder) -> x509.CertificateBuilder:
    return unsigned.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(
        _usage(certifies=True), critical=True
    )


def _for_signing(unsigned: x509.CertificateBuilder, authority: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    """Document signing, and e-mail protection too, without which common tools do not accept the certificate."""
    purposes = [x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), ExtendedKeyUsageOID.EMAIL_PROTECTION]
    return (
        unsigned.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certifies=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), critical=False)
    )


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


def _country() -> x509.NameAttribute:
    return _attribute(NameOID.COUNTRY_NAME, "CN")


def _attribute(kind: x509.ObjectIdentifier, text: str) -> x509.NameAttribute:
    return x509.NameAttribute(kind, text)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
