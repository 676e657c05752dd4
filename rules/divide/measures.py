"""What the expressions of a division came to, for each member or for the contract, found by their place in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rules.eligibility import Trace, trace_of
from rules.formula import Evaluated
from rules.source import Path


@dataclass(frozen=True)
class Measures:
    """Values by path below the division; one that could not be calculated has been refused before."""

    of_members: Mapping[Path, Mapping[str, Evaluated]] = field(default_factory=dict)
    of_contract: Mapping[Path, Evaluated] = field(default_factory=dict)

    def figures(self, path: Path) -> dict[str, int]:
        """The whole number of each member at *path*."""
        return {code: int(found.value) for code, found in self.of_members[path].items()}

    def words(self, path: Path) -> dict[str, str]:
        """The word about each member at *path*."""
        return {code: str(found.value) for code, found in self.of_members[path].items()}

    def figure(self, path: Path, stated: int | str) -> int:
        """The number at *path*: as *stated*, or what the expression there came to."""
        return stated if isinstance(stated, int) else int(self.of_contract[path].value)

    def limit(self, path: Path, stated: int | str | None) -> int | None:
        """As `figure`, where nothing may be stated."""
        return None if stated is None else self.figure(path, stated)

    def trace(self) -> Iterator[Trace]:
        """One line for each value; it is called by its place, ``residual.weigh.weight``."""
        for path, found in self.of_contract.items():
            yield trace_of(line_name(path), "", found)
        for path, by_member in self.of_members.items():
            for code, found in by_member.items():
                yield trace_of(line_name(path), code, found)


def line_name(path: Path) -> str:
    """What the line of the trace is called that tells what the expression at *path* of the division came to."""
    return ".".join(str(step) for step in path)
