"""Our names are ours, the lock names no place, and the wheel holds what we say."""

import importlib.util
import re
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("contracts", "rules", "activities", "workflows", "lianyue")
PLACE = re.compile(r"\w+://\S*|--(?:extra-)?index-url\S*|--find-links\S*|file:\S*|(?<!\S)\.{0,2}/\S*")
PINNED = re.compile(r"^[a-z0-9.-]+==[^ ]+( ; [^/\\]+?)?( --hash=sha256:[0-9a-f]{64})+$")


def locked_lines() -> list[str]:
    """One logical line a requirement, comments and line continuations removed."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def locked_requirements() -> list[Requirement]:
    """The locked requirements that apply to this interpreter and machine."""
    requirements = [Requirement(line.split(" --hash")[0]) for line in locked_lines()]
    return [each for each in requirements if each.marker is None or each.marker.evaluate()]


def declared_requirements() -> list[Requirement]:
    """What pyproject.toml asks for, to run and to develop."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    development = project["optional-dependencies"]["dev"]
    return [Requirement(text) for text in (*project["dependencies"], *development)]


@pytest.mark.parametrize("name", [*PACKAGES, "worker"])
def test_top_level_name_resolves_to_this_project(name: str) -> None:
    """A top-level name of ours is found in this project, not in somebody else's distribution."""
    relative = "worker.py" if name == "worker" else f"{name}/__init__.py"

    spec = importlib.util.find_spec(name)

    assert spec is not None
    assert str(ROOT / relative) == spec.origin


def test_no_other_distribution_claims_our_names() -> None:
    """No installed distribution but ours brings a top-level name of ours."""
    owners = packages_distributions()

    claims = {name: set(owners.get(name, ())) - {"lianyue"} for name in (*PACKAGES, "worker")}

    assert {name: set() for name in (*PACKAGES, "worker")} == claims


def test_every_locked_requirement_is_pinned_and_hashed() -> None:
    """Every line of the lock is a name, one version and at least one SHA-256, and nothing else."""
    loose = [line for line in locked_lines() if not PINNED.match(line)]

    assert [] == loose


def test_lock_names_no_place() -> None:
    """The lock holds no address, no option that names an index and no path, so any mirror can serve it."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    places = PLACE.findall(text)

    assert [] == places


def test_lock_answers_every_declared_requirement() -> None:
    """The lock holds a permitted version of everything pyproject.toml asks for: it is not stale."""
    versions = {canonicalize_name(each.name): next(iter(each.specifier)).version for each in locked_requirements()}

    unanswered = [
        str(wanted)
        for wanted in declared_requirements()
        if not wanted.specifier.contains(versions.get(canonicalize_name(wanted.name), "0"))
    ]

    assert [] == unanswered


def test_wheel_holds_exactly_our_top_level_names(tmp_path: Path) -> None:
    """The wheel brings our five packages, the worker, its own metadata, and no tests, examples or benches."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])

    with zipfile.ZipFile(built) as wheel:
        tops = {entry.split("/")[0] for entry in wheel.namelist()}

    assert {*PACKAGES, "worker.py", "lianyue-0.1.0.dist-info"} == tops
