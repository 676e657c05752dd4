"""What is on the disk for good."""

from __future__ import annotations

import os
from pathlib import Path


def settle(folder: Path) -> None:
    """Have the names in *folder* on the disk, so that a power cut takes none away, nor what only its file can open."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
