"""What a command writes: JSON for programs and tables for people on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts.errors import AllianceError
from lianyue.telling import error_document, visible

WIDTH_WITHOUT_TERMINAL = 160


def emit(document: Mapping[str, Any]) -> None:
    """Write *document* as the one JSON document of this command, keys sorted."""
    print(json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True))


def say(text: str = "") -> None:
    """Write a line for people."""
    print(visible(text))


def log(text: str) -> None:
    """Write a line about the command itself."""
    print(visible(text), file=sys.stderr)


def log_count(done: int, total: int) -> None:
    """Say how far it has come, a tenth at a time."""
    if done == total or done % max(1, total // 10) == 0:
        log(f"{done}/{total}")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """Write a table for people; Chinese text takes two cells a character and stays aligned."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, title=title or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for row in rows:
        drawn.add_row(*(Text(visible(cell)) for cell in row))
    Console(width=_width(), highlight=False).print(drawn)


def tell_error(error: AllianceError, *, as_json: bool) -> None:
    """Say what is wrong, where, and what to do: to programs on stdout, to people on stderr."""
    if as_json:
        emit(error_document(error))
        return
    problems = getattr(error, "problems", ())
    if problems:
        log("\n".join(drawn(problem) for problem in problems))
    else:
        log(f"error: {error.message}")
        if error.where:
            log(f"  where: {error.where}")
    log(f"  what to do: {error.advice}")


def drawn(problem: Any) -> str:
    """Return a problem with its source line and a caret, if its file can still be read."""
    from rules.problems import render

    try:
        text = Path(problem.file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return str(problem)
    return render(problem, text)


def _width() -> int | None:
    """Leave the width to the terminal; without one, be wide enough that nothing is cut."""
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH_WITHOUT_TERMINAL
