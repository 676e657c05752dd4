"""A running machine for the acceptance tests, and this process as one of its commands."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.acceptance.machine import Machine, machine


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine whose clock began on 2025-07-01, as the examples want it."""
    with machine(tmp_path_factory.mktemp("running"), LIANYUE_CLOCK_ORIGIN="2025-07-01T09:00") as made:
        yield made


@pytest.fixture
def at_the_machine(running: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The same machine, and this process is one of its commands."""
    for name in [name for name in os.environ if name.startswith("LIANYUE_")]:
        monkeypatch.delenv(name)
    for name in ("LIANYUE_DATA", "COLUMNS", "NO_COLOR"):
        monkeypatch.setenv(name, running.environment[name])
    return running
