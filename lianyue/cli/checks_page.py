"""Checks as commands show them, and files that appear only when they are whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lianyue.audit.checks import Check
from lianyue.cli.output import say, table
from lianyue.strict_files import UnreadableFile


def checks_document(checks: Sequence[Check]) -> dict[str, object]:
    """Return the *checks* as programs read them."""
    return {"ok": all(each.ok for each in checks), "checks": [each.model_dump(mode="json") for each in checks]}


def show_checks(what: str, checks: Sequence[Check]) -> None:
    """Show the *checks* of *what* as a table, and how they came out."""
    table(("", "检查", "说明"), [("✓" if check.ok else "✗", check.name, check.detail) for check in checks])
    failed = sum(not check.ok for check in checks)
    say(f"{what}：{len(checks)} 项检查全部通过" if not failed else f"{what}：{failed} 项检查未通过")


def write_file(file: Path, raw: bytes) -> None:
    """Write *file*, which appears only when it is whole, or raise UnreadableFile."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        unfinished.write_bytes(raw)
        unfinished.replace(file)
    except OSError as error:
        raise UnreadableFile(f"{file} cannot be written: {error.strerror or error}", where=str(file)) from None
