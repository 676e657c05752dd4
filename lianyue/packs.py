"""The category packs of an installation: those shipped with it, and folders that its operator adds."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from pydantic import ValidationError

from contracts.category import Category, CategoryPack
from contracts.errors import MalformedDocument
from lianyue.strict_files import distinct
from rules.canonical import canonical, digest
from rules.form_schema import schema_faults
from rules.problems import Problem, RuleProblems
from rules.source import Path, Source, read

PACK: Final = "pack.yaml"
FORMS: Final = ("terms", "quote", "delivery")
DOCUMENT: Final = "document.typ"


def categories(*extra_folders: Traversable) -> dict[str, Category]:
    """
    All categories by code: the shipped ones, then the subfolders of each of *extra_folders*, ordered by name.

    Raises:
        RuleProblems: If a pack or a form says something it must not; all places at once for each file.
        MalformedDocument: If a file is missing or unreadable, or two folders bring the same code.
    """
    found = dict(_categories_shipped())
    for folder in extra_folders:
        for part in sorted(_subfolders(folder), key=lambda part: part.name):
            category = read_category(part)
            if category.pack.code in found:
                raise MalformedDocument(f"category {category.pack.code!r} is there already", where=str(part))
            found[category.pack.code] = category
    return found


@cache
def _categories_shipped() -> dict[str, Category]:
    """The categories that come with the product, which nobody changes while it runs."""
    return {part.name: read_category(part) for part in sorted(_subfolders(shipped()), key=lambda part: part.name)}


def shipped() -> Traversable:
    """The folder with the packs that come with the product, wherever it is installed."""
    return files("contracts") / "categories"


def read_category(folder: Traversable) -> Category:
    """
    One category out of its *folder*, which bears the category's code as its name.

    Raises:
        RuleProblems: If the pack or a form says something it must not.
        MalformedDocument: If a file is missing or unreadable.
    """
    source = read(_text(folder / PACK), str(folder / PACK))
    pack = _pack(source)
    if pack.code != folder.name:
        message = f"the folder is called {folder.name!r}, the category {pack.code!r}; give both the same name"
        raise RuleProblems([source.problem(("code",), "pack", message)])
    forms = {f"{form}_schema": _schema(folder / f"{form}.schema.json") for form in FORMS}
    try:
        return Category(pack=pack, digest=digest(source.data), document=_document(folder), **forms)
    except ValidationError as error:
        raise RuleProblems(_problem(source, fault) for fault in error.errors()) from None


def publications(category: Category) -> dict[str, str]:
    """What to keep for contracts that pin *category*: canonical JSON of pack, forms and template, by digest."""
    pack = category.pack.model_dump(mode="json", exclude_unset=True)
    template = {"category": category.pack.code, "document": category.document}
    contents = (pack, category.terms_schema, category.quote_schema, category.delivery_schema, template)
    return {digest(content): canonical(content).decode() for content in contents}


def _subfolders(folder: Traversable) -> list[Traversable]:
    if not folder.is_dir():
        raise MalformedDocument("no folder of category packs", where=str(folder))
    return [part for part in folder.iterdir() if part.is_dir() and not part.name.startswith((".", "_"))]


def _document(folder: Traversable) -> str:
    file = folder / DOCUMENT
    return _text(file) if file.is_file() else ""


def _text(file: Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedDocument(f"{file.name} cannot be read: {error}", where=str(file)) from None


def _pack(source: Source) -> CategoryPack:
    try:
        return CategoryPack.model_validate(source.data)
    except ValidationError as error:
        raise RuleProblems(_problem(source, fault) for fault in error.errors()) from None


def _problem(source: Source, fault: Any) -> Problem:
    path: Path = tuple(fault["loc"])
    message = str(fault["msg"]).removeprefix("Value error, ")
    named = f"{_dotted(path)}: {message}" if path else message
    return source.problem(path, "pack", named, key=fault["type"] == "extra_forbidden")


def _schema(file: Traversable) -> dict[str, Any]:
    try:
        schema = json.loads(_text(file), object_pairs_hook=distinct)
    except ValueError as error:
        raise MalformedDocument(f"{file.name} is not JSON: {error}", where=str(file)) from None
    if not isinstance(schema, dict):
        raise MalformedDocument(f"{file.name} is not a JSON object", where=str(file))
    faults = schema_faults(schema)
    if faults:
        raise RuleProblems(
            Problem(str(file), 1, 1, "form", f"{_dotted(fault.path)}: {fault.message}") for fault in faults
        )
    return schema


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(str(step) for step in path)
