"""`up`, `server`, `worker` and `portal`: the parts of an instance, together or alone."""

from __future__ import annotations

import asyncio
import os
import sys

from rich.console import Console

from lianyue.dev_server import DevServer
from lianyue.instance import Instance
from lianyue.lifelines import until_told
from lianyue.portal.place import address_of
from lianyue.settings import Settings

LOG = Console(stderr=True)


def up(settings: Settings) -> None:
    """Run a whole instance until Ctrl-C; a second start with the same data folder resumes everything."""
    asyncio.run(_up(settings))


def server(settings: Settings) -> None:
    """Run the Temporal server alone until Ctrl-C."""
    asyncio.run(_server(settings))


def worker(settings: Settings) -> None:
    """Run a worker alone until Ctrl-C, against the server and database of the settings."""
    os.execve(sys.executable, [sys.executable, "-m", "worker"], {**os.environ, **settings.as_environment()})  # noqa: S606


def portal(settings: Settings) -> None:
    """Run the portal alone until Ctrl-C, against the server and records of the settings."""
    asyncio.run(_portal(settings))


async def _portal(settings: Settings) -> None:
    from lianyue.portal.serving import serve

    LOG.print(f"门户 {address_of(settings)}")
    await serve(settings, until_told())


async def _up(settings: Settings) -> None:
    instance = Instance(settings, with_portal=True)
    stop = until_told()
    try:
        await instance.start()
        running = sum(instance.wiring.totals.contracts_by_stage().values())
        LOG.print(f"联约已启动：数据在 {settings.data}，合同 {running} 份")
        LOG.print(f"门户 {instance.portal_address}")
        LOG.print(f"Temporal {settings.temporal_address}，页面 {instance.server.ui_address}")
        LOG.print("按 Ctrl-C 停止；再次启动时一切从停下处继续。")
        await instance.watch(stop)
    finally:
        instance.stop()
        LOG.print("联约已停止。")


async def _server(settings: Settings) -> None:
    server = DevServer(settings)
    stop = until_told()
    await server.start()
    LOG.print(f"Temporal {settings.temporal_address}，页面 {server.ui_address}，日志 {server.log}")
    try:
        await stop.wait()
    finally:
        server.stop()
