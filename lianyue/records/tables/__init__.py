"""The tables, one class a row; both databases refuse in them what the vocabulary refuses."""

from __future__ import annotations

from sqlalchemy import event
from sqlmodel import SQLModel

from lianyue.records.append_only import guard_tables
from lianyue.records.constraints import harden
from lianyue.records.row_security import secure_tables
from lianyue.records.tables.agreements import (
    AgreementRow,
    DocumentRevisionRow,
    PreparedSignatureRow,
    ReviewRow,
    SettlementRow,
    ShareRow,
)
from lianyue.records.tables.alliance import (
    AllianceRow,
    CompanyRow,
    EditionRow,
    ExceptionRow,
    KeyholderRow,
    MandateRow,
    PersonRow,
    RevocationRow,
    StandingRow,
)
from lianyue.records.tables.contracts import (
    ContractRow,
    EffectRow,
    EnvelopeRow,
    HappeningRow,
    HistoryRow,
    RefusedAttemptRow,
    RequestRow,
)
from lianyue.records.tables.decisions import (
    DecisionRow,
    QueueRow,
    QuoteRow,
    ReservationRow,
    ScreeningRow,
    ShadowDecisionRow,
)
from lianyue.records.tables.evidence import EvidenceRow
from lianyue.records.tables.log import LogCheckpointRow, LogCosignatureRow, LogEntryRow, LogNodeRow
from lianyue.records.tables.portfolios import PortfolioContractRow, PortfolioDecisionRow, PortfolioRow
from lianyue.records.tables.sign_ins import ApiTokenRow, SessionRow, SignInRow
from lianyue.records.tables.tasks import ChannelRow, CopyRow, DeliveryRow, DraftRow, NoticeRow, TaskActRow, TaskRow
from lianyue.records.tables.widths import COMPANY, DIGEST, KEY, LINE, NUMBER, SLUG, USER

__all__ = [
    "COMPANY",
    "DIGEST",
    "KEY",
    "LINE",
    "NUMBER",
    "SLUG",
    "USER",
    "AgreementRow",
    "AllianceRow",
    "ApiTokenRow",
    "ChannelRow",
    "CompanyRow",
    "ContractRow",
    "CopyRow",
    "DecisionRow",
    "DeliveryRow",
    "DocumentRevisionRow",
    "DraftRow",
    "EditionRow",
    "EffectRow",
    "EnvelopeRow",
    "EvidenceRow",
    "ExceptionRow",
    "HappeningRow",
    "HistoryRow",
    "KeyholderRow",
    "LogCheckpointRow",
    "LogCosignatureRow",
    "LogEntryRow",
    "LogNodeRow",
    "MandateRow",
    "NoticeRow",
    "PersonRow",
    "PortfolioContractRow",
    "PortfolioDecisionRow",
    "PortfolioRow",
    "PreparedSignatureRow",
    "QueueRow",
    "QuoteRow",
    "RefusedAttemptRow",
    "RequestRow",
    "ReservationRow",
    "ReviewRow",
    "RevocationRow",
    "ScreeningRow",
    "SessionRow",
    "SettlementRow",
    "ShadowDecisionRow",
    "ShareRow",
    "SignInRow",
    "StandingRow",
    "TaskActRow",
    "TaskRow",
]

for _table in SQLModel.metadata.sorted_tables:
    harden(_table)
event.listen(SQLModel.metadata, "after_create", guard_tables)
event.listen(SQLModel.metadata, "after_create", secure_tables)
