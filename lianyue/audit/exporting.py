"""`audit export`: one contract out of the records into a bundle; the same contract makes the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from asn1crypto import pem

from activities.allocating import AllocateRequest
from activities.ports import ClosedHistory
from contracts.errors import UnknownName
from contracts.service_contract import RulePins
from contracts.signed_document import DocumentRevision
from lianyue.audit.bundle import (
    SEAL,
    DocumentMember,
    EditionMember,
    HistoryMember,
    Manifest,
    TogetherMember,
    manifest_bytes,
    member_of,
    packed_bundle,
    pinned,
)
from lianyue.audit.evidence import activities_done
from lianyue.audit.making import making
from lianyue.audit.replay import kept_tree
from lianyue.audit.report import reports_of
from lianyue.audit.views import Told, told_by, views_of
from lianyue.audit.vouched import Seal, sealed_bytes
from lianyue.histories import ServerHistories, unpacked
from lianyue.log.proving import log_proof
from lianyue.records.kept import KeptHistory
from rules.canonical import canonical

if TYPE_CHECKING:
    from lianyue.wiring import Wiring

AUTHORITY, ROOTS, LOG = "trust/authority.pem", "trust/roots.pem", "log/entries.json"


class Running(NamedTuple):
    """What of a contract and of the portfolio that decides it is not archived yet, as the server has it."""

    tree: tuple[ClosedHistory, ...] = ()
    together: ClosedHistory | None = None


async def running(wiring: Wiring, number: str, server: ServerHistories) -> Running:
    """Ask *server* for what is not archived yet of contract *number*."""
    portfolio = wiring.reading.order(number).portfolio
    return Running(
        () if archived_tree(wiring, number) else await server.so_far(number),
        await server.portfolio(portfolio) if portfolio and not wiring.portfolios.histories(portfolio) else None,
    )


def exported(wiring: Wiring, number: str, alive: Running | None = None) -> bytes:
    """
    Return the bundle of contract *number*: of its archive, or while it runs of the histories of its tree so far.

    If a portfolio decided it, that one's part is in the bundle.

    Raises:
        UnknownName: If there is no such contract, or no history of it can be had.
        ArchiveDamaged: If an archived history is not the one that was archived.
    """
    wiring.reading.contract(number)
    kept = archived_tree(wiring, number)
    histories = kept or list(alive.tree if alive else ())
    if not histories:
        raise UnknownName(f"{number} is not archived yet; start the server to export it while it runs")
    told = told_by([unpacked(each.workflow_id, each.zlibbed, each.digest) for each in histories])
    return _bundle(wiring, told, histories, alive.together if alive else None, closed=bool(kept))


def archived_tree(wiring: Wiring, number: str) -> list[ClosedHistory]:
    """Return the archived histories of a contract's tree."""
    return [_closed(each) for each in kept_tree(wiring, number)]


def _closed(kept: KeptHistory) -> ClosedHistory:
    return ClosedHistory(**kept.model_dump(exclude={"number"}))


def _bundle(
    wiring: Wiring,
    told: Told,
    histories: Sequence[ClosedHistory],
    together: ClosedHistory | None,
    *,
    closed: bool,
) -> bytes:
    members: dict[str, bytes] = {}
    kept = tuple(_kept(each, members) for each in sorted(histories, key=lambda each: each.workflow_id))
    editions = tuple(_editions(wiring, told.order.pins, members))
    documents = tuple(_documents(wiring, told, members))
    members[AUTHORITY] = wiring.signatures.ca_certificate_pem()
    members[ROOTS] = _roots(wiring)
    members.update(views_of(told))
    attempts = wiring.reading.refused_attempts(told.number)
    members[LOG] = canonical(log_proof(wiring.log, told.number, attempts).model_dump(mode="json"))
    manifest = Manifest(
        number=told.number,
        office=told.order.office,
        closed=closed,
        members=(),
        histories=kept,
        editions=editions,
        documents=documents,
        authorities=(AUTHORITY, ROOTS),
        platform=wiring.settings.platform_organisation,
        together=_together(wiring, told.order.portfolio, together, members),
        log=LOG,
        companies=_companies(wiring, told),
        making=making(),
    )
    members.update(reports_of(told, manifest))
    listed = tuple(member_of(name, members[name]) for name in sorted(members))
    whole = manifest.model_copy(update={"members": listed})
    signature = wiring.vouching.sealed(sealed_bytes(manifest_bytes(whole)))
    seal = Seal(desk=wiring.vouching.public, signature=signature)
    return packed_bundle(whole, {**members, SEAL: canonical(seal.model_dump(mode="json"))})


