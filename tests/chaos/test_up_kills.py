"""`lianyue up` is killed as a whole: its parts are left behind, the next `up` takes over, and everything goes on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from lianyue.dev_server import connect
from lianyue.instance import note
from lianyue.lifelines import end_leftover
from lianyue.settings import Settings
from lianyue.testing import small_alliance
from lianyue.wiring import Wiring
from tests.chaos.crew import Crew, Turn
from tests.chaos.examination import faults
from tests.chaos.place import play, settings, until

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(300)]

STORY = {"LY-2025-0001": Turn.NONE, "LY-2025-0002": Turn.CANCELLED}
UP = "from lianyue.cli.main import main; main()"


@contextmanager
def up(chosen: Settings) -> Iterator[subprocess.Popen[str]]:
    """Run `lianyue up` in a process of its own; whatever is left of it at the end is ended."""
    environment = {**os.environ, **chosen.as_environment()}
    process = subprocess.Popen([sys.executable, "-c", UP, "up"], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=30)
        process.kill()
        process.communicate()


def is_announced(chosen: Settings, process: subprocess.Popen[str]) -> bool:
    """Whether the instance of *process* says how it is reached."""
    with suppress(OSError, ValueError):
        return bool(json.loads(note(chosen.data).read_text())["pid"] == process.pid)
    return False


def parts(data: Path) -> list[int]:
    """The process ids of the server and of the worker."""
    return [int((data / name).read_text()) for name in ("temporal.pid", "worker.pid")]


def lives(pid: int) -> bool:
    """Whether process *pid* runs; one that has ended and that nobody has taken note of does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return state.strip()[:1] not in ("", "Z")


@pytest.fixture
def chosen(tmp_path: Path) -> Iterator[Settings]:
    """The settings of an instance, of which nothing is left running after the test."""
    made = settings(tmp_path)
    yield made
    for name in ("worker.pid", "temporal.pid"):
        end_leftover(tmp_path / name)


async def test_the_next_up_takes_over_from_a_killed_one(chosen: Settings) -> None:
    """The parts that a killed `up` leaves behind are ended by the next one, and every contract comes to its end."""
    with up(chosen) as first:
        await until(lambda: is_announced(chosen, first))
        wiring = Wiring(chosen)
        wiring.directory.load(small_alliance())
        crew = Crew(wiring.desk(await connect(chosen)))
        playing = asyncio.create_task(play(crew, wiring.reading, STORY))
        await until(lambda: len(crew.handed) >= 6)
        first.send_signal(signal.SIGKILL)
        first.wait()
        orphans = parts(chosen.data)
        outlived = [lives(pid) for pid in orphans]
        with up(chosen) as second:
            await until(lambda: is_announced(chosen, second))
            left = [pid for pid in orphans if lives(pid)]
            await playing
    found = await faults(wiring, STORY)
    wiring.database.close()

    assert [True, True] == outlived
    assert [] == left
    assert [] == crew.refused
    assert [] == found


async def test_a_second_up_leaves_the_first_alone(chosen: Settings) -> None:
    """On the data folder of a living instance a second one is refused, and the first is not touched."""
    with up(chosen) as first:
        await until(lambda: is_announced(chosen, first))
        before = parts(chosen.data)
        with up(chosen) as second:
            _, told = second.communicate(timeout=60)

        assert (3, True) == (second.returncode, f"process {first.pid} runs an instance on" in told)
        assert (before, True) == (parts(chosen.data), is_announced(chosen, first))
        assert [True, True] == [lives(pid) for pid in before]
