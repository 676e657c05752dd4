"""The office's signature under its own statements, such as exceptions, with a key that the settings name."""

from __future__ import annotations

import base64
from datetime import datetime

from asn1crypto import pem
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from contracts.errors import MalformedDocument, SignatureInvalid, UnfitForProduction
from contracts.organisation import Actor
from contracts.signature import Signature, SignatureCheck, signed_bytes
from lianyue.signing.keys import Keys
from lianyue.signing.trust import Trust
from lianyue.signing.verifier import ALGORITHM, Verifier


class Statements:
    """
    Signs statements with one key, and checks them under the authority that has certified it.

    Its certificate has the office's code as common name and a key on the curve P-256. Without a key it only checks.
    """

    def __init__(self, keys: Keys | None, trust: Trust) -> None:
        """
        Take the key of *keys*; what is to be checked counts under its authority and the roots of *trust*.

        Raises:
            MalformedDocument: If the certificate is not of such a key, or its authority is not in its chain.
        """
        self._keys = keys
        self._chain = keys.chain("") if keys else ()
        if keys:
            _require_fit(self._chain)
        self._authorities = tuple(dict.fromkeys((*self._chain[1:], *trust.roots)))
        self._verifier = Verifier(self.ca_certificate_pem())

    def sign(self, company: str, document: str, actor: Actor, signed_at: datetime) -> Signature:
        """
        Sign the digest *document* in the name of *company* on behalf of *actor*.

        Raises:
            SignatureInvalid: If *actor* acts for another company, or the key is not that of *company*.
            UnfitForProduction: If the settings name no key for statements.
        """
        if self._keys is None:
            raise UnfitForProduction("no key is named for statements; name one under statements in signing_keys")
        if actor.company != company:
            raise SignatureInvalid(f"{actor.user} acts for {actor.company} and cannot sign for {company}")
        value = self._keys.value(company, signed_bytes(company, document, actor.user, signed_at))
        made = Signature(
            company=company,
            document=document,
            actor=actor,
            signed_at=signed_at,
            algorithm=ALGORITHM,
            certificate_pem=x509_pem(self._chain[0]),
            value_base64=base64.b64encode(value).decode(),
            test_key=self._keys.is_test,
        )
        found = self._verifier.check(made, document)
        if found.verdict != "valid":
            raise SignatureInvalid(f"the key for statements cannot sign for {company}: {found.reason}")
        return made

    def check(self, signature: Signature, document: str) -> SignatureCheck:
        """Check *signature* against the digest *document*."""
        return self._verifier.check(signature, document)

    def ca_certificate_pem(self) -> bytes:
        """Return the certificates under which statements count, PEM."""
        return b"".join(pem.armor("CERTIFICATE", each) for each in self._authorities)


def x509_pem(der: bytes) -> str:
    """Return the certificate *der* as PEM."""
    return pem.armor("CERTIFICATE", der).decode("ascii")


def _require_fit(chain: tuple[bytes, ...]) -> None:
    key = x509.load_der_x509_certificate(chain[0]).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise MalformedDocument("statements: the certificate must be of a key on the curve P-256", "statements")
    if len(chain) < 2:
        raise MalformedDocument("statements: the chain must hold the certificate of the authority", "statements")
