"""A set of rule files: which edition of which name is in force on a day, and the policy compiled from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.calendar import iso_day
from contracts.errors import UnknownName
from rules.authority import CompiledAuthority, compile_authority
from rules.canonical import digest
from rules.documents import MODELS, Effective, Kind, PolicyTest, RuleDocument, shelf_of
from rules.parse import parsed
from rules.policy import CompiledPolicy, compile_policy
from rules.problems import Problem, RuleProblems, did_you_mean
from rules.source import Source, read

DEFAULT = "default"
"""The policy for a category that has none of its own."""


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


@dataclass(frozen=True)
class Library:
    """
    Editions, in order of file.

    Of one name the edition with the latest beginning is in force, up to its own end if it states one.
    """

    editions: tuple[Edition, ...]

    @classmethod
    def of(cls, files: Mapping[str, str]) -> Library:
        """
        Read *files*, text by path.

        Raises:
            RuleProblems: With every problem of every file that does not say what its kind must say.
        """
        library, problems = shelved(files)
        if problems:
            raise RuleProblems(problems)
        return library

    def names(self, kind: str) -> tuple[str, ...]:
        """The names there are of *kind*, sorted."""
        return tuple(sorted({edition.name for edition in self.editions if edition.kind == kind}))

    def editions_of(self, kind: str, name: str) -> tuple[Edition, ...]:
        """All editions of one name, the earliest first."""
        found = [edition for edition in self.editions if edition.kind == kind and edition.name == name]
        return tuple(sorted(found, key=lambda edition: edition.from_day))

    def in_force(self, kind: str, name: str, day: int) -> Edition | None:
        """The edition of one name that is in force on epoch *day*, if there is one."""
        begun = [edition for edition in self.editions_of(kind, name) if edition.from_day <= day]
        if not begun:
            return None
        end = begun[-1].effective.to_day if begun[-1].effective else None
        return begun[-1] if end is None or day < end else None

    def find(self, kind: str, name: str, day: int) -> Edition:
        """
        Return the edition of one name that is in force on epoch *day*.

        Raises:
            UnknownName: If there is none.
        """
        edition = self.in_force(kind, name, day)
        if edition is None:
            known = self.names(kind)
            hint = "" if name in known else did_you_mean(name, known)
            raise UnknownName(f"no {kind} called {name!r} is in force on {iso_day(day)}{hint}")
        return edition

    def by_digest(self, wanted: str) -> Edition:
        """
        Return the edition with the digest *wanted*, in force or not.

        Raises:
            UnknownName: If there is none.
        """
        for edition in self.editions:
            if edition.digest == wanted:
                return edition
        raise UnknownName(f"no rule file here has the digest {wanted}")

    def policy(self, name: str, day: int, kind: str = Kind.ALLOCATION_POLICY) -> CompiledPolicy:
        """Return the policy *name* in force on epoch *day*; UnknownName or RuleProblems if it cannot be had."""
        texts, files = self._texts(self.find(kind, name, day), day)
        return compile_policy(*texts, *files)

    def policy_for(self, category: str, day: int) -> CompiledPolicy:
        """Return the category's own policy on epoch *day*, the one with its name, else the default."""
        own = self.in_force(Kind.ALLOCATION_POLICY, category, day)
        return self.policy(category if own else DEFAULT, day)

    def authority(self, name: str, day: int) -> CompiledAuthority:
        """Return the authority matrix *name* in force on epoch *day*; errors as for `policy`."""
        texts, files = self._texts(self.find(Kind.AUTHORITY_MATRIX, name, day), day)
        return compile_authority(*texts, *files)

    def _texts(self, edition: Edition, day: int) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
        """The texts and files of *edition*, its parameters and its types: by these what is compiled is kept."""
        params, types = self.ground_of(edition, day)
        source = edition.source
        return (source.text, params.text, types.text), (source.file, params.file, types.file)

    def ground_of(self, edition: Edition, day: int) -> tuple[Source, Source]:
        """Return the parameters and the types that a policy or matrix names, as in force on epoch *day*."""
        params, types = ground_names(edition.document)
        return (
            self.find(Kind.PARAMETER_SET, params, day).source,
            self.find(Kind.TYPE_SET, types, day).source,
        )


def ground_names(document: RuleDocument) -> tuple[str, str]:
    """The names of the parameters and types that *document* is written against; empty if it has none."""
    spec = document.spec
    return getattr(spec, "params", ""), getattr(spec, "types", "")


def shelved(files: Mapping[str, str]) -> tuple[Library, tuple[Problem, ...]]:
    """Read *files* into a library; what cannot be read is left out, with its problems."""
    editions: list[Edition] = []
    problems: list[Problem] = []
    for file in sorted(files):
        try:
            editions.append(edition_of(files[file], file))
        except RuleProblems as found:
            problems += found.problems
    return Library(tuple(editions)), tuple(problems)


def edition_of(text: str, file: str) -> Edition:
    """
    Read one rule file of any kind.

    Raises:
        RuleProblems: If it does not say what its kind must say.
    """
    source = read(text, file)
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