def _kept(history: ClosedHistory, members: dict[str, bytes]) -> HistoryMember:
    """Put one history among the *members*, and say where it lies."""
    name = f"histories/{history.workflow_id.replace('/', '_')}.pb.z"
    members[name] = history.zlibbed
    return HistoryMember(member=name, **history.model_dump(exclude={"zlibbed"}))


def _editions(wiring: Wiring, pins: RulePins, members: dict[str, bytes]) -> Iterator[EditionMember]:
    """Put the text of everything the contract pins among the *members*."""
    published = {each.digest: each for each in wiring.records.editions()}
    for pinned_as, digest in pinned(pins):
        edition = published[digest]
        name = f"editions/{edition.kind}-{edition.name}-{edition.edition}{'.json' if pinned_as == 'pack' else '.yaml'}"
        members[name] = wiring.records.text(digest).encode()
        yield EditionMember(
            member=name,
            digest=digest,
            pinned_as=pinned_as,
            kind=edition.kind,
            name=edition.name,
            edition=edition.edition,
        )


def _together(
    wiring: Wiring, portfolio: str | None, alive: ClosedHistory | None, members: dict[str, bytes]
) -> TogetherMember | None:
    """
    Put the history of *portfolio* among the *members*, and every decision that it names.

    Raises:
        UnknownName: If its history is not to be had.
    """
    if portfolio is None:
        return None
    kept = [_closed(each) for each in wiring.portfolios.histories(portfolio)]
    history = kept[0] if kept else alive
    if history is None:
        raise UnknownName(f"portfolio {portfolio} is not archived yet; start the server to export what it has decided")
    read = unpacked(history.workflow_id, history.zlibbed, history.digest)
    named = {each.asked(AllocateRequest).occurrence for each in activities_done(read) if each.name == "allocate"}
    decisions = [each for each in wiring.portfolios.decisions(portfolio) if each.occurrence in named]
    for each in decisions:
        members[f"portfolio/decision-{each.occurrence}.json"] = canonical(each.model_dump(mode="json"))
    return TogetherMember(
        portfolio=portfolio,
        closed=bool(kept),
        history=_kept(history, members),
        decisions=tuple(f"portfolio/decision-{each.occurrence}.json" for each in decisions),
    )


def _roots(wiring: Wiring) -> bytes:
    """The roots under which the certificates in documents count, in PEM."""
    return b"".join(pem.armor("CERTIFICATE", root) for root in wiring.documents.trust().roots)


def _documents(wiring: Wiring, told: Told, members: dict[str, bytes]) -> Iterator[DocumentMember]:
    """The agreement's versions as canonical JSON, and those that came into force as the PDF that was signed."""
    closed = {each["version"]: DocumentRevision.model_validate(each["closed"]) for _, each in told.answers("conclude")}
    for _, answer in told.answers("draw_up", "amend"):
        version = answer["agreement"]["version"]
        if version in closed:
            name = f"documents/agreement-v{version}.pdf"
            members[name] = wiring.documents.pdf(closed[version])
            yield DocumentMember(member=name, version=version, form="pdf", document=answer["digest"])
        yield DocumentMember(
            member=f"documents/agreement-v{version}.json",
            version=version,
            form="canonical-json",
            document=answer["digest"],
        )


def _companies(wiring: Wiring, told: Told) -> dict[str, tuple[str, str]]:
    """The names of everybody who has to do with the contract, as the directory has them."""
    known = {each.code: (each.name, each.name_en) for each in wiring.directory.companies()}
    concerned = {told.order.office, told.order.contract.client}
    for _, answer in told.answers("screen", "decide", "take_up"):
        concerned |= {each["member"]["code"] for each in answer["facts"]["candidates"]}
    for _, answer in told.answers("draw_up", "amend"):
        concerned |= set(answer["agreement"]["parties"])
    return {code: known[code] for code in sorted(concerned) if code in known}
