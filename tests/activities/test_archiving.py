"""What an activity fails with to be tried again is named like no error of ours: those are final, by their names."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "rules", "activities", "workflows", "lianyue")


def test_no_error_is_named_like_what_is_tried_again() -> None:
    """A class that took such a name would end the trying where it is loaded, and a contract would never be archived."""
    sources = [file.read_text(encoding="utf-8") for name in PACKAGES for file in (ROOT / name).rglob("*.py")]
    classes = {name for source in sources for name in re.findall(r"^class (\w+)", source, re.MULTILINE)}
    tried_again = {name for source in sources for name in re.findall(r'ApplicationError\(.*type="(\w+)"', source)}

    assert tried_again
    assert set() == tried_again & classes
