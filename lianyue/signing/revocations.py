"""Revocation lists that an auditor learns of after a document was signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import cast

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes


class Revocations:
    """What the *lists* (DER) say, each believed if the authority that it names has signed it."""

    def __init__(self, lists: Sequence[bytes]) -> None:
        self._lists = [x509.load_der_x509_crl(each) for each in lists]

    def tell_against(self, chain: Sequence[asn1.Certificate], at: datetime) -> bool:
        """Whether the first certificate of *chain*, or one above it, had been revoked at the moment *at*."""
        if not self._lists:
            return False
        held = [x509.load_der_x509_certificate(each.dump()) for each in chain]
        path = _path(held[0], held)
        return any(self._had_revoked(below, above, at) for below, above in pairwise(path))

    def _had_revoked(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
        for each in self._lists:
            if each.issuer != issuer.subject or not _is_signed_by(each, issuer):
                continue
            entry = each.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None and entry.revocation_date_utc <= at:
                return True
        return False


def _path(certificate: x509.Certificate, held: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The certificate and those above it, as far as they are at hand."""
    path = [certificate]
    while path[-1].issuer != path[-1].subject and len(path) < 10:
        above = next((each for each in held if each.subject == path[-1].issuer), None)
        if above is None:
            break
        path.append(above)
    return path


def _is_signed_by(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return listed.is_signature_valid(cast("CertificateIssuerPublicKeyTypes", issuer.public_key()))
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False
