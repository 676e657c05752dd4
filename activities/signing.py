"""Signing: the document is drawn up, every company signs it with its own key, and it comes into force."""

from __future__ import annotations

from datetime import datetime

from temporalio import activity

from activities.amending import amended, claw_back_line, milestone_weights
from activities.packs import pinned_pack
from activities.ports import Records, Signatures, Writing
from contracts.agreement import Agreement, AgreementState, AgreementVersion, Instalment
from contracts.category import CategoryPack
from contracts.decision import Decision
from contracts.delivery import SettlementLine
from contracts.errors import SignatureInvalid
from contracts.ids import ContractNumber
from contracts.journal import EffectRequest
from contracts.organisation import Actor
from contracts.service_contract import Amendment, RulePins, ServiceContract
from contracts.signature import Signature, SignatureCheck, SignatureVerdict
from contracts.value import Code, Digest, EpochDay, Json, Recorded
from rules.canonical import digest
from rules.instalments import planned
from rules.taxing import rate_of, tax_lines


class DrawUpRequest(EffectRequest):
    """Draw up version *version* of the document for the decided shares."""

    contract: ServiceContract
    office: Code
    pins: RulePins
    decision: Decision
    version: int
    terms: Json
    reason: str = ""


class AmendRequest(EffectRequest):
    """Draw up the next version as a change of the one in force."""

    amendment: Amendment
    pins: RulePins
    version: int


class SignRequest(EffectRequest):
    """Let *company* sign version *version* whose digest the actor was shown."""

    version: int
    document: Digest
    company: Code
    actor: Actor
    signed_at: datetime


class ConcludeRequest(EffectRequest):
    """Check all signatures of a version and put it into force."""

    version: int
    document: Digest
    parties: tuple[Code, ...]
    day: EpochDay = 0
    """The day on which it comes into force; payments back are due so many days after it."""


class Concluded(Recorded):
    """
    Every party's signature was found valid.

    The version is in force, unless ``overtaken_by`` names milestones that were settled for another amount than it
    plans: then nothing has changed.
    """

    number: ContractNumber
    version: int
    checks: tuple[SignatureCheck, ...]
    overtaken_by: tuple[str, ...] = ()
    claw_backs: tuple[SettlementLine, ...] = ()


class VoidRequest(EffectRequest):
    """Make a version void, with its signatures."""

    version: int
    reason: str


class Voided(Recorded):
    """The version is void; these companies had signed it."""

    version: int
    had_signed: tuple[Code, ...]


class Signing:
    """Draws up documents and has them signed."""

    def __init__(self, records: Records, signatures: Signatures) -> None:
        self._records = records
        self._signatures = signatures

    @activity.defn
    def draw_up(self, request: DrawUpRequest) -> AgreementVersion:
        """Write the document with shares and instalments that sum exactly."""
        return self._records.once(request, lambda writing: self._draw_up(writing, request), AgreementVersion)

    @activity.defn
    def amend(self, request: AmendRequest) -> AgreementVersion:
        """
        Write the next version: settled instalments stay, the rest is planned anew.

        Whoever was settled more than its new share has nothing open any more and a claw-back of the difference.

        Raises:
            Invalid: If a share rises of which every instalment is settled.
        """
        return self._records.once(request, lambda writing: self._amend(writing, request), AgreementVersion)

    @activity.defn
    def sign(self, request: SignRequest) -> Signature:
        """
        Sign for one company.

        Raises:
            SignatureInvalid: If the digest shown to the actor is not that of the version.
        """
        return self._records.once(request, lambda writing: self._sign(writing, request), Signature)

    @activity.defn
    def conclude(self, request: ConcludeRequest) -> Concluded:
        """
        Put a fully signed version into force, and with it settle what it claws back.

        Raises:
            SignatureInvalid: If a party's signature is missing or does not verify.
        """
        return self._records.once(request, lambda writing: self._conclude(writing, request), Concluded)

    @activity.defn
    def void(self, request: VoidRequest) -> Voided:
        """Make a version void."""
        return self._records.once(request, lambda writing: _void(writing, request), Voided)

    def _draw_up(self, writing: Writing, request: DrawUpRequest) -> AgreementVersion:
        pack = pinned_pack(self._records, request.pins.pack)
        version = _versioned(_first_agreement(request, pack))
        writing.keep_agreement(version)
        return version

    def _amend(self, writing: Writing, request: AmendRequest) -> AgreementVersion:
        pack = pinned_pack(self._records, request.pins.pack)
        in_force, settled = writing.plan_in_force(request.number), writing.settlements(request.number)
        version = _versioned(amended(in_force, request.amendment, request.version, pack, settled))
        writing.keep_agreement(version)
        return version

    def _sign(self, writing: Writing, request: SignRequest) -> Signature:
        shown = writing.agreement(request.number, request.version)
        if shown.digest != request.document:
            raise SignatureInvalid(f"{request.company} was shown {request.document}, the document is {shown.digest}")
        signature = self._signatures.sign(request.company, request.document, request.actor, request.signed_at)
        writing.keep_signature(request.number, request.version, signature)
        return signature

    def _conclude(self, writing: Writing, request: ConcludeRequest) -> Concluded:
        held = {signature.company: signature for signature in writing.signatures(request.number, request.version)}
        checks = tuple(self._checked(held.get(party), party, request.document) for party in request.parties)
        overtaken = _overtaken(writing, request)
        claw_backs: tuple[SettlementLine, ...] = ()
        if not overtaken:
            writing.set_agreement_state(request.number, request.version, AgreementState.IN_FORCE, "")
            claw_backs = _clawed_back(writing, request)
        return Concluded(
            number=request.number,
            version=request.version,
            checks=checks,
            overtaken_by=overtaken,
            claw_backs=claw_backs,
        )

    def _checked(self, signature: Signature | None, party: str, document: str) -> SignatureCheck:
        if signature is None:
            raise SignatureInvalid(f"{party} has not signed {document}")
        check = self._signatures.check(signature, document)
        if check.verdict is not SignatureVerdict.VALID:
            raise SignatureInvalid(f"the signature of {party} is {check.verdict}: {check.reason}")
        return check


