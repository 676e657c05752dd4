"""What the desk writes before any workflow does: orders, request ids, sealed envelopes, refused attempts."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from contracts.errors import AllianceError, AlreadyStarted, Invalid, RequestReused, UnknownName
from contracts.ids import contract_workflow
from contracts.journal import Copy
from contracts.organisation import Actor
from contracts.portfolio import PortfolioOrder
from contracts.service_contract import ContractOrder, Stage
from contracts.value import LONGEST_REASON
from lianyue.log.entries import REGISTERED
from lianyue.records.engine import Database
from lianyue.records.insert import inserted
from lianyue.records.journal import copy_values
from lianyue.records.log import Told, enter_attempt
from lianyue.records.tables import (
    COMPANY,
    LINE,
    SLUG,
    USER,
    CompanyRow,
    ContractRow,
    CopyRow,
    EffectRow,
    EnvelopeRow,
    PortfolioContractRow,
    PortfolioRow,
    RefusedAttemptRow,
    RequestRow,
)
from lianyue.records.text import normal, quoted


class Door:
    """Takes in what people bring; what comes twice is taken in once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, order: ContractOrder, body_hash: str, at: datetime, sealed_seed: bytes | None = None) -> bool:
        """
        Register *order* under its contract's number; return False if the same body was registered before.

        With it goes the *sealed_seed* that it commits to; of a second order there is neither.

        Raises:
            AlreadyStarted: If the number is taken by another body; the first is unchanged.
            UnknownName: If the client is not a company of the directory.
            Invalid: If a text of the order is not in Unicode normal form C, or holds NUL or a lone surrogate.
        """
        _refuse_abnormal(order)
        return self._database.write(lambda session: _register(session, order, body_hash, at, sealed_seed))

    def register_portfolio(self, order: PortfolioOrder, body_hash: str, at: datetime) -> bool:
        """
        Register *order* under its portfolio's name; return False if the same rules were registered before.

        Raises:
            AlreadyStarted: If the name is taken by a portfolio with other rules; the first is unchanged.
            Invalid: If a text of the order is not in Unicode normal form C.
        """
        body = order.model_dump(mode="json")
        if normal(body) != body:
            raise Invalid("a text of the portfolio is not in Unicode normal form C", where=order.id)
        values = {
            "id": order.id,
            "title": order.title,
            "body_hash": body_hash,
            "order_json": order.model_dump_json(),
            "started_by": order.started_by.user,
            "started_at": at,
        }
        return self._database.write(lambda session: _register_portfolio(session, values))

    def portfolios_registered(self) -> tuple[PortfolioOrder, ...]:
        """Return the orders of which no workflow has written yet, by name: starting them again does no harm."""
        written = select(EffectRow).where(EffectRow.workflow_id == "portfolio/" + col(PortfolioRow.id)).exists()
        unheard = select(PortfolioRow.order_json).where(~written).order_by(PortfolioRow.id)
        with self._database.reading() as session:
            return tuple(PortfolioOrder.model_validate_json(order) for order in session.exec(unheard))

    def registered(self, number: str) -> ContractOrder | None:
        """Return the order registered under *number*, None if there is none."""
        with self._database.reading() as session:
            row = session.get(ContractRow, number)
        return None if row is None else ContractOrder.model_validate_json(row.order_json)

    def orders_registered(self) -> tuple[ContractOrder, ...]:
        """Return the orders of which no workflow has written yet, by number: starting them again does no harm."""
        unheard = (
            select(ContractRow.order_json)
            .where(ContractRow.stage == Stage.REGISTERED.value)
            .where(~select(EffectRow).where(EffectRow.number == ContractRow.number).exists())
            .order_by(ContractRow.number)
        )
        with self._database.reading() as session:
            return tuple(ContractOrder.model_validate_json(order) for order in session.exec(unheard))

    def remember_request(self, request_id: str, user: str, verb: str, body_hash: str, at: datetime) -> bool:
        """
        Remember what *request_id* asked; return False if it asked exactly this before.

        Raises:
            RequestReused: If it asked something else, or somebody else asked.
        """
        values = {
            "request_id": normal(request_id),
            "user": user,
            "verb": verb,
            "body_hash": body_hash,
            "at": at,
        }
        return self._database.write(lambda session: _remember(session, values))

    def refuse(self, at: datetime, actor: Actor, verb: str, target: str, refusal: AllianceError) -> None:
        """Put a refused attempt on record; text that cannot be stored is put there legibly."""
        row = RefusedAttemptRow(
            at=at,
            user=quoted(actor.user, USER),
            company=quoted(actor.company, COMPANY),
            verb=quoted(verb, SLUG),
            target=quoted(target, LINE),
            code=quoted(refusal.code, SLUG),
            message=quoted(refusal.message, LONGEST_REASON),
        )
        self._database.write(lambda session: _refuse(session, row, at))

    def keep_envelope(self, number: str, member: str, commitment: str, ciphertext: bytes, at: datetime) -> bool:
        """
        Keep a sealed quote until the opening; return False if it was kept before.

        Raises:
            Invalid: If the commitment belongs to another contract or member.
            UnknownName: If there is no such contract or company.
        """
        values = {
            "commitment": commitment,
            "number": number,
            "member": member,
            "ciphertext": ciphertext,
            "at": at,
        }
        return self._database.write(lambda session: _keep_envelope(session, values))

    def envelope(self, number: str, commitment: str) -> bytes:
        """Return the envelope of contract *number* under *commitment*, or raise UnknownName."""
        with self._database.reading() as session:
            row = session.get(EnvelopeRow, commitment)
        if row is None or row.number != number:
            raise UnknownName(f"no envelope for {number} under {commitment}")
        return row.ciphertext


