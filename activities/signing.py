"""Signing: the document is drawn up, every company signs it with its own key, and it comes into force."""

from __future__ import annotations

import base64

from temporalio import activity

from activities.amending import amended, claw_back_line, milestone_weights
from activities.packs import pinned_pack
from activities.ports import Documents, Records, Writing
from contracts.agreement import Agreement, AgreementState, AgreementVersion, Instalment
from contracts.category import CategoryPack
from contracts.decision import Decision
from contracts.delivery import SettlementLine
from contracts.errors import KeyOutside, SignatureInvalid, StaleRevision, UnfitForProduction, UnknownName
from contracts.ids import ContractNumber
from contracts.journal import EffectRequest
from contracts.service_contract import Amendment, RulePins, ServiceContract, SigningTerms
from contracts.signature import SignatureCheck, SignatureVerdict
from contracts.signed_document import DocumentRevision, RevisionKind, SigningEvidence
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


class CertifyRequest(EffectRequest):
    """Make the PDF of version *version*, with a field for everybody who signs."""

    version: int
    terms: SigningTerms


class SignRequest(EffectRequest):
    """
    Let *company* sign version *version*, whose digest the actor was shown.

    A company whose key is outside gives the signature *value* (Base64) over what was *prepared* for it.
    """

    version: int
    document: Digest
    company: Code
    evidence: SigningEvidence
    prepared: Digest | None = None
    value: str = ""


class SignOutcome(Recorded):
    """The revision that the signature made, or the obstacle: then it has to be asked for again."""

    revision: DocumentRevision | None = None
    obstacle: str = ""


class ConcludeRequest(EffectRequest):
    """Close a version's document, check all of it, and put it into force."""

    version: int
    document: Digest
    day: EpochDay = 0
    """The day on which it comes into force; payments back are due so many days after it."""


class Concluded(Recorded):
    """
    The document was found valid.

    The version is in force, unless ``overtaken_by`` names milestones that were settled for another amount than it
    plans: then nothing has changed.
    """

    number: ContractNumber
    version: int
    closed: DocumentRevision
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

    def __init__(self, records: Records, documents: Documents) -> None:
        self._records = records
        self._documents = documents

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
    def certify(self, request: CertifyRequest) -> DocumentRevision:
        """
        Make the PDF that is signed, certified by the platform.

        Like every revision it is made before the transaction that keeps it: what a killed worker leaves behind is
        a file that nobody knows of.
        """
        version = self._records.agreement_version(request.number, request.version)
        there = self._records.revisions(request.number, request.version)
        certified = there[0] if there else self._documents.certified(version, request.terms)
        return self._records.once(request, lambda writing: _keep(writing, certified), DocumentRevision)

    @activity.defn
    def sign(self, request: SignRequest) -> SignOutcome:
        """
        Sign for one company, on whatever was signed before.

        A key, certificate or value that cannot be used is an obstacle, told with the task that is put again: it is for
        the company or the operator to put right, and no reason to end the contract.

        Raises:
            SignatureInvalid: If the digest shown to the actor is not that of the version, or the actor acts for
                another company.
        """
        self._shown(request.number, request.version, request.document)
        self._check_actor(request)
        try:
            revision = self._signed(request)
        except _OBSTACLES as refusal:
            obstacle = refusal.message
            return self._records.once(request, lambda _: SignOutcome(obstacle=obstacle), SignOutcome)
        return self._records.once(request, lambda writing: SignOutcome(revision=_keep(writing, revision)), SignOutcome)

    @activity.defn
    def conclude(self, request: ConcludeRequest) -> Concluded:
        """
        Put a fully signed version into force, and with it settle what it claws back.

        Raises:
            SignatureInvalid: If a signature is missing, or the document does not hold.
        """
        there = self._records.revisions(request.number, request.version)
        closed = there[-1] if _is_closed(there) else self._documents.closed(there[-1])
        checks = self._checked(closed, there, self._shown(request.number, request.version, request.document))
        concluded = self._records.once(request, lambda writing: _conclude(writing, request, closed, checks), Concluded)
        self._documents.shed(there[:-1] if _is_closed(there) else there)
        return concluded

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

    def _shown(self, number: str, version: int, document: str) -> AgreementVersion:
        """Return the version, whose digest must be that of the *document* that people were shown."""
        kept = self._records.agreement_version(number, version)
        if kept.digest != document:
            raise SignatureInvalid(f"people were shown {document}, version {version} of {number} is {kept.digest}")
        return kept

    def _check_actor(self, request: SignRequest) -> None:
        actor = request.evidence.actor
        if actor.company != request.company:
            raise SignatureInvalid(f"{actor.user} acts for {actor.company} and cannot sign for {request.company}")

    def _signed(self, request: SignRequest) -> DocumentRevision:
        """Return the company's revision: the one there is, or a new one on the last."""
        there = self._records.revisions(request.number, request.version)
        own = [each for each in there if each.company == request.company]
        if own:
            return own[0]
        if request.prepared is None:
            return self._documents.signed(there[-1], request.company, request.evidence)
        return self._documents.filled(
            there[-1], request.company, request.evidence, request.prepared, _value(request.value)
        )

    def _checked(
        self, closed: DocumentRevision, grown: tuple[DocumentRevision, ...], version: AgreementVersion
    ) -> tuple[SignatureCheck, ...]:
        check = self._documents.check(closed, version, grown)
        if check.verdict is not SignatureVerdict.VALID:
            raise SignatureInvalid(f"the document is {check.verdict}: {check.reason} {check.detail}".rstrip())
        return check.parties


_OBSTACLES = (StaleRevision, KeyOutside, SignatureInvalid, UnfitForProduction, UnknownName)


def _value(handed_in: str) -> bytes:
    """The signature value that was handed in, or SignatureInvalid."""
    try:
        return base64.b64decode(handed_in, validate=True)
    except ValueError:
        raise SignatureInvalid("the value that was handed in is not Base64") from None


def _keep(writing: Writing, revision: DocumentRevision) -> DocumentRevision:
    """Keep *revision*, unless it is kept."""
    if revision not in writing.revisions(revision.number, revision.version):
        writing.keep_revision(revision)
    return revision


def _is_closed(revisions: tuple[DocumentRevision, ...]) -> bool:
    return revisions[-1].kind is RevisionKind.CLOSED


def _conclude(
    writing: Writing, request: ConcludeRequest, closed: DocumentRevision, checks: tuple[SignatureCheck, ...]
) -> Concluded:
    _keep(writing, closed)
    overtaken = _overtaken(writing, request)
    claw_backs: tuple[SettlementLine, ...] = ()
    if not overtaken:
        writing.set_agreement_state(request.number, request.version, AgreementState.IN_FORCE, "")
        claw_backs = _clawed_back(writing, request)
    return Concluded(
        number=request.number,
        version=request.version,
        closed=closed,
        checks=checks,
        overtaken_by=overtaken,
        claw_backs=claw_backs,
    )


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
    revisions = writing.revisions(request.number, request.version)
    had_signed = tuple(each.company for each in revisions if each.company is not None)
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
