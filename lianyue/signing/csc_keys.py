"""Keys at a remote signing service that speaks the API of the Cloud Signature Consortium (CSC, version 1)."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from contracts.errors import Unreachable

SHA256: Final = "2.16.840.1.101.3.4.2.1"
ECDSA: Final = "1.2.840.10045.4.3.2"
RSA: Final = "1.2.840.113549.1.1.11"
PATIENCE_SECONDS: Final = 15
LARGEST_ANSWER: Final = 2**20


class CscKeys:
    """
    A `Keys` at one credential of a service; every signature is authorised by itself, for one digest.

    The secret is the access token of the installation; it goes into the header of requests and nowhere else.
    """

    name = "csc"
    is_test = False

    def __init__(self, url: str, credential: str, secret: str) -> None:
        self._url = url.rstrip("/")
        self._credential = credential
        self._secret = secret

    def chain(self, company: str) -> tuple[bytes, ...]:  # noqa: ARG002 - one company's alone
        """Return the credential's certificate and those above it, as the service tells them."""
        return self._chain

    def value(self, company: str, signed: bytes) -> bytes:  # noqa: ARG002 - one company's alone
        """Have the service sign the digest of *signed*, or raise Unreachable."""
        digest = base64.b64encode(sha256(signed).digest()).decode()
        permit = self._asked("credentials/authorize", numSignatures=1, hash=[digest])
        answer = self._asked(
            "signatures/signHash", SAD=permit.get("SAD"), hash=[digest], hashAlgo=SHA256, signAlgo=self._algorithm
        )
        return base64.b64decode(_first(answer, "signatures"))

    @cached_property
    def _chain(self) -> tuple[bytes, ...]:
        told = self._asked("credentials/info", certificates="chain").get("cert", {})
        certificates = told.get("certificates", []) if isinstance(told, dict) else []
        if not certificates:
            raise Unreachable(f"the signing service tells no certificate of {self._credential}")
        return tuple(base64.b64decode(each) for each in certificates)

    @cached_property
    def _algorithm(self) -> str:
        from asn1crypto import x509

        return ECDSA if x509.Certificate.load(self._chain[0]).public_key.algorithm == "ec" else RSA

    def _asked(self, what: str, **told: Any) -> dict[str, Any]:
        """Ask the service; whatever goes wrong is told without what was sent."""
        body = json.dumps({"credentialID": self._credential, **told}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._secret}"}
        request = urllib.request.Request(f"{self._url}/{what}", body, headers)  # noqa: S310 - by settings
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
                told_back = json.loads(answer.read(LARGEST_ANSWER))
        except urllib.error.HTTPError as refusal:
            refusal.close()
            raise Unreachable(f"the signing service answered {refusal.code} to {what}") from None
        except (OSError, ValueError) as failure:
            raise Unreachable(f"the signing service does not answer {what}: {type(failure).__name__}") from None
        if not isinstance(told_back, dict):
            raise Unreachable(f"the signing service answered {what} with something else than an object")
        return told_back


def _first(answer: dict[str, Any], name: str) -> str:
    values = answer.get(name)
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        raise Unreachable(f"the signing service did not answer with one of {name}")
    return values[0]
