"""Files that people write, read strictly: YAML or JSON, and every fault with its line and column."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, create_model

from contracts.errors import Invalid, MalformedDocument
from contracts.value import LONGEST_REASON, SHORTEST_REASON, Authored, Json
from contracts.value import Reason as ReasonText
from rules.parse import parsed
from rules.problems import Problem, RuleProblems
from rules.source import LARGEST_TEXT, Source, read

Model = TypeVar("Model", bound=BaseModel)
LONGEST_NUMBER = 40
"""Digits before or behind the point."""


class UnreadableFile(Invalid):
    """Check the path, and that the file is there, yours to read, and saved as UTF-8."""

    code = "unreadable-file"


class DocumentProblems(MalformedDocument):
    """Correct the file at each place named and send it again; nothing was changed."""

    def __init__(self, found: RuleProblems) -> None:
        self.problems: tuple[Problem, ...] = found.problems
        first = found.problems[0]
        super().__init__(found.message, where=f"{first.file}:{first.line}:{first.column}")


class Envelope(Authored):
    """What every document begins with."""

    api_version: Literal["lianyue/v1"] = Field(alias="apiVersion")
    metadata: Json = {}


@dataclass(frozen=True)
class Row:
    """One entry of a batch, and its place in the file."""

    number: int
    source: Source

    @property
    def name(self) -> str:
        """The contract's number as written, empty if there is none."""
        written = self.source.data.get("number") if isinstance(self.source.data, dict) else None
        return written if isinstance(written, str) else ""

    @property
    def place(self) -> str:
        """Where the entry begins: file and line."""
        return f"{self.source.file}:{self.source.at(()).line}"

    def read_as(self, model: type[Model]) -> Model:
        """Return the entry as a *model*, or raise DocumentProblems."""
        return _fitting(self.source, model)


def document(path: Path, kind: str, model: type[Model]) -> Model:
    """
    Return the *model* that the file at *path* states.

    The file has an envelope of this *kind*, or states the model outright.

    Raises:
        UnreadableFile: If it cannot be read.
        DocumentProblems: If it does not say what its kind must say.
    """
    source = source_of(path)
    if not _has_envelope(source.data):
        return _fitting(source, model)
    stated = _fitting(source, _enveloped(kind, model))
    spec: Model = stated.spec  # type: ignore[attr-defined]
    return spec


def batch(path: Path, kind: str, field: str) -> list[Row]:
    """
    Return the entries of the list *field* in the file at *path*, each to be read for itself.

    Raises:
        UnreadableFile: If the file cannot be read.
        DocumentProblems: If it is no batch at all.
    """
    source = source_of(path)
    listed = create_model("Batch", __base__=Authored, **{field: (tuple[Any, ...], ...)})  # type: ignore[call-overload]
    prefix: tuple[str | int, ...] = ("spec", field) if _has_envelope(source.data) else (field,)
    _fitting(source, _enveloped(kind, listed) if len(prefix) > 1 else listed)
    rows = source.data
    for step in prefix:
        rows = rows[step]
    return [Row(index + 1, _part(source, (*prefix, index), row)) for index, row in enumerate(rows)]


def content(path: Path) -> Json:
    """
    Return the mapping in the file at *path*: an answer to a form.

    Raises:
        UnreadableFile: If it cannot be read.
        DocumentProblems: If it is not strict YAML or JSON, or no mapping.
    """
    source = source_of(path)
    if isinstance(source.data, Mapping):
        return dict(source.data)
    message = "an answer is a mapping of the form's fields; `task show` lists them"
    raise DocumentProblems(RuleProblems([source.problem((), "wrong-type", message)]))


def source_of(path: Path) -> Source:
    """Return the file at *path* with the place of each value; raises as `document` does."""
    text = text_of(path)
    try:
        return _json_source(text, str(path)) if path.suffix.lower() == ".json" else read(text, str(path))
    except RuleProblems as found:
        raise DocumentProblems(found) from None


def text_of(path: Path) -> str:
    """
    Return the text of the file at *path*.

    Raises:
        UnreadableFile: If it is not there, no file, not ours to read, too large, or not UTF-8.
    """
    raw = _beginning(path, LARGEST_TEXT + 1)
    if len(raw) > LARGEST_TEXT:
        raise UnreadableFile(f"{path} is larger than {LARGEST_TEXT:,} bytes; split it", str(path))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(f"{path} is not UTF-8 text: line {line} holds other bytes", f"{path}:{line}") from None


