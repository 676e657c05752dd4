"""Amending: a version in force and a change become the next version; what is settled stays, or is clawed back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.agreement import Agreement, ClawBack, Instalment
from contracts.category import CategoryPack
from contracts.decision import Share
from contracts.delivery import SettlementKind, SettlementLine
from contracts.money import split
from contracts.service_contract import Amendment
from rules.divide.fees import rescaled
from rules.instalments import Cell, Replan, replanned
from rules.taxing import payable, taxed_by_supply


def amended(
    old: Agreement, change: Amendment, version: int, pack: CategoryPack, settled: Sequence[SettlementLine]
) -> Agreement:
    """
    Return *old* as *change* makes it: shares in the same proportions, settled instalments as they were.

    Σ shares = Σ instalments − Σ claw-backs = the new total. Fees follow the value in proportion.

    Raises:
        Invalid: If a share rises of which every instalment is settled.
    """
    total_fen = old.total_fen if change.value_fen is None else change.value_fen
    amounts = split(total_fen, {share.member: share.amount_fen for share in old.shares})
    paid = {
        (line.member, line.milestone): line.agreed_fen for line in settled if line.kind is SettlementKind.INSTALMENT
    }
    back = old.clawed_back()
    # What was paid back already is not paid any more: the new share and it together stand against the paid cells.
    plan = replanned({m: fen + back.get(m, 0) for m, fen in amounts.items()}, milestone_weights(pack), paid)
    return old.model_copy(
        update={
            "version": version,
            "kind": "amendment",
            "replaces": old.version,
            "reason": change.reason,
            "total_fen": total_fen,
            "shares": tuple(_resized(share, amounts[share.member]) for share in old.shares),
            "instalments": tuple(_moved(cell, plan.cells, paid, change) for cell in old.instalments),
            "claw_backs": (*old.claw_backs, *_claw_backs(plan, version, change)),
            "fees": rescaled(old.fees, old.total_fen, total_fen),
            "terms": {**old.terms, **change.terms},
        }
    )


def claw_back_line(agreement: Agreement, back: ClawBack, settled: Sequence[SettlementLine], day: int) -> SettlementLine:
    """
    Return the line by which *back*'s member pays back what it was settled too much, due so many days after *day*.

    Of what was agreed for its settled instalments a part had been deducted; the same part is deducted from what it
    pays back, so that nobody returns what it never got, and a claw-back of everything leaves nothing.
    """
    own = [line for line in settled if line.member == back.member]
    deducted_fen = sum(line.deduction_fen for line in own)
    got_fen = sum(line.payable.gross_fen for line in own)
    parts = split(back.amount_fen, {"deducted": deducted_fen, "got": got_fen})
    return SettlementLine(
        number=agreement.number,
        member=back.member,
        milestone=back.milestone,
        plan_version=agreement.version,
        kind=SettlementKind.CLAW_BACK,
        agreed_fen=-back.amount_fen,
        deduction_fen=-parts["deducted"],
        payable=payable(agreement, -parts["got"]),
        by_supply=taxed_by_supply(agreement, -parts["got"]),
        due_day=day + back.repay_within_days,
    )


def milestone_weights(pack: CategoryPack) -> dict[str, int]:
    """Each milestone's part of a share, in basis points."""
    return {kind.code: kind.weight_bp for kind in pack.milestones}


def _claw_backs(plan: Replan, version: int, change: Amendment) -> tuple[ClawBack, ...]:
    return tuple(
        ClawBack(member=member, version=version, amount_fen=fen, repay_within_days=change.repay_within_days)
        for member, fen in plan.claw_backs.items()
        if fen
    )


def _moved(cell: Instalment, cells: Mapping[Cell, int], paid: Mapping[Cell, int], change: Amendment) -> Instalment:
    """The instalment with its new amount, and unless it is settled with its new day."""
    place = (cell.member, cell.milestone)
    later = 0 if place in paid else change.extend_days or 0
    return cell.model_copy(update={"amount_fen": cells[place], "due_day": cell.due_day + later})


def _resized(share: Share, amount_fen: int) -> Share:
    return share.model_copy(update={"amount_fen": amount_fen})
