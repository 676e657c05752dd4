"""Who comes in: by a session, a token or the identity provider; and who does not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from joserfc.jwk import OctKey, RSAKey
from temporalio.client import Client

from contracts.errors import AllianceError
from contracts.organisation import Role
from lianyue.access.errors import NotSignedIn, UnsafePortal
from lianyue.access.service import Service
from lianyue.access.sign_in import SignIn
from lianyue.portal.app import make_app
from lianyue.portal.guards import HEADERS, Throttle
from lianyue.portal.signing_in import local_path
from lianyue.portal.ways_in import ways_in
from lianyue.records.sign_ins import SignIns
from lianyue.settings import Settings
from lianyue.testing import small_alliance
from lianyue.wiring import Wiring
from tests.portal.identity_provider import CLIENT, IdentityProvider, running

LOCAL = "http://127.0.0.1:8080"
PUBLIC = "https://portal.example"
SITE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """A throw-away identity provider."""
    with running() as made:
        yield made


@pytest_asyncio.fixture
async def service(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """The service of a development instance, with nobody at work behind it."""
    async for made in serving(sqlite_url, tmp_path):
        yield made


async def serving(url: str, folder: Path, **settings: Any) -> AsyncIterator[Service]:
    """Give the service of these settings."""
    wiring = Wiring(Settings(data=folder, database_url=url, **settings))
    wiring.directory.load(small_alliance())
    client = await Client.connect("127.0.0.1:1", lazy=True)
    yield Service(wiring, client)
    wiring.database.close()


def browser(service: Service, base: str = LOCAL, **headers: str) -> httpx2.AsyncClient:
    """A browser that shows the portal of *service*; each request comes from its own pages."""
    transport = httpx2.ASGITransport(make_app(service), raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url=base, headers={**SITE, **headers})


async def test_the_development_sign_in_opens_a_session(service: Service) -> None:
    """Somebody of the directory signs in by name, is known by the cookie alone, and is unknown after leaving."""
    async with browser(service) as door:
        came = await door.post("/sign-in", data={"user": "north", "next": "/tasks"})
        known = await door.get("/api/v1/me")
        secret = door.cookies["sid"]
        await door.post("/sign-out")
        gone = await door.get("/api/v1/me")
        reused = await door.get("/api/v1/me", headers={"cookie": f"sid={secret}"})

    cookie = came.headers["set-cookie"]
    assert (303, "/tasks") == (came.status_code, came.headers["location"])
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/"))
    assert "NORTH" == known.json()["company"]
    assert [401, 401] == [gone.status_code, reused.status_code]


async def test_behind_https_the_cookie_is_bound_to_the_host(sqlite_url: str, tmp_path: Path) -> None:
    """Published under https, the session's cookie is Secure and carries the prefix that browsers guard."""
    async for made in serving(sqlite_url, tmp_path, public_url=PUBLIC):
        async with browser(made, PUBLIC) as door:
            came = await door.post("/sign-in", data={"user": "north"})

    assert came.headers["set-cookie"].startswith("__Host-sid=")
    assert "Secure" in came.headers["set-cookie"]
    assert "max-age=31536000" == came.headers["strict-transport-security"]


def test_only_hashes_are_kept(service: Service) -> None:
    """Neither a session's secret nor a token's lies in the records."""
    session = service.sign_in.open("north")
    token, _ = service.sign_in.issue("robot", "north", (), 30)

    stored = Path(str(service._wiring.database.url.database)).read_bytes()
    stored += Path(f"{service._wiring.database.url.database}-wal").read_bytes()

    assert token.startswith("alc_")
    assert len(token) == 68
    assert session.encode() not in stored
    assert token.encode() not in stored


async def test_sessions_end(service: Service) -> None:
    """A session ends after 8 idle hours, after 12 hours in any case, and when its user moves or leaves."""
    clock = [datetime(2025, 7, 1, tzinfo=UTC)]
    directory = service._wiring.directory
    sign_in = SignIn(SignIns(service._wiring.database), directory, lambda: clock[0])

    def opened(*hours: float) -> bool:
        clock[0] = datetime(2025, 7, 1, tzinfo=UTC)
        secret = sign_in.open("north")
        try:
            for each in hours:
                clock[0] += timedelta(hours=each)
                sign_in.by_session(secret)
        except NotSignedIn:
            return False
        return True

    moved = small_alliance()
    people = [
        each.model_copy(update={"company": "LAKE"}) if each.user == "north" else each
        for each in moved.people
        if each.user != "hill"
    ]
    north, hill = sign_in.open("north"), sign_in.open("hill")
    lasting = [opened(7.9), opened(8), opened(7, 4.9), opened(7, 5)]
    directory.load(moved.model_copy(update={"people": tuple(people)}))
    clock[0] = datetime(2025, 7, 1, tzinfo=UTC)
    refusals = [_refusal(lambda secret=secret: sign_in.by_session(secret)) for secret in (north, hill)]

    assert [True, False, True, False] == lasting
    assert ["north has moved to another company; sign in again", "hill is no longer in the directory"] == refusals


