"""The development certificate authority: test keys for every company, made on first use, never for production."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Sequence
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

from contracts.errors import MalformedDocument, SignatureInvalid, UnfitForProduction, UnknownName
from contracts.organisation import Actor, Company
from contracts.signature import (
    PLATFORM_ORGANISATION,
    Signature,
    SignatureCheck,
    organisation_identifier,
    signed_bytes,
)
from lianyue.key_files import kept
from lianyue.signing.dev_certificates import Purpose, distinguished, made_out, revocation_list
from lianyue.signing.standing import Standing
from lianyue.signing.timestamps import DevTimeSource
from lianyue.signing.verifier import ALGORITHM, TEST_MARK, Verifier

PROVIDER: Final = "dev-soft"
"""The name of this provider of signatures in settings and messages."""

AUTHORITY: Final = "联约开发证书机构 Lianyue development authority"
ROOT: Final = "联约开发根证书机构 Lianyue development root"
TIME_SOURCE: Final = "联约开发时间戳 Lianyue development time stamps"
PLATFORM: Final = "联约平台 Lianyue platform"

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

    ``root.pem`` certifies ``authority.pem``, and that ``companies/<code>.pem``, ``platform.pem`` and
    ``timestamping.pem``; beside each lies its key, PKCS#8 with mode 0600. The keys have no password, because they
    are test keys: whoever may read the folder may sign for everybody. Therefore every certificate says 测试 TEST,
    every signature says ``test_key``, and production refuses (`require_fit`). Names and credit codes come from
    *companies*, or else *directory*, when a certificate is first made; an unlisted company goes by its code.
    """

    name: Final = PROVIDER
    is_test: Final = True

    def __init__(
        self,
        folder: Path,
        companies: Iterable[Company] = (),
        directory: Callable[[str], Company | None] = lambda _: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._companies = {company.code: company for company in companies}
        self._directory = directory
        self._clock = clock
        self._lists: dict[tuple[object, ...], tuple[bytes, ...]] = {}

    # --- statements -----------------------------------------------------------------------------------------

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
        value = self.value(company, signed)
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
        """Return the certificates of the authority and of the root, which are all that a `Verifier` needs."""
        return self._authority_certificate() + self.root_pem()

    @cached_property
    def _verifier(self) -> Verifier:
        return Verifier(self.ca_certificate_pem())

    # --- keys for documents ---------------------------------------------------------------------------------

    def chain(self, company: str) -> tuple[bytes, ...]:
        """Return the certificate of *company* and those above it, DER, its own first."""
        return self._chain(self._company_certificate(company))

    def value(self, company: str, signed: bytes) -> bytes:
        """Return the signature of *company*'s key over *signed*, DER."""
        self._company_certificate(company)
        return self._key(f"companies/{company}").sign(signed, ec.ECDSA(SHA256()))

    def platform_chain(self) -> tuple[bytes, ...]:
        """Return the certificate with which the platform certifies documents, and those above it."""
        return self._chain(
            self._certified("platform", Purpose.SIGNING, distinguished(_marked(PLATFORM), PLATFORM_ORGANISATION))
        )

    def platform_value(self, signed: bytes) -> bytes:
        """Return the signature of the platform's key over *signed*, DER."""
        return self._key("platform").sign(signed, ec.ECDSA(SHA256()))

    def time_source(self) -> DevTimeSource:
        """Return the authority's source of time-stamp tokens."""
        certificate = self._certified("timestamping", Purpose.TIME_STAMPING, distinguished(_marked(TIME_SOURCE)))
        return DevTimeSource(self._key("timestamping"), self._chain(certificate), self._clock)

    def root_pem(self) -> bytes:
        """Return the certificate that whoever checks documents has to trust."""
        name = distinguished(_marked(ROOT))
        return kept(self._folder / "root.pem", lambda: self._made_out("root", Purpose.ROOT, name, name, "root"))

    def revocation_lists(self) -> tuple[bytes, ...]:
        """Return the present lists of the authority and of the root, DER."""
        revoked = {int(file.stem): datetime.fromisoformat(file.read_text()) for file in self._revocations().glob("*")}
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        present = (hour, *sorted(revoked))
        if present not in self._lists:
            authority = x509.load_pem_x509_certificate(self._authority_certificate()).subject
            root = x509.load_pem_x509_certificate(self.root_pem()).subject
            self._lists[present] = (
                revocation_list(authority, self._key("authority"), revoked, hour),
                revocation_list(root, self._key("root"), {}, hour),
            )
        return self._lists[present]

    def standing(self, chain: Sequence[bytes]) -> Standing:  # noqa: ARG002 - its lists are about all of its own
        """Return its present lists: what says whether certificates of its own are revoked."""
        return Standing(self.revocation_lists())

    def has_issued(self, chain: Sequence[bytes]) -> bool:
        """Whether *chain* ends in its own root."""
        return bool(chain) and chain[-1] == self._root

    @cached_property
    def _root(self) -> bytes:
        return x509.load_pem_x509_certificate(self.root_pem()).public_bytes(Encoding.DER)

    def revoke(self, company: str) -> None:
        """Revoke the certificate of *company*, as of now and for good."""
        serial = x509.load_pem_x509_certificate(self._company_certificate(company)).serial_number
        kept(self._revocations() / str(serial), lambda: self._clock().isoformat().encode())

    def _revocations(self) -> Path:
        return self._folder / "revoked"

    # --- certificates ---------------------------------------------------------------------------------------

    def _company_certificate(self, code: str) -> bytes:
        if not _COMPANY.fullmatch(code):
            raise UnknownName(f"{code!r} is not the code of a company")
        file = self._folder / f"companies/{code}.pem"
        return file.read_bytes() if file.is_file() else self._certified_company(code)

    def _certified_company(self, code: str) -> bytes:
        company = self._companies.get(code) or self._directory(code)
        name = company.name if company else code
        identifier = organisation_identifier(code, company.credit_code if company else "")
        return self._certified(f"companies/{code}", Purpose.SIGNING, distinguished(_marked(name), identifier, code))

    def _authority_certificate(self) -> bytes:
        root = x509.load_pem_x509_certificate(self.root_pem()).subject
        name = distinguished(_marked(AUTHORITY))
        return kept(
            self._folder / "authority.pem", lambda: self._made_out("authority", Purpose.ISSUING, name, root, "root")
        )

    def _certified(self, file: str, purpose: Purpose, subject: x509.Name) -> bytes:
        issuer = x509.load_pem_x509_certificate(self._authority_certificate()).subject
        return kept(self._folder / f"{file}.pem", lambda: self._made_out(file, purpose, subject, issuer, "authority"))

    def _made_out(self, file: str, purpose: Purpose, subject: x509.Name, issuer: x509.Name, by: str) -> bytes:
        return made_out(purpose, subject, self._key(file).public_key(), issuer, self._key(by))

    def _chain(self, certificate: bytes) -> tuple[bytes, ...]:
        above = self._authority_certificate(), self.root_pem()
        return tuple(x509.load_pem_x509_certificate(each).public_bytes(Encoding.DER) for each in (certificate, *above))

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


def _marked(name: str) -> str:
    """Return *name*, cut to what X.520 allows, with the mark of test keys."""
    return f"{name[: LONGEST_NAME - len(TEST_MARK) - 1]} {TEST_MARK}"
