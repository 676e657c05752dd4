"""One pass over a YAML file: its values, the event each came from, and everything that is refused on the way."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice
from typing import Any, NamedTuple

import yaml

from rules.problems import Problem
from rules.scalars import SUSPECT, Refusal, refusal_of_character, value_of

MOST_NODES = 50_000
DEEPEST = 32
MOST_CHARACTERS_REPORTED = 1_000
ENOUGH_PROBLEMS = 2_000

Path = tuple[str | int, ...]

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Origin(NamedTuple):
    """The parser's events for one value: its own, and that of the key which leads to it."""

    value: Any
    key: Any


def length_of(event: Any) -> int:
    """Return how many characters *event* takes on its line; 1 if it goes on below."""
    start, end = event.start_mark, event.end_mark
    return max(1, end.column - start.column) if end.line == start.line else 1


class _Stop(Exception):
    """Raised inside the reader when reading on would cost more than it tells."""


class _Frame:
    """A mapping or list that is being read."""

    __slots__ = ("container", "first_lines", "is_mapping", "key", "key_event", "path")

    def __init__(self, container: dict[str, Any] | list[Any], path: Path) -> None:
        self.container: Any = container
        self.is_mapping = isinstance(container, dict)
        self.path = path
        self.key: str | None = None
        self.key_event: Any = None
        self.first_lines: dict[str, int] = {}

    @property
    def expects_key(self) -> bool:
        return self.is_mapping and self.key is None


