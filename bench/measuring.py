"""How figures are taken: process CPU, in pairs one right after the other, and the median of their ratios."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Ratio(BaseModel):
    """Pairs of figures in *unit*, ours and bare, and the ratios within each pair; an ``aim`` of nought is none."""

    model_config = ConfigDict(frozen=True)

    name: str
    unit: str
    pairs: int
    ours: float
    bare: float
    ratio: float
    least: float
    most: float
    aim: float = 0.0
    note: str = ""

    @property
    def is_reached(self) -> bool:
        """Whether the median is within the aim."""
        return not self.aim or self.ratio <= self.aim


def ratio_of(
    name: str, unit: str, ours: Sequence[float], bare: Sequence[float], aim: float = 0, note: str = ""
) -> Ratio:
    """Return the median ratio of the pairs; those that belong together stand at the same place."""
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    return Ratio(
        name=name,
        unit=unit,
        pairs=len(ratios),
        ours=round(statistics.median(ours), 3),
        bare=round(statistics.median(bare), 3),
        ratio=round(statistics.median(ratios), 3),
        least=round(min(ratios), 3),
        most=round(max(ratios), 3),
        aim=aim,
        note=note,
    )


def cpu_ms_of(pid: int) -> float:
    """Return the CPU time that process *pid* has used in all its threads, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1_000 / _TICKS_PER_SECOND


class Stopwatch:
    """CPU time of this process since it was made."""

    def __init__(self) -> None:
        self._began = time.process_time_ns()

    @property
    def ms(self) -> float:
        """Milliseconds so far."""
        return (time.process_time_ns() - self._began) / 1_000_000
