"""The portal as a process: the server, and a clean stop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

import uvicorn
from fastapi import FastAPI
from temporalio.client import Client

from lianyue.access.service import Service
from lianyue.payloads.codec import converter_of
from lianyue.portal.app import make_app
from lianyue.portal.pages import HANDLERS, ROUTERS
from lianyue.portal.place import listening
from lianyue.portal.ways_in import ways_in
from lianyue.settings import Settings
from lianyue.wiring import Wiring

GRACE_SECONDS = 5


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """
    Serve the portal until *stop*; requests under way are answered first.

    Raises:
        UnsafePortal: If the settings would let anybody in.
        WrongState: If row security does not apply to the reader's role that they name.
        Unreachable: If the port is taken.
    """
    ways_in(settings)
    wiring = Wiring(settings)
    wiring.require_second_wall()
    client = await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=converter_of(settings),
        lazy=True,
    )
    app = make_app(Service(wiring, client), *ROUTERS, handlers=HANDLERS)
    with listening(settings) as open_socket:
        await answering(app, open_socket, stop)
    wiring.database.close()


async def answering(app: FastAPI, open_socket: socket, stop: asyncio.Event) -> None:
    """Have *app* answer whoever knocks at *open_socket* until *stop*; what is under way is answered first."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[open_socket]))
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    waiting.cancel()
