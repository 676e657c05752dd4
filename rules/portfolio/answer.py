"""What deciding a portfolio came to: awards, bound, and what the rules cost."""

from __future__ import annotations

from enum import StrEnum

from contracts.value import Recorded


class AllocationStatus(StrEnum):
    """Whether the award is proven best, only good, impossible, or not found within the limit."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """How a member does its part: all of it, one of several by themselves, as the lead, or for the lead."""

    SOLE = "sole"
    JOINT = "joint"
    LEAD = "lead"
    SUB = "sub"


class Ties(StrEnum):
    """
    Whether other awards are as good: none is, the first of them by the stated order was taken, or it is not known.

    The order: contract by contract by number, the quote with the higher score there, then the lower price, then the
    member's code; of parts the larger one, and who leads before who is a sub.
    """

    NONE = "none"
    SETTLED = "settled"
    OPEN = "open"


class Award(Recorded):
    """
    A member does a contract, or ``share_bp`` of a divided one, at the price of its quote.

    A sub is paid its part of the lead's price, and the lead has the rest.
    """

    contract: str
    member: str
    price_fen: int
    share_bp: int = 10_000
    role: Role = Role.SOLE


class Change(Recorded):
    """A contract that would go to somebody else."""

    contract: str
    members: tuple[str, ...]
    instead: tuple[str, ...]


class Binding(Recorded):
    """What a rule costs: the objective with it, less the objective without; and what would change."""

    id: str
    cost: int
    exact: bool = True
    changes: tuple[Change, ...] = ()


class PassedOver(Recorded):
    """A better quote that was not taken in the place of a holder, by how much, and the rules it alone would break."""

    member: str
    instead_of: str
    saves: int
    breaks: tuple[str, ...]


class AwardReason(Recorded):
    """Why a contract went where it went: its rank among the quotes, and each better one with what stood against it."""

    contract: str
    members: tuple[str, ...]
    rank: int
    quotes: int
    passed_over: tuple[PassedOver, ...] = ()


class Relaxation(Recorded):
    """One step of giving way: the rules left out so far, and the objective that this makes possible, if any."""

    left_out: tuple[str, ...]
    objective: int | None
    price_fen: int | None


class Allocation(Recorded):
    """
    The answer for a portfolio.

    ``objective`` and ``bound`` are those of the first aim, ``objectives`` of all. ``gap_bp`` is how far the objective
    may at most be from the best, rounded up. ``ties`` says whether other awards are as good by all aims. ``conflict``
    is a smallest set of rules that cannot hold together; ``conflict_with`` the capacities that have a part in it.
    ``carried_fen`` is what each quota carries on.
    """

    status: AllocationStatus
    portfolio: str
    policy: str
    digest: str
    aims: tuple[str, ...]
    objective: int | None = None
    objectives: tuple[int, ...] = ()
    bound: int | None = None
    gap_bp: int | None = None
    price_fen: int | None = None
    ties: Ties = Ties.OPEN
    awards: tuple[Award, ...] = ()
    binding: tuple[Binding, ...] = ()
    reasons: tuple[AwardReason, ...] = ()
    conflict: tuple[str, ...] = ()
    conflict_with: tuple[str, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    carried_fen: dict[str, dict[str, int]] = {}
    engine: str = ""


def gap_of(objective: int, bound: int) -> int:
    """Return the gap in basis points of the objective, rounded up; nought only if there is none."""
    if bound >= objective:
        return 0
    return -(-(objective - bound) * 10_000 // max(1, abs(objective)))
