"""The agreement: the one document all parties sign, with shares and instalments exact to the fen."""

from __future__ import annotations

from enum import StrEnum

from contracts.decision import Share
from contracts.ids import ContractNumber
from contracts.organisation import IsoDay
from contracts.value import BasisPoints, Code, Digest, EpochDay, Fen, Json, Line, Recorded, Slug


class AgreementState(StrEnum):
    """What became of one version of the document."""

    DRAWN_UP = "drawn_up"
    IN_FORCE = "in_force"
    VOIDED = "voided"
    REPLACED = "replaced"


class Instalment(Recorded):
    """One cell of the plan: one member, one milestone."""

    member: Code
    milestone: Slug
    title: Line
    due_day: EpochDay
    amount_fen: Fen
    evidence: tuple[Slug, ...] = ()
    inspection_working_days: int


class Agreement(Recorded):
    """
    A version of the document, complete: whoever holds it needs nothing else to know what was agreed.

    Σ shares = Σ instalments = ``total_fen``; each share equals the sum of its instalments.
    """

    number: ContractNumber
    version: int
    title: Line
    category: Slug
    client: Code
    office: Code
    parties: tuple[Code, ...]
    """Every company that signs, in signing order: the client, the members by share, the office last."""
    total_fen: Fen
    shares: tuple[Share, ...]
    instalments: tuple[Instalment, ...]
    vat_bp: BasisPoints
    quantity: int
    starts_on: IsoDay
    ends_on: IsoDay
    terms: Json
    decision_digest: Digest
    replaces: int | None = None
    reason: str = ""
    kind: str = "contract"
    """``contract``, or ``amendment`` for a change of one in force."""

    def instalments_of(self, member: str) -> tuple[Instalment, ...]:
        """Return *member*'s instalments in the order of their due days."""
        own = [cell for cell in self.instalments if cell.member == member]
        return tuple(sorted(own, key=lambda cell: (cell.due_day, cell.milestone)))

    @property
    def members(self) -> tuple[str, ...]:
        """The members that deliver, largest share first."""
        return tuple(share.member for share in self.shares)


class AgreementVersion(Recorded):
    """A version and the SHA-256 of its canonical JSON, which is what is signed."""

    agreement: Agreement
    digest: Digest
