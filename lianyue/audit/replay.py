"""`audit replay`: all histories of a contract are replayed, and every decision is decided again from its facts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from activities.allocating import AllocateRequest, TakeUpRequest
from activities.deciding import DecideRequest, DecisionRecord, compiled, compiled_authority
from activities.exceptions import stated
from activities.quoting import OpenedQuotes, OpenQuotesRequest, Screened, ScreenRequest, commitment
from activities.signing import Concluded, ConcludeRequest, DrawUpRequest, SignOutcome, SignRequest
from contracts.agreement import Agreement, AgreementVersion
from contracts.approval import ApprovalPlan
from contracts.decision import DecisionOutcome
from contracts.delivery import SettlementLine
from contracts.errors import AllianceError, UnknownName
from contracts.ids import contract_workflow, portfolio_workflow
from contracts.portfolio import PortfolioDecided
from contracts.sealing import misfit
from contracts.service_contract import ContractOrder
from contracts.signature import SignatureVerdict
from contracts.signed_document import DocumentRevision, Expectation
from contracts.waiving import SignedRevocation
from lianyue.audit.checks import Check, Ground
from lianyue.audit.diverging import AUDITING, explained
from lianyue.audit.evidence import Done, activities_done, started_with
from lianyue.audit.together import body_of, solved_again
from lianyue.audit.together import decided_again as decided_together_again
from lianyue.histories import ServerHistories, children_of, unpacked
from rules.authority import approval_plan
from rules.canonical import digest
from rules.decide import decide, screen
from rules.difference import differing_fields
from workflows.registry import DATA_CONVERTER, WORKFLOWS

if TYPE_CHECKING:
    from lianyue.records.kept import KeptHistory
    from lianyue.wiring import Wiring


class AuditReport(BaseModel):
    """What the audit of one contract found; ``ok`` is whether every check passed."""

    model_config = ConfigDict(frozen=True)

    number: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return all(check.ok for check in self.checks)


async def audit_contract(wiring: Wiring, number: str, client: Client | None = None) -> AuditReport:
    """
    Replay every history of contract *number* and decide its decisions again.

    The archive is used where the contract has closed; with a *client*, the server's histories where it still runs.

    Raises:
        UnknownName: If there is no such contract, or nothing of it can be had.
    """
    wiring.reading.contract(number)
    histories = archived(wiring, number) or await _live(client, number)
    if not histories:
        raise UnknownName(f"{number} is not archived yet; start the server to audit it while it runs")
    together = await _portfolio_of(wiring, number, client)
    replayed = await replay_checks([*together, *histories])
    done = [each for history in histories for each in activities_done(history)]
    checks = (
        complete(histories),
        *replayed,
        *decided_again(wiring, [each for history in together for each in activities_done(history)]),
        *decided_again(wiring, done),
        *draws(histories, done),
        *documents_again(wiring, done),
        *money_adds_up(done),
    )
    return AuditReport(number=number, checks=checks)


def is_archived(wiring: Wiring, number: str) -> bool:
    """Whether all that an audit of contract *number* needs is in the archive, its portfolio's history included."""
    if not kept_tree(wiring, number):
        return False
    portfolio = wiring.reading.order(number).portfolio
    return portfolio is None or bool(wiring.portfolios.histories(portfolio))


def kept_tree(wiring: Wiring, number: str) -> list[KeptHistory]:
    """Return what the archive keeps of a contract's tree, without its portfolio's history, which may lie there too."""
    tree = contract_workflow(number)
    return [each for each in wiring.reading.histories(number) if each.workflow_id.startswith(tree)]


def complete(histories: Sequence[WorkflowHistory]) -> Check:
    """Every workflow that a history says was started has its own history here."""
    there = {history.workflow_id for history in histories}
    missing = [child for history in histories for child in children_of(history) if child not in there]
    detail = f"missing: {', '.join(missing)}" if missing else f"{len(there)} histories"
    return Check(name="complete", ok=not missing, detail=detail)


def archived(wiring: Wiring, number: str) -> list[WorkflowHistory]:
    """Return the archived histories of a contract, each checked against its recorded digest."""
    return [unpacked(each.workflow_id, each.zlibbed, each.digest) for each in kept_tree(wiring, number)]