class Reading:
    """What one pass over *text* finds: `data`, the `origins` by path, and the `problems`."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text.removeprefix("\ufeff")
        self.data: Any = None
        self.origins: dict[Path, Origin] = {}
        self.problems: list[Problem] = []
        self._stack: list[_Frame] = []
        self._nodes = 0
        self._documents = 0
        self._takers = {
            yaml.DocumentStartEvent: self._open_document,
            yaml.ScalarEvent: self._take_scalar,
            yaml.MappingStartEvent: self._open_mapping,
            yaml.SequenceStartEvent: self._open_list,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._take_alias,
        }
        if text != self.text:
            self._refuse(1, 1, "byte-order-mark", "a byte order mark; save the file as UTF-8 without it")
        self._read()

    def _read(self) -> None:
        self._check_characters()
        try:
            for event in yaml.parse(SUSPECT.sub(_stand_in, self.text), Loader=_PARSER):
                take = self._takers.get(type(event))
                if take:
                    take(event)
        except yaml.YAMLError as error:
            self._refuse_syntax(error)
        except _Stop:
            pass
        if not self._documents and not self.problems:
            self._refuse(1, 1, "empty", "the file is empty; it needs apiVersion, kind, metadata and spec")

    def _check_characters(self) -> None:
        found = list(islice(SUSPECT.finditer(self.text), MOST_CHARACTERS_REPORTED))
        if not found:
            return
        starts = [0, *(end.end() for end in re.finditer("\n", self.text))]
        for suspect in found:
            line = bisect_right(starts, suspect.start())
            refusal = refusal_of_character(suspect.group())
            self._refuse(line, suspect.start() - starts[line - 1] + 1, refusal.code, refusal.message)

    def _open_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse_at(event, "second-document", "a second document begins here; keep one document in a file")
            raise _Stop
        if event.version or event.tags:
            self._refuse(1, 1, "directive", "a % directive; delete the line, this is plain YAML")

    def _open_mapping(self, event: Any) -> None:
        self._open(event, {})

    def _open_list(self, event: Any) -> None:
        self._open(event, [])

    def _open(self, event: Any, container: dict[str, Any] | list[Any]) -> None:
        self._count(event)
        self._check_decoration(event)
        if self._stack and self._stack[-1].expects_key:
            self._refuse_at(event, "key", "a key that is a list or a mapping; keys are plain words")
            self._take_key(self._spare_key(), event)
            path: Path = (*self._stack[-1].path, self._spare_key())
        else:
            path = self._put(container, event)
        self._stack.append(_Frame(container, path))
        if len(self._stack) > DEEPEST:
            self._refuse_at(event, "depth", f"nested deeper than {DEEPEST}; flatten the document")
            raise _Stop

    def _close(self, _event: Any) -> None:
        self._stack.pop()

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._refuse_at(event, "nodes", f"more than {MOST_NODES:,} values; split the file")
            raise _Stop
        if len(self.problems) > ENOUGH_PROBLEMS:
            raise _Stop

    def _take_scalar(self, event: Any) -> None:
        self._count(event)
        self._check_decoration(event)
        if self._stack and self._stack[-1].expects_key:
            self._take_key(self._key(event), event)
        else:
            self._put(self._scalar(event), event)

    def _take_alias(self, event: Any) -> None:
        self._count(event)
        message = f"the alias *{_short(event.anchor)}; write the value out, a policy has no copies by reference"
        self._refuse_at(event, "alias", message)
        if self._stack and self._stack[-1].expects_key:
            self._take_key(self._spare_key(), event)
        else:
            self._put(None, event)

    def _check_decoration(self, event: Any) -> None:
        if event.anchor is not None:
            message = f"the anchor &{_short(event.anchor)}; delete it and write values out where they are used"
            self._refuse_at(event, "anchor", message)
        if event.tag is not None:
            tag = _short(event.tag.replace("tag:yaml.org,2002:", "!!"))
            self._refuse_at(event, "tag", f"the tag {tag}; delete it, a value has the type it looks like")

    def _key(self, event: Any) -> str:
        key: str = event.value
        refusal = _refusal_of_key(key, plain=not event.style)
        if refusal:
            self._refuse_at(event, refusal.code, refusal.message)
            return self._spare_key()
        frame = self._stack[-1]
        if key in frame.container:
            first = frame.first_lines[key]
            message = f"the key {_short(key)!r} again; it stands on line {first} already, keep one of the two"
            self._refuse_at(event, "duplicate-key", message)
            return self._spare_key()
        frame.first_lines[key] = event.start_mark.line + 1
        return key

    def _scalar(self, event: Any) -> Any:
        if not event.style and event.end_mark.line == event.start_mark.line:
            return self._plain(event)
        if event.style == ">":
            message = "a folded text (>); use a | block, so that every character keeps its place"
            self._refuse_at(event, "folded", message)
        elif event.style != "|" and event.end_mark.line > event.start_mark.line:
            message = "a text over several lines; use a | block, so that every character keeps its place"
            self._refuse_at(event, "several-lines", message)
        elif event.style == '"':
            self._check_escapes(event)
        return event.value

    def _plain(self, event: Any) -> Any:
        value = value_of(event.value)
        if isinstance(value, Refusal):
            self._refuse_at(event, value.code, value.message)
            return None
        return value

    def _check_escapes(self, event: Any) -> None:
        """Refuse hidden characters that came in through an escape; those of the file itself are known already."""
        suspect = SUSPECT.search(event.value.replace("\t", " "))
        if suspect:
            refusal = refusal_of_character(suspect.group())
            self._refuse_at(event, refusal.code, "by an escape, " + refusal.message)

    def _take_key(self, key: str, event: Any) -> None:
        self._stack[-1].key = key
        self._stack[-1].key_event = event

    def _put(self, value: Any, event: Any) -> Path:
        """Store *value* in the open mapping or list and return its path."""
        if not self._stack:
            self.data = value
            self.origins[()] = Origin(event, event)
            return ()
        frame = self._stack[-1]
        if frame.is_mapping:
            path: Path = (*frame.path, str(frame.key))
            frame.container[frame.key] = value
            self.origins[path] = Origin(event, frame.key_event)
            frame.key = None
        else:
            path = (*frame.path, len(frame.container))
            frame.container.append(value)
            self.origins[path] = Origin(event, event)
        return path

    def _spare_key(self) -> str:
        """Return a key that no file can hold, for an entry whose own key was refused."""
        return f"\0{self._nodes}.{len(self.problems)}"

    def _refuse_at(self, event: Any, code: str, message: str) -> None:
        mark = event.start_mark
        self._refuse(mark.line + 1, mark.column + 1, code, message, length_of(event))

    def _refuse(self, line: int, column: int, code: str, message: str, length: int = 1) -> None:
        self.problems.append(Problem(self.file, line, column, code, message, length))

    def _refuse_syntax(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = " ".join(part for part in (getattr(error, "problem", ""), getattr(error, "context", "")) if part)
        message = f"not YAML: {said or 'it cannot be read'}; look at the indentation, colons, brackets and quotes"
        self._refuse(line, column, "syntax", message)


def _refusal_of_key(key: str, *, plain: bool) -> Refusal | None:
    if plain and key == "<<":
        return Refusal("merge-key", "a merge key (<<); write the entries out")
    value = value_of(key) if plain else key
    if isinstance(value, Refusal):
        return Refusal(value.code, "as a key, " + value.message)
    if not isinstance(value, str):
        return Refusal("key", f"the key {key} is not text; put it in quotes")
    if not key:
        return Refusal("key", "an empty key; name the entry")
    if not (key.isascii() and key.isprintable()):
        strange = next(character for character in key if not " " <= character <= "~")
        message = f"a key with the character U+{ord(strange):04X}; keys are ASCII letters, digits and signs"
        return Refusal("key", message)
    return None


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"


def _stand_in(suspect: re.Match[str]) -> str:
    """Return a harmless character of the same length, so that reading goes on and columns stay right."""
    return "\t" if suspect.group() == "\t" else "x"
