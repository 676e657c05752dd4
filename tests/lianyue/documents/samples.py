"""Agreements to print: one of each category, one with seventeen parties and long names, one that changes another."""

from __future__ import annotations

from functools import cache

from contracts.agreement import Agreement, ClawBack, Instalment
from contracts.calendar import epoch_day
from contracts.category import Category
from contracts.decision import Share
from contracts.money import split
from contracts.organisation import Company
from lianyue.packs import categories
from rules.instalments import planned

STARTS, ENDS = "2025-07-15", "2026-07-14"
DECISION = "sha256:" + "ab" * 32
TERMS = {"site": "奉贤园区智造片区（四至以交接图纸为准）", "payment_days": 30}
RATES = {"stamp_duty_works_bp": 3, "stamp_duty_sale_bp": 3, "stamp_duty_technology_bp": 3, "stamp_duty_lease_bp": 10}
LONG = "上海临港经济发展集团第{}产业园区综合配套服务与物业运营管理有限责任公司"
LONG_EN = "Shanghai Lingang Integrated-Park-Services Company Limited No. {}"

COMPANIES = {
    "LGFX": Company(code="LGFX", name="临港奉贤", name_en="Lingang Fengxian", kind="client"),
    "LGWY": Company(
        code="LGWY", name="临港物业", name_en="Lingang Property", kind="member", credit_code="91310000MA1K300001"
    ),
    "LGFW": Company(code="LGFW", name="临港服务", name_en="Lingang Services", kind="member"),
    "LGST": Company(code="LGST", name="临港生态", name_en="Lingang Ecology", kind="member"),
    "BGS": Company(code="BGS", name="服务联盟办公室", name_en="Alliance Office", kind="office"),
}


@cache
def shipped() -> dict[str, Category]:
    """The categories, read once."""
    return categories()


def agreed(category: str, members: tuple[str, ...] = ("LGWY", "LGFW"), total_fen: int = 1_234_567_891) -> Agreement:
    """An agreement of *category*, planned by its pack."""
    pack = shipped()[category].pack
    kinds = [(kind.code, kind.title_zh, kind.weight_bp, kind.due_after_days) for kind in pack.milestones]
    return _agreement(category, members, total_fen, kinds)


def seventeen() -> tuple[Agreement, dict[str, Company]]:
    """Seventeen parties with long names, twelve milestones, and as much money as there may be."""
    members = tuple(f"M{place:02d}" for place in range(15))
    companies = {
        code: Company(
            code=code,
            name=LONG.format(code),
            name_en=LONG_EN.format(code),
            kind="member",
            credit_code=f"91310000MA1K3000{code[1:]}",
        )
        for code in members
    }
    kinds = [
        (f"m{place}", f"第{place + 1}期综合服务与设施设备运行维护考核", 833 if place else 837, 30 * place)
        for place in range(12)
    ]
    return _agreement("property", members, 10**15 - 1, kinds), {**COMPANIES, **companies}


def changed() -> tuple[Agreement, Agreement]:
    """An agreement, and the amendment of it that claws back."""
    before = agreed("greening")
    back = ClawBack(member="LGFW", version=2, amount_fen=123_456, repay_within_days=30)
    after = before.model_copy(
        update={
            "kind": "amendment",
            "version": 2,
            "replaces": 1,
            "reason": "因养护面积调减，经各方协商一致。",
            "ends_on": "2026-09-30",
            "claw_backs": (back,),
        }
    )
    return before, after


def _agreement(
    category: str, members: tuple[str, ...], total_fen: int, kinds: list[tuple[str, str, int, int]]
) -> Agreement:
    pack = shipped()[category].pack
    parts = split(total_fen, {member: 100 + 7 * place for place, member in enumerate(members)})
    shares = tuple(
        sorted(
            (Share(member=member, amount_fen=fen) for member, fen in parts.items()),
            key=lambda share: (-share.amount_fen, share.member),
        )
    )
    cells = planned(parts, {code: weight for code, _, weight, _ in kinds})
    evidence = {kind.code: kind.evidence for kind in pack.milestones}
    return Agreement(
        number="LY-2025-0001",
        version=1,
        title="奉贤园区智造片区服务",
        category=category,
        client="LGFX",
        office="BGS",
        parties=("LGFX", *(share.member for share in shares), "BGS"),
        total_fen=total_fen,
        shares=shares,
        instalments=tuple(
            Instalment(
                member=member,
                milestone=code,
                title=title,
                due_day=epoch_day(STARTS) + days,
                amount_fen=cells[(member, code)],
                evidence=evidence.get(code, ()),
                inspection_working_days=5,
            )
            for code, title, _, days in kinds
            for member in parts
        ),
        vat_bp=pack.vat[0].rate_bp,
        quantity=179_600,
        starts_on=STARTS,
        ends_on=ENDS,
        terms=TERMS,
        decision_digest=DECISION,
    )