async def _portfolio_of(wiring: Wiring, number: str, client: Client | None) -> list[WorkflowHistory]:
    """
    Return the history of the portfolio that decided contract *number*, nothing where none did.

    Raises:
        UnknownName: If the portfolio still runs and there is no server to ask.
    """
    portfolio = wiring.reading.order(number).portfolio
    if portfolio is None:
        return []
    kept = wiring.portfolios.histories(portfolio)
    if kept:
        return [unpacked(each.workflow_id, each.zlibbed, each.digest) for each in kept]
    if client is None:
        raise UnknownName(f"portfolio {portfolio} of {number} is not archived yet; start the server to audit it")
    return [await ServerHistories(client).history(portfolio_workflow(portfolio))]


async def _live(client: Client | None, number: str) -> list[WorkflowHistory]:
    if client is None:
        return []
    histories = ServerHistories(client)
    return [await histories.history(each) for each in await histories.tree(contract_workflow(number))]


def replayer(options: Mapping[str, Any] = AUDITING) -> Replayer:
    """Return a replayer with the options of an audit, or with others: those of the workers have their sandbox."""
    return Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER, **options)


async def replay_checks(histories: Iterable[WorkflowHistory]) -> list[Check]:
    """Replay *histories*; a difference from what the workflow would do now is a failure."""
    async with replayer().workflow_replay_iterator(_each(histories)) as results:
        return [await replayed(result.history, result.replay_failure) async for result in results]


async def _each(histories: Iterable[WorkflowHistory]) -> AsyncIterator[WorkflowHistory]:
    for history in histories:
        yield history


async def replayed(history: WorkflowHistory, failure: Exception | None) -> Check:
    """Say how the replay of one history went; where it failed, what was expected, and what today's code does."""
    detail = f"{len(history.events)} events" if failure is None else await explained(history, failure)
    return Check(name=f"replay {history.workflow_id}", ok=failure is None, detail=detail)


def decided_again(ground: Ground, done: Iterable[Done]) -> list[Check]:
    """Decide, screen, open, draw up and verify again whatever the histories say was."""
    checks: list[Check] = []
    for each in done:
        again = _AGAIN.get(each.name)
        if again is not None:
            checks.append(_checked(again, ground, each))
    return checks


def _checked(again: Callable[[Ground, Done], str], ground: Ground, done: Done) -> Check:
    """Run one check; *again* returns what differs, or nothing."""
    name = f"{done.name} {done.workflow_id}@{done.event}"
    try:
        difference = again(ground, done)
    except AllianceError as error:
        difference = error.message
    return Check(name=name, ok=not difference, detail=difference)


def draws(histories: Sequence[WorkflowHistory], done: Iterable[Done]) -> list[Check]:
    """Where lots were drawn, every decision reveals the seed that the order committed to when it was started."""
    roots = [history for history in histories if history.workflow_id.count("/") == 1]
    orders = [started_with(root, ContractOrder) for root in roots if root.workflow_id.startswith("contract/")]
    committed = [order.draw_commitment for order in orders if order.draw_commitment]
    if not committed:
        return []
    revealed = [each.answered(DecisionRecord).facts.draw for each in done if each.name == "decide"]
    other = [draw for draw in revealed if draw is None or draw.commitment != committed[0]]
    detail = "a decision drew by another seed than the order committed to" if other else f"{len(revealed)} draws"
    return [Check(name="draw", ok=not other, detail=detail)]


def _screened_again(ground: Ground, done: Done) -> str:
    asked, answered = done.asked(ScreenRequest), done.answered(Screened)
    if difference := _excepted_again(ground, asked.office, answered):
        return difference
    again = screen(compiled(ground.records, asked.pins), answered.facts)
    return _differs(again, answered.screening)


def _decided_again(ground: Ground, done: Done) -> str:
    asked, answered = done.asked(DecideRequest), done.answered(DecisionRecord)
    if difference := _excepted_again(ground, asked.office, answered):
        return difference
    again = decide(compiled(ground.records, asked.pins), answered.facts)
    if difference := _differs(again, answered.decision):
        return difference
    return _planned_again(ground, asked, answered)


def _excepted_again(ground: Ground, office: str, answered: Screened | DecisionRecord) -> str:
    """Check the signatures under the exceptions again, and that the facts say of them what was signed."""
    told = stated(ground.signatures, office, answered.exceptions)
    if told != answered.facts.exceptions:
        names = sorted(each.name for each in (*told, *answered.facts.exceptions))
        return f"the facts say of exceptions what was not signed: {', '.join(dict.fromkeys(names))}"
    revocations = [each for signed in answered.exceptions for each in signed.revocations]
    return next((wrong for each in revocations if (wrong := _revoked_again(ground, each))), "")