def _refuse(session: Session, row: RefusedAttemptRow, at: datetime) -> None:
    session.add(row.model_copy())
    enter_attempt(session, attempt_told(row), at)


def attempt_told(row: RefusedAttemptRow) -> dict[str, object]:
    """Return a refused attempt as the log has it."""
    return row.model_dump(mode="json", exclude={"id"})


def _refuse_abnormal(order: ContractOrder) -> None:
    body = order.model_dump(mode="json")
    if normal(body) != body:
        raise Invalid("a text of the order is not in Unicode normal form C", where=order.contract.number)


def _register(session: Session, order: ContractOrder, body_hash: str, at: datetime, sealed_seed: bytes | None) -> bool:
    contract = order.contract
    _refuse_unknown(session, contract.client)
    if register_rows(session, order, body_hash, at):
        place = contract_workflow(contract.number)
        Told(session, contract.number, at).enter(REGISTERED, place, order.model_dump(mode="json"))
        if sealed_seed is not None:
            inserted(session, EnvelopeRow, _seed_values(order, sealed_seed, at))
        return True
    if session.get_one(ContractRow, contract.number).body_hash != body_hash:
        raise AlreadyStarted(f"{contract.number} is the number of another contract", where=contract.number)
    return False


def _register_portfolio(session: Session, values: dict[str, object]) -> bool:
    if inserted(session, PortfolioRow, values):
        return True
    if session.get_one(PortfolioRow, values["id"]).body_hash != values["body_hash"]:
        raise AlreadyStarted(f"{values['id']} is the name of another portfolio", where=str(values["id"]))
    return False


def register_rows(session: Session, order: ContractOrder, body_hash: str, at: datetime) -> bool:
    """Write what follows from *order* alone; return False if its number was registered before."""
    if not inserted(session, ContractRow, _contract_values(order, body_hash, at)):
        return False
    for person in filter(order.hears_of_all, order.copied):
        copy = Copy(user=person.user, by=order.started_by.user, at=at)
        inserted(session, CopyRow, copy_values(order.contract.number, copy))
    if order.portfolio is not None:
        inserted(session, PortfolioContractRow, {"number": order.number, "portfolio": order.portfolio})
    return True


def _contract_values(order: ContractOrder, body_hash: str, at: datetime) -> dict[str, object]:
    contract = order.contract
    return {
        "number": contract.number,
        "title": contract.title,
        "category": contract.category,
        "client": contract.client,
        "park": contract.park,
        "value_fen": contract.value_fen,
        "total_fen": 0,
        "quantity": contract.quantity,
        "stage": Stage.REGISTERED.value,
        "is_suspended": False,
        "body_hash": body_hash,
        "order_json": order.model_dump_json(),
        "started_by": order.started_by.user,
        "started_at": at,
    }


def _seed_values(order: ContractOrder, sealed_seed: bytes, at: datetime) -> dict[str, object]:
    return {
        "commitment": order.draw_commitment,
        "number": order.contract.number,
        "member": order.office,
        "ciphertext": sealed_seed,
        "at": at,
    }


def _remember(session: Session, values: dict[str, object]) -> bool:
    if inserted(session, RequestRow, values):
        return True
    row = session.get_one(RequestRow, values["request_id"])
    if (row.user, row.verb, row.body_hash) != (values["user"], values["verb"], values["body_hash"]):
        raise RequestReused(f"request {row.request_id} was used for something else")
    return False


def _keep_envelope(session: Session, values: dict[str, object]) -> bool:
    if session.get(ContractRow, values["number"]) is None:
        raise UnknownName(f"contract {values['number']} is not registered")
    _refuse_unknown(session, str(values["member"]))
    if inserted(session, EnvelopeRow, values):
        return True
    row = session.get_one(EnvelopeRow, values["commitment"])
    if (row.number, row.member) != (values["number"], values["member"]):
        raise Invalid("this commitment was made by another quote; choose a fresh nonce")
    return False


def _refuse_unknown(session: Session, company: str) -> None:
    if session.exec(select(CompanyRow.code).where(col(CompanyRow.code) == company)).first() is None:
        raise UnknownName(f"{company} is not a company of the alliance")
