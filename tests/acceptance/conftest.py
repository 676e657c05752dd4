"""A running machine for the acceptance tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.machine import Machine, machine


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine whose clock began on 2025-07-01, as the examples want it."""
    with machine(tmp_path_factory.mktemp("running"), LIANYUE_CLOCK_ORIGIN="2025-07-01T09:00") as made:
        yield made
