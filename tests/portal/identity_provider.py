"""A throw-away identity provider: discovery, one client, codes bound to PKCE, tokens signed by a fresh key."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT = "lianyue-portal"


@dataclass
class IdentityProvider:
    """What it will say of whoever comes next."""

    issuer: str = ""
    user: str = "north"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one"}))
    published: RSAKey | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, address: str) -> str:
        """Sign somebody in at *address* and return the code with which the browser is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert ("code", CLIENT, "S256") == (asked["response_type"], asked["client_id"], asked["code_challenge_method"])
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code

    def redeemed(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Return the tokens for a code, once and only to whoever has its verifier."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return None
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce: str) -> str:
        """Return a token that vouches for the user, with the *changes* a test wants in it."""
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "1",
            "nonce": nonce,
            "preferred_username": self.user,
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
        }
        return jwt.encode(self.header, {**claims, **self.changes}, self.key)

    @property
    def keys(self) -> dict[str, Any]:
        """The public keys."""
        return dict(KeySet([self.published or self.key]).as_dict(private=False))


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """Give a provider that answers on a port of its own."""
    provider = IdentityProvider()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer = provider.issuer
            known = {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
            }
            self.answer(known if self.path.endswith("openid-configuration") else provider.keys)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            tokens = provider.redeemed({name: values[0] for name, values in parse_qs(body).items()})
            self.answer(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

        def answer(self, document: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
