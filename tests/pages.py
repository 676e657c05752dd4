"""Pages followed to the letter: what they have one save, change and type, and what they promise that is printed."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SAVED = re.compile(r"as\s+`([^`]+)`:\s*\Z")
FILE = re.compile(r"`([^`\s]+\.yaml)`")
SLIP = re.compile(r"With `([^`]+)` for `([^`]+)`[^\n]*:\s*\Z")
TYPED = re.compile(r"(?:[A-Z_]+=\S+ )*(lianyue|mkdir|cp|printf|source) ")
ANOTHER_TERMINAL = re.compile(r"^source |lianyue up$")
SHOWN = {"sha256:…": re.compile(r"sha256:[0-9a-f]{64}"), "SEED": re.compile(r'(?<="seed": ")[0-9a-f]{64}')}
"""What a page cannot know beforehand: the reader takes what was printed last."""


class Block(NamedTuple):
    """A fenced block, its language, and the prose above it up to the block before."""

    language: str
    text: str
    prose: str


Command = Callable[[Sequence[str]], str]
"""Runs `lianyue` with these words, and returns all that it wrote."""


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of *page* in their order."""
    end = 0
    for found in FENCED.finditer(page):
        yield Block(found[1], found[2], page[end : found.start()])
        end = found.end()


@dataclass
class Reader:
    """Somebody who does what a page says, in a folder, and compares what is printed."""

    folder: Path
    lianyue: Command
    file: str = ""
    typed: str = ""
    said: list[str] = field(default_factory=list)
    new: str = ""
    """What the last commands printed."""

    def follow(self, page: str) -> None:
        """Do everything; AssertionError where the page promises something else than comes."""
        for block in blocks(page):
            self.file = (FILE.findall(block.prose) or [self.file])[-1]
            self._do(block)

    def prepare(self, page: str) -> None:
        """Only make the files that the page has one make."""
        for block in blocks(page):
            self.file = (FILE.findall(block.prose) or [self.file])[-1]
            if block.language or re.match("mkdir |cp ", block.text):
                self._do(block)

    def _do(self, block: Block) -> None:
        saved, slip = SAVED.search(block.prose), SLIP.search(block.prose)
        if block.language == "diff":
            self._change(block.text)
        elif block.language == "yaml":
            if saved:
                self._save(saved[1], block.text)
        elif TYPED.match(block.text):
            self._type(block.text)
        elif slip:
            self._slip(*slip.groups(), block.text)
        elif not block.language:
            self._compare(block.text)

    def _save(self, file: str, text: str) -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _change(self, difference: str) -> None:
        lines = difference.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line[0] != sign) for sign in "+-")
        self._replace(old, new)

    def _replace(self, old: str, new: str) -> None:
        path = self.folder / self.file
        text = path.read_text(encoding="utf-8")
        assert 1 == text.count(old), f"{old!r} in {self.file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def _slip(self, wrong: str, right: str, promised: str) -> None:
        """Make a slip, type the last commands again, and mend it."""
        self._replace(right, wrong)
        self._type(self.typed)
        self._compare(promised)
        self._replace(wrong, right)

    def _type(self, text: str) -> None:
        self.typed, before = text, len(self.said)
        for line in text.splitlines():
            if not ANOTHER_TERMINAL.search(line):
                self.said.append(self._run(self._filled_in(line)))
        self.new = "".join(self.said[before:])

    def _filled_in(self, line: str) -> str:
        """Put what was printed last in the place of what the page cannot know."""
        for word, form in SHOWN.items():
            if word in line:
                line = line.replace(word, form.findall("".join(self.said))[-1])
        return line

    def _run(self, line: str) -> str:
        command, *words = shlex.split(line, comments=True)
        if command == "lianyue":
            return self.lianyue(words)
        ran = subprocess.run(["/bin/sh", "-ec", line], cwd=self.folder, capture_output=True, text=True, check=True)
        return ran.stdout

    def _compare(self, promised: str) -> None:
        form = "".join(_form(line.rstrip()) for line in promised.splitlines() if line.strip())
        came = "".join(f"{line.rstrip()}\n" for line in self.new.splitlines() if line.strip())
        assert re.fullmatch(form, came), f"after\n{self.typed}promised\n{promised}came\n{came}"


def _form(line: str) -> str:
    """The form of a line that may leave something open; "…" alone stands for any lines."""
    return r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + "\n"