def _overtaken(writing: Writing, request: ConcludeRequest) -> tuple[str, ...]:
    """Name the milestones that were settled for another amount than the version plans for them."""
    planned_fen = writing.agreement(request.number, request.version).agreement.lines_planned()
    lines = writing.settlements(request.number)
    return tuple(
        f"{line.member}/{line.milestone}"
        for line in lines
        if planned_fen.get((line.member, line.milestone)) != line.agreed_fen
    )


def _clawed_back(writing: Writing, request: ConcludeRequest) -> tuple[SettlementLine, ...]:
    """Settle what the version that has come into force claws back, in the transaction in which it has."""
    agreement = writing.agreement(request.number, request.version).agreement
    settled = writing.settlements(request.number)
    lines = tuple(
        claw_back_line(agreement, back, settled, request.day)
        for back in agreement.claw_backs
        if back.version == request.version
    )
    for line in lines:
        writing.keep_settlement(line)
    return lines


def _void(writing: Writing, request: VoidRequest) -> Voided:
    writing.set_agreement_state(request.number, request.version, AgreementState.VOIDED, request.reason)
    had_signed = tuple(signature.company for signature in writing.signatures(request.number, request.version))
    return Voided(version=request.version, had_signed=had_signed)


def _versioned(agreement: Agreement) -> AgreementVersion:
    return AgreementVersion(agreement=agreement, digest=digest(agreement.model_dump(mode="json")))


def _first_agreement(request: DrawUpRequest, pack: CategoryPack) -> Agreement:
    contract, decision = request.contract, request.decision
    shares = tuple(sorted(decision.shares, key=lambda share: (-share.amount_fen, share.member)))
    cells = planned({share.member: share.amount_fen for share in shares}, milestone_weights(pack))
    return Agreement(
        number=contract.number,
        version=request.version,
        title=contract.title,
        category=contract.category,
        client=contract.client,
        office=request.office,
        parties=(contract.client, *(share.member for share in shares), request.office),
        total_fen=decision.amount_fen,
        shares=shares,
        instalments=_instalments(contract, pack, cells),
        fees=decision.fees,
        vat_bp=rate_of(pack, contract.price_lines),
        tax_lines=tax_lines(pack, contract.price_lines, separately_accounted=contract.separately_accounted),
        quantity=contract.quantity,
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        terms=request.terms,
        decision_digest=digest(decision.model_dump(mode="json")),
        reason=request.reason,
    )


def _instalments(
    contract: ServiceContract, pack: CategoryPack, cells: dict[tuple[str, str], int]
) -> tuple[Instalment, ...]:
    kinds = {kind.code: kind for kind in pack.milestones}
    due = contract.delivery.due_after_days
    return tuple(
        Instalment(
            member=member,
            milestone=milestone,
            title=kinds[milestone].title_zh,
            due_day=contract.starts_day + due.get(milestone, kinds[milestone].due_after_days),
            amount_fen=amount,
            evidence=kinds[milestone].evidence,
            inspection_working_days=contract.delivery.inspection_working_days
            or kinds[milestone].inspection_working_days,
        )
        for (member, milestone), amount in sorted(cells.items())
    )
