"""Lock files that say who is alive: the system lets go of them when their holder dies, however it dies."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from contracts.errors import Unreachable, WrongState

KEEPER, WORKER, SERVER, PORTAL = "keeper.lock", "worker.pid", "temporal.pid", "portal.pid"
"""The files in a data folder that its keeper and its parts hold while they live."""

GRACE_SECONDS = 10
LOOK_SECONDS = 0.05


class Keeper:
    """Whoever runs the parts of one data folder; there is one at a time."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._handle: int | None = None

    @property
    def is_ours(self) -> bool:
        """Whether this process is the keeper."""
        return self._handle is not None

    def take(self) -> None:
        """
        Become the keeper; taking twice is taking once.

        Raises:
            WrongState: If another living process is.
        """
        if self._handle is not None:
            return
        self._place.parent.mkdir(parents=True, exist_ok=True)
        handle = _locked(self._place)
        if handle is None:
            raise WrongState(f"process {_number_in(self._place)} runs an instance on {self._place.parent} already")
        _write_number(handle, os.getpid())
        self._handle = handle

    def let_go(self) -> None:
        """Be the keeper no longer; whatever is left running is then a leftover."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def launched(
    command: list[str], log: IO[bytes], lifeline: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """
    Start a process that holds *lifeline* for as long as it lives, even if whoever started it dies before.

    It outlives a Ctrl-C at the terminal, so that it is stopped in order.

    Raises:
        WrongState: If a process holds the lifeline already.
    """
    handle = _locked(lifeline)
    if handle is None:
        raise WrongState(f"process {_number_in(lifeline)} holds {lifeline} already")
    try:
        _write_number(handle, 0)
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=environment, start_new_session=True, pass_fds=(handle,)
        )
        _write_number(handle, process.pid)
        return process
    finally:
        os.close(handle)  # the lock lives on with the child's copy


def end_leftover(lifeline: Path) -> int:
    """
    End what an earlier run left behind when it was killed; return its process id, nought if there was nothing.

    A number in a file may belong to a stranger by now; the lock proves that it is still the process we started.

    Raises:
        Unreachable: If it cannot be ended.
    """
    if not is_held(lifeline):
        return 0
    pid = _number_in(lifeline)
    for name in (signal.SIGTERM, signal.SIGKILL):
        if pid:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, name)
        if _was_let_go(lifeline):
            return pid
    raise Unreachable(f"process {pid or 'unknown'} of an earlier run holds {lifeline} and cannot be ended")


def _was_let_go(lifeline: Path) -> bool:
    for _ in range(round(GRACE_SECONDS / LOOK_SECONDS)):
        if not is_held(lifeline):
            return True
        time.sleep(LOOK_SECONDS)
    return False


def is_held(place: Path) -> bool:
    """Say whether a living process holds *place*, be it the keeper or a part that outlived one."""
    if not place.exists():
        return False
    handle = _locked(place)
    if handle is None:
        return True
    os.close(handle)
    return False


def _locked(place: Path) -> int | None:
    """Return a handle that holds *place*, None if somebody else does."""
    handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _write_number(handle: int, pid: int) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(pid).encode(), 0)


def _number_in(place: Path) -> int:
    text = place.read_text(encoding="ascii").strip()
    return int(text) if text.isdigit() else 0


def until_told() -> asyncio.Event:
    """Return an event that SIGINT or SIGTERM sets."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop
