"""The rule books of an installation: read from the package and the operator's folder, checked, and published."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from contracts.category import Category
from lianyue.packs import publications
from lianyue.records.sql import SqlRecords
from rules.check_book import checked
from rules.documents.authority import PolicyException
from rules.edition import Edition
from rules.problems import RuleProblems
from rules.publication import Published, publication_faults


def texts(folder: Path | None) -> dict[str, str]:
    """Return the text of every shipped rule file and of those in the operator's *folder*, by path."""
    shipped = _yaml_files(files("rules") / "books", "books")
    return shipped | (_yaml_files(folder, str(folder)) if folder else {})


def publish(records: SqlRecords, folder: Path | None, categories: dict[str, Category]) -> int:
    """
    Publish every edition and category pack into the records; return how many editions there are.

    Raises:
        RuleProblems: If a book has problems, or an edition was published with other content or is back-dated; nothing
            is published then.
    """
    found = texts(folder)
    library, problems = checked(found, indivisible(categories))
    if problems:
        raise RuleProblems(problems)
    editions = [edition for edition in library.editions if _is_published(edition)]
    faults = tuple(publication_faults(editions, _published(records)))
    if faults:
        raise RuleProblems(faults)
    for edition in editions:
        effective = edition.effective
        if effective is not None:
            first_day, to_day = effective.from_day, effective.to_day
            text, digest = edition.source.text, edition.digest
            records.publish(edition.kind, edition.name, effective.first, first_day, to_day, text, digest)
    for code, category in sorted(categories.items()):
        for digest, text in publications(category).items():
            # A form belongs to nobody by name: two categories may have the same one, word for word.
            kind, name = ("CategoryPack", code) if digest == category.digest else ("CategoryForm", "form")
            records.publish(kind, name, digest[-12:], 0, None, text, digest)
    return len(editions)


def _published(records: SqlRecords) -> Iterator[Published]:
    for each in records.editions():
        yield Published(each.kind, each.name, each.effective_from_day, each.digest)


def _is_published(edition: Edition) -> bool:
    """Cases are no rules; and an exception is in force by being signed, not by lying in a folder."""
    return edition.effective is not None and not isinstance(edition.document, PolicyException)


def indivisible(categories: dict[str, Category]) -> dict[str, str]:
    """Return the categories that may not be divided, with the reason."""
    packs = [category.pack for category in categories.values()]
    return {pack.code: pack.indivisible_reason or "" for pack in packs if not pack.divisible}


def _yaml_files(folder: Traversable | Path, path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in sorted(folder.iterdir(), key=lambda part: part.name):
        if part.is_dir():
            found |= _yaml_files(part, f"{path}/{part.name}")
        elif part.name.endswith(".yaml"):
            found[f"{path}/{part.name}"] = part.read_text(encoding="utf-8")
    return found
