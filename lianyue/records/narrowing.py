"""By what a list of contracts or of tasks is narrowed: stage, category, who has to do with it, whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, or_, select

from contracts.organisation import Role
from contracts.service_contract import Stage
from lianyue.records.columns import holds
from lianyue.records.journal import marked
from lianyue.records.tables import AgreementRow, ContractRow, ReservationRow, ShareRow, TaskRow


def contract_conditions(
    stage: Stage | None, category: str | None, member: str | None, company: str | None
) -> list[Any]:
    """Return the conditions of a list of contracts; see `Reading.contracts`."""
    conditions: list[Any] = []
    if stage is not None:
        conditions.append(ContractRow.stage == stage.value)
    if category is not None:
        conditions.append(ContractRow.category == category)
    if member is not None:
        conditions.append(_takes_part(member))
    if company is not None:
        concerned = select(TaskRow.number).where(TaskRow.company == company)
        conditions.append(or_(col(ContractRow.client) == company, col(ContractRow.number).in_(concerned)))
    return conditions


def _takes_part(member: str) -> Any:
    reserved = select(ReservationRow.number).where(ReservationRow.member == member)
    reserved = reserved.where(~holds(ReservationRow.is_released))
    agreed = select(ShareRow.number).join(
        AgreementRow,
        (col(AgreementRow.number) == ShareRow.number) & (col(AgreementRow.version) == ShareRow.version),
    )
    agreed = agreed.where(ShareRow.member == member, holds(AgreementRow.was_in_force))
    return or_(col(ContractRow.number).in_(reserved), col(ContractRow.number).in_(agreed))


def task_conditions(
    company: str | None, user: str | None, roles: Sequence[Role] | None, number: str | None, open_only: bool
) -> list[Any]:
    """Return the conditions of a list of tasks; see `Reading.tasks`."""
    conditions: list[Any] = []
    if company is not None:
        conditions.append(TaskRow.company == company)
    if number is not None:
        conditions.append(TaskRow.number == number)
    if open_only:
        conditions.append(holds(TaskRow.is_open))
    if user is not None or roles is not None:
        conditions.append(or_(*_of_role(user, roles), *_of_user(user)))
    return conditions


def _of_role(user: str | None, roles: Sequence[Role] | None) -> list[Any]:
    """Tasks that are offered to one of *roles* and held by nobody else."""
    if roles is None:
        return []
    offered = col(TaskRow.role).in_([role.value for role in roles])
    return [offered if user is None else offered & or_(col(TaskRow.user).is_(None), col(TaskRow.user) == user)]


def _of_user(user: str | None) -> list[Any]:
    if user is None:
        return []
    asked = col(TaskRow.co_signers).contains(marked(user), autoescape=True)
    return [col(TaskRow.user) == user, col(TaskRow.owner) == user, asked]
