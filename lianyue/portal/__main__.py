"""The portal alone, by the settings of the environment: how an instance starts it beside its worker."""

import asyncio
import os

from lianyue.lifelines import until_told
from lianyue.portal.serving import serve
from lianyue.settings import Settings


async def main() -> None:
    """Serve until told to stop."""
    await serve(Settings.from_environment(os.environ), until_told())


if __name__ == "__main__":
    asyncio.run(main())
