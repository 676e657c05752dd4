"""`rules new` and `rules schema`: rule files in the right shape, and what an editor needs to check them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from contracts.errors import Invalid, UnknownName
from lianyue.cli.options import AsJson

TEMPLATES, SCHEMA_FOLDER = "templates", "schemas"
YEAR_IN_DAYS, EXCEPTION_DAYS = 364, 90
Kind = Annotated[str, typer.Argument(metavar="KIND", help="种类 The kind of rule file, AllocationPolicy.")]


def new(
    kind: Kind,
    name: Annotated[str, typer.Argument(metavar="NAME", help="名称 What other files will call it.")],
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="起始日 The first day in force [today].")
    ] = None,
    folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="规则目录 Where the books are [.].")] = Path("."),
    as_json: AsJson = False,
) -> None:
    """新建规则：Write a rule file of a kind with its cases and its page, valid as written; nothing is overwritten."""
    from contracts.calendar import SHANGHAI
    from lianyue.cli.backups import FileTaken
    from lianyue.cli.output import emit, say

    day = first or datetime.now(SHANGHAI).date().isoformat()
    made = dict(_made(_kind_called(kind), _checked_name(name), day, folder / name))
    there = [str(file) for file in made if file.exists()]
    if there:
        raise FileTaken(f"{', '.join(there)} is there already", where=there[0])
    for file, text in made.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    if as_json:
        emit({"files": [str(file) for file in made]})
    else:
        for file in made:
            say(str(file))


def schema(
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="种类 One kind; without it, all.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="写入目录 Write a file for each kind into DIR.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """编辑器模式：Print the JSON Schema of a kind of rule file, or of all by kind; with --dir, write the files."""
    from lianyue.cli.output import emit, say
    from rules.schema import SCHEMAS, schema_file, schema_of, schema_text

    kinds = [_kind_called(kind)] if kind else sorted(SCHEMAS)
    if folder is None:
        emit(schema_of(kinds[0]) if kind else {each: schema_of(each) for each in kinds})
        return
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / schema_file(each) for each in kinds]
    for each, file in zip(kinds, written, strict=True):
        file.write_text(schema_text(each), encoding="utf-8")
    if as_json:
        emit({"files": [str(file) for file in written]})
    else:
        for file in written:
            say(str(file))


def _kind_called(wanted: str) -> str:
    """The kind that is meant; upper and lower case are all the same."""
    from rules.problems import did_you_mean
    from rules.schema import SCHEMAS

    found = [kind for kind in SCHEMAS if kind.lower() == wanted.lower()]
    if not found:
        hint = did_you_mean(wanted, SCHEMAS) or f"; there are {', '.join(SCHEMAS)}"
        raise UnknownName(f"there is no kind {wanted!r}{hint}", where=wanted)
    return found[0]


def _checked_name(name: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from contracts.value import Slug

    try:
        return TypeAdapter(Slug).validate_python(name)
    except ValidationError:
        raise Invalid(f"{name!r} is not a name of small letters, digits and dashes", where=name) from None


def _made(kind: str, name: str, day: str, folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of a new rule of a *kind*, with their texts."""
    from contracts.calendar import epoch_day, iso_day
    from rules.schema import modeline, schema_file

    start = epoch_day(day)
    facts = {
        "name": name,
        "day": day,
        "end_day": iso_day(start + EXCEPTION_DAYS),
        "starts_day": start,
        "ends_day": start + YEAR_IN_DAYS,
    }
    for file, text in _templates(kind):
        target = folder / file.replace("edition", day)
        written = Template(text).substitute(facts)
        if target.suffix == ".yaml":
            about = kind if file.startswith("edition") else "PolicyTest"
            schemas = os.path.relpath(str(files("rules") / SCHEMA_FOLDER / schema_file(about)), folder.resolve())
            written = f"{modeline(Path(schemas).as_posix())}\n{written}"
        yield target, written


def _templates(kind: str) -> list[tuple[str, str]]:
    """The templates of a *kind*, by name; UnknownName if it has none."""
    folder = files("rules") / TEMPLATES
    kinds = sorted(each.name for each in folder.iterdir() if each.is_dir())
    if kind not in kinds:
        raise UnknownName(f"there is no template for the kind {kind}; there are {', '.join(kinds)}", where=kind)
    found = sorted((folder / kind).iterdir(), key=lambda each: each.name)
    return [(each.name, each.read_text(encoding="utf-8")) for each in found if each.name[0] not in "._"]
