"""Bundles proved side by side, each as soon as its turn comes; nothing of one is known to another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from lianyue.audit.checks import Check
from lianyue.audit.trust import Trust
from lianyue.audit.verifying import verify_bundles
from lianyue.cli.trust_file import raw_bundle
from lianyue.side_by_side import side_by_side


def verified(files: Sequence[Path], trust: Trust | None) -> Iterator[tuple[Path, tuple[Check, ...]]]:
    """Yield the checks of every bundle among *files*, in their order."""
    yield from zip(files, side_by_side(partial(_lot, trust), files), strict=True)


def _lot(trust: Trust | None, files: list[Path]) -> list[tuple[Check, ...]]:
    return asyncio.run(_each(trust, files))


async def _each(trust: Trust | None, files: list[Path]) -> list[tuple[Check, ...]]:
    return [checks async for checks in verify_bundles(map(raw_bundle, files), trust)]
