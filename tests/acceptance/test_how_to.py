"""The how-to pages about an instance at work, followed to the letter one after the other."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.acceptance.machine import EXAMPLES, PATIENCE_SECONDS, Machine, machine
from tests.acceptance.test_readmes import commands
from tests.pages import Reader

ROOT = EXAMPLES.parent
ORIGIN = "2025-07-01T09:00"


def page(name: str) -> str:
    """The text of a how-to page."""
    return (ROOT / "docs" / "how-to" / f"{name}.md").read_text(encoding="utf-8")


def checkout(folder: Path) -> Path:
    """A folder with what the pages take from a checkout."""
    shutil.copytree(ROOT / "rules" / "books", folder / "rules" / "books")
    shutil.copytree(EXAMPLES, folder / "examples")
    return folder


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with the books that the pages add, on which the contract of the README has been decided."""
    prepared = checkout(tmp_path_factory.mktemp("prepared"))
    for name in ("compare-editions", "draw-lots"):
        Reader(prepared, lambda _: "").prepare(page(name))
    books = str(prepared / "my-books")
    with machine(tmp_path_factory.mktemp("data"), LIANYUE_CLOCK_ORIGIN=ORIGIN, LIANYUE_BOOKS=books) as made:
        for words in readme_commands():
            made.soon(*words)
        yield made


def readme_commands() -> Iterator[Sequence[str]]:
    """What the README has one type up to the decision, from the root of the checkout."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Use it for real")[2]
    for words in commands(readme.partition("When the last quote is in")[0]):
        yield [str(ROOT / word) if word.startswith("examples/") else word for word in words]


def follow(name: str, at: Machine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Follow a page in a checkout of its own."""
    monkeypatch.chdir(checkout(folder))
    reader = Reader(folder, lambda words: patiently(at, words))
    reader.follow(page(name))
    return reader


def patiently(at: Machine, words: Sequence[str]) -> str:
    """Type a command until it is answered, as a person does who is a moment too early."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (ran := at.here(*words)).code > 1 and time.monotonic() < deadline:
        time.sleep(0.3)
    return ran.out + ran.err


def test_why(at_work: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision is told in sentences."""
    follow("find-out-why", at_work, tmp_path, monkeypatch)


def test_comparing_editions(at_work: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a draft would have changed is told before, and its shadow says the same."""
    follow("compare-editions", at_work, tmp_path, monkeypatch)


def test_handing_over_approvals(at_work: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A colleague approves, and the mandate is called back."""
    follow("hand-over-approvals", at_work, tmp_path, monkeypatch)


def test_drawing_lots(at_work: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever checks the draw by hand comes to the commitment, and to the order in which the members stand."""
    reader = follow("draw-lots", at_work, tmp_path, monkeypatch)

    (said,) = [text for text in reader.said if '"draw"' in text]
    commitment, *lots = [text.split()[0] for text in reader.said[-4:]]
    ranking = re.findall(r'"([A-Z]+)"', said.partition('"ranking"')[2].partition("]")[0])
    assert f'"commitment": "sha256:{commitment}"' in said
    assert [code for _, code in sorted(zip(lots, ("JCY", "YCY", "BCY"), strict=True))] == ranking


def test_exceptions(at_work: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception is granted, listed and revoked; the directory is another now, so this page comes last."""
    follow("grant-an-exception", at_work, tmp_path, monkeypatch)
