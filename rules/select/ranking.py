"""The nouns of selecting: who contends under which terms, the order a method puts them in, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.decision import DecisionOutcome, ExclusionReason, TieBreak
from contracts.facts import DrawFacts, QueueFacts


@dataclass(frozen=True)
class Contender:
    """
    An eligible member with what may rank it.

    ``tie`` holds the values of the policy's tie keys, ``awarded_fen`` what the ledger says it was given, ``measure``
    what the method's own expression came to (weight, target, cap or cost), ``groups`` in which groups it is.
    """

    code: str
    score_bp: int
    price_fen: int
    tie: tuple[Any, ...]
    awarded_fen: int = 0
    measure: int = 0
    groups: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Terms:
    """What a method knows besides the contenders: of the contract, the queue and the draw, and who has declined."""

    number: str = ""
    amount_fen: int = 0
    quantity: int = 0
    park: str = ""
    incumbent: str = ""
    renewals: int = 0
    ceiling_fen: int | None = None
    limit_fen: int | None = None
    member: str | None = None
    queue: QueueFacts | None = None
    draw: DrawFacts | None = None
    declined: Mapping[str, str] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()
    """Everybody who was considered; of a queue that has not seen them yet they become members."""


@dataclass(frozen=True)
class Contest:
    """The contenders, the texts of the tie keys, and the terms. There is at least one contender."""

    keys: Sequence[str]
    contenders: tuple[Contender, ...]
    terms: Terms

    def of(self, contenders: Sequence[Contender]) -> Contest:
        """The same contest among *contenders*."""
        return replace(self, contenders=tuple(contenders))

    def find(self, code: str) -> Contender | None:
        """The contender with *code*, if it is one."""
        return next((contender for contender in self.contenders if contender.code == code), None)


@dataclass(frozen=True)
class Turn:
    """What an award does to the queue: whose turns it uses up, and the queue afterwards."""

    used: tuple[str, ...] = ()
    queue: QueueFacts | None = None


def no_turn(_: Sequence[str]) -> Turn:
    """The turn of a ranking without a queue."""
    return Turn()


@dataclass(frozen=True)
class Ranked:
    """
    All contenders in order.

    ``ranks`` puts equals together, best first; ``barred`` are those whom the method itself does not admit. An
    ``outcome`` other than awarded says that nobody may be selected, ``selectable`` that only the first so many may.
    ``turn`` says what selecting some of them does to the queue.
    """

    ranks: tuple[tuple[str, ...], ...] = ()
    ties: tuple[TieBreak, ...] = ()
    barred: Mapping[str, ExclusionReason] = field(default_factory=dict)
    outcome: DecisionOutcome = DecisionOutcome.AWARDED
    note: str = ""
    abnormally_low: tuple[str, ...] = ()
    selectable: int | None = None
    turn: Callable[[Sequence[str]], Turn] = no_turn

    @property
    def order(self) -> tuple[str, ...]:
        """The codes, best first."""
        return tuple(code for rank in self.ranks for code in rank)

    @property
    def open(self) -> tuple[str, ...]:
        """Those who may be selected, best first."""
        return self.order[: self.selectable] if self.outcome is DecisionOutcome.AWARDED else ()


@dataclass(frozen=True)
class Selected:
    """
    What a method came to.

    ``ranking`` lists all contenders that the method admits; ``ranks`` the same with equals together; ``barred`` the
    others, each with the reason. ``turns`` are the turns of the queue that this award uses up, ``queue`` is the queue
    afterwards.
    """

    outcome: DecisionOutcome
    ranking: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()
    ranks: tuple[tuple[str, ...], ...] = ()
    ties: tuple[TieBreak, ...] = ()
    barred: Mapping[str, ExclusionReason] = field(default_factory=dict)
    turns: tuple[str, ...] = ()
    queue: QueueFacts | None = None
    abnormally_low: tuple[str, ...] = ()
    note: str = ""


def told(*notes: str) -> str:
    """Put what there is to say into one note."""
    return "；".join(note for note in notes if note)
