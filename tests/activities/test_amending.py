"""Amendments: settled cells stay, everything adds up, and whoever got too much pays back what it got."""

from __future__ import annotations

from random import Random

import pytest

from activities.amending import amended, claw_back_line
from contracts.agreement import Agreement, ClawBack, Instalment
from contracts.category import CategoryPack, MilestoneKind
from contracts.decision import Fee, FeeBase, Share
from contracts.delivery import Acceptance, SettlementKind, SettlementLine
from contracts.errors import Invalid
from contracts.money import taxed
from contracts.service_contract import Amendment
from rules.instalments import planned

NUMBER, DIGEST = "LY-2025-0001", "sha256:" + "0" * 64
WEIGHTS = {"first": 6_000, "last": 4_000}
PACK = CategoryPack.model_construct(
    milestones=tuple(
        MilestoneKind(
            code=code,
            title_zh=code,
            title_en=code,
            weight_bp=weight,
            due_after_days=0,
            evidence=("report",),
            inspection_working_days=5,
        )
        for code, weight in WEIGHTS.items()
    )
)


def agreed(shares: dict[str, int], fees: tuple[Fee, ...] = ()) -> Agreement:
    """A first version with two milestones of 60 and 40 per cent."""
    return Agreement(
        number=NUMBER,
        version=1,
        title="园区物业服务",
        category="property",
        client="LGCY",
        office="LGFW",
        parties=("LGCY", *shares, "LGFW"),
        total_fen=sum(shares.values()),
        shares=tuple(Share(member=member, amount_fen=fen) for member, fen in shares.items()),
        instalments=tuple(
            Instalment(member=member, milestone=name, title=name, due_day=0, amount_fen=fen, inspection_working_days=5)
            for (member, name), fen in planned(shares, WEIGHTS).items()
        ),
        fees=fees,
        vat_bp=600,
        quantity=1,
        starts_on="2025-08-01",
        ends_on="2026-07-31",
        terms={},
        decision_digest=DIGEST,
    )


def settled(plan: Agreement, member: str, milestone: str, deducted_bp: int = 0) -> SettlementLine:
    """The line of one instalment of *plan*."""
    agreed_fen = plan.lines_planned()[member, milestone]
    deduction_fen = agreed_fen * deducted_bp // 10_000
    return SettlementLine(
        number=NUMBER,
        member=member,
        milestone=milestone,
        plan_version=plan.version,
        acceptance=Acceptance.ACCEPTED,
        score_bp=9_000,
        agreed_fen=agreed_fen,
        deduction_fen=deduction_fen,
        payable=taxed(agreed_fen - deduction_fen, 600),
    )


def valued(value_fen: int) -> Amendment:
    """A change of the value alone."""
    return Amendment(reason="调整范围", value_fen=value_fen)


def test_too_much_is_clawed_back_and_the_other_goes_on() -> None:
    """60 of 100 were settled for one member; at a share of 50 it pays 10 back, and the other's plan is halved."""
    plan = agreed({"LGWY": 100, "LGST": 100})

    new = amended(plan, valued(100), 2, PACK, [settled(plan, "LGWY", "first")])

    assert (ClawBack(member="LGWY", version=2, amount_fen=10, repay_within_days=30),) == new.claw_backs
    assert {
        ("LGWY", "first"): 60,
        ("LGWY", "last"): 0,
        ("LGWY", "claw-back-v2"): -10,
        ("LGST", "first"): 30,
        ("LGST", "last"): 20,
    } == new.lines_planned()


def test_a_claw_back_is_due_after_the_day_it_comes_into_force() -> None:
    """Negative in every amount, with its tax, and judged by nobody."""
    plan = agreed({"LGWY": 100_000})
    first = settled(plan, "LGWY", "first")
    new = amended(plan, Amendment(reason="缩减范围", value_fen=7_000, repay_within_days=14), 2, PACK, [first])

    line = claw_back_line(new, new.claw_backs[0], [first], 20_000)

    assert (
        SettlementLine(
            number=NUMBER,
            member="LGWY",
            milestone="claw-back-v2",
            plan_version=2,
            kind=SettlementKind.CLAW_BACK,
            agreed_fen=-53_000,
            deduction_fen=0,
            payable=taxed(-53_000, 600),
            due_day=20_014,
        )
        == line
    )


