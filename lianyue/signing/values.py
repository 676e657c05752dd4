"""Whether a signature value fits a certificate: asked before it becomes part of a document."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256


def fits(certificate: bytes, signed: bytes, value: bytes) -> bool:
    """Whether *value* is the signature over *signed* by the key of *certificate* (DER), hashed with SHA-256."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, signed, ec.ECDSA(SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(value, signed, padding.PKCS1v15(), SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True
