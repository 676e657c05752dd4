"""Decisions: who does how much, and every reason for it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from contracts.facts import QueueFacts
from contracts.value import BasisPoints, Code, Digest, EpochDay, Fen, Recorded, Slug


class DecisionOutcome(StrEnum):
    """What a decision came to; not to find anybody is an outcome, never an exception."""

    AWARDED = "awarded"
    NO_ELIGIBLE = "no_eligible"
    TOO_FEW_QUOTES = "too_few_quotes"
    ABOVE_CEILING = "above_ceiling"
    EXHAUSTED = "exhausted"
    INFEASIBLE = "infeasible"


class PolicyReference(Recorded):
    """Which edition decided, and the digests of the parts it rests on, sorted."""

    name: Slug
    edition: str
    digest: Digest
    params_digest: Digest
    parts: tuple[Digest, ...] = ()


class ExclusionReason(Recorded):
    """
    Why one rule excluded one member: the rule's id, its message, and the inputs the rule read.

    ``exceptions`` says of each exception that names the rule and the member why it did not help.
    """

    rule: str
    message: str
    reads: dict[str, Any] = {}
    exceptions: tuple[str, ...] = ()


class Waiver(Recorded):
    """A rule that a member did not fulfil and that an exception waives: its id, its message, and by what until when."""

    rule: str
    message: str
    exception: Digest
    name: Slug
    until_day: EpochDay
    """The first day on which the exception is no longer in force."""


class ScoreParts(Recorded):
    """A member's score in basis points and the weighted part of each scoring rule."""

    total_bp: BasisPoints
    parts: dict[str, int]


class Share(Recorded):
    """What one member is to do, in fen; ``role`` is ``lead``, ``sub`` or ``sole`` where the method says so."""

    member: Code
    amount_fen: Fen
    role: str = "sole"


class FeeBase(StrEnum):
    """What a fee was reckoned on: the amount divided, the same without its tax, or what was left at that level."""

    GROSS = "gross"
    NET = "net"
    RESIDUAL = "residual"


class Fee(Recorded):
    """
    One line of what is owed out of the shares: at *level*, *payer* owes *payee* so much.

    The payee is a company by its code, or a party by its part in the contract (``office``, ``referrer``, ``client``,
    ``tax_office``, ``supplier``). ``base_fen`` is what the whole level was reckoned on, and stands on the line of
    every payer. A member that is itself the payee has a line too, so that the lines of a level sum to it.
    """

    level: Slug
    payer: Code
    payee: str
    base: FeeBase
    base_fen: Fen
    amount_fen: Fen
    note: str = ""


class TieBreak(Recorded):
    """Equal candidates, and by which key they were put in order."""

    members: tuple[Code, ...]
    by: str


class Attempt(Recorded):
    """What a policy came to before its fallback decided: nothing, and why."""

    policy: PolicyReference
    outcome: DecisionOutcome
    excluded: dict[Code, tuple[ExclusionReason, ...]]
    trace: tuple[dict[str, Any], ...] = ()
    note: str = ""


class Decision(Recorded):
    """
    The answer of one policy edition to one set of facts.

    ``shares`` are what each member delivers and invoices; they sum to ``amount_fen``, whatever is owed out of them.
    ``fees`` lists that, line by line in the order in which it was reckoned. ``ranking`` lists all eligible members,
    best first, so that a refusal can cascade. ``trace`` holds, per rule and member, the value of the expression and
    what it read.
    """

    outcome: DecisionOutcome
    policy: PolicyReference
    facts_digest: Digest
    method: str
    division: str
    eligible: tuple[Code, ...]
    excluded: dict[Code, tuple[ExclusionReason, ...]]
    scores: dict[Code, ScoreParts]
    ranking: tuple[Code, ...]
    selected: tuple[Code, ...]
    amount_fen: Fen
    shares: tuple[Share, ...]
    fees: tuple[Fee, ...] = ()
    ties: tuple[TieBreak, ...] = ()
    trace: tuple[dict[str, Any], ...] = ()
    queue_turns: tuple[Code, ...] = ()
    """Members whose turn in the queue this decision consumed."""
    queue_after: QueueFacts | None = None
    """The queue as this decision leaves it; nothing where no turn was taken."""
    abnormally_low: tuple[Code, ...] = ()
    """Members whose price is so far below the median that they must explain it."""
    engine: str
    note: str = ""
    waived: dict[Code, tuple[Waiver, ...]] = {}
    after: tuple[Attempt, ...] = ()
    """The policies that came to nothing first, in order; the one in ``policy`` is the fallback of the last."""


class ShadowDecision(Recorded):
    """
    What a shadow edition would have decided on the facts of a decision; it has no effect.

    ``policy`` is its name, ``digest`` the edition's. Without a ``decision``, ``failure`` says why there is none.
    """

    policy: Slug
    digest: Digest
    decision: Decision | None = None
    failure: str = ""


class Screening(Recorded):
    """The first half of a decision: who may quote, and each reason why somebody may not."""

    policy: PolicyReference
    facts_digest: Digest
    eligible: tuple[Code, ...]
    excluded: dict[Code, tuple[ExclusionReason, ...]]
    engine: str
    waived: dict[Code, tuple[Waiver, ...]] = {}
    after: tuple[Attempt, ...] = ()
    """The policies under which nobody may, in order."""


class ApprovalNeed(Recorded):
    """So many people of one role, and why."""

    role: Slug
    count: int
    rule: str
    because: str = ""
