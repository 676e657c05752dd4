"""Rule files as a coordinator names them: files and folders, with the shipped books behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.calendar import epoch_day
from contracts.errors import UnknownName
from lianyue.books import indivisible, texts
from lianyue.packs import categories
from lianyue.settings import Settings
from lianyue.strict_files import UnreadableFile, text_of
from rules.cases import CaseResult, run
from rules.check_book import problems_in
from rules.coverage import Point, coverage, covered_bp, table_coverage
from rules.documents.cases import PolicyTest, TableTestSpec
from rules.documents.envelope import Kind
from rules.documents.kinds import policy_shelf
from rules.documents.policy import AllocationPolicy
from rules.edition import Edition, edition_of
from rules.library import Library, shelved
from rules.policy import CompiledPolicy
from rules.problems import Problem, RuleProblems, did_you_mean

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Tried:
    """The cases of one file, and what they show of the policy."""

    file: str
    cases: tuple[CaseResult, ...]
    points: tuple[Point, ...]

    @property
    def never_seen(self) -> tuple[Point, ...]:
        """What no case shows."""
        return tuple(point for point in self.points if not point.seen)

    @property
    def covered_bp(self) -> int:
        """How much is shown."""
        return covered_bp(self.points)


def rule_files(paths: Iterable[Path]) -> dict[str, str]:
    """
    Return the text of the files among *paths* and of the YAML files in the folders among them, by path.

    Raises:
        UnreadableFile: If one cannot be read, or a folder holds none.
    """
    found: dict[str, str] = {}
    for path in paths:
        files = _in_folder(path) if path.is_dir() else [path]
        if not files:
            raise UnreadableFile(f"{path} holds no {' or '.join(SUFFIXES)} file", where=str(path))
        found |= {str(file): text_of(file) for file in files}
    return found


def problems_of(files: Mapping[str, str], settings: Settings, publish_day: int | None = None) -> tuple[Problem, ...]:
    """
    Return every problem of *files*, with what they rely on taken from the books where they do not bring it.

    With *publish_day*, an edition among them that begins before that day is one.
    """
    packs = categories(*([settings.packs] if settings.packs else []))
    found = problems_in(with_books(files, settings), indivisible(packs), publish_day)
    return tuple(problem for problem in found if problem.file in files)


def tried(files: Mapping[str, str], settings: Settings) -> list[Tried]:
    """
    Run the cases in *files*.

    Raises:
        UnreadableFile: If there are no cases among them.
        RuleProblems: If a file that they need has problems.
    """
    books = with_books(files, settings)
    library = Library.of(books)
    stated = {each.source.file: each.document for each in library.editions}
    cases = {file: document for file in sorted(files) if isinstance(document := stated[file], PolicyTest)}
    if not cases:
        raise UnreadableFile(f"there is no file of kind PolicyTest in {', '.join(sorted(files))}")
    return [_tried(file, document, books, library) for file, document in cases.items()]


def with_books(files: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return *files* and of the books every name that they do not bring themselves."""
    own, _ = shelved(files)
    brought = {(edition.kind, edition.name) for edition in own.editions}
    books, _ = shelved(texts(settings.books))
    needed = [each for each in books.editions if (each.kind, each.name) not in brought]
    return {**{each.source.file: each.source.text for each in needed}, **files}


def policy_of(named: str, params: Path | None, day: int, settings: Settings) -> CompiledPolicy:
    """
    Return the policy in the file called *named*, or of that name in the books, as it decides on epoch *day*.

    Raises:
        UnknownName: If it is neither, or what it relies on is not in force.
        RuleProblems: If the policy or the parameters have problems.
    """
    library = Library.of(with_books({str(params): text_of(params)} if params else {}, settings))
    if not is_file(named):
        return _from_books(library, named, day)
    edition = edition_of(text_of(Path(named)), named)
    policy_edition(edition)
    return library.compiled(edition, day)


def is_file(named: str) -> bool:
    """Whether *named* is meant as a file, and not as a name of the books."""
    return Path(named).exists() or "/" in named or named.endswith(SUFFIXES)


def policy_edition(edition: Edition) -> AllocationPolicy:
    """Return the policy that *edition* states, or raise RuleProblems if it states none."""
    if isinstance(edition.document, AllocationPolicy):
        return edition.document
    message = f"this is of kind {edition.kind}; to decide takes an AllocationPolicy"
    raise RuleProblems([edition.source.problem(("kind",), "wrong-kind", message)])


def _from_books(library: Library, name: str, day: int) -> CompiledPolicy:
    known = library.names(Kind.ALLOCATION_POLICY)
    if name not in known:
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        raise UnknownName(f"{name!r} is neither a file nor a policy of the books{hint}", where=name)
    return library.policy(name, day)


def _tried(file: str, document: PolicyTest, books: Mapping[str, str], library: Library) -> Tried:
    others = {name: text for name, text in books.items() if name != file}
    results = run(books[file], others, file)
    return Tried(file, results, _coverage(document, results, library))


def _coverage(document: PolicyTest, results: Sequence[CaseResult], library: Library) -> tuple[Point, ...]:
    """What the cases show of the policy, the guard set or the table that they are about."""
    spec = document.spec
    day = epoch_day(spec.decision_day)
    if isinstance(spec, TableTestSpec):
        return table_coverage(library.table(spec.table, day), [row for result in results for row in result.rows])
    policy = library.policy(spec.policy, day, policy_shelf(spec.mode))
    return coverage(policy, [each.decision for each in results if each.decision], spec.guards)


def _in_folder(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
