"""OpenID Connect: the alliance's own identity provider says who somebody is; the directory says what they may."""

from __future__ import annotations

from typing import Any

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from contracts.errors import Unreachable
from lianyue.access.errors import SignInFailed
from lianyue.settings import Settings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures by a private key; ``none`` and shared secrets are not among them."""
LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 10


class Provider:
    """The identity provider: authorization code with PKCE, state and nonce."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._client_id = settings.oidc_client_id
        self._claim = settings.oidc_user_claim
        self._redirect = f"{settings.public_url}/sign-in/callback"
        file = settings.oidc_client_secret_file
        self._secret = file.read_text(encoding="utf-8").strip() if file else None
        self._known: dict[str, Any] = {}

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        """
        Return where to send somebody who wants to sign in.

        Raises:
            Unreachable: If the provider does not answer.
        """
        known = await self._discovered()
        async with self._client() as client:
            address, _ = client.create_authorization_url(
                known["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        return str(address)

    async def user(self, code: str, nonce: str, verifier: str) -> str:
        """
        Return the user whom the provider vouches for.

        Raises:
            SignInFailed: If it does not, or its token is not sound.
            Unreachable: If it does not answer.
        """
        known = await self._discovered()
        try:
            async with self._client() as client:
                tokens = await client.fetch_token(known["token_endpoint"], code=code, code_verifier=verifier)
                keys = (await client.request("GET", known["jwks_uri"], withhold_token=True)).json()
        except httpx2.HTTPError as error:
            raise Unreachable(f"the identity provider did not answer: {type(error).__name__}") from None
        except (OAuth2Error, ValueError):
            raise SignInFailed("the identity provider did not accept the code") from None
        return self._vouched_for(str(tokens.get("id_token", "")), keys, nonce)

    def _vouched_for(self, id_token: str, keys: Any, nonce: str) -> str:
        try:
            token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
            registry = jwt.JWTClaimsRegistry(
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self._known["issuer"]},
                aud={"essential": True, "value": self._client_id},
                exp={"essential": True},
                nonce={"essential": True, "value": nonce},
                sub={"essential": True},
            )
            registry.validate(token.claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise SignInFailed("the identity provider's token is not sound") from None
        user = token.claims.get(self._claim)
        if not isinstance(user, str) or not user:
            raise SignInFailed(f"the identity provider's token has no {self._claim}")
        return user

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client_id,
            self._secret,
            redirect_uri=self._redirect,
            scope="openid profile",
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
            timeout=TIMEOUT_SECONDS,
        )

    async def _discovered(self) -> dict[str, Any]:
        if self._known:
            return self._known
        try:
            async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
                known = (await client.get(f"{self._issuer}/.well-known/openid-configuration")).raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            raise Unreachable(f"the identity provider did not answer: {type(error).__name__}") from None
        if str(known.get("issuer", "")).rstrip("/") != self._issuer:
            raise SignInFailed("the identity provider calls itself otherwise than LIANYUE_OIDC_ISSUER")
        self._known = known
        return self._known
