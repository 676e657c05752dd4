"""True-up: periods that were settled by estimate, put right by what was measured later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.errors import Invalid


@dataclass(frozen=True)
class Adjustment:
    """What a member was settled by estimate, what it has delivered by measure, and the difference, in fen."""

    member: str
    estimated_fen: int
    measured_fen: int

    @property
    def due_fen(self) -> int:
        """What is still owed to the member; negative, it owes it back."""
        return self.measured_fen - self.estimated_fen


def trued_up(estimated_fen: Mapping[str, int], measured_fen: Mapping[str, int]) -> tuple[Adjustment, ...]:
    """
    Return the adjustment of every member by code; Σ estimated + Σ due is Σ measured.

    Whoever was estimated and delivered nothing owes everything back; whoever delivered without an estimate is owed
    all of it. A measure put right later is trued up against the measure before, by the same function.

    Raises:
        Invalid: If an estimate or a measure is negative; a correction is a new measure, not a negative one.
    """
    for what, figures in (("estimate", estimated_fen), ("measure", measured_fen)):
        for member, fen in sorted(figures.items()):
            if fen < 0:
                raise Invalid(f"the {what} of {member} is {fen} fen; give the whole of the period, not the correction")
    members = sorted([*estimated_fen, *(member for member in measured_fen if member not in estimated_fen)])
    return tuple(Adjustment(each, estimated_fen.get(each, 0), measured_fen.get(each, 0)) for each in members)
