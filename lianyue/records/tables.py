"""The tables, one class a row; both databases refuse in them what the vocabulary refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, event, text
from sqlmodel import SQLModel

from contracts.agreement import AgreementState
from contracts.organisation import CompanyKind
from contracts.review import Band
from contracts.service_contract import Stage
from contracts.task import TaskState
from contracts.value import LONGEST_REASON
from lianyue.records import log_tables
from lianyue.records.append_only import guard_tables
from lianyue.records.columns import content, document, moment, whole, words, yes_no
from lianyue.records.constraints import NAMING, harden, of_a_version, one_of

NUMBER, COMPANY, USER, SLUG, DIGEST, KEY, LINE = 24, 12, 40, 64, 71, 240, 200
ENDED = (Stage.REVIEWED, Stage.CANCELLED, Stage.FAILED)
"""Stages in which a contract no longer takes capacity."""

SQLModel.metadata.naming_convention = NAMING


class AllianceRow(SQLModel, table=True):
    """The one alliance of these records."""

    __tablename__ = "alliance"
    __table_args__: ClassVar[Any] = (CheckConstraint("id = 1", name="only_one"),)
    id: int = whole(primary_key=True)
    name: str = words(LINE)
    name_en: str = words(LINE)
    office: str = words(COMPANY, foreign_key="company.code")


class CompanyRow(SQLModel, table=True):
    """A company; one that is no longer in the directory stays, unlisted, for the contracts that name it."""

    __tablename__ = "company"
    __table_args__: ClassVar[Any] = (one_of("kind", CompanyKind),)
    code: str = words(COMPANY, primary_key=True)
    kind: str = words(16)
    is_listed: bool = yes_no()
    company_json: str = document()


class PersonRow(SQLModel, table=True):
    """A user of the directory as last loaded."""

    __tablename__ = "person"
    user: str = words(USER, primary_key=True)
    company: str = words(COMPANY, foreign_key="company.code")
    person_json: str = document()


class StandingRow(SQLModel, table=True):
    """A standing beside the older ones; the last written is the latest."""

    __tablename__ = "standing"
    __table_args__: ClassVar[Any] = (
        one_of("band", Band),
        CheckConstraint("score_bp BETWEEN 0 AND 10000", name="score_is_ratio"),
        Index(None, "category", "member", "id"),
    )
    id: int | None = whole(default=None, primary_key=True)
    member: str = words(COMPANY, foreign_key="company.code")
    category: str = words(SLUG)
    score_bp: int = whole()
    band: str = words(1)
    from_day: int = whole()
    standing_json: str = document()


class EditionRow(SQLModel, table=True):
    """A published text of rules or of a category pack; never edited."""

    __tablename__ = "edition"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("kind", "name", "edition"),
        CheckConstraint("effective_to_day > effective_from_day", name="runs_forward"),
    )
    digest: str = words(DIGEST, primary_key=True)
    kind: str = words(SLUG)
    name: str = words(SLUG)
    edition: str = words(SLUG)
    effective_from_day: int = whole()
    effective_to_day: int | None = whole(default=None)
    text: str = document()


class ExceptionRow(SQLModel, table=True):
    """An exception as it was signed; it ends by its term or by a revocation, never by being changed."""

    __tablename__ = "policy_exception"
    __table_args__: ClassVar[Any] = (CheckConstraint("to_day > from_day", name="runs_forward"),)
    digest: str = words(DIGEST, primary_key=True)
    name: str = words(SLUG, index=True)
    from_day: int = whole()
    to_day: int = whole(index=True)
    granted_by: str = words(USER)
    text: str = document()
    signature_json: str = document()
    at: datetime = moment()


class MandateRow(SQLModel, table=True):
    """The authority to approve, handed over by one person to another for some days."""

    __tablename__ = "mandate"
    __table_args__: ClassVar[Any] = (CheckConstraint("to_day > from_day", name="runs_forward"),)
    digest: str = words(DIGEST, primary_key=True)
    principal: str = words(USER, index=True)
    delegate: str = words(USER, index=True)
    from_day: int = whole()
    to_day: int | None = whole(default=None)
    grant_json: str = document()
    at: datetime = moment()


class RevocationRow(SQLModel, table=True):
    """The end of an exception or a mandate, brought forward."""

    __tablename__ = "revocation"
    digest: str = words(DIGEST, primary_key=True)
    target: str = words(DIGEST, index=True)
    from_day: int = whole()
    revocation_json: str = document()
    at: datetime = moment()


class ContractRow(SQLModel, table=True):
    """A service contract: its order as registered, and how far it has come."""

    __tablename__ = "service_contract"
    __table_args__: ClassVar[Any] = (
        one_of("stage", Stage),
        CheckConstraint("value_fen > 0", name="value_is_positive"),
        CheckConstraint("quantity > 0", name="quantity_is_positive"),
    )
    number: str = words(NUMBER, primary_key=True)
    title: str = words(LINE)
    category: str = words(SLUG, index=True)
    client: str = words(COMPANY, foreign_key="company.code", index=True)
    park: str = words(SLUG)
    value_fen: int = whole()
    total_fen: int = whole()
    quantity: int = whole()
    stage: str = words(16, index=True)
    stage_at: datetime | None = moment(default=None)
    is_suspended: bool = yes_no()
    suspended_at: datetime | None = moment(default=None)
    body_hash: str = words(DIGEST)
    order_json: str = document()
    started_by: str = words(USER, index=True)
    started_at: datetime = moment()


class RequestRow(SQLModel, table=True):
    """A request id that a caller has used, and for what."""

    __tablename__ = "request"
    request_id: str = words(KEY, primary_key=True)
    user: str = words(USER)
    verb: str = words(SLUG)
    body_hash: str = words(DIGEST)
    at: datetime = moment()


class RefusedAttemptRow(SQLModel, table=True):
    """An attempt that the desk refused."""

    __tablename__ = "refused_attempt"
    id: int | None = whole(default=None, primary_key=True)
    at: datetime = moment()
    user: str = words(USER)
    company: str = words(COMPANY)
    verb: str = words(SLUG)
    target: str = words(LINE, index=True)
    code: str = words(SLUG)
    message: str = words(LONGEST_REASON)


class EnvelopeRow(SQLModel, table=True):
    """The ciphertext of a sealed quote, or of the office's seed of a draw, found by its commitment."""

    __tablename__ = "envelope"
    commitment: str = words(DIGEST, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    member: str = words(COMPANY, foreign_key="company.code")
    ciphertext: bytes = content()
    at: datetime = moment()


class EffectRow(SQLModel, table=True):
    """Proof that an effect was had, with its request's hash and its answer."""

    __tablename__ = "effect"
    __table_args__: ClassVar[Any] = (UniqueConstraint("workflow_id", "step", "occurrence"),)
    key: str = words(KEY, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    workflow_id: str = words(LINE)
    step: str = words(SLUG)
    occurrence: int = whole()
    request_hash: str = words(DIGEST)
    answer_json: str | None = document(default=None)
    at: datetime = moment()


class TaskRow(SQLModel, table=True):
    """A task as last written down, with what inboxes are searched by."""

    __tablename__ = "member_task"
    __table_args__: ClassVar[Any] = (
        one_of("state", TaskState),
        CheckConstraint("revision >= 1", name="revision_counts"),
        Index(None, "company", "is_open", "due_at"),
    )
    id: str = words(LINE, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    kind: str = words(32)
    company: str = words(COMPANY)
    role: str = words(32)
    user: str | None = words(USER, default=None)
    owner: str | None = words(USER, default=None)
    co_signers: str = words(LONGEST_REASON)
    state: str = words(16)
    is_open: bool = yes_no()
    opened_day: int = whole()
    due_at: datetime | None = moment(default=None)
    is_overdue: bool = yes_no()
    priority: int = whole()
    revision: int = whole()
    task_json: str = document()


class TaskActRow(SQLModel, table=True):
    """When somebody last did something about a task: 已办."""

    __tablename__ = "task_act"
    __table_args__: ClassVar[Any] = (Index(None, "user", "at"),)
    task: str = words(LINE, primary_key=True)
    user: str = words(USER, primary_key=True)
    at: datetime = moment()


class CopyRow(SQLModel, table=True):
    """Who is informed of a task, or with an empty ``task`` of the contract; and when they marked it read, once."""

    __tablename__ = "copy"
    __table_args__: ClassVar[Any] = (Index(None, "user", "at"),)
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    task: str = words(LINE, primary_key=True)
    user: str = words(USER, primary_key=True)
    given_by: str = words(USER)
    at: datetime = moment()
    read_at: datetime | None = moment(default=None)


class DraftRow(SQLModel, table=True):
    """What somebody has filled in of a task's form so far; that of a quote is ciphertext."""

    __tablename__ = "draft"
    task: str = words(LINE, primary_key=True)
    user: str = words(USER, primary_key=True)
    content: bytes = content()
    at: datetime = moment()


class NoticeRow(SQLModel, table=True):
    """Something that somebody must hear of: one user, or whoever holds a role at a company. Never a price."""

    __tablename__ = "notice"
    id: int | None = whole(default=None, primary_key=True)
    key: str = words(KEY, unique=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    task: str = words(LINE)
    event: str = words(32)
    company: str = words(COMPANY)
    role: str = words(32)
    user: str = words(USER)
    at: datetime = moment()


class DeliveryRow(SQLModel, table=True):
    """What became of a notice on one way to one recipient: tried, handed over, or given up."""

    __tablename__ = "notice_delivery"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("notice", "channel", "recipient"),
        Index(None, "channel", "done_at", "is_dead"),
    )
    id: int | None = whole(default=None, primary_key=True)
    notice: int = whole(foreign_key="notice.id")
    channel: str = words(16)
    recipient: str = words(USER)
    attempts: int = whole()
    next_at: datetime = moment()
    done_at: datetime | None = moment(default=None)
    is_dead: bool = yes_no()
    error: str = words(LINE)


class ChannelRow(SQLModel, table=True):
    """How far a channel has taken up the notices."""

    __tablename__ = "notice_channel"
    name: str = words(16, primary_key=True)
    taken_up_to: int = whole()


class HappeningRow(SQLModel, table=True):
    """One thing that happened, in the effect that told it."""

    __tablename__ = "happening"
    __table_args__: ClassVar[Any] = (UniqueConstraint("effect_key", "position"),)
    id: int | None = whole(default=None, primary_key=True)
    effect_key: str = words(KEY, foreign_key="effect.key")
    position: int = whole()
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    at: datetime = moment()
    verb: str = words(SLUG)
    happening_json: str = document()


class ScreeningRow(SQLModel, table=True):
    """Who may quote; a later round has a later row."""

    __tablename__ = "screening"
    id: int | None = whole(default=None, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    screening_json: str = document()


class QuoteRow(SQLModel, table=True):
    """An opened quote."""

    __tablename__ = "quote"
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    member: str = words(COMPANY, primary_key=True, foreign_key="company.code")
    round: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    price_fen: int = whole()
    quote_json: str = document()


class DecisionRow(SQLModel, table=True):
    """A decision with the facts it follows from."""

    __tablename__ = "decision"
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    occurrence: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    outcome: str = words(32)
    amount_fen: int = whole()
    facts_json: str = document()
    decision_json: str = document()


class ShadowDecisionRow(SQLModel, table=True):
    """What a shadow edition would have said in place of a decision, or why it said nothing."""

    __tablename__ = "shadow_decision"
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    occurrence: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    policy: str = words(SLUG, index=True)
    shadow_json: str = document()


class ReservationRow(SQLModel, table=True):
    """What an award counts in a member's ledger and takes of its capacity, until it is released."""

    __tablename__ = "reservation"
    __table_args__: ClassVar[Any] = (
        Index(
            "uq_reservation_in_force",
            "number",
            "member",
            unique=True,
            sqlite_where=text("is_released = 0"),
            postgresql_where=text("NOT is_released"),
        ),
        Index(None, "category", "day"),
    )
    id: int | None = whole(default=None, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number")
    member: str = words(COMPANY, foreign_key="company.code")
    category: str = words(SLUG)
    day: int = whole()
    amount_fen: int = whole()
    needs_json: str = document()
    is_released: bool = yes_no()


class QueueRow(SQLModel, table=True):
    """A queue in which members take turns, as it stands."""

    __tablename__ = "rotation_queue"
    name: str = words(SLUG, primary_key=True)
    queue_json: str = document()


class AgreementRow(SQLModel, table=True):
    """A version of the document: the canonical JSON whose SHA-256 is ``digest``, and what became of it."""

    __tablename__ = "agreement"
    __table_args__: ClassVar[Any] = (
        one_of("state", AgreementState),
        Index(
            "uq_agreement_in_force",
            "number",
            unique=True,
            sqlite_where=text("state = 'in_force'"),
            postgresql_where=text("state = 'in_force'"),
        ),
    )
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    version: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str = words(16)
    was_in_force: bool = yes_no()
    total_fen: int = whole()
    digest: str = words(DIGEST)
    agreement_json: str = document()
    reason: str = words(LONGEST_REASON)


class ShareRow(SQLModel, table=True):
    """A member's share in one version, at its position in the document."""

    __tablename__ = "agreement_share"
    __table_args__: ClassVar[Any] = (of_a_version(),)
    number: str = words(NUMBER, primary_key=True)
    version: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    member: str = words(COMPANY, primary_key=True, foreign_key="company.code", index=True)
    position: int = whole()
    amount_fen: int = whole()


class SignatureRow(SQLModel, table=True):
    """One company's signature of one version."""

    __tablename__ = "signature"
    __table_args__: ClassVar[Any] = (of_a_version(),)
    number: str = words(NUMBER, primary_key=True)
    version: int = whole(primary_key=True, sa_column_kwargs={"autoincrement": False})
    company: str = words(COMPANY, primary_key=True, foreign_key="company.code")
    signature_json: str = document()


def _in_one_direction(column: str) -> str:
    """An instalment takes nothing back, and a claw-back gives nothing."""
    return f"{column} >= 0 AND agreed_fen >= 0 OR {column} <= 0 AND agreed_fen < 0"


class SettlementRow(SQLModel, table=True):
    """What one instalment came to, or a claw-back takes back; there is never a second line for it."""

    __tablename__ = "settlement"
    __table_args__: ClassVar[Any] = (
        CheckConstraint(_in_one_direction("deduction_fen"), name="deduction_takes"),
        CheckConstraint(_in_one_direction("gross_fen"), name="gross_is_owed"),
        CheckConstraint("gross_fen = agreed_fen - deduction_fen", name="gross_is_the_rest"),
    )
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    member: str = words(COMPANY, primary_key=True, foreign_key="company.code")
    milestone: str = words(SLUG, primary_key=True)
    agreed_fen: int = whole()
    deduction_fen: int = whole()
    gross_fen: int = whole()
    line_json: str = document()


class ReviewRow(SQLModel, table=True):
    """One member's review of one contract, draft or final."""

    __tablename__ = "review"
    number: str = words(NUMBER, primary_key=True, foreign_key="service_contract.number")
    member: str = words(COMPANY, primary_key=True, foreign_key="company.code")
    is_final: bool = yes_no()
    review_json: str = document()


class HistoryRow(SQLModel, table=True):
    """The archived history of one run of a closed workflow."""

    __tablename__ = "history"
    workflow_id: str = words(LINE, primary_key=True)
    run_id: str = words(SLUG, primary_key=True)
    number: str = words(NUMBER, foreign_key="service_contract.number", index=True)
    events: int = whole()
    digest: str = words(DIGEST)
    zlibbed: bytes = content()


class SessionRow(SQLModel, table=True):
    """A signed-in user; of the cookie that opens it only the hash."""

    __tablename__ = "session"
    id_hash: str = words(DIGEST, primary_key=True)
    user: str = words(USER, index=True)
    company: str = words(COMPANY)
    created_at: datetime = moment()
    seen_at: datetime = moment()
    expires_at: datetime = moment(index=True)


class ApiTokenRow(SQLModel, table=True):
    """A token with which a program acts for a user, with no role beyond its own; of the secret only the hash."""

    __tablename__ = "api_token"
    __table_args__: ClassVar[Any] = (UniqueConstraint("secret_hash"),)
    name: str = words(SLUG, primary_key=True)
    secret_hash: str = words(DIGEST)
    user: str = words(USER)
    company: str = words(COMPANY)
    roles: str = words(LINE)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    last_used_at: datetime | None = moment(default=None)
    revoked_at: datetime | None = moment(default=None)


class SignInRow(SQLModel, table=True):
    """A sign-in under way at the identity provider, found by the hash of its state."""

    __tablename__ = "sign_in"
    state_hash: str = words(DIGEST, primary_key=True)
    nonce: str = words(KEY)
    verifier: str = words(KEY)
    back_to: str = words(LINE)
    expires_at: datetime = moment(index=True)


ALSO = (log_tables,)
"""Modules with further tables, which are hardened and guarded with these."""

for _table in SQLModel.metadata.sorted_tables:
    harden(_table)
event.listen(SQLModel.metadata, "after_create", guard_tables)
