"""Settling: an accepted instalment becomes a line of money, never more than was agreed."""

from __future__ import annotations

from temporalio import activity

from activities.packs import pinned_pack
from activities.ports import Records, Writing
from contracts.agreement import Agreement
from contracts.category import CategoryPack, deduction_bp
from contracts.delivery import Acceptance, SettlementLine
from contracts.errors import OverThePlan
from contracts.journal import EffectRequest
from contracts.money import share_of
from contracts.service_contract import RulePins
from contracts.value import BasisPoints, Code, Slug
from rules.taxing import payable, taxed_by_supply


class SettleRequest(EffectRequest):
    """Settle *member*'s instalment *milestone* as it was judged."""

    pins: RulePins
    member: Code
    milestone: Slug
    acceptance: Acceptance
    score_bp: BasisPoints


class Delivering:
    """Settles instalments."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn
    def settle(self, request: SettleRequest) -> SettlementLine:
        """
        Settle one instalment by the plan in force: agreed amount, deduction for the score, payable with its tax.

        Raises:
            OverThePlan: If the instalment is not in the plan, or was settled before.
        """
        return self._records.once(request, lambda writing: self._settle(writing, request), SettlementLine)

    def _settle(self, writing: Writing, request: SettleRequest) -> SettlementLine:
        plan = writing.plan_in_force(request.number)
        agreed = {cell.milestone: cell.amount_fen for cell in plan.instalments_of(request.member)}
        settled = [line.milestone for line in writing.settlements(request.number) if line.member == request.member]
        if request.milestone not in agreed or request.milestone in settled:
            raise OverThePlan(
                f"{request.number}: {request.member} has no open instalment {request.milestone!r} in the plan in force"
            )
        pack = pinned_pack(self._records, request.pins.pack)
        line = settlement_line(request, agreed[request.milestone], plan, pack)
        writing.keep_settlement(line)
        return line


def settlement_line(request: SettleRequest, agreed_fen: int, plan: Agreement, pack: CategoryPack) -> SettlementLine:
    """Return what an instalment of *agreed_fen* comes to by *plan*: less its deduction, with its tax."""
    deducted_bp = 10_000 if request.acceptance is Acceptance.REJECTED else deduction_bp(pack, request.score_bp)
    deduction = share_of(agreed_fen, deducted_bp)
    return SettlementLine(
        number=request.number,
        member=request.member,
        milestone=request.milestone,
        plan_version=plan.version,
        acceptance=request.acceptance,
        score_bp=request.score_bp,
        agreed_fen=agreed_fen,
        deduction_fen=deduction,
        payable=payable(plan, agreed_fen - deduction),
        by_supply=taxed_by_supply(plan, agreed_fen - deduction),
    )
