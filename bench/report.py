"""The report of a run: one document, and the tables people read."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from bench.allocating import Gap
from bench.counts import STEP_AIM, Counts
from bench.deciding import P99_AIM_MS, Whole
from bench.hostile import Slowest
from bench.inbox import Waited
from bench.measuring import Ratio
from bench.printing import AIM_MS, Printed

WIDTH = 150
"""The first table does not fit into a narrow terminal; where it is piped, nobody minds."""


class Report(BaseModel):
    """Everything one run has found."""

    model_config = ConfigDict(frozen=True)

    ratios: tuple[Ratio, ...]
    counts: Counts
    decision: Whole
    hostile: tuple[Slowest, ...]
    waits: tuple[Waited, ...]
    printed: Printed
    seconds: int
    gaps: tuple[Gap, ...] = ()


def show(report: Report) -> None:
    """Print *report* as tables."""
    console = Console()
    console = Console(width=max(WIDTH, console.width))
    console.print(_ratios(report), _rules(report), _waits(report), _steps(report.counts), _tree(report.counts))
    if report.gaps:
        console.print(_gaps(report.gaps))
    console.print(f"The run took {report.seconds} s.")


def _rules(report: Report) -> Table:
    """What single decisions take, and the slowest of everything hostile."""
    table = Table("", "ms CPU", "aim", "", title="Rules and documents, one at a time")
    decision = report.decision
    style = "" if decision.p99_ms <= P99_AIM_MS else "yellow"
    of = f"of {decision.decisions}, {decision.trace_lines} lines of trace each"
    table.add_row("a whole decision, median", str(decision.median_ms), "", of)
    table.add_row("a whole decision, p99", str(decision.p99_ms), f"≤ {P99_AIM_MS}", of, style=style)
    printed = report.printed
    style = "" if printed.median_ms <= AIM_MS else "yellow"
    of = f"of {printed.documents}, {printed.pages} pages each"
    table.add_row("a contract as PDF, median", str(printed.median_ms), f"≤ {AIM_MS}", of, style=style)
    for slowest in report.hostile:
        name = f"the slowest hostile {slowest.kind}"
        table.add_row(name, str(slowest.ms), "", f"{slowest.name!r}, of {slowest.inputs}")
    return table


def _waits(report: Report) -> Table:
    """How long a person waits before the portal."""
    table = Table("", "ms, median", "aim", "ms, most", "ms CPU", title="Waits at the portal (wall time)")
    for wait in report.waits:
        style = "" if wait.median_ms <= wait.aim_ms else "yellow"
        figures = (str(wait.median_ms), f"≤ {wait.aim_ms}", str(wait.most_ms), str(wait.cpu_ms))
        table.add_row(wait.name, *figures, style=style)
    return table


def _ratios(report: Report) -> Table:
    table = Table(
        "",
        "unit",
        "ours",
        "bare",
        "ratio",
        "min-max",
        "aim",
        "pairs",
        "",
        title="Ratios (process CPU, median of interleaved pairs)",
    )
    for ratio in report.ratios:
        style = "" if ratio.is_reached else "yellow"
        aim = f"≤ {ratio.aim}" if ratio.aim else ""
        spread = f"{ratio.least}-{ratio.most}"
        figures = (ratio.unit, f"{ratio.ours:,}", f"{ratio.bare:,}", str(ratio.ratio), spread, aim, str(ratio.pairs))
        table.add_row(ratio.name, *figures, ratio.note, style=style)
    return table


def _gaps(gaps: tuple[Gap, ...]) -> Table:
    table = Table("contracts", "members", "gap %", "aim", "CPU s", "peak MB", title="Large portfolios")
    for gap in gaps:
        style = "" if gap.gap_percent <= gap.aim_percent else "yellow"
        figures = (str(gap.gap_percent), f"≤ {gap.aim_percent}", str(gap.seconds), str(gap.peak_mb))
        table.add_row(f"{gap.contracts:,}", str(gap.members), *figures, style=style)
    return table


def _steps(counts: Counts) -> Table:
    table = Table(
        "task", "tasks", f"events a step (≤ {STEP_AIM})", "most in the tree", title="Events of a person's step"
    )
    for step in counts.steps:
        style = "" if step.step_events <= STEP_AIM else "yellow"
        figures = (str(step.tasks), str(step.step_events), str(step.most_tree_events))
        table.add_row(step.kind.value, *figures, style=style)
    return table


def _tree(counts: Counts) -> Table:
    table = Table("workflow", "events", title="The reference contract of three members")
    for workflow_id, events in counts.workflows.items():
        table.add_row(workflow_id, str(events))
    table.add_row("the tree", f"{counts.events:,}", style="bold")
    table.add_row("archived bytes", f"{counts.archive_bytes:,} of {counts.protobuf_bytes:,}")
    return table
