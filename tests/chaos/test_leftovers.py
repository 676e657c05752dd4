"""Lifelines: what a killed run left behind is found and ended, and nobody else is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.errors import WrongState
from lianyue import lifelines
from lianyue.lifelines import Keeper, end_leftover, launched

pytestmark = pytest.mark.chaos

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
IS_DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are ended after the test."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def left_behind(folder: Path, command: list[str]) -> subprocess.Popen[bytes]:
    """Start *command* with a lifeline and wait until it is up."""
    log = folder / "log"
    with log.open("wb") as opened:
        process = launched(command, opened, folder / "part.pid")
    while b"up" not in log.read_bytes():
        assert process.poll() is None
    return process


def test_a_leftover_is_ended(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """Whoever comes after a crash ends the process that still holds the lifeline, by the number it left."""
    started.append(left_behind(tmp_path, SLEEPS))
    ended = end_leftover(tmp_path / "part.pid")

    assert (started[0].pid, -15) == (ended, started[0].wait())


def test_a_leftover_that_does_not_listen_is_killed(
    tmp_path: Path, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ignores the request to end is killed after a time of grace."""
    monkeypatch.setattr(lifelines, "GRACE_SECONDS", 1)
    started.append(left_behind(tmp_path, [sys.executable, "-c", IS_DEAF]))
    end_leftover(tmp_path / "part.pid")

    assert -9 == started[0].wait()


def test_a_stranger_with_the_old_number_is_spared(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """A number without a lock is that of a dead process: whoever bears it now is not touched."""
    started.append(subprocess.Popen(SLEEPS, stdout=subprocess.DEVNULL))
    (tmp_path / "part.pid").write_text(str(started[0].pid))
    ended = end_leftover(tmp_path / "part.pid")

    assert (0, None) == (ended, started[0].poll())


def test_where_nothing_ran_nothing_is_left(tmp_path: Path) -> None:
    """A fresh folder has no leftovers, and looking for them makes no file."""
    assert (0, []) == (end_leftover(tmp_path / "part.pid"), list(tmp_path.iterdir()))


def test_a_living_part_is_not_started_twice(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """While a process holds its lifeline no second one is started on it."""
    started.append(left_behind(tmp_path, SLEEPS))
    with pytest.raises(WrongState) as refusal, (tmp_path / "log").open("ab") as log:
        launched(SLEEPS, log, tmp_path / "part.pid")

    assert f"process {started[0].pid} holds {tmp_path / 'part.pid'} already" == refusal.value.message


def test_a_folder_has_one_keeper(tmp_path: Path) -> None:
    """A second keeper is refused until the first lets go; one that dies lets go by dying."""
    first, second = Keeper(tmp_path / "keeper.lock"), Keeper(tmp_path / "keeper.lock")
    first.take()
    with pytest.raises(WrongState, match="runs an instance on"):
        second.take()
    first.let_go()
    second.take()

    assert (False, True) == (first.is_ours, second.is_ours)
    second.let_go()
