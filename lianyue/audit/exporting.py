"""`audit export`: one contract out of the records into a bundle; the same contract makes the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from activities.ports import ClosedHistory
from contracts.errors import UnknownName
from contracts.service_contract import RulePins
from lianyue.audit.bundle import (
    SEAL,
    DocumentMember,
    EditionMember,
    HistoryMember,
    Manifest,
    manifest_bytes,
    member_of,
    packed_bundle,
)
from lianyue.audit.making import making
from lianyue.audit.report import reports_of
from lianyue.audit.views import Told, told_by, views_of
from lianyue.audit.vouched import Seal, sealed_bytes
from lianyue.histories import unpacked
from lianyue.log.proving import log_proof
from rules.canonical import canonical

if TYPE_CHECKING:
    from lianyue.wiring import Wiring

AUTHORITY, LOG = "trust/authority.pem", "log/entries.json"


def exported(wiring: Wiring, number: str, running: Sequence[ClosedHistory] = ()) -> bytes:
    """
    Return the bundle of contract *number*: of its archive, or while it runs of the histories of its tree so far.

    Raises:
        UnknownName: If there is no such contract, or no history of it can be had.
        ArchiveDamaged: If an archived history is not the one that was archived.
    """
    wiring.reading.contract(number)
    kept = [ClosedHistory(**each.model_dump(exclude={"number"})) for each in wiring.reading.histories(number)]
    histories = kept or list(running)
    if not histories:
        raise UnknownName(f"{number} is not archived yet; start the server to export it while it runs")
    told = told_by([unpacked(each.workflow_id, each.zlibbed, each.digest) for each in histories])
    return _bundle(wiring, told, histories, closed=bool(kept))


def _bundle(wiring: Wiring, told: Told, histories: Sequence[ClosedHistory], *, closed: bool) -> bytes:
    members: dict[str, bytes] = {}
    kept = tuple(_kept(each, members) for each in sorted(histories, key=lambda each: each.workflow_id))
    editions = tuple(_editions(wiring, told.order.pins, members))
    members[AUTHORITY] = wiring.signatures.ca_certificate_pem()
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
        documents=tuple(_documents(told)),
        authorities=(AUTHORITY,),
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


def pinned(pins: RulePins) -> list[tuple[str, str]]:
    """Return everything that *pins* names, each with what it is pinned as."""
    own = [(name, getattr(pins, name)) for name in ("policy", "params", "types", "authority", "pack")]
    return [*own, *(("part", digest) for digest in pins.parts)]


def _documents(told: Told) -> Iterator[DocumentMember]:
    """The agreement's versions as canonical JSON; a signed PDF of a version is one more form of it."""
    for _, answer in told.answers("draw_up", "amend"):
        version = answer["agreement"]["version"]
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
    for _, answer in told.answers("screen", "decide"):
        concerned |= {each["member"]["code"] for each in answer["facts"]["candidates"]}
    for _, answer in told.answers("draw_up", "amend"):
        concerned |= set(answer["agreement"]["parties"])
    return {code: known[code] for code in sorted(concerned) if code in known}