def _revoked_again(ground: Ground, signed: SignedRevocation) -> str:
    if digest(signed.revocation.model_dump(mode="json")) != signed.digest:
        return f"the revocation {signed.digest} is not what was signed"
    check = ground.signatures.check(signed.signature, signed.digest)
    return "" if check.verdict is SignatureVerdict.VALID else f"{signed.digest}: {check.verdict}, {check.reason}"


def _planned_again(ground: Ground, asked: DecideRequest, answered: DecisionRecord) -> str:
    """Ask the authority matrix again who must approve, and who of the people of that day may not."""
    old = answered.approvals
    if answered.decision.outcome is not DecisionOutcome.AWARDED:
        return "" if old == ApprovalPlan() else "approvals are planned of what was not awarded"
    matrix = compiled_authority(ground.records, asked.pins)
    new = approval_plan(matrix, answered.facts, answered.decision, old.signers, asked.starter)
    fields = [name for name in ApprovalPlan.model_fields if getattr(new, name) != getattr(old, name)]
    return f"approvals planned again, these differ: {', '.join(fields)}" if fields else ""


def _allocated_again(ground: Ground, done: Done) -> str:
    """Decide a portfolio again from the document that the records hold under the digest of the history."""
    asked, answered = done.asked(AllocateRequest), done.answered(PortfolioDecided)
    kept = {each.occurrence: each for each in ground.portfolios.decisions(asked.portfolio)}.get(asked.occurrence)
    if kept is None or kept.digest != answered.digest:
        return f"the records do not hold decision {asked.occurrence} of {asked.portfolio} under {answered.digest}"
    body = body_of(kept)
    announced = {award.number: award.decision for award in answered.awards}
    if announced != body.decisions:
        return f"the portfolio has announced other decisions than those of {answered.digest}"
    return solved_again(body)[1]


def _taken_up_again(ground: Ground, done: Done) -> str:
    """Decide again what a contract took up: from its own facts, and from the answer for its portfolio."""
    asked, answered = done.asked(TakeUpRequest), done.answered(DecisionRecord)
    portfolio = ground.portfolios.order(asked.portfolio)
    if difference := _excepted_again(ground, asked.office, answered):
        return difference
    kept = {each.occurrence: each for each in ground.portfolios.decisions(asked.portfolio)}[asked.allotted]
    facts, decision = answered.facts, answered.decision
    return decided_together_again(ground.records, portfolio, body_of(kept), asked.pins, facts, decision)


def _opened_again(_: Ground, done: Done) -> str:
    asked = done.asked(OpenQuotesRequest)
    sealed = {each.member: each.commitment for each in asked.sealed}
    for holder, shares in asked.shares.items():
        if wrong := misfit(asked.number, {each.member: each for each in asked.sealed}, holder, shares):
            return f"the quotes were opened with shares that do not fit: {wrong}"
    for quote in done.answered(OpenedQuotes).quotes:
        if commitment(quote.nonce, quote.content) != sealed.get(quote.member):
            return f"the opened quote of {quote.member} is not the one that was sealed"
    return ""


def _drawn_up_again(_: Ground, done: Done) -> str:
    asked, version = done.asked(DrawUpRequest), done.answered(AgreementVersion)
    agreement = version.agreement
    if digest(agreement.model_dump(mode="json")) != version.digest:
        return "the document does not have the digest that was signed"
    decided = {share.member: share.amount_fen for share in asked.decision.shares}
    planned = _planned(agreement)
    if planned != decided or sum(planned.values()) != agreement.total_fen:
        return f"instalments {planned} do not add up to the shares {decided}"
    return "" if agreement.fees == asked.decision.fees else "the fees are not those that were decided"


def _signature_again(_: Ground, done: Done) -> str:
    """Whoever agreed acts for the company that signed, and the revision says so."""
    asked, outcome = done.asked(SignRequest), done.answered(SignOutcome)
    revision = outcome.revision
    if revision is None:
        return "" if outcome.obstacle else "neither signed nor put off"
    if asked.evidence.actor.company != asked.company:
        return f"{asked.evidence.actor.user} does not act for {asked.company}"
    told = (revision.number, revision.version, revision.company, revision.evidence)
    same = told == (asked.number, asked.version, asked.company, asked.evidence)
    return "" if same else f"the signature of {asked.company} is not the one that was asked for"


def documents_again(ground: Ground, done: Sequence[Done]) -> list[Check]:
    """Check every document that came into force, byte for byte, against what the histories say of it."""
    again = partial(_document_again, done)
    return [_checked(again, ground, each) for each in done if each.name == "conclude"]


