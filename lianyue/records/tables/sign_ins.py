"""Sessions, API tokens, and sign-ins under way; none of them is a record."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from lianyue.records.columns import moment, words
from lianyue.records.tables.widths import COMPANY, DIGEST, KEY, LINE, SLUG, USER


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
