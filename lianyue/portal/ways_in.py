"""How people may sign in here, decided once from the settings; an unsafe combination does not start."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

from lianyue.access.errors import UnsafePortal
from lianyue.settings import Environment, Settings

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class WaysIn(NamedTuple):
    """Which sign-ins there are, and what the session's cookie is like."""

    development: bool
    oidc: bool
    secure: bool
    hosts: tuple[str, ...]

    @property
    def cookie(self) -> str:
        """The cookie's name; browsers let only https set one that begins with ``__Host-``."""
        return "__Host-sid" if self.secure else "sid"


def ways_in(settings: Settings) -> WaysIn:
    """
    Return the ways in of this installation.

    People who need no password are let in only in development, and only where nobody else can knock.

    Raises:
        UnsafePortal: If the portal would be reachable from elsewhere without OpenID Connect and https, or production
            would have no sign-in.
    """
    local, secure = is_loopback(settings.host), settings.public_url.startswith("https://")
    oidc = bool(settings.oidc_issuer and settings.oidc_client_id and settings.public_url)
    development = settings.environment is Environment.DEVELOPMENT and local
    if not local and not (oidc and secure):
        raise UnsafePortal(f"at {settings.host} anybody could knock, and the development sign-in asks for no password")
    if not development and not oidc:
        raise UnsafePortal("this environment has no development sign-in, and OpenID Connect is not configured")
    public = urlsplit(settings.public_url).hostname
    hosts = (*(LOOPBACK_NAMES if local else ()), *([public] if public else []))
    return WaysIn(development=development, oidc=oidc, secure=secure, hosts=hosts)


def is_loopback(host: str) -> bool:
    """Whether *host* can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
