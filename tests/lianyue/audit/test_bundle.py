"""A bundle proves a contract by itself: every story's, offline, and the same contract makes the same bytes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lianyue.audit.bundle import read_bundle
from lianyue.audit.container import unwritten
from tests.lianyue.audit.archive import WHOLE_LIFE, bundle_of, checks_of, failed
from tests.replay.stories import STORIES

Bundles = Callable[[str], bytes]


@pytest.mark.parametrize("story", STORIES)
def test_every_story_is_proved_from_its_bundle(story: str, bundle: Bundles) -> None:
    """Whatever turn a contract takes, nothing in its bundle contradicts anything else."""
    assert {} == failed(bundle(story))


def test_the_same_contract_makes_the_same_bytes(bundle: Bundles, sqlite_template: Path, tmp_path: Path) -> None:
    """Another installation with the same records exports the same file."""
    assert bundle(WHOLE_LIFE) == bundle_of(WHOLE_LIFE, sqlite_template, tmp_path / "elsewhere")


def test_what_is_checked_is_named(bundle: Bundles) -> None:
    """Each kind of proof has a line of its own."""
    kinds = dict.fromkeys(check.name.partition(" ")[0] for check in checks_of(bundle(WHOLE_LIFE)))

    wanted = "container manifest edition archive complete pins replay authority decide draw_up screen open_quotes sign"
    assert [*wanted.split(), "reference", "engine", "settle", "draft", "parties", "money", "views", "report"] == list(
        kinds
    )


def test_any_unzipper_reads_it(bundle: Bundles) -> None:
    """Whoever has no Lianyue opens the file with what they have, and reads documents in JSON and HTML."""
    with zipfile.ZipFile(io.BytesIO(bundle(WHOLE_LIFE))) as opened:
        damaged, names = opened.testzip(), opened.namelist()
        money = json.loads(opened.read("views/money.json"))
        report = opened.read("report.zh.html").decode()

    assert damaged is None
    assert unwritten(bundle(WHOLE_LIFE)).keys() == set(names)
    assert {"HILL": 45_000_000, "LAKE": 22_500_000, "NORTH": 22_500_000} == money["versions"][0]["by_member"]
    assert "港口一期绿化养护" in report
    assert [] == [mark for mark in ("<script", "http://", "https://", "src=") if mark in report]


def test_the_pages_tell_both_languages(bundle: Bundles) -> None:
    """One page is Chinese, one English, with the same sections."""
    members = unwritten(bundle(WHOLE_LIFE))
    chinese, english = members["report.zh.html"].decode(), members["report.en.html"].decode()

    assert chinese.count("<h2>") == english.count("<h2>") > 10
    assert "规则的决定" in chinese
    assert "What the rules decided" in english


def test_documents_leave_room_for_other_forms(bundle: Bundles) -> None:
    """The manifest lists every version of the agreement by its form, number and the digest that was signed."""
    listed = read_bundle(bundle("changed_and_amended")).manifest.documents

    assert [("canonical-json", number) for number in range(1, 6)] == [(each.form, each.version) for each in listed]


def test_verifying_needs_neither_records_nor_network(bundle: Bundles, tmp_path: Path) -> None:
    """The command proves the file in an empty folder, in a process that may not open a socket."""
    file = tmp_path / "contract.zip"
    file.write_bytes(bundle(WHOLE_LIFE))
    forbidding = (
        "import socket, sys\n"
        "def refuse(event, args):\n"
        "    if event in ('socket.connect', 'sqlite3.connect', 'socket.getaddrinfo'):\n"
        "        raise RuntimeError(event)\n"
        "sys.addaudithook(refuse)\n"
        "from lianyue.cli import main\n"
        f"sys.argv = ['lianyue', 'audit', 'verify', {str(file)!r}, '--json']\n"
        "sys.exit(main())\n"
    )

    ran = subprocess.run([sys.executable, "-Ic", forbidding], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert (0, True) == (ran.returncode, json.loads(ran.stdout)["ok"])
    assert ["contract.zip"] == [each.name for each in tmp_path.iterdir()]
