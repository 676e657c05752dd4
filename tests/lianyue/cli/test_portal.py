"""`portal`, `up` and the tokens on the command line: what is unsafe does not start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.lianyue.cli.conftest import Command

UNSAFE = "at 0.0.0.0 anybody could knock, and the development sign-in asks for no password"


@pytest.mark.parametrize("command", ["up", "portal"])
def test_an_open_development_portal_is_refused(loaded: Path, lianyue: Command, command: str) -> None:
    """Whoever listens for everybody has to have a real sign-in; nothing is started, and the advice says what to set."""
    ran = lianyue(command, "--host", "0.0.0.0", "--port", str(_free()))

    assert 3 == ran.code
    assert f"error: {UNSAFE}" in ran.err
    assert "set LIANYUE_OIDC_ISSUER" in ran.err
    assert not (loaded / ".lianyue" / "temporal.sqlite").exists()


@pytest.mark.parametrize("command", ["up", "portal"])
def test_a_port_that_is_taken_is_told(loaded: Path, lianyue: Command, command: str) -> None:
    """Where another program listens, the portal does not start, and nothing else does."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        ran = lianyue(command, "--port", str(port))

    assert 4 == ran.code
    assert f"the portal cannot listen at 127.0.0.1:{port}: address already in use" in ran.err
    assert "where: --port" in ran.err


def test_a_token_is_shown_once(loaded: Path, lianyue: Command) -> None:
    """A token is issued with its secret, listed without it, and revoked by its name."""
    issued = lianyue("alliance", "token", "robot", "--for", "li.lei", "--role", "handler", "--json").document
    listed = lianyue("alliance", "tokens", "--json").document["tokens"]
    revoked = lianyue("alliance", "revoke-token", "robot", "--json").document
    page = lianyue("alliance", "tokens").out

    assert issued["secret"].startswith("alc_")
    assert [("robot", "li.lei", "LGWY", "handler")] == [
        (each["name"], each["user"], each["company"], each["roles"]) for each in listed
    ]
    assert {"name": "robot", "revoked": True} == revoked
    assert issued["secret"] not in page
    assert "已撤销" in page


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("Robot", "--for", "li.lei"), "NAME"),
        (("robot", "--for", "li.lei", "--role", "king"), "--role"),
        (("robot", "--for", "li.lei", "--role", "auditor"), "--role"),
        (("robot", "--for", "li.lei", "--days", "0"), "--days"),
        (("robot", "--for", "nobody"), "lianyue alliance token robot"),
    ],
)
def test_a_token_that_nobody_can_have(loaded: Path, lianyue: Command, words: tuple[str, ...], where: str) -> None:
    """A token has a plain name, a user, roles of that user, and a term; what is wrong is told with its place."""
    ran = lianyue("alliance", "token", *words, "--json")

    assert (2, where) == (ran.code, ran.document["error"]["where"])


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
