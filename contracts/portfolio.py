"""Portfolios: service contracts that are awarded together, and what each is told of the common decision."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.approval import ApprovalPlan
from contracts.calendar import AllianceClock, WorkingCalendar
from contracts.ids import ContractNumber
from contracts.organisation import Actor
from contracts.value import Code, Count, Digest, Fen, Json, Line, Recorded
from contracts.voucher import Voucher

PortfolioId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
"""The name of a portfolio's document, which is its own for ever."""


class PortfolioOrder(Recorded):
    """
    Everything a portfolio's workflow is started with.

    ``numbers`` are the contracts it waits for; one that joins later is decided with the rest as it stands. ``rules``
    is what its document says of objective, constraints, members and lots.
    """

    schema_version: int = 1
    id: PortfolioId
    title: Line
    numbers: Annotated[tuple[ContractNumber, ...], Field(min_length=1)]
    rules: Json
    office: Code
    clock: AllianceClock
    calendar: WorkingCalendar
    started_by: Actor
    copied: tuple[Actor, ...] = ()
    desk_key: str = ""
    """The public key, Ed25519 in base64, by which the desk vouches for whoever acts; empty, nobody does."""
    voucher: Voucher | None = None
    """What the desk attests of who started it."""

    @property
    def number(self) -> ContractNumber:
        """The contract under whose number the portfolio's own tasks and story are kept: its first."""
        return self.numbers[0]

    @property
    def client(self) -> Code:
        """Who urges the portfolio's tasks besides their holders: the office."""
        return self.office


class Word(StrEnum):
    """What a contract has to say to its portfolio."""

    JOINED = "joined"
    SETTLED = "settled"
    LEFT = "left"


class ContractWord(Recorded):
    """
    A contract speaks to its portfolio; said twice is said once.

    ``asking`` counts how often it has asked to be decided, ``declined`` who would not sign it. ``quotes`` is the
    digest of the opened quotes, which the records hold.
    """

    number: ContractNumber
    word: Word
    asking: Count = 0
    quotes: Digest | None = None
    declined: dict[Code, str] = {}
    reason: str = ""


class Allotment(Recorded):
    """
    The portfolio speaks to a contract: the answer to its ``asking``.

    ``decision`` is the digest of what the records hold for it under ``occurrence``; without one there is nothing for
    it, and ``reason`` says why.
    """

    asking: Count
    occurrence: Count
    decision: Digest | None = None
    reason: str = ""


class Override(Recorded):
    """A coordinator's word against what the rules found: a member must have a contract, or must not."""

    contract: ContractNumber
    member: Code
    is_required: bool = True
    reason: str = ""


class Awarded(Recorded):
    """One contract of a decided portfolio; ``decision`` is the digest of its own decision."""

    number: ContractNumber
    members: tuple[Code, ...]
    amount_fen: Fen
    decision: Digest


class Step(Recorded):
    """One step of giving way: the rules left out, and the price that becomes possible, if any."""

    left_out: tuple[str, ...]
    price_fen: int | None = None


class PortfolioDecided(Recorded):
    """
    What a portfolio's decision came to, as history keeps it; the whole is in the records under ``digest``.

    ``outside`` are contracts for which there is nobody at all, with the reason; ``idle`` the constraints that count
    nothing any more.
    """

    status: str
    digest: Digest
    engine: str
    objective: int | None = None
    bound: int | None = None
    gap_bp: int | None = None
    amount_fen: Fen = 0
    awards: tuple[Awarded, ...] = ()
    outside: dict[ContractNumber, str] = {}
    idle: tuple[str, ...] = ()
    conflict: tuple[str, ...] = ()
    conflict_says: str = ""
    steps: tuple[Step, ...] = ()
    approvals: ApprovalPlan = ApprovalPlan()


class PortfolioOutcome(Recorded):
    """How a portfolio ended: what each contract came to."""

    id: PortfolioId
    settled: tuple[ContractNumber, ...] = ()
    left: dict[ContractNumber, str] = {}
    decisions: int = 0
