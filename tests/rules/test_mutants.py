"""The tests themselves: each bug that is planted into a copy of the rules makes the tests fail that are to find it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.rules.mutants import MUTANTS, Mutant

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "rules")

CHILD = """\
import json
import os
import sys

import apportionment.methods, cel_expr_python, hypothesis, numpy, pydantic, pytest, yaml  # once, for all that follow

RAN = 10  # so that a test that failed is told from a process that did


def run(folder, tests):
    sys.path.insert(0, folder)
    import contracts, rules

    assert all(each.__file__.startswith(folder) for each in (contracts, rules)), "the copy is not what is tested"
    told = os.open(f"{folder}/told", os.O_WRONLY | os.O_CREAT)
    os.dup2(told, 1)
    options = ["-qq", "-rf", "--noconftest", "--assert=plain", "-p", "no:cacheprovider"]
    sys.exit(RAN + pytest.main([*options, *tests]))


for folder, tests in json.load(sys.stdin):
    child = os.fork()
    if not child:
        run(folder, tests)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (RAN, RAN + 1):
        sys.exit(f"{tests} did not run: {code}")
"""
"""Runs tests against the packages in a folder, in a process of its own, one folder after the other."""

Failed = Callable[[str], "tuple[str, ...]"]


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Failed:
    """What fails under each bug, by its name, and under none, by the empty one."""
    folder = tmp_path_factory.mktemp("mutants")
    sound = tuple(dict.fromkeys(mutant.test for mutant in MUTANTS))
    runs = [(_copied(folder / "sound"), sound)]
    runs += [
        (_planted(mutant, folder / f"m{place}"), (mutant.test,))
        for place, mutant in enumerate(MUTANTS)
        if _stands(mutant)
    ]
    count = min(4, os.cpu_count() or 1)
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(_run, [runs[start::count] for start in range(count)]))
    places = {mutant.bug: folder / f"m{place}" for place, mutant in enumerate(MUTANTS)} | {"": folder / "sound"}
    return lambda bug: _failed(places[bug])


def test_the_copy_without_a_bug_passes(failed: Failed) -> None:
    """What fails below fails of the bug, not of the copy."""
    assert () == failed("")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.bug)
def test_a_planted_bug_is_found(mutant: Mutant, failed: Failed) -> None:
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
    """A copy of the packages, with the compiled form of what does not change."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package)
    return folder


def _run(runs: list[tuple[Path, tuple[str, ...]]]) -> None:
    """Run the tests of each folder against its packages; what they tell stands in the folder afterwards."""
    asked = json.dumps([(str(folder), [f"tests/{test}" for test in tests]) for folder, tests in runs])
    command = [sys.executable, "-I", "-c", CHILD]
    ran = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise AssertionError(ran.stderr)


def _failed(folder: Path) -> tuple[str, ...]:
    """The tests that failed against the packages in *folder*."""
    told = (folder / "told").read_text(encoding="utf-8").splitlines()
    names = [line.split()[1].partition("[")[0] for line in told if line.startswith("FAILED ")]
    return tuple(dict.fromkeys(name.removeprefix("tests/") for name in names))
