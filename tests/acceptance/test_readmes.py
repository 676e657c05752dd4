"""The READMEs of the small examples, followed to the letter."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.machine import EXAMPLES, Machine, Ran, machine

LATE = "03-late-delivery"
DIGEST = re.compile("sha256:[0-9a-f]{64}")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which nobody has been awarded anything yet: the ledger is part of the scores."""
    with machine(tmp_path_factory.mktemp("fresh"), LIANYUE_CLOCK_ORIGIN="2025-07-01T09:00") as made:
        yield made


def commands(readme: str) -> Iterator[list[str]]:
    """What is typed into the second terminal, without comments."""
    _first_terminal, *rest = re.findall(r"```\n(.*?)```", readme, re.DOTALL)
    for line in "".join(rest).splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0] == "lianyue":
            yield words[1:]


def fill_in(digest: str) -> None:
    """Put the digest of the document shown into the answer, as the README asks."""
    answer = Path("answers/sign.yaml")
    answer.write_text(DIGEST.sub(digest, answer.read_text(encoding="utf-8")), encoding="utf-8")


def follow(name: str, at: Machine, place: Path, monkeypatch: pytest.MonkeyPatch, **clock: str) -> dict[str, Ran]:
    """Type everything in; return what the last of each command said."""
    shutil.copytree(EXAMPLES / name, place / name)
    monkeypatch.chdir(place / name)
    said: dict[str, Ran] = {}
    for words in commands(Path("README.md").read_text(encoding="utf-8")):
        if name == LATE and words[:2] == ["task", "list"]:
            at.until(lambda: "上报联盟办公室" in at.here("contract", "show", "EX-2025-0003").out)
        ran = at.soon(*words, **clock)
        said[" ".join(words[:2])] = ran
        shown = DIGEST.search(ran.out) if words[:2] == ["task", "show"] else None
        if shown and Path("answers/sign.yaml").exists():
            fill_in(shown[0])
    return said


def test_one_member(fresh: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortest whole life, by hand from the first quote to the audit."""
    said = follow("01-one-member", fresh, tmp_path, monkeypatch)
    shown = fresh.here("contract", "show", "EX-2025-0001").out

    assert "EX-2025-0001：15 项检查全部通过" in said["audit replay"].out
    assert "阶段 已评价" in shown
    assert "甲物业评价定稿94.00分，A级" in shown


def test_three_quotes(fresh: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scores are those of the README's table, and the best score wins."""
    said = follow("02-three-quotes", fresh, tmp_path, monkeypatch)
    promised = re.findall(
        r"`(\w+)` \|[^|]+\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| \**([\d.]+)", Path("README.md").read_text("utf-8")
    )
    row = r"(\w+) +([\d.]+) +fairness ([\d.]+), price ([\d.]+), quality ([\d.]+)"
    explained = [
        (member, price, quality, fairness, total)
        for member, total, fairness, price, quality in re.findall(row, said["rules explain"].out)
    ]

    assert 3 == len(promised)
    assert promised == explained
    # The document is closed and checked as a whole once the last company has signed: a moment later.
    fresh.until(lambda: "合同签署，第1版，180,000.00 元" in fresh.here("contract", "show", "EX-2025-0002").out)


def test_portfolio(fresh: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cheapest bidder has one contract only, the reason names the rule, and the recorded answer comes out again."""
    said = follow("05-portfolio", fresh, tmp_path, monkeypatch)
    shown = fresh.here("portfolio", "show", "two-canteens", "--json").document

    assert {"EX-2025-0041": ["YCY"], "EX-2025-0042": ["JCY"]} == {
        row["number"]: row["members"] for row in shown["rows"]
    }
    assert ["one-each"] == [rule["id"] for rule in shown["last"]["binding"]]
    assert 400_000 == shown["last"]["binding"][0]["cost"]
    assert "JCY低4,000.00 元，但会违反one-each（每家至多一份）" in said["rules explain"].out
    assert "已证明最优" in said["portfolio show"].out
    assert re.search("第1次决定（已证明最优）重算一致 sha256:[0-9a-f]{64}", said["allocate --of"].out)


def test_late_delivery(fresh: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The delivery is overdue, then escalated, and the days late are told."""
    # Ten times the README's speed, and three weeks later: the test has less patience.
    clock = {"LIANYUE_CLOCK_SPEED": "86400", "LIANYUE_CLOCK_ORIGIN": "2025-07-21T09:00"}
    said = follow(LATE, fresh, tmp_path, monkeypatch, **clock)

    assert " 逾期" in said["task list"].out
    assert re.search("甲绿化交付“本底调查与年度计划”，逾期[2-9]个工作日", said["contract show"].out)
    assert "联盟办公室协调员催办“交付《示范园区绿化养护》：本底调查与年度计划”" in said["contract show"].out
