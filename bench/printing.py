"""Documents: what a contract of three parties takes to print."""

from __future__ import annotations

import statistics

from pydantic import BaseModel, ConfigDict

from bench.measuring import Stopwatch
from contracts.agreement import Agreement, Instalment
from contracts.calendar import epoch_day
from contracts.decision import Share
from contracts.organisation import Company
from lianyue.documents.rendering import render
from lianyue.packs import read_category, shipped
from rules.instalments import planned

DOCUMENTS = 20
AIM_MS = 60
SHARES_FEN = {"LGWY": 700_000_000, "LGFW": 540_000_000}


class Printed(BaseModel):
    """CPU milliseconds of one document, its digests included."""

    model_config = ConfigDict(frozen=True)

    documents: int
    pages: int
    median_ms: float


def measure() -> Printed:
    """Print contracts that differ, with the fonts in memory as in a worker."""
    category = read_category(shipped() / "charging")
    codes = ("LGCY", *SHARES_FEN, "LGBGS")
    kinds = ("client", "member", "member", "office")
    companies = {
        code: Company(code=code, name=f"临港{code}公司", name_en=code, kind=kind)
        for code, kind in zip(codes, kinds, strict=True)
    }
    taken, pages = [], 0
    for serial in range(DOCUMENTS + 2):
        agreement = _agreement(serial, codes)
        watch = Stopwatch()
        pages = render(agreement, companies, category).pages
        taken.append(watch.ms)
    return Printed(documents=DOCUMENTS, pages=pages, median_ms=round(statistics.median(taken[2:]), 1))


def _agreement(serial: int, codes: tuple[str, ...]) -> Agreement:
    pack = read_category(shipped() / "charging").pack
    cells = planned(SHARES_FEN, {kind.code: kind.weight_bp for kind in pack.milestones})
    first = epoch_day("2025-07-15")
    return Agreement(
        number=f"LY-2025-{serial:04d}",
        version=1,
        title="集中充电场站服务",
        category="charging",
        client=codes[0],
        office=codes[-1],
        parties=codes,
        total_fen=sum(SHARES_FEN.values()),
        shares=tuple(Share(member=member, amount_fen=fen) for member, fen in SHARES_FEN.items()),
        instalments=tuple(
            Instalment(
                member=member,
                milestone=kind.code,
                title=kind.title_zh,
                due_day=first + kind.due_after_days,
                amount_fen=cells[(member, kind.code)],
                evidence=kind.evidence,
                inspection_working_days=kind.inspection_working_days,
            )
            for member in SHARES_FEN
            for kind in pack.milestones
        ),
        vat_bp=600,
        quantity=260,
        starts_on="2025-07-15",
        ends_on="2026-07-14",
        terms={"site": "集中充电场站", "payment_days": 30},
        decision_digest="sha256:" + "ab" * 32,
    )
