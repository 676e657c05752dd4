"""A machine with Lianyue on it: a data folder, free ports, and the command line as people use it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lianyue import wiring
from lianyue.cli.main import run
from lianyue.dev_server import free_port

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE_SECONDS = 60
PACKS = cache(wiring.categories)
"""What every command reads anew, and what never changes, is read once by those in this process."""
COMMAND = [sys.executable, "-c", "from lianyue.cli import main; main()"]


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@dataclass
class Machine:
    """A machine with Lianyue on it; what it is asked to do, it does through the command line alone."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    _up: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self.port = free_port()

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of Lianyue comes from outside, and commands find the instance by its data folder."""
        bare = {name: value for name, value in os.environ.items() if not name.startswith("LIANYUE_")}
        return {**bare, "LIANYUE_DATA": str(self.data), "COLUMNS": "200", "NO_COLOR": "1"}

    def up(self) -> None:
        """Start `lianyue up` and wait until it says that it is up."""
        told = {
            **self.environment,
            **self.settings,
            "LIANYUE_TEMPORAL_ADDRESS": self.address,
            "LIANYUE_PORT": str(self.port),
        }
        self._up = subprocess.Popen([*COMMAND, "up"], stderr=subprocess.PIPE, text=True, encoding="utf-8", env=told)
        assert self._up.stderr is not None
        for line in self._up.stderr:
            if "Ctrl-C" in line:
                return
        raise AssertionError(f"`lianyue up` ended with {self._up.wait()}")

    def interrupt(self) -> Ran:
        """Press Ctrl-C and wait for the end."""
        assert self._up is not None
        self._up.send_signal(signal.SIGINT)
        out, err = self._up.communicate(timeout=PATIENCE_SECONDS)
        code, self._up = self._up.returncode, None
        return Ran(code, out or "", err)

    def lianyue(self, *arguments: str, **environment: str) -> Ran:
        """Run one command in a process of its own."""
        ran = subprocess.run(
            [*COMMAND, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**self.environment, **environment},
            timeout=PATIENCE_SECONDS,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def here(self, *arguments: str, **environment: str) -> Ran:
        """Run one command in this process, which saves the seconds in which it loads."""
        out, err = io.StringIO(), io.StringIO()
        environment = {**self.environment, **environment}
        with (
            patch.dict(os.environ, environment, clear=True),
            patch.object(wiring, "categories", PACKS),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = run(arguments)
        return Ran(code, out.getvalue(), err.getvalue())

    def soon(self, *arguments: str, **environment: str) -> Ran:
        """Run one command until it no longer fails, as a person does who is a moment too early."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (ran := self.here(*arguments, **environment)).code and time.monotonic() < deadline:
            time.sleep(0.3)
        assert ran.code == 0, f"{' '.join(arguments)}: {ran.err}"
        return ran

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until *holds* does."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < deadline, "what was waited for has not come true"
            time.sleep(1)


@contextmanager
def machine(data: Path, **settings: str) -> Iterator[Machine]:
    """Give a machine that runs; it is stopped at the end, whatever happened."""
    made = Machine(data, settings)
    made.up()
    try:
        yield made
    finally:
        if made._up is not None:
            made.interrupt()
