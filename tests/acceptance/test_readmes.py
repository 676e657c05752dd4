"""The READMEs of the small examples, followed to the letter."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.machine import EXAMPLES, Machine, Ran

DIGEST = re.compile("sha256:[0-9a-f]{64}")


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


def follow(name: str, at: Machine, place: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Ran]:
    """Type everything in; return what the last of each command said."""
    shutil.copytree(EXAMPLES / name, place / name)
    monkeypatch.chdir(place / name)
    said: dict[str, Ran] = {}
    for words in commands(Path("README.md").read_text(encoding="utf-8")):
        ran = at.soon(*words)
        said[" ".join(words[:2])] = ran
        if words[:2] == ["task", "show"] and (shown := DIGEST.search(ran.out)):
            fill_in(shown[0])
    return said


def test_one_member(at_the_machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortest whole life, by hand from the first quote to the audit."""
    said = follow("01-one-member", at_the_machine, tmp_path, monkeypatch)
    shown = at_the_machine.here("contract", "show", "EX-2025-0001").out

    assert "EX-2025-0001：13 项检查全部通过" in said["audit replay"].out
    assert "阶段 已评价" in shown
    assert "甲物业评价定稿94.00分，A级" in shown


def test_three_quotes(at_the_machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scores are those of the README's table, and the best score wins."""
    said = follow("02-three-quotes", at_the_machine, tmp_path, monkeypatch)
    readme = (EXAMPLES / "02-three-quotes" / "README.md").read_text(encoding="utf-8")
    promised = {
        row[0]: row[1:]
        for row in re.findall(r"`(\w+)` \|.*?\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| \**([\d.]+)", readme)
    }
    explained = {
        row[0]: (row[3], row[4], row[2], row[1])
        for row in re.findall(
            r"(\w+) +([\d.]+) +fairness ([\d.]+), price ([\d.]+), quality ([\d.]+)", said["rules explain"].out
        )
    }

    assert {"JCY", "BCY", "YCY"} == set(promised)
    assert promised == explained
    assert "分配方案获批，由甲餐饮承接，合计180,000.00 元" in said["contract show"].out


def test_late_delivery(at_the_machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The delivery is overdue, then escalated, and the days late are told."""
    monkeypatch.setenv("LIANYUE_CLOCK_SPEED", "86400")  # ten times the README's, and two weeks later: the test
    monkeypatch.setenv("LIANYUE_CLOCK_ORIGIN", "2025-07-14T09:00")  # has less patience
    readme = commands((EXAMPLES / "03-late-delivery" / "README.md").read_text(encoding="utf-8"))
    assert ["task", "list", "--for", "JLH"] in list(readme)
    here = at_the_machine.soon

    def patient(*words: str) -> Ran:
        ran = here(*words)
        if words[:2] == ("task", "list"):
            at_the_machine.until(lambda: "上报联盟办公室" in here("contract", "show", "EX-2025-0003").out)
            return here(*words)
        return ran

    monkeypatch.setattr(at_the_machine, "soon", patient)
    said = follow("03-late-delivery", at_the_machine, tmp_path, monkeypatch)

    assert " 逾期" in said["task list"].out
    assert re.search("甲绿化交付“本底调查与年度计划”，逾期[2-9]个工作日", said["contract show"].out)
    assert "联盟办公室协调员催办“交付《示范园区绿化养护》：本底调查与年度计划”" in said["contract show"].out