def _document_again(every: Sequence[Done], ground: Ground, concluded: Done) -> str:
    from lianyue.signing.document_check import check_document
    from lianyue.signing.pdf_signing import pdf_digest

    asked, closed = concluded.asked(ConcludeRequest), concluded.answered(Concluded).closed
    drawn_up = [each.answered(AgreementVersion) for each in every if each.name in ("draw_up", "amend")]
    version = next((each for each in drawn_up if each.digest == asked.document), None)
    if version is None or (version.agreement.number, version.agreement.version) != (asked.number, asked.version):
        return "the document is not that of a version that was drawn up"
    chain = (*_revisions(every, asked), closed)
    pdf = ground.documents.pdf(closed)
    for before, after in pairwise(chain):
        if (after.previous, after.ordinal) != (before.digest, before.ordinal + 1):
            return f"revision {after.ordinal} does not follow on the one before it"
    if altered := [each for each in chain if pdf_digest(pdf[: each.size]) != each.digest]:
        return f"revision {altered[0].ordinal} is not the one that was recorded"
    organisations = {each.company: each.organisation for each in chain if each.company in version.agreement.parties}
    expected = Expectation(
        number=asked.number, version=asked.version, document=version.digest, organisations=organisations
    )
    trust, now = ground.documents.trust(), datetime.now(UTC)
    check = check_document(pdf, trust, now, expected)
    return "" if check.verdict is SignatureVerdict.VALID else f"{check.verdict}, {check.reason} {check.detail}".rstrip()


def _revisions(every: Sequence[Done], asked: ConcludeRequest) -> list[DocumentRevision]:
    """The revisions of one version before it was closed, as the histories have them."""
    certified = [each.answered(DocumentRevision) for each in every if each.name == "certify"]
    outcomes = [each.answered(SignOutcome) for each in every if each.name == "sign"]
    found = [*certified, *(outcome.revision for outcome in outcomes if outcome.revision is not None)]
    return [each for each in found if (each.number, each.version) == (asked.number, asked.version)]


def _amended_again(_: Ground, done: Done) -> str:
    version = done.answered(AgreementVersion)
    agreement = version.agreement
    if digest(agreement.model_dump(mode="json")) != version.digest:
        return "the document does not have the digest that was signed"
    planned = _planned(agreement)
    agreed = {share.member: share.amount_fen for share in agreement.shares}
    if planned != agreed or sum(planned.values()) != agreement.total_fen:
        return f"instalments less claw-backs {planned} do not add up to the shares {agreed}"
    return ""


def _planned(agreement: Agreement) -> dict[str, int]:
    """What each member's instalments less its claw-backs come to."""
    lines = agreement.lines_planned().items()
    return {code: sum(fen for (member, _), fen in lines if member == code) for code in agreement.members}


_AGAIN: dict[str, Callable[[Ground, Done], str]] = {
    "screen": _screened_again,
    "decide": _decided_again,
    "allocate": _allocated_again,
    "take_up": _taken_up_again,
    "open_quotes": _opened_again,
    "draw_up": _drawn_up_again,
    "amend": _amended_again,
    "sign": _signature_again,
}


def _differs(again: BaseModel, recorded: BaseModel) -> str:
    """Name the fields in which a decision made again differs from the recorded one."""
    fields = differing_fields(again, recorded)
    return f"decided again, these differ: {', '.join(fields)}" if fields else ""


def money_adds_up(done: Sequence[Done]) -> list[Check]:
    """No line was settled twice or for more than was agreed, and nothing is clawed back that no amendment states."""
    lines = [each.answered(SettlementLine) for each in done if each.name == "settle"]
    backs = [line for each in done if each.name == "conclude" for line in each.answered(Concluded).claw_backs]
    cells = [(line.member, line.milestone) for line in (*lines, *backs)]
    over = [line for line in (*lines, *backs) if line.payable.gross_fen + line.deduction_fen != line.agreed_fen]
    amendments = [each.answered(AgreementVersion).agreement for each in done if each.name == "amend"]
    stated = [cell for agreement in amendments for cell in agreement.lines_planned().items()]
    unstated = [line for line in backs if ((line.member, line.milestone), line.agreed_fen) not in stated]
    ok = len(cells) == len(set(cells)) and not over and not unstated
    payable = sum(line.payable.gross_fen for line in (*lines, *backs))
    return [Check(name="money", ok=ok, detail=f"{payable} fen payable")]