def bytes_of(path: Path, most: int) -> bytes:
    """Return the bytes of the file at *path*, or raise UnreadableFile if there are more than *most*."""
    raw = _beginning(path, most + 1)
    if len(raw) > most:
        raise UnreadableFile(f"{path} is larger than {most:,} bytes", str(path))
    return raw


def exact_json(raw: bytes, file: str) -> Any:
    """
    Return what the JSON of others says, with its fractions exact; where *file* comes from is for the words of errors.

    Raises:
        MalformedDocument: If it is no JSON, names something twice, or has a number that nobody could write out.
    """
    try:
        return json.loads(
            raw.decode("utf-8-sig"), object_pairs_hook=distinct, parse_float=_exact, parse_constant=_exact
        )
    except json.JSONDecodeError as error:
        place = f"{file}:{error.lineno}:{error.colno}"
        raise MalformedDocument(f"not JSON: {error.msg[0].lower()}{error.msg[1:]}", where=place) from None
    except RecursionError:
        raise MalformedDocument("nested too deeply", where=file) from None
    except ValueError as error:
        raise MalformedDocument(str(error), where=file) from None


def _exact(word: str) -> Decimal:
    number = Decimal(word)
    if not number.is_finite() or not -LONGEST_NUMBER < number.adjusted() < LONGEST_NUMBER:
        raise ValueError(f"{word[:40]!r} is no number that can be written out")
    return number


def _beginning(path: Path, size: int) -> bytes:
    """The first bytes of the file at *path*, at most *size*."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise UnreadableFile(
            f"{path} cannot be read: {(error.strerror or 'no reason given').lower()}", str(path)
        ) from None


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, or raise ValueError if a name stands twice: a parser would silently keep the last."""
    named: dict[str, Any] = {}
    for name, value in pairs:
        if name in named:
            raise ValueError(f"the name {name!r} stands twice in one object")
        named[name] = value
    return named


def reason_given(text: str, option: str = "--reason") -> str:
    """Return *text* as a reason, or raise Invalid if it is too short or too long."""
    try:
        return TypeAdapter(ReasonText).validate_python(text.strip())
    except ValidationError:
        raise Invalid(f"a reason has {SHORTEST_REASON} to {LONGEST_REASON:,} characters", where=option) from None


def _fitting(source: Source, model: type[Model]) -> Model:
    if not isinstance(source.data, Mapping):
        message = "here must stand a mapping of field names to values"
        raise DocumentProblems(RuleProblems([source.problem((), "wrong-type", message)]))
    try:
        return parsed(source, model)
    except RuleProblems as found:
        raise DocumentProblems(found) from None


def _has_envelope(data: Any) -> bool:
    return isinstance(data, Mapping) and bool({"apiVersion", "kind", "spec"} & set(data))


def _enveloped(kind: str, model: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = {"kind": (Literal[kind], ...), "spec": (model, ...)}
    return create_model(kind, __base__=Envelope, **fields)


def _part(source: Source, path: tuple[str | int, ...], data: Any) -> Source:
    """The part of *source* at *path* as a source of its own; places stay those of the file."""
    depth = len(path)
    origins = {place[depth:]: origin for place, origin in source._origins.items() if place[:depth] == path}
    return Source(source.file, source.text, data, origins)


def _json_source(text: str, file: str) -> Source:
    """JSON is nearly YAML: the strict reader finds the places, where it can follow."""
    data = _strict_json(text, file)
    try:
        source = read(text, file)
    except RuleProblems:
        source = None
    if source is not None and source.data == data:
        return source
    return read(json.dumps(data, ensure_ascii=False, indent=2), f"{file} (laid out anew)")


def _strict_json(text: str, file: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=distinct, parse_float=_whole, parse_constant=_whole)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg[0].lower()}{error.msg[1:]}"
        raise RuleProblems([Problem(file, error.lineno, error.colno, "syntax", message)]) from None
    except RecursionError:
        raise RuleProblems([Problem(file, 1, 1, "too-deep", "nested too deeply")]) from None
    except ValueError as error:
        read(text, file)  # tells the place, where it can follow
        raise RuleProblems([Problem(file, 1, 1, "ambiguous", str(error))]) from None


def _whole(word: str) -> Any:
    raise ValueError(f"{word!r} is a fraction; count in whole fen (_fen) or basis points (_bp)")
