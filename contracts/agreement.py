"""The agreement: the one document all parties sign, with shares and instalments exact to the fen."""

from __future__ import annotations

from enum import StrEnum

from contracts.decision import Fee, Share
from contracts.ids import ContractNumber
from contracts.organisation import IsoDay
from contracts.value import BasisPoints, Code, Digest, EpochDay, Fen, Json, Line, PositiveFen, Recorded, Slug


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


class TaxLine(Recorded):
    """A supply within the price: its part of every amount, and its rate of value-added tax."""

    code: Slug
    title: Line
    part_bp: BasisPoints
    vat_bp: BasisPoints


class ClawBack(Recorded):
    """
    What a member was settled beyond its new share: it pays so much back to the client.

    It is due *repay_within_days* days after version *version*, which first states it, has come into force.
    """

    member: Code
    version: int
    amount_fen: PositiveFen
    repay_within_days: int

    @property
    def milestone(self) -> str:
        """What its settlement line is called, where an instalment's is called by its milestone."""
        return f"claw-back-v{self.version}"


class Agreement(Recorded):
    """
    A version of the document, complete: whoever holds it needs nothing else to know what was agreed.

    Σ shares = Σ instalments − Σ claw-backs = ``total_fen``; each share equals the sum of its instalments less its
    claw-backs. ``fees`` say what is owed out of the shares.
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
    claw_backs: tuple[ClawBack, ...] = ()
    """Those of this version and of all before it."""
    fees: tuple[Fee, ...] = ()
    vat_bp: BasisPoints
    """The rate of the whole, where there are no tax lines; else the highest of theirs."""
    tax_lines: tuple[TaxLine, ...] = ()
    """Supplies of several rates, separately accounted; none where one rate holds for the whole."""
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

    def lines_planned(self) -> dict[tuple[str, str], int]:
        """The agreed amount in fen of every settlement line there is to be, by member and milestone."""
        cells = {(cell.member, cell.milestone): cell.amount_fen for cell in self.instalments}
        return {**cells, **{(back.member, back.milestone): -back.amount_fen for back in self.claw_backs}}

    def clawed_back(self) -> dict[str, int]:
        """What each member that pays back pays back in all, in fen."""
        sums: dict[str, int] = {}
        for back in self.claw_backs:
            sums[back.member] = sums.get(back.member, 0) + back.amount_fen
        return sums

    @property
    def members(self) -> tuple[str, ...]:
        """The members that deliver, largest share first."""
        return tuple(share.member for share in self.shares)


class AgreementVersion(Recorded):
    """A version and the SHA-256 of its canonical JSON, which is what is signed."""

    agreement: Agreement
    digest: Digest
