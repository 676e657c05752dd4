"""Whom whoever checks documents trusts: root certificates, and revocation lists learned of later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from asn1crypto import pem, x509

from contracts.errors import MalformedDocument


@dataclass(frozen=True)
class Trust:
    """The roots (DER) under which certificates count, and further revocation lists (DER) beside those in the file."""

    roots: tuple[bytes, ...]
    lists: tuple[bytes, ...] = ()

    @classmethod
    def of_pem(cls, bundle: bytes, lists: Iterable[bytes] = ()) -> Trust:
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
        return cls(roots, tuple(lists))


def _is_root(certificate: x509.Certificate) -> bool:
    return bool(certificate.issuer == certificate.subject)
