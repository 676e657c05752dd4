"""A bundle proves a contract by itself, offline; those that earlier code has made are proved by today's."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lianyue.audit.bundle import read_bundle
from lianyue.audit.container import unwritten, written
from lianyue.audit.trust import Trust
from lianyue.cli.trust_file import bundles_in
from lianyue.log.note import Signer
from lianyue.strict_files import UnreadableFile
from tests.lianyue.audit.bundles import AMENDED, BUNDLED, FOLDER, bundle_of, checks_of, failed, kept
from tests.lianyue.audit.tampering import FORGER

KINDS = (
    *("container", "manifest", "edition", "archive", "complete", "pins", "replay", "authority", "decide", "draw_up"),
    *(
        "screen",
        "open_quotes",
        "sign",
        "reference",
        "engine",
        "settle",
        "draft",
        "parties",
        "conclude",
        "money",
        "desk",
    ),
    *("vouchers", "seal", "log", "views", "report"),
)


def test_every_kept_bundle_is_named() -> None:
    """No bundle lies about that no test reads."""
    assert {bundle_of(story) for story in BUNDLED} == set(FOLDER.glob("*.zip"))


@pytest.mark.parametrize("story", BUNDLED)
def test_every_kept_bundle_is_proved(story: str) -> None:
    """Whatever turn a contract took, today's code finds nothing in its bundle that contradicts anything else."""
    assert {} == failed(kept(story))


def test_what_is_checked_is_named() -> None:
    """Each kind of proof has a line of its own."""
    assert list(KINDS) == list(dict.fromkeys(check.name.partition(" ")[0] for check in checks_of(kept())))


def test_members_determine_the_bytes() -> None:
    """Whoever writes the same members writes the same file."""
    assert kept() == written(dict(reversed(unwritten(kept()).items())))


def test_any_unzipper_reads_it() -> None:
    """Whoever has no Lianyue opens the file with what they have, and reads documents in JSON and HTML."""
    with zipfile.ZipFile(io.BytesIO(kept())) as opened:
        damaged, names = opened.testzip(), opened.namelist()
        money = json.loads(opened.read("views/money.json"))
        report = opened.read("report.zh.html").decode()

    assert damaged is None
    assert unwritten(kept()).keys() == set(names)
    assert {"HILL": 45_000_000, "LAKE": 22_500_000, "NORTH": 22_500_000} == money["versions"][0]["by_member"]
    assert "港口一期绿化养护" in report
    assert [] == [mark for mark in ("<script", "http://", "https://", "src=") if mark in report]


def test_the_pages_tell_both_languages() -> None:
    """One page is Chinese, one English, with the same sections."""
    members = unwritten(kept())
    chinese, english = members["report.zh.html"].decode(), members["report.en.html"].decode()

    assert chinese.count("<h2>") == english.count("<h2>") > 10
    assert "规则的决定" in chinese
    assert "What the rules decided" in english


def test_documents_leave_room_for_other_forms() -> None:
    """The manifest lists every version of the agreement by its form, number and the digest that was signed."""
    listed = read_bundle(kept(AMENDED)).manifest.documents

    forms = [(each.form, each.version) for each in listed]
    assert [("canonical-json", number) for number in range(1, 6)] == [each for each in forms if each[0] != "pdf"]
    assert [("pdf", number) for number in (2, 3, 5)] == [each for each in forms if each[0] == "pdf"]


def test_trust_from_elsewhere_goes_before_the_bundle() -> None:
    """Whoever trusts another desk, another log, another authority or a witness too many does not believe the bundle."""
    other, bundle = read_bundle(kept(AMENDED)), kept()
    witness = str(Signer("north.example", FORGER).witness_key)

    found = failed(bundle, Trust(authorities=other.authorities().decode(), witnesses=(witness,), quorum=1))

    assert "0 of the witnesses have signed the checkpoint where 1 must" == found["log checkpoint"]
    assert [each for each in found if each.startswith("conclude ")]
    assert "which is not yours" in failed(bundle, Trust(desk="A" * 43 + "="))["desk"]
    assert (
        "not of north.example" in failed(bundle, Trust(log=str(Signer("north.example", FORGER).key)))["log checkpoint"]
    )


def test_verifying_needs_neither_records_nor_network(tmp_path: Path) -> None:
    """The command proves a folder with the file alone, in a process that may open no socket, and load no database."""
    file = tmp_path / "contract.zip"
    file.write_bytes(kept())
    forbidding = (
        "import sys\n"
        "def refuse(event, args):\n"
        "    if event in ('socket.connect', 'sqlite3.connect', 'socket.getaddrinfo'):\n"
        "        raise RuntimeError(event)\n"
        "    if event == 'import' and args[0].partition('.')[0] == 'sqlalchemy':\n"
        "        raise RuntimeError(args[0])\n"
        "sys.addaudithook(refuse)\n"
        "from lianyue.cli import main\n"
        f"sys.argv = ['lianyue', 'audit', 'verify', {str(tmp_path)!r}, '--json']\n"
        "sys.exit(main())\n"
    )

    ran = subprocess.run([sys.executable, "-Ic", forbidding], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert (0, True) == (ran.returncode, json.loads(ran.stdout)["ok"])
    assert ["contract.zip"] == [each.name for each in tmp_path.iterdir()]


def test_a_folder_stands_for_its_bundles(tmp_path: Path) -> None:
    """Files and folders are one list, by name within a folder; what is not there is told before anything is proved."""
    for name in ("b.zip", "a.zip", "notes.txt"):
        (tmp_path / name).write_bytes(b"")

    assert ["b.zip", "a.zip", "b.zip"] == [each.name for each in bundles_in([tmp_path / "b.zip", tmp_path])]
    for missing, said in ((tmp_path / "c.zip", "no such file"), (tmp_path / "empty", "there is no bundle in")):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(UnreadableFile, match=said):
            bundles_in([missing])
