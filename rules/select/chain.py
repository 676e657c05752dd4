"""A method and those it builds on: which expressions they state, which queue they keep, whether they draw lots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.select.methods import (
    BalancedCap,
    Cascade,
    Deficit,
    Direct,
    Incumbent,
    Lottery,
    MiniCompetition,
    Optimise,
    RankBy,
    Rotation,
    Select,
    Selection,
    Territory,
    TopK,
    WeightedRotation,
    Word,
)
from rules.source import Path

QueueMethod = Rotation | WeightedRotation | BalancedCap


@dataclass(frozen=True)
class Stated:
    """
    An expression of a method: its ``name`` for whoever evaluates it, its place in the file, its text and its type.

    ``of_member`` says whether it is asked of each member, or once about the contract.
    """

    name: str
    path: Path
    text: str
    type: str
    of_member: bool


def links(select: Select) -> Iterator[tuple[Path, Selection | Word]]:
    """Yield *select* and, one inside the other, the rankings it builds on, each with its place in the file."""
    path: Path = ("spec", "select")
    link: RankBy | Select | None = select
    while link is not None:
        yield path, link
        link = link.rank_by if isinstance(link, Cascade | TopK | Incumbent | Territory) else None
        path = (*path, "rank_by")


def expressions_of(select: Select) -> Iterator[Stated]:
    """Yield every expression of *select* but the tie keys; no two have the same name."""
    for path, link in links(select):
        match link:
            case Direct():
                yield Stated("member", (*path, "member"), link.member, "string", of_member=False)
                yield from _optional("limit", path, link.limit, of_member=False)
            case MiniCompetition():
                yield from _optional("ceiling", path, link.ceiling, of_member=False)
            case WeightedRotation():
                yield from _optional("weight", path, link.weight, of_member=True)
            case Deficit():
                yield from _optional("target", path, link.target, of_member=True)
            case BalancedCap():
                yield from _optional("cap", path, link.cap, of_member=True)
            case Optimise():
                yield from _optional("cost", path, link.cost, of_member=True)
                for index, group in enumerate(link.groups):
                    where: Path = (*path, "groups", index, "where")
                    yield Stated(f"group.{group.id}", where, group.where, "bool", of_member=True)


def _optional(name: str, path: Path, text: str | None, *, of_member: bool) -> Iterator[Stated]:
    """An expression of type int that stands under its own name, if it is stated."""
    if text is not None:
        yield Stated(name, (*path, name), text, "int", of_member)


def queue_of(select: Select) -> str | None:
    """The durable queue that *select* keeps, where it has one; at most one method of a chain does."""
    return next((link.queue for _, link in links(select) if isinstance(link, QueueMethod)), None)


def keeps_declined_turns(select: Select) -> bool:
    """Whether a member that declines has its turn again."""
    turns = (link for _, link in links(select) if isinstance(link, Rotation | WeightedRotation))
    return any(not link.decline_consumes_turn for link in turns)


def draws_lots(select: Select) -> bool:
    """Whether *select* needs a seed that was committed to beforehand."""
    return any(isinstance(link, Lottery) for _, link in links(select))


def weights_of(select: Select) -> dict[str, int] | None:
    """The weights by code that *select* states outright, where it has some."""
    return next((link.weights for _, link in links(select) if isinstance(link, WeightedRotation)), None)
