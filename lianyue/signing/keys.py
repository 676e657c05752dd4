"""Who holds the keys of companies: one protocol for all providers, and what pyHanko needs to know of a key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from asn1crypto import algos, x509
from pyhanko.sign.signers import ExternalSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore


class Keys(Protocol):
    """
    A provider of company keys.

    It hands out certificates and signature values, never a key. ``is_test`` says that whoever runs this machine
    could sign for everybody.
    """

    @property
    def name(self) -> str:
        """What settings and messages call it."""

    @property
    def is_test(self) -> bool:
        """Whether its keys are test keys, which production refuses."""

    def chain(self, company: str) -> tuple[bytes, ...]:
        """
        Return the certificate of *company* and those above it, DER, its own first.

        Raises:
            UnknownName: If it holds no key of *company*.
        """

    def value(self, company: str, signed: bytes) -> bytes:
        """
        Return the signature value over the bytes *signed*, hashed with SHA-256: ECDSA in DER, or RSA PKCS#1 v1.5.

        Raises:
            Unreachable: If the key cannot be used now; then it is tried again.
            KeyOutside: If only the company itself can use it.
        """


@dataclass(frozen=True)
class Identity:
    """Whose signature it will be: a certificate and those above it, DER, its own first."""

    chain: tuple[bytes, ...]

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The own certificate."""
        return x509.Certificate.load(self.chain[0])

    @property
    def organisation(self) -> str:
        """The identifier of the organisation it is made out to, "" if it does not say exactly one."""
        return organisation_of(self.certificate)

    @property
    def mechanism(self) -> algos.SignedDigestAlgorithm:
        """The algorithm of its key with SHA-256."""
        kind = "sha256_ecdsa" if self.certificate.public_key.algorithm == "ec" else "sha256_rsa"
        return algos.SignedDigestAlgorithm({"algorithm": kind})

    @property
    def value_size(self) -> int:
        """The most bytes a signature value takes."""
        key = self.certificate.public_key
        return 2 * ((key.bit_size + 7) // 8) + 10 if key.algorithm == "ec" else (key.bit_size + 7) // 8

    def signer(self, value: bytes | None = None) -> ExternalSigner:
        """Return pyHanko's view of it, with the signature *value* or a place kept free for it."""
        store = SimpleCertificateStore()
        store.register_multiple(x509.Certificate.load(each) for each in self.chain)
        return ExternalSigner(
            signing_cert=self.certificate,
            cert_registry=store,
            signature_value=self.value_size if value is None else value,
            signature_mechanism=self.mechanism,
            embed_roots=False,
        )


def organisation_of(certificate: x509.Certificate) -> str:
    """Return the one organizationIdentifier of *certificate*'s subject, "" if there is not exactly one."""
    found = [part["value"].native for rdn in certificate.subject.chosen for part in rdn if _is_identifier(part)]
    return str(found[0]) if len(found) == 1 else ""


def _is_identifier(part: x509.NameTypeAndValue) -> bool:
    return bool(part["type"].dotted == "2.5.4.97")
