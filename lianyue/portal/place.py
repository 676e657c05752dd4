"""Where the portal listens, and where people find it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from contracts.errors import Unreachable
from lianyue.settings import Settings


def address_of(settings: Settings) -> str:
    """Return the address under which people find the portal."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url or f"http://{host}:{settings.port}"


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Give a socket at the host and port of the settings, or raise Unreachable if there can be none."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((settings.host, settings.port))
    except OSError as error:
        made.close()
        why = (error.strerror or "no reason given").lower()
        raise Unreachable(f"the portal cannot listen at {settings.host}:{settings.port}: {why}", "--port") from None
    with made:
        yield made
