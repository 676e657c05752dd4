"""By which code a bundle is made: digests of our own sources and of the releases of everything they stand on."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import re
import sys
from functools import cache
from pathlib import Path

from contracts.value import Digest, Recorded
from rules.canonical import digest
from workflows.registry import WORKFLOWS

PACKAGES = ("contracts", "rules", "activities", "workflows", "lianyue")
SUFFIXES = (".py", ".yaml", ".json", ".typ", ".html")


class Making(Recorded):
    """The release, its sources, the releases it stands on, and the workflows it replays."""

    release: str
    sources: Digest
    """Of the names and contents of all files of our packages."""
    lock: Digest
    """Of the names and versions of all packages that ours asks for, directly or not."""
    python: str
    engine: str
    """The engine of expressions by which decisions were checked a second time."""
    workflows: tuple[str, ...]


@cache
def making() -> Making:
    """Return by which code this process works."""
    releases = _releases("lianyue")
    return Making(
        release=releases["lianyue"],
        sources=_sources(),
        lock=digest(releases),
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        engine=f"cel-expr-python {releases['cel-expr-python']}",
        workflows=tuple(sorted(each.__name__ for each in WORKFLOWS)),
    )


def _sources() -> Digest:
    found = hashlib.sha256()
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        root = Path(spec.origin).parent if spec and spec.origin else Path()
        for file in sorted(each for each in root.rglob("*") if each.suffix in SUFFIXES):
            found.update(f"{package}/{file.relative_to(root).as_posix()}\n".encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return "sha256:" + found.hexdigest()


def _releases(name: str) -> dict[str, str]:
    """The version of *name* and of all it asks for, as far as it is installed here."""
    releases: dict[str, str] = {}
    waiting = [name]
    while waiting:
        asked = re.split(r"[^A-Za-z0-9._-]", waiting.pop(), maxsplit=1)[0].lower().replace("_", "-")
        if asked in releases:
            continue
        try:
            found = importlib.metadata.distribution(asked)
        except importlib.metadata.PackageNotFoundError:
            continue
        releases[asked] = found.version
        waiting += [each for each in found.requires or () if "extra ==" not in each]
    return dict(sorted(releases.items()))
