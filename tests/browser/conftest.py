"""A real browser before the real portal; where the machine has no browser, the tests say so and are skipped."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from lianyue.portal.serving import answering
from lianyue.records.upgrade import upgrade
from tests.browser.walking import PATIENCE_MS, Street
from tests.portal.town import Town, town

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""What a browser needs to run as root on a machine without a network, and to leave the network alone."""


def browser_of_this_machine() -> str:
    """Return the path of a browser, or skip the test and say what would have run it."""
    found = os.environ.get("TEST_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.skip("no Chromium on this machine: install Debian's `chromium`, or set TEST_BROWSER to its path")
    return found


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    """The browser that the machine has."""
    path = browser_of_this_machine()
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playing:
        opened = await playing.chromium.launch(executable_path=path, args=list(QUIET))
        yield opened
        await opened.close()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def lived_in(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Street]:
    """The street before a town with two contracts; those who share it leave it as they find it."""
    folder = tmp_path_factory.mktemp("street")
    async with _street(browser, folder) as made:
        await made.town.settle()
        yield made


@pytest_asyncio.fixture(loop_scope="package")
async def fresh(browser: Browser, tmp_path: Path) -> AsyncIterator[Street]:
    """The street before a town of its own, with nothing in it but the alliance."""
    async with _street(browser, tmp_path) as made:
        yield made


@asynccontextmanager
async def _street(browser: Browser, folder: Path) -> AsyncIterator[Street]:
    url = f"sqlite:///{folder / 'records.db'}"
    upgrade(url)
    async with town(folder, url) as made, _open_door(made) as address:
        street = Street(browser, made, address)
        yield street
        await street.close()


@asynccontextmanager
async def _open_door(made: Town) -> AsyncIterator[str]:
    stop = asyncio.Event()
    with socket.socket() as open_socket:
        open_socket.bind(("127.0.0.1", 0))
        answers = asyncio.create_task(answering(made.app, open_socket, stop))
        yield f"http://127.0.0.1:{open_socket.getsockname()[1]}"
        stop.set()
        await answers
