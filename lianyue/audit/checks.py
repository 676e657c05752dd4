"""What an audit says: one line for each thing that was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict

from activities.ports import Signatories, Texts
from contracts.portfolio import PortfolioOrder
from contracts.signed_document import DocumentRevision
from lianyue.records.kept import KeptPortfolioDecision

if TYPE_CHECKING:
    from lianyue.signing.trust import Trust


class Check(BaseModel):
    """One thing that was checked; where it failed, ``detail`` says where and what differs."""

    model_config = ConfigDict(frozen=True)

    name: str
    ok: bool
    detail: str = ""


class Together(Protocol):
    """What was registered and decided together."""

    def order(self, portfolio: str) -> PortfolioOrder:
        """Return what *portfolio* was started with."""

    def decisions(self, portfolio: str) -> tuple[KeptPortfolioDecision, ...]:
        """Return what was decided for *portfolio*, first to last."""


class Pdfs(Protocol):
    """The signed documents, and the roots under which their certificates count."""

    def pdf(self, revision: DocumentRevision) -> bytes:
        """Return the bytes of a revision."""

    def trust(self) -> Trust:
        """Return whom the check trusts."""


class Ground(Protocol):
    """What an audit stands on: the texts that decided, and the authorities that are believed."""

    @property
    def records(self) -> Texts:
        """The rule texts and packs."""

    @property
    def signatures(self) -> Signatories:
        """The check of signatures."""

    @property
    def portfolios(self) -> Together:
        """What was decided together."""

    @property
    def documents(self) -> Pdfs:
        """The signed documents."""
