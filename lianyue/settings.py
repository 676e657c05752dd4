"""The settings of one installation, read in one place from the environment; nothing else reads it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.errors import MalformedDocument
from contracts.signature import PLATFORM_ORGANISATION
from rules.problems import did_you_mean

PREFIX = "LIANYUE_"


class Environment(StrEnum):
    """Whether this instance may use test keys and people who need no password."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Language(StrEnum):
    """The language in which people are spoken to."""

    ZH = "zh"
    EN = "en"


class Settings(BaseModel):
    """
    Every setting; each has a ``LIANYUE_*`` variable of the same name in capitals.

    ``clock_speed`` alliance seconds pass in a real second, counted from the moment a contract is started, at which
    the alliance's clock shows ``clock_origin`` (empty: the real time). A demonstration's day is a second at 86400.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: Environment = Environment.DEVELOPMENT
    data: Path = Path(".lianyue")
    database_url: str = ""
    database_reader: str = Field(default="", pattern="^([a-z_][a-z0-9_]{0,62})?$")
    evidence: Path | None = None
    evidence_bytes: int = Field(default=20_000_000, ge=1_000, le=1_000_000_000)
    sqlite_synchronous: str = Field(default="FULL", pattern="^(FULL|NORMAL|OFF)$")
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    temporal_binary: str = ""
    temporal_retention_days: int = Field(default=3650, ge=1, le=36500)
    task_queue: str = "lianyue"
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = Field(default="", pattern=r"^(https?://[^/\s?#]+)?$")
    oidc_issuer: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    oidc_user_claim: str = "preferred_username"
    books: Path | None = None
    packs: Path | None = None
    working_days: Path | None = None
    documents: Path | None = None
    signing_keys: Path | None = None
    trusted_roots: Path | None = None
    platform_organisation: str = Field(default=PLATFORM_ORGANISATION, pattern=r"^[A-Z0-9:+-]{1,80}$")
    clock_speed: int = Field(default=1, ge=1, le=10_000_000)
    clock_origin: str = ""
    payload_encryption: bool = True
    payload_keys: Path | None = None
    user: str = ""
    url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    token: str = ""
    token_file: Path | None = None
    language: Language = Language.ZH
    webhook_url: str = Field(default="", pattern="^(https?://.+)?$")
    webhook_secret: str = ""
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_tls: bool = True
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_from: str = "lianyue@localhost"
    digest_hour: int = Field(default=8, ge=0, le=23)
    allocation_seconds: int | None = Field(default=None, ge=1, le=3_600)
    concurrent_activities: int = Field(default=16, ge=1, le=200)
    concurrent_workflow_tasks: int = Field(default=8, ge=1, le=200)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **given: object) -> Settings:
        """
        Build the settings from ``LIANYUE_*`` variables; what is *given* (not None) goes before them.

        Raises:
            MalformedDocument: If a variable is unknown or its value does not fit.
        """
        named = {key.removeprefix(PREFIX).lower(): value for key, value in environment.items() if _is_ours(key)}
        try:
            return cls.model_validate(named | {name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + str(first["loc"][0]).upper()
            raise MalformedDocument(_fault(name, first["type"], first["msg"]), where=name) from None

    @property
    def records_url(self) -> str:
        """Where the records are: the database of the settings, else an SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data.resolve() / 'records.sqlite'}"

    @property
    def bearer(self) -> str:
        """
        The token that says who gives the command; empty without one.

        Raises:
            MalformedDocument: If its file cannot be read.
        """
        if self.token or self.token_file is None:
            return self.token
        try:
            return self.token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            where = f"{PREFIX}TOKEN_FILE"
            raise MalformedDocument(f"{self.token_file} cannot be read as a token", where=where) from None

    @property
    def portal_url(self) -> str:
        """Where the portal of the instance answers."""
        return self.url or self.public_url or f"http://{self.host}:{self.port}"

    @property
    def evidence_folder(self) -> Path:
        """Where the files of evidence lie."""
        return self.evidence or self.data / "evidence"

    @property
    def documents_folder(self) -> Path:
        """Where the documents lie that companies sign."""
        return self.documents or self.data / "documents"

    @property
    def keys(self) -> Path:
        """The folder of the development keys."""
        return self.data / "keys"

    @property
    def payload_key_file(self) -> Path:
        """The ring of keys under which the Temporal server is given payloads."""
        return self.payload_keys or self.keys / "payloads" / "ring.keys"

    def as_environment(self) -> dict[str, str]:
        """Return the variables under which another process gets the same settings."""
        values = self.model_dump(mode="json", exclude=set(_OF_ONE_PERSON))
        return {PREFIX + name.upper(): str(value) for name, value in values.items() if value is not None}


_OF_ONE_PERSON = ("user", "url", "token", "token_file")
"""Who gives a command; no other process is that person."""


def _is_ours(variable: str) -> bool:
    """Whether a variable is a setting; the one that asks for tracebacks is not."""
    return variable.startswith(PREFIX) and variable != f"{PREFIX}DEBUG"


def _fault(name: str, kind: str, message: str) -> str:
    """What is wrong with the variable *name*, as a sentence."""
    if kind != "extra_forbidden":
        return f"{name}: {message.lower()}"
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    return f"there is no setting {name}{did_you_mean(name, known)}"
