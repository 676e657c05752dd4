"""`lianyue keys`: keys are made under a passphrase, shares unwrapped without a server, the ring grows."""

from __future__ import annotations

import json
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.calendar import Deadline
from contracts.organisation import Keyholder, Role
from contracts.sealing import QuoteSealing, shares_in
from lianyue.desk.openings import WrappedShare, WrappedShares
from lianyue.sealing.envelopes import seal, wrapped_share
from lianyue.sealing.keyholders import with_key

NUMBER, AT = "LY-2025-0001", datetime(2025, 7, 1, tzinfo=UTC)


@pytest.fixture
def made(lianyue: Any, place: Path) -> str:
    """The public half of a key in `auditor.pem`, whose passphrase is in `phrase`."""
    (place / "phrase").write_text("correct horse battery\n", encoding="utf-8")
    ran = lianyue("keys", "new", str(place / "auditor.pem"), "--passphrase-file", str(place / "phrase"), "--json")
    return str(json.loads(ran.out)["public_key"])


def document(holder: Keyholder) -> WrappedShares:
    """The shares of *holder* for one quote."""
    sealing = QuoteSealing(needed=1, holders=(holder,), deadline=Deadline())
    quote, envelope = seal(NUMBER, "LGWY", 1, {"price_fen": 1}, sealing, AT)
    share = WrappedShare(quote=quote, wrapped=wrapped_share(envelope, holder.name))
    task = f"{NUMBER}/quote:open-{holder.name}"
    return WrappedShares(task=task, number=NUMBER, holder=holder.name, public_key=holder.public_key, shares=(share,))


def test_a_key_lies_under_its_passphrase(lianyue: Any, place: Path, made: str) -> None:
    """The file is encrypted PKCS#8, for its owner alone; its public half can be shown again."""
    file = place / "auditor.pem"

    shown = lianyue("keys", "show", str(file), "--passphrase-file", str(place / "phrase"))

    assert f"{made}\n" == shown.out
    assert b"ENCRYPTED PRIVATE KEY" in file.read_bytes()
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    asked = ["openssl", "pkey", "-in", str(file), "-passin", f"file:{place / 'phrase'}", "-noout"]
    assert 0 == subprocess.run(asked, check=False, capture_output=True).returncode


def test_a_key_is_not_made_over_another_nor_under_a_short_passphrase(lianyue: Any, place: Path, made: str) -> None:
    """What is there stays."""
    before = (place / "auditor.pem").read_bytes()
    (place / "short").write_text("short", encoding="utf-8")

    over = lianyue("keys", "new", str(place / "auditor.pem"), "--passphrase-file", str(place / "phrase"))
    short = lianyue("keys", "new", str(place / "other.pem"), "--passphrase-file", str(place / "short"))

    assert (2, 2) == (over.code, short.code)
    assert f"{place / 'auditor.pem'} cannot be made: File exists" in over.err
    assert "the passphrase has 5 characters; at least 12 are needed" in short.err
    assert before == (place / "auditor.pem").read_bytes()
    assert not (place / "other.pem").exists()
    assert 64 == len(made)


def test_shares_are_unwrapped_without_a_server(lianyue: Any, place: Path, made: str) -> None:
    """The key and the document suffice; a wrong passphrase or another's key is told."""
    holder = Keyholder(name="auditor", title="x", company="OFFICE", role=Role.AUDITOR, public_key=made)
    (place / "shares.json").write_text(document(holder).model_dump_json(), encoding="utf-8")
    (place / "wrong").write_text("another passphrase", encoding="utf-8")
    words = ("keys", "unwrap", str(place / "shares.json"))

    ran = lianyue(*words, "--key", str(place / "auditor.pem"), "--passphrase-file", str(place / "phrase"))
    wrong = lianyue(*words, "--key", str(place / "auditor.pem"), "--passphrase-file", str(place / "wrong"))
    without = lianyue(*words)

    assert ["LGWY"] == list(shares_in(json.loads(ran.out)["shares"]))
    assert (2, True) == (wrong.code, "the file holds no key, or the passphrase is another" in wrong.err)
    assert (2, True) == (without.code, f"this is not the key of auditor, whose public half is {made}" in without.err)


def test_a_test_keyholder_needs_no_key(lianyue: Any, place: Path) -> None:
    """And the command says that it is one."""
    holder = with_key(Keyholder(name="auditor", title="x", company="OFFICE", role=Role.AUDITOR, test=True))
    (place / "shares.json").write_text(document(holder).model_dump_json(), encoding="utf-8")

    ran = lianyue("keys", "unwrap", str(place / "shares.json"))

    assert ["LGWY"] == list(shares_in(json.loads(ran.out)["shares"]))
    assert "测试密钥 test key: auditor\n" == ran.err


def test_the_ring_grows(lianyue: Any, place: Path) -> None:
    """A rotation adds a key behind the others."""
    before = json.loads(lianyue("keys", "payloads", "--data", str(place), "--json").out)["keys"]

    added = json.loads(lianyue("keys", "rotate", "--data", str(place), "--json").out)["key"]

    after = json.loads(lianyue("keys", "payloads", "--data", str(place), "--json").out)["keys"]
    assert [*before, added] == after
