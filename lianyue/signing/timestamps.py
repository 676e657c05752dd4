"""Time-stamp tokens (RFC 3161), and the test authority in this process that gives them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Protocol

from asn1crypto import algos, cms, tsp, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

POLICY: Final = "1.3.6.1.4.1.99999.1"
"""The policy that test tokens name; the arc is one for examples."""


class TimeSource(Protocol):
    """Whoever states under its own signature that something was there at a moment."""

    @property
    def token_bytes(self) -> int:
        """The most that a token of it takes."""

    def chain(self) -> tuple[bytes, ...]:
        """Return its certificate and those above it, DER, its own first."""

    def token(self, request: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Answer a request for a token."""


class DevTimeSource:
    """Stamps with a test key and the clock of this machine."""

    def __init__(
        self,
        key: ec.EllipticCurvePrivateKey,
        chain: tuple[bytes, ...],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._key = key
        self._chain = chain
        self._clock = clock

    @property
    def token_bytes(self) -> int:
        """The most that a token takes: its certificates but the root, and what is said and signed."""
        return sum(map(len, self._chain[:-1])) + 1_000

    def chain(self) -> tuple[bytes, ...]:
        """Return the certificate of the test authority and those above it."""
        return self._chain

    def token(self, request: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """State the present moment over the digest of *request*."""
        info = self._statement(request).dump()
        attributes = self._attributes(info)
        value = self._key.sign(attributes.dump(), ec.ECDSA(SHA256()))
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [_SHA256],
                "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(info)},
                "certificates": [x509.Certificate.load(each) for each in self._chain[:-1]],
                "signer_infos": [self._signer_info(attributes, value)],
            }
        )
        token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})

    def _statement(self, request: tsp.TimeStampReq) -> tsp.TSTInfo:
        moment = self._clock().replace(microsecond=0)
        digest = request["message_imprint"].dump()
        statement = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": request["message_imprint"],
            "serial_number": int.from_bytes(sha256(digest + str(moment).encode()).digest()[:15], "big"),
            "gen_time": moment,
            "accuracy": {"seconds": 1},
        }
        if request["nonce"].native is not None:
            statement["nonce"] = request["nonce"]
        return tsp.TSTInfo(statement)

    def _attributes(self, info: bytes) -> cms.CMSAttributes:
        own = tsp.ESSCertIDv2({"cert_hash": sha256(self._chain[0]).digest()})
        certificate = tsp.SigningCertificateV2({"certs": [own]})
        return cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "signing_certificate_v2", "values": [certificate]}),
                cms.CMSAttribute({"type": "message_digest", "values": [sha256(info).digest()]}),
            ]
        )

    def _signer_info(self, attributes: cms.CMSAttributes, value: bytes) -> cms.SignerInfo:
        own = x509.Certificate.load(self._chain[0])
        issuer = cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number})
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier({"issuer_and_serial_number": issuer}),
                "digest_algorithm": _SHA256,
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": value,
            }
        )


_SHA256: Final = algos.DigestAlgorithm({"algorithm": "sha256"})
