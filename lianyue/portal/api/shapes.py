"""The bodies that requests bring and the pages that answers come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import Field

from contracts.facts import Facts
from contracts.task import CoSignMode, Quorum
from contracts.value import Authored, Json, Reason, UserName
from lianyue.settings import Language

Item = TypeVar("Item")
MOST = 200
ROOT = "/api/v1"
Revision = Annotated[int, Field(strict=True, ge=1, le=10**9)]
Somebody = Annotated[str, Field(pattern=r"^([a-z][a-z0-9._-]{1,39})?$")]


class Page(Authored):
    """Which part of a list is wanted."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 50
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0

    def next_after(self, found: Sequence[Item]) -> int | None:
        """Return the offset of the next page, of which *found* holds the first item; None after the last."""
        return self.offset + self.limit if len(found) > self.limit else None


class Spoken(Authored):
    """In which language sentences are wanted."""

    language: Language = Language.ZH


class Bare(Authored):
    """An act on a task; with ``expected_revision`` it is refused if somebody acted in between."""

    expected_revision: Revision | None = None
    acting_for: Somebody = ""


class Reasoned(Bare):
    """An act that needs a reason."""

    reason: Reason


class ToColleague(Reasoned):
    """An act that turns to a colleague."""

    to: UserName


class CoSigning(Reasoned):
    """加签: whose consent is wanted, when, and of how many; ``needed`` goes with the quorum ``at_least``."""

    to: Annotated[tuple[UserName, ...], Field(min_length=1, max_length=20)]
    mode: CoSignMode = CoSignMode.BESIDE
    quorum: Quorum = Quorum.ALL
    needed: Annotated[int, Field(strict=True, ge=1, le=20)] | None = None


class Urging(Bare):
    """催办: a reason may be given."""

    reason: Annotated[str, Field(max_length=2_000)] = ""


class Answer(Authored):
    """The answer to a task, by the form of its kind."""

    content: Json
    acting_for: Somebody = ""


class RuleTexts(Authored):
    """Rule files by name."""

    files: dict[Annotated[str, Field(pattern=r"^[\w./@-]{1,120}$")], str] = Field(min_length=1, max_length=50)


class Question(Authored):
    """Facts to be decided by a policy of the books, on parameters of one's own if given."""

    policy: Annotated[str, Field(min_length=1, max_length=64)]
    facts: Facts
    params: str = ""
