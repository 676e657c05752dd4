"""The tests themselves: each bug that is planted into a copy of the rules makes the tests fail that are to find it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.rules.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "rules")
SOUND = tuple(dict.fromkeys(mutant.test for mutant in MUTANTS))

CHILD = """\
import sys
import pytest

sys.path.insert(0, sys.argv[1])
import contracts, rules

assert all(module.__file__.startswith(sys.argv[1]) for module in (contracts, rules)), "the copy is not what is tested"
sys.exit(pytest.main(["-qq", "-rf", "--noconftest", "-p", "no:cacheprovider", *sys.argv[2:]]))
"""
"""Runs the tests it is given against the packages in the folder it is given."""

Runs = Callable[[str], "tuple[str, ...]"]


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """What fails under each bug, by its name, and under none, by the empty one; all have been begun at once."""
    folder = tmp_path_factory.mktemp("mutants")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs: dict[str, Future[tuple[str, ...]]] = {
            "": pool.submit(_failed, _copied(folder / "sound"), SOUND),
            **{
                mutant.bug: pool.submit(_failed, _planted(mutant, folder / f"m{place}"), (mutant.test,))
                for place, mutant in enumerate(MUTANTS)
                if _stands(mutant)
            },
        }
    return lambda bug: runs[bug].result()


def test_the_copy_without_a_bug_passes(failed: Runs) -> None:
    """What fails below fails of the bug, not of the copy."""
    assert () == failed("")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.bug)
def test_a_planted_bug_is_found(mutant: Mutant, failed: Runs) -> None:
    """By the test that says the contrary."""
    assert _stands(mutant), f"{mutant.file} does not have this text once any more; plant the bug anew: {mutant.stands}"

    assert (mutant.test,) == failed(mutant.bug)


def _stands(mutant: Mutant) -> bool:
    return (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.stands) == 1


def _planted(mutant: Mutant, folder: Path) -> Path:
    """A copy of the packages with the bug in it."""
    file = _copied(folder) / mutant.file
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(mutant.stands, mutant.becomes), encoding="utf-8")
    return folder


def _copied(folder: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _failed(folder: Path, tests: tuple[str, ...]) -> tuple[str, ...]:
    """The *tests* that fail against the packages in *folder*; an error that is no failure of a test is raised."""
    command = [sys.executable, "-I", "-c", CHILD, str(folder), *(f"tests/{test}" for test in tests)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode not in (0, 1):
        raise AssertionError(f"the tests did not run: {ran.stdout}{ran.stderr}")
    names = [line.split()[1].partition("[")[0] for line in ran.stdout.splitlines() if line.startswith("FAILED ")]
    return tuple(dict.fromkeys(name.removeprefix("tests/") for name in names))
