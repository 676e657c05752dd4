"""
`audit verify`: a bundle proved offline, out of nothing but the file, this release, and what the auditor trusts.

Nothing that the bundle says of itself is believed: texts are known by their digests, what is shown beside the
histories is made of them again, and what the rules decided is decided again, by our engine and by Google's.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from contracts.errors import AllianceError, ArchiveDamaged
from lianyue.audit.agreeing import all_signed, money_agrees
from lianyue.audit.bundle import MANIFEST, SEAL, Bundle, HistoryMember, Texts, pinned, read_bundle
from lianyue.audit.checks import Check
from lianyue.audit.container import NotABundle
from lianyue.audit.deciding_twice import decided_by_reference, engines_known
from lianyue.audit.logged import logged
from lianyue.audit.making import making
from lianyue.audit.pdfs import BundledPdfs
from lianyue.audit.portfolio_part import NoPortfolio, PortfolioPart, decided_together, part_of
from lianyue.audit.replay import complete, decided_again, documents_again, draws, money_adds_up, replayed, replayer
from lianyue.audit.report import reports_of
from lianyue.audit.settling_again import settled_again
from lianyue.audit.trust import Trust
from lianyue.audit.views import Told, told_by, views_of
from lianyue.audit.vouched import vouched
from lianyue.signing.verifier import Verifier
from rules.canonical import digest
from rules.source import read

TURN_ENDS = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
)


@dataclass(frozen=True)
class Believed:
    """What an audit of a bundle stands on: the texts in it, and the authorities whose certificates are believed."""

    records: Texts
    signatures: Verifier
    portfolios: PortfolioPart | NoPortfolio
    documents: BundledPdfs


async def verify_bundle(raw: bytes, trust: Trust | None = None) -> tuple[Check, ...]:
    """
    Check everything in the bundle *raw*; each check says what it found.

    With *trust*, keys and authorities come from there; without it the bundle's own are believed, and said to be.
    """
    (checks,) = [each async for each in verify_bundles([raw], trust)]
    return checks


async def verify_bundles(raws: Iterable[bytes], trust: Trust | None = None) -> AsyncIterator[tuple[Check, ...]]:
    """Check one bundle after another, as `verify_bundle` does; they are read as they come, and share one replayer."""
    waiting: deque[_Opened] = deque()

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for raw in raws:
            waiting.append(_opened(raw))
            for history in waiting[-1].histories:
                yield history

    async with replayer().workflow_replay_iterator(histories()) as results:
        async for result in results:
            while waiting[0].is_replayed:
                yield _all_checks(waiting.popleft(), trust)
            waiting[0].replayed.append(await replayed(result.history, result.replay_failure))
    while waiting:
        yield _all_checks(waiting.popleft(), trust)


@dataclass
class _Opened:
    """A bundle that was read, as far as it can be: what was found so far, and what is to be replayed."""

    checks: list[Check]
    bundle: Bundle | None = None
    told: Told | None = None
    part: PortfolioPart | None = None
    replayed: list[Check] = field(default_factory=list)

    @property
    def histories(self) -> tuple[WorkflowHistory, ...]:
        together = (self.part.history,) if self.part else ()
        return (*together, *self.told.histories) if self.told else ()

    @property
    def is_replayed(self) -> bool:
        return len(self.replayed) == len(self.histories)


def _opened(raw: bytes) -> _Opened:
    try:
        bundle = read_bundle(raw)
    except NotABundle as error:
        return _Opened([Check(name="container", ok=False, detail=error.message)])
    checks = [Check(name="container", ok=True, detail=f"{len(bundle.members)} members, {len(raw):,} bytes")]
    checks += [_manifest(bundle), *_editions(bundle)]
    histories, damaged = _histories(bundle, bundle.manifest.histories)
    checks += damaged
    try:
        told = told_by(histories)
    except (AllianceError, ValueError, LookupError) as error:
        return _Opened([*checks, Check(name="histories", ok=False, detail=f"they cannot be read: {error}"[:400])])
    checks += [complete(histories), _pins(bundle, told)]
    part, found = _part(bundle)
    checks += found
    return _Opened(checks, bundle, told, part)


def _part(bundle: Bundle) -> tuple[PortfolioPart | None, list[Check]]:
    """The portfolio that decided the contract, if its history is what the manifest says."""
    if bundle.manifest.together is None:
        return None, []
    histories, checks = _histories(bundle, (bundle.manifest.together.history,))
    if not histories:
        return None, checks
    try:
        return part_of(bundle, histories[0]), checks
    except (AllianceError, ValueError, LookupError) as error:
        return None, [*checks, Check(name="portfolio", ok=False, detail=f"it cannot be read: {error}"[:400])]


def _all_checks(opened: _Opened, trust: Trust | None) -> tuple[Check, ...]:
    proved = _proved(opened.bundle, opened.told, opened.part, trust) if opened.bundle and opened.told else ()
    return (*opened.checks, *opened.replayed, *proved)


def _proved(bundle: Bundle, told: Told, part: PortfolioPart | None, trust: Trust | None) -> Iterator[Check]:
    """What the histories prove, once they are known to be whole."""
    authorities = trust.authorities.encode() if trust and trust.authorities else bundle.authorities()
    yield _authorities(authorities, told_by_bundle=not (trust and trust.authorities))
    platform = trust.platform if trust and trust.platform else bundle.manifest.platform
    pdfs = BundledPdfs(bundle, authorities, platform)
    ground = Believed(bundle.texts(), Verifier(authorities), part or NoPortfolio(), pdfs)
    yield from _carefully("portfolio", lambda: decided_together(told, part))
    yield from _carefully("allocate", lambda: decided_again(ground, part.done if part else ()))
    yield from _carefully("decide", lambda: decided_again(ground, told.done))
    yield from _carefully("reference", lambda: decided_by_reference(ground, told.done))
    yield from _carefully("engine", lambda: engines_known(told.done))
    yield from _carefully("draw", lambda: draws(told.histories, told.done))
    yield from _carefully("settle", lambda: settled_again(ground, told))
    yield from _carefully("parties", lambda: all_signed(told))
    yield from _carefully("conclude", lambda: documents_again(ground, told.done))
    yield from _carefully("money", lambda: [*money_adds_up(told.done), *money_agrees(told)])
    yield from _carefully("vouchers", lambda: vouched(bundle, told, part, trust))
    yield from _carefully("log", lambda: logged(bundle, told, part, trust))
    yield from _carefully("views", lambda: [_views(bundle, told)])
    yield from _carefully("report", lambda: [_reports(bundle, told)])


def _carefully(name: str, check: Callable[[], Sequence[Check]]) -> Sequence[Check]:
    """Run *check*; a document in which nothing of the expected shape is found is a failed check, not an accident."""
    try:
        return check()
    except AllianceError as error:
        return [Check(name=name, ok=False, detail=error.message)]
    except (ValueError, KeyError, TypeError, AttributeError, LookupError) as error:
        return [
            Check(name=name, ok=False, detail=f"what is there cannot be read: {type(error).__name__}: {error}"[:400])
        ]


# --- the members ------------------------------------------------------------------------------------------------


def _manifest(bundle: Bundle) -> Check:
    """Every member is listed with its size and SHA-256, and nothing else lies in the bundle."""
    listed = {each.name: each for each in bundle.manifest.members}
    there = {name for name in bundle.members if name not in (MANIFEST, SEAL)}
    wrong = [f"{name} is not there" for name in sorted(listed.keys() - there)]
    wrong += [f"{name} is not listed" for name in sorted(there - listed.keys())]
    if len(listed) != len(bundle.manifest.members):
        wrong.append("a member is listed twice")
    for name in sorted(there & listed.keys()):
        content = bundle.members[name]
        if (len(content), "sha256:" + hashlib.sha256(content).hexdigest()) != (listed[name].size, listed[name].sha256):
            wrong.append(f"{name} does not have the SHA-256 that the manifest states")
    return Check(name="manifest", ok=not wrong, detail="; ".join(wrong) or f"{len(listed)} members as listed")


def _histories(bundle: Bundle, stated: Iterable[HistoryMember]) -> tuple[list[WorkflowHistory], list[Check]]:
    """The histories that are what the manifest says, and a check for each."""
    found, checks = [], []
    for each in stated:
        try:
            history = bundle.history(each)
        except ArchiveDamaged as error:
            checks.append(Check(name=f"archive {each.workflow_id}", ok=False, detail=error.message))
            continue
        wrong = _misstated(each, history)
        checks.append(Check(name=f"archive {each.workflow_id}", ok=not wrong, detail=wrong or f"{each.events} events"))
        if not wrong:
            found.append(history)
    return found, checks


def _misstated(stated: HistoryMember, history: WorkflowHistory) -> str:
    begun = history.events[0].workflow_execution_started_event_attributes if history.events else None
    if begun is None or begun.original_execution_run_id != stated.run_id:
        return f"this is not the history of run {stated.run_id}"
    if begun.workflow_id not in ("", stated.workflow_id):
        return f"this is the history of {begun.workflow_id}"
    ids = [event.event_id for event in history.events]
    if ids != list(range(1, stated.events + 1)):
        return f"the events are not numbered from 1 to {stated.events}"
    return _ill_formed(history)


def _ill_formed(history: WorkflowHistory) -> str:
    """What no server writes, and no replay survives: a turn that was begun, and was neither ended nor the last."""
    for event, then in pairwise(history.events):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED and then.event_type not in TURN_ENDS:
            return f"after event {event.event_id} a workflow task ends; event {then.event_id} is something else"
    return ""


def _editions(bundle: Bundle) -> Iterator[Check]:
    """Every text is the one whose digest it goes by."""
    for each in bundle.manifest.editions:
        text = bundle.members[each.member]
        try:
            data = json.loads(text) if each.member.endswith(".json") else read(text.decode(), each.member).data
            wrong = "" if digest(data) == each.digest else f"the text is not the one with {each.digest}"
        except (AllianceError, ValueError) as error:
            wrong = f"the text cannot be read: {error}"
        yield Check(name=f"edition {each.kind} {each.name} {each.edition}", ok=not wrong, detail=wrong or each.digest)


def _pins(bundle: Bundle, told: Told) -> Check:
    """What the contract was started under is in the bundle, and nothing else goes for it."""
    wanted, held = pinned(told.order.pins), [(each.pinned_as, each.digest) for each in bundle.manifest.editions]
    missing = [f"{kind} {digest}" for kind, digest in wanted if (kind, digest) not in held]
    besides = [f"{kind} {digest}" for kind, digest in held if (kind, digest) not in wanted]
    wrong = [*(f"not there: {each}" for each in missing), *(f"not pinned: {each}" for each in besides)]
    if told.number != bundle.manifest.number or told.order.office != bundle.manifest.office:
        wrong.append(f"the histories are of {told.number}, of {told.order.office}")
    return Check(name="pins", ok=not wrong, detail="; ".join(wrong) or f"{len(held)} texts as pinned by the order")


def _authorities(pem: bytes, *, told_by_bundle: bool) -> Check:
    whose = "brought along by the bundle itself; with --trust it would be yours" if told_by_bundle else "yours"
    known = hashlib.sha256(pem).hexdigest()
    return Check(name="authority", ok=True, detail=f"certificates with SHA-256 {known}, {whose}")


def _views(bundle: Bundle, told: Told) -> Check:
    """What is shown beside the histories is what they say."""
    again = views_of(told)
    shown = {
        name
        for name in bundle.members
        if name.startswith(("views/", "documents/agreement-v")) and name.endswith(".json")
    }
    wrong = [f"{name} is missing" for name in sorted(again.keys() - shown)]
    wrong += [f"{name} follows from no history" for name in sorted(shown - again.keys())]
    wrong += [
        f"{name} is not what the histories say"
        for name in sorted(shown & again.keys())
        if bundle.members[name] != again[name]
    ]
    stated = {(each.member, each.document) for each in bundle.manifest.documents if each.form == "canonical-json"}
    wrong += [
        f"{name} has another digest than is stated"
        for name, stated_digest in sorted(stated)
        if _digest(bundle, name) != stated_digest
    ]
    return Check(
        name="views", ok=not wrong, detail="; ".join(wrong) or f"{len(again)} documents follow from the histories"
    )


def _digest(bundle: Bundle, name: str) -> str:
    return "sha256:" + hashlib.sha256(bundle.members[name]).hexdigest()


def _reports(bundle: Bundle, told: Told) -> Check:
    """The pages for readers say what the histories say; those of another release may word it otherwise."""
    if bundle.manifest.making.sources != making().sources:
        detail = f"written by release {bundle.manifest.making.release} from other sources; not written again"
        return Check(name="report", ok=True, detail=detail)
    again = reports_of(told, bundle.manifest)
    wrong = [name for name in again if bundle.members.get(name) != again[name]]
    detail = f"not what the histories say: {', '.join(wrong)}" if wrong else f"{len(again)} pages written again alike"
    return Check(name="report", ok=not wrong, detail=detail)
