"""One rule file, read and parsed, with the digest that it is known by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rules.canonical import digest
from rules.documents.cases import PolicyTest
from rules.documents.envelope import Effective
from rules.documents.kinds import MODELS, RuleDocument, shelf_of
from rules.parse import parsed
from rules.problems import RuleProblems, did_you_mean
from rules.source import Source, read


@dataclass(frozen=True)
class Edition:
    """One rule file, read and parsed."""

    source: Source
    document: RuleDocument
    digest: str

    @property
    def kind(self) -> str:
        """The kind under which it is looked up: that of the file, but a shadow is kept apart."""
        return shelf_of(self.document)

    @property
    def name(self) -> str:
        """The name that other files use for it."""
        return self.document.metadata.name

    @property
    def effective(self) -> Effective | None:
        """When it is in force; the cases beside a policy have no such time."""
        return None if isinstance(self.document, PolicyTest) else self.document.spec.effective

    @property
    def from_day(self) -> int:
        """The first day on which it is in force."""
        return self.effective.from_day if self.effective else 0


@lru_cache(maxsize=256)
def edition_of(text: str, file: str) -> Edition:
    """
    Read one rule file of any kind; the same text is read once.

    Raises:
        RuleProblems: If it does not say what its kind must say.
    """
    return edition_in(read(text, file))


def edition_in(source: Source) -> Edition:
    """Return the edition in *source*; RuleProblems as `edition_of`."""
    return Edition(source, parsed(source, _model_of(source)), digest(source.data))


def _model_of(source: Source) -> type[RuleDocument]:
    kind = source.data.get("kind") if isinstance(source.data, dict) else None
    if kind is None:
        message = "field 'kind' is missing; it says what this file is: " + ", ".join(MODELS)
        raise RuleProblems([source.problem((), "missing-field", message)])
    if kind not in MODELS:
        message = f"unknown kind {kind!r}{_near(kind, MODELS)}"
        raise RuleProblems([source.problem(("kind",), "unknown-kind", message)])
    return MODELS[kind]


def _near(found: object, known: Iterable[str]) -> str:
    return did_you_mean(found, known) if isinstance(found, str) else ""