async def test_tokens_end(service: Service) -> None:
    """A token is good until it expires or is revoked, and never for a role that its user has lost."""
    clock = [datetime(2025, 7, 1, tzinfo=UTC)]
    sign_in = SignIn(SignIns(service._wiring.database), service._wiring.directory, lambda: clock[0])
    one, _ = sign_in.issue("one", "coord", (Role.SIGNER,), 1)
    two, _ = sign_in.issue("two", "coord", (), 2)

    roles = sign_in.by_token(one).roles
    clock[0] += timedelta(days=1)
    expired = _refusal(lambda: sign_in.by_token(one))
    sign_in.revoke("two")
    revoked = _refusal(lambda: sign_in.by_token(two))

    assert (Role.SIGNER,) == roles
    assert ["the token is not valid"] * 3 == [expired, revoked, _refusal(lambda: sign_in.by_token("alc_x"))]
    assert "coord does not hold the role auditor" == _refusal(lambda: sign_in.issue("x", "coord", (Role.AUDITOR,), 1))
    assert "there is a token 'one' already" == _refusal(lambda: sign_in.issue("one", "coord", (), 1))
    assert "a token lasts 1 to 366 days, not 0" == _refusal(lambda: sign_in.issue("x", "coord", (), 0))


def _refusal(attempt: Any) -> str:
    try:
        attempt()
    except AllianceError as error:
        return error.message
    return ""


async def test_a_wrong_token_is_not_helped_by_a_session(service: Service) -> None:
    """A request with a token is judged by the token alone, and too many wrong ones are not looked at."""
    async with browser(service) as door:
        await door.post("/sign-in", data={"user": "north"})
        bearer = {"authorization": "Bearer alc_wrong"}
        statuses = [(await door.get("/api/v1/me", headers=bearer)).status_code for _ in range(11)]
        basic = await door.get("/api/v1/me", headers={"authorization": "Basic bm9ydGg6"})

    assert [401] * 10 + [429] == statuses
    assert ("60", "too-many-tries") == (basic.headers["Retry-After"], basic.json()["error"]["code"])


async def test_too_many_wrong_names_are_not_looked_at(service: Service) -> None:
    """After ten wrong names within a minute even a right one has to wait."""
    async with browser(service) as door:
        statuses = [(await door.post("/sign-in", data={"user": f"x{place}"})).status_code for place in range(10)]
        right = await door.post("/sign-in", data={"user": "north"})

    assert [401] * 10 == statuses
    assert 429 == right.status_code


def test_failures_are_forgotten_after_a_minute() -> None:
    """What happened more than a minute ago counts no longer, and one asker's failures are not another's."""
    clock = [0.0]
    throttle = Throttle(1, lambda: clock[0])
    throttle.failed("a")

    throttle.check("b")
    clock[0] = 60.1
    throttle.check("a")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": LOCAL}, 403),
        ({"origin": LOCAL}, 303),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 303),
    ],
)
async def test_a_write_comes_from_our_own_pages(service: Service, headers: dict[str, str], status: int) -> None:
    """A browser's write for another site is refused; what names no site is no browser."""
    transport = httpx2.ASGITransport(make_app(service))
    async with httpx2.AsyncClient(transport=transport, base_url=LOCAL) as door:
        answer = await door.post("/sign-in", data={"user": "north"}, headers=headers)

    assert status == answer.status_code


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "169.254.169.254"])
async def test_a_strangers_host_name_leads_nowhere(service: Service, host: str) -> None:
    """A name that is not ours is not answered, whatever address it leads to."""
    async with browser(service) as door:
        answer = await door.get("/api/v1/sign-in", headers={"host": host})

    assert (421, "misdirected") == (answer.status_code, answer.json()["error"]["code"])


async def test_every_answer_carries_the_headers(service: Service) -> None:
    """Refusals, errors and answers alike tell browsers to keep nothing and to run nothing of others."""
    async with browser(service) as door:
        answers = [
            await door.get("/"),
            await door.get("/nothing"),
            await door.get("/api/v1/me"),
            await door.post("/sign-in", headers={"sec-fetch-site": "cross-site"}),
        ]

    assert [200, 404, 401, 403] == [each.status_code for each in answers]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "text/plain; charset=utf-8" == answers[1].headers["content-type"]


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/tasks/LY-2025-0001:x", "/tasks/LY-2025-0001:x"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/" + "a" * 300, "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_elsewhere(wanted: str, path: str) -> None:
    """After the sign-in one stays on the portal."""
    assert path == local_path(wanted)


