"""A set of rule files: which edition of which name is in force on a day, and the policy compiled from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.calendar import iso_day
from contracts.errors import UnknownName
from rules.authority import CompiledAuthority, compile_authority
from rules.closure import ground_named, parts_of
from rules.documents.envelope import Kind
from rules.edition import Edition, edition_of
from rules.policy import CompiledPolicy, compile_policy
from rules.problems import Problem, RuleProblems, did_you_mean
from rules.table.compile import CompiledTable, compile_table

DEFAULT = "default"
"""The policy for a category that has none of its own."""


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
        return self.compiled(self.find(kind, name, day), day)

    def compiled(self, edition: Edition, day: int) -> CompiledPolicy:
        """Return the policy *edition*, which need not be of the library, with what it rests on on epoch *day*."""
        (text, *ground), (file, *ground_files) = self._texts(edition, day)
        parts = self.parts_of(edition, day)
        return compile_policy(
            text, *ground, tuple(p.source.text for p in parts), file, *ground_files, tuple(p.source.file for p in parts)
        )

    def policy_for(self, category: str, day: int) -> CompiledPolicy:
        """Return the category's own policy on epoch *day*, the one with its name, else the default."""
        own = self.in_force(Kind.ALLOCATION_POLICY, category, day)
        return self.policy(category if own else DEFAULT, day)

    def authority(self, name: str, day: int) -> CompiledAuthority:
        """Return the authority matrix *name* in force on epoch *day*; errors as for `policy`."""
        texts, files = self._texts(self.find(Kind.AUTHORITY_MATRIX, name, day), day)
        return compile_authority(*texts, *files)

    def table(self, name: str, day: int) -> CompiledTable:
        """Return the decision table *name* in force on epoch *day*; errors as for `policy`."""
        texts, files = self._texts(self.find(Kind.DECISION_TABLE, name, day), day)
        return compile_table(*texts, *files)

    def parts_of(self, edition: Edition, day: int) -> tuple[Edition, ...]:
        """Return the parts that *edition* rests on, as in force on epoch *day*; errors as for `policy`."""
        return parts_of(edition, lambda part: self.find(part.kind, part.name, day))

    def _texts(self, edition: Edition, day: int) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
        """The texts and files of *edition*, its parameters and its types: by these what is compiled is kept."""
        types, params = (self.find(each.kind, each.name, day).source for each in ground_named(edition.document))
        source = edition.source
        return (source.text, params.text, types.text), (source.file, params.file, types.file)


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
