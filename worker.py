"""Starts a worker: settings, wiring, registry, run."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from contracts.errors import AllianceError
from lianyue.dev_server import connect
from lianyue.settings import Settings
from lianyue.wiring import Wiring


async def run(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM; what is under way is finished or taken up by the next worker."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    wiring = Wiring(settings)
    wiring.require_signing()
    async with wiring.worker(await connect(settings)):
        await stop.wait()


def main() -> None:
    """Run a worker with the settings of the environment; what keeps it from starting is told with what to do."""
    code = 0
    try:
        asyncio.run(run(Settings.from_environment(os.environ)))
    except AllianceError as error:
        sys.stderr.write(f"error: {error.message}\n  what to do: {error.advice}\n")
        sys.stderr.flush()
        code = 1
    os._exit(code)  # the SDK's runtime threads may abort an ordinary exit of the interpreter


if __name__ == "__main__":
    main()
