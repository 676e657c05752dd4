"""Whom whoever checks documents trusts: root certificates, the platform, and revocation lists learned of later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asn1crypto import pem, x509

from contracts.errors import MalformedDocument
from contracts.signature import PLATFORM_ORGANISATION


@dataclass(frozen=True)
class Trust:
    """
    The roots (DER) under which certificates count, and further revocation lists (DER) beside those in the file.

    ``platform`` is how the certificate names whoever certifies documents.
    """

    roots: tuple[bytes, ...]
    lists: tuple[bytes, ...] = ()
    platform: str = PLATFORM_ORGANISATION

    def completed(self, chain: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return *chain* up to its root, which services leave out, if it is one of these."""
        last = x509.Certificate.load(chain[-1])
        above = [each for each in self.roots if x509.Certificate.load(each).subject == last.issuer]
        return (*chain, *above[:1]) if last.issuer != last.subject else tuple(chain)

    @classmethod
    def of_pem(cls, bundle: bytes, lists: Iterable[bytes] = (), platform: str = PLATFORM_ORGANISATION) -> Trust:
        """
        Trust the self-signed certificates of *bundle*, a PEM text; others in it are passed over.

        Raises:
            MalformedDocument: If there is none in it.
        """
        try:
            found = [der for kind, _, der in pem.unarmor(bundle, multiple=True) if kind == "CERTIFICATE"]
            roots = tuple(der for der in found if _is_root(x509.Certificate.load(der)))
        except (ValueError, TypeError) as error:
            raise MalformedDocument(f"the trusted certificates cannot be read: {error}") from None
        if not roots:
            raise MalformedDocument("there is no root certificate among the trusted ones")
        return cls(roots, tuple(lists), platform)


def _is_root(certificate: x509.Certificate) -> bool:
    return bool(certificate.issuer == certificate.subject)