@pytest.mark.parametrize(
    ("settings", "safe"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"host": "::1"}, True),
        ({"host": "0.0.0.0"}, False),
        ({"host": "10.0.0.5"}, False),
        ({"environment": "production"}, False),
        ({"host": "0.0.0.0", "public_url": PUBLIC}, False),
        ({"host": "0.0.0.0", "oidc_issuer": "https://id.example", "oidc_client_id": CLIENT}, False),
        (
            {"host": "0.0.0.0", "oidc_issuer": "https://id.example", "oidc_client_id": CLIENT, "public_url": PUBLIC},
            True,
        ),
        ({"environment": "production", "oidc_issuer": "https://id.example", "oidc_client_id": CLIENT}, False),
    ],
)
def test_an_unsafe_portal_does_not_start(settings: dict[str, str], safe: bool) -> None:
    """Whoever can be reached from elsewhere needs OpenID Connect and https; production needs a sign-in."""
    chosen = Settings.model_validate(settings)
    if safe:
        assert ways_in(chosen).development == (chosen.host != "0.0.0.0")
        return
    with pytest.raises(UnsafePortal):
        ways_in(chosen)


async def test_the_identity_provider_vouches(sqlite_url: str, tmp_path: Path, provider: IdentityProvider) -> None:
    """With code, PKCE, state and nonce somebody comes back signed in as who the provider says; the code works once."""
    async for door in at_the_provider(sqlite_url, tmp_path, provider):
        began = await door.get("/sign-in/oidc?next=/tasks")
        address = httpx2.URL(began.headers["location"])
        back = {"code": provider.authorize(str(address)), "state": address.params["state"]}
        came = await door.get("/sign-in/callback", params=back)
        known = await door.get("/api/v1/me")
        again = await door.get("/sign-in/callback", params=back)

    assert (303, "/tasks", "north") == (came.status_code, came.headers["location"], known.json()["user"])
    assert 401 == again.status_code


FORGED: dict[str, Any] = {
    "another audience": lambda provider: provider.changes.update(aud="another"),
    "another issuer": lambda provider: provider.changes.update(iss="https://evil.example"),
    "another nonce": lambda provider: provider.changes.update(nonce="another"),
    "expired": lambda provider: provider.changes.update(exp=1),
    "not yet valid": lambda provider: provider.changes.update(nbf=4_102_444_800),
    "another key": lambda provider: setattr(
        provider, "published", RSAKey.generate_key(2048, parameters={"kid": "one"})
    ),
    "another key's name": lambda provider: provider.header.update(kid="two"),
    "a shared secret": lambda provider: (
        provider.header.update(alg="HS256"),
        setattr(provider, "published", provider.key),
        setattr(provider, "key", OctKey.generate_key(256)),
    ),
    "nobody of ours": lambda provider: setattr(provider, "user", "nobody"),
    "no name": lambda provider: setattr(provider, "user", ""),
}


@pytest.mark.parametrize("forgery", list(FORGED))
async def test_what_the_provider_did_not_say(
    sqlite_url: str, tmp_path: Path, provider: IdentityProvider, forgery: str
) -> None:
    """A token that is for others, of others, too old, too young or signed otherwise lets nobody in."""
    FORGED[forgery](provider)
    async for door in at_the_provider(sqlite_url, tmp_path, provider):
        address = httpx2.URL((await door.get("/sign-in/oidc")).headers["location"])
        back = {"code": provider.authorize(str(address)), "state": address.params["state"]}
        came = await door.get("/sign-in/callback", params=back)
        known = await door.get("/api/v1/me")

    assert (401, 401) == (came.status_code, known.status_code)


async def test_a_sign_in_that_was_begun_elsewhere(sqlite_url: str, tmp_path: Path, provider: IdentityProvider) -> None:
    """A state that this browser did not begin, or that nobody did, lets nobody in."""
    async for door in at_the_provider(sqlite_url, tmp_path, provider):
        address = httpx2.URL((await door.get("/sign-in/oidc")).headers["location"])
        code, state = provider.authorize(str(address)), address.params["state"]
        door.cookies.clear()
        stolen = await door.get("/sign-in/callback", params={"code": code, "state": state})
        invented = await door.get("/sign-in/callback", params={"code": code, "state": "x"})
        bare = await door.get("/sign-in/callback")

    assert [401] * 3 == [stolen.status_code, invented.status_code, bare.status_code]


async def test_a_provider_that_is_away(sqlite_url: str, tmp_path: Path, provider: IdentityProvider) -> None:
    """Where the provider does not answer, the portal says so with 503."""
    provider.issuer = "http://127.0.0.1:1"
    async for door in at_the_provider(sqlite_url, tmp_path, provider):
        assert 503 == (await door.get("/sign-in/oidc")).status_code


async def test_without_a_provider_there_is_no_such_way(service: Service) -> None:
    """What is not configured is refused; what there is, is told."""
    async with browser(service) as door:
        refused = await door.get("/sign-in/oidc")
        ways = (await door.get("/api/v1/sign-in")).json()

    assert 403 == refused.status_code
    assert (True, False, True) == (ways["development"], ways["oidc"], "north" in ways["users"])


async def at_the_provider(url: str, folder: Path, provider: IdentityProvider) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser at a portal that trusts *provider*."""
    settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "public_url": LOCAL}
    async for made in serving(url, folder, **settings):
        async with browser(made) as door:
            yield door
