"""What is counted over all contracts: by stage, and what was signed by category and by member."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from contracts.service_contract import Stage
from lianyue.records.columns import holds
from lianyue.records.eyes import Readable
from lianyue.records.kept import CategoryTotal, MemberTotal
from lianyue.records.tables import AgreementRow, ContractRow, ShareRow


class Totals:
    """Counts and sums of the whole alliance; nothing here can write."""

    def __init__(self, database: Readable) -> None:
        self._database = database

    def contracts_by_stage(self) -> dict[Stage, int]:
        """Count the contracts in every stage, in the order of a contract's life."""
        counted = select(ContractRow.stage, func.count()).group_by(ContractRow.stage)
        with self._database.reading() as session:
            found = dict(session.exec(counted).all())
        return {stage: found.get(stage.value, 0) for stage in Stage}

    def signed_by_category(self) -> tuple[CategoryTotal, ...]:
        """Return what was signed by category: every contract once, with the version that was first in force."""
        first = _first_in_force()
        signed = (
            select(
                ContractRow.category,
                func.count(),
                func.sum(AgreementRow.total_fen),
                func.sum(ContractRow.quantity),
            )
            .join(AgreementRow, col(AgreementRow.number) == ContractRow.number)
            .join(first, (first.c.number == AgreementRow.number) & (first.c.version == AgreementRow.version))
            .group_by(ContractRow.category)
            .order_by(ContractRow.category)
        )
        with self._database.reading() as session:
            return tuple(
                CategoryTotal(category=category, contracts=count, amount_fen=amount, quantity=quantity)
                for category, count, amount, quantity in session.exec(signed)
            )

    def signed_by_member(self) -> tuple[MemberTotal, ...]:
        """Return what was signed by member: its shares in the versions that were first in force."""
        first = _first_in_force()
        signed = (
            select(ShareRow.member, func.count(), func.sum(ShareRow.amount_fen))
            .join(first, (first.c.number == ShareRow.number) & (first.c.version == ShareRow.version))
            .group_by(ShareRow.member)
            .order_by(ShareRow.member)
        )
        with self._database.reading() as session:
            return tuple(
                MemberTotal(member=member, contracts=count, amount_fen=amount)
                for member, count, amount in session.exec(signed)
            )


def _first_in_force() -> Any:
    """The version of each contract that was first in force: what was signed."""
    in_force = select(AgreementRow.number, func.min(AgreementRow.version).label("version"))
    return in_force.where(holds(AgreementRow.was_in_force)).group_by(AgreementRow.number).subquery()