@pytest.mark.parametrize(("deducted_bp", "paid_back_fen"), [(0, 40), (2_500, 30), (10_000, 0)])
def test_nobody_pays_back_what_it_never_got(deducted_bp: int, paid_back_fen: int) -> None:
    """The part that was deducted for the score is deducted from the claw-back too."""
    plan = agreed({"LGWY": 100})
    first = settled(plan, "LGWY", "first", deducted_bp)
    new = amended(plan, valued(20), 2, PACK, [first])

    line = claw_back_line(new, new.claw_backs[0], [first], 0)

    assert (-40, -paid_back_fen) == (line.agreed_fen, line.payable.gross_fen)


def test_what_was_paid_back_counts_when_it_is_amended_again() -> None:
    """After 40 were paid back, a share of 30 has 10 more to come, and a share of 10 another 10 to pay back."""
    plan = agreed({"LGWY": 100})
    first = settled(plan, "LGWY", "first")
    less = amended(plan, valued(20), 2, PACK, [first])
    lines = [first, claw_back_line(less, less.claw_backs[0], [first], 0)]

    more, again = amended(less, valued(30), 3, PACK, lines), amended(less, valued(10), 3, PACK, lines)

    back = {("LGWY", "first"): 60, ("LGWY", "claw-back-v2"): -40}
    assert {**back, ("LGWY", "last"): 10} == more.lines_planned()
    assert {**back, ("LGWY", "last"): 0, ("LGWY", "claw-back-v3"): -10} == again.lines_planned()


def test_a_rise_without_an_open_instalment_is_refused() -> None:
    """That is an error, not a claw-back: somebody has to add a milestone."""
    plan = agreed({"LGWY": 100})
    lines = [settled(plan, "LGWY", "first"), settled(plan, "LGWY", "last")]

    with pytest.raises(Invalid) as caught:
        amended(plan, valued(101), 2, PACK, lines)

    expected = "LGWY has no open instalment to carry 1 fen more; add a milestone, or leave its share at 100 fen"
    assert expected == caught.value.message


def test_fees_follow_the_value() -> None:
    """Half the value, half of every level; the payers keep their parts of it."""
    base = {"level": "alliance", "payee": "office", "base": FeeBase.GROSS}
    fees = (
        Fee(payer="LGWY", base_fen=200, amount_fen=9, **base),
        Fee(payer="LGST", base_fen=200, amount_fen=6, **base),
    )

    new = amended(agreed({"LGWY": 120, "LGST": 80}, fees), valued(100), 2, PACK, [])

    assert [(100, 5), (100, 3)] == [(fee.base_fen, fee.amount_fen) for fee in new.fees]
    assert fees == amended(agreed({"LGWY": 120, "LGST": 80}, fees), valued(200), 2, PACK, []).fees


def test_amendments_upon_amendments_keep_every_sum() -> None:
    """Over 1,000 random lives: members = shares = total, what is settled stays, and settled lines fit the plan."""
    chance = Random("amendments")
    for _ in range(1_000):
        plan = agreed({f"M{number}": chance.randint(1, 10**6) for number in range(chance.randint(1, 4))})
        lines: list[SettlementLine] = []
        for version in range(2, 6):
            cells = [cell for cell in plan.instalments if (cell.member, cell.milestone) not in settled_cells(lines)]
            lines += [settled(plan, c.member, c.milestone, chance.choice((0, 500))) for c in cells[: len(cells) // 2]]
            try:
                plan = amended(plan, valued(chance.randint(1, 10**6)), version, PACK, lines)
            except Invalid:
                break
            new = [back for back in plan.claw_backs if back.version == version]
            lines += [claw_back_line(plan, back, lines, 0) for back in new]
            sums = {m: sum(fen for (who, _), fen in plan.lines_planned().items() if who == m) for m in plan.members}

            assert {share.member: share.amount_fen for share in plan.shares} == sums
            assert plan.total_fen == sum(sums.values())
            assert all(plan.lines_planned()[cell] == fen for cell, fen in settled_cells(lines).items())
            assert min(cell.amount_fen for cell in plan.instalments) >= 0
            assert all(got_of(lines, member) >= 0 for member in plan.members)


def settled_cells(lines: list[SettlementLine]) -> dict[tuple[str, str], int]:
    """What was agreed for each settled line."""
    return {(line.member, line.milestone): line.agreed_fen for line in lines}


def got_of(lines: list[SettlementLine], member: str) -> int:
    """What a member has got and not paid back."""
    return sum(line.payable.gross_fen for line in lines if line.member == member)
