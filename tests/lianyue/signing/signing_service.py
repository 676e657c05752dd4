"""A signing service that speaks the API of the Cloud Signature Consortium, as much of it as is asked for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lianyue.signing.dev_authority import DevAuthority
from tests.lianyue.signing.room import Room
from tests.lianyue.signing.services import listening

SECRET = "token-of-the-installation"
CREDENTIAL = "credential-1"


class SigningService:
    """Holds the key of one company of a room; a signature needs a permit for that very digest, good for once."""

    def __init__(self, room: Room, company: str) -> None:
        self._hold(room.authority.chain(company), room.keys_folder / f"companies/{company}.key.pem")

    @classmethod
    def of_platform(cls, authority: DevAuthority, folder: Path) -> SigningService:
        """A service that holds the key with which the platform certifies; the keys of *authority* lie in *folder*."""
        service = cls.__new__(cls)
        service._hold(authority.platform_chain(), folder / "platform.key.pem")
        return service

    def _hold(self, chain: tuple[bytes, ...], key: Path) -> None:
        self._chain = chain
        self._key = load_pem_private_key(key.read_bytes(), None)
        self._permits: dict[str, str] = {}
        self.asked: list[str] = []

    def answer(self, path: str, secret: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer one request."""
        self.asked.append(path)
        if secret != f"Bearer {SECRET}" or told.get("credentialID") != CREDENTIAL:
            return 401, {"error": "invalid_token"}
        match path:
            case "/csc/v1/credentials/info":
                return 200, {"cert": {"certificates": [base64.b64encode(each).decode() for each in self._chain]}}
            case "/csc/v1/credentials/authorize":
                self._permits["permit"] = told["hash"][0]
                return 200, {"SAD": "permit", "expiresIn": 60}
            case "/csc/v1/signatures/signHash" if self._permits.pop(told["SAD"], None) == told["hash"][0]:
                assert isinstance(self._key, ec.EllipticCurvePrivateKey)
                value = self._key.sign(base64.b64decode(told["hash"][0]), ec.ECDSA(Prehashed(SHA256())))
                return 200, {"signatures": [base64.b64encode(value).decode()]}
        return 400, {"error": "invalid_request"}


@contextmanager
def serving(service: SigningService) -> Iterator[str]:
    """Serve on a free port of this machine; gives the address of the API."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, told = service.answer(self.path, self.headers["Authorization"], json.loads(body))
            answer = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as address:
        yield f"{address}/csc/v1"
