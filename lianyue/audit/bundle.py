"""
The bundle: everything by which somebody who trusts nobody proves a contract, in one file.

``manifest.json`` names every member with its SHA-256 and says what it is. What follows from the histories is there for
readers (`lianyue.audit.views`); proofs start from the histories themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from temporalio.client import WorkflowHistory

from contracts.errors import UnknownName
from contracts.ids import ContractNumber
from contracts.service_contract import RulePins
from contracts.signature import PLATFORM_ORGANISATION
from contracts.value import Digest, Recorded
from lianyue.audit.container import NotABundle, unwritten, written
from lianyue.audit.making import Making
from lianyue.histories import unpacked
from rules.canonical import canonical

FORMAT = "lianyue-bundle/1"
MANIFEST, SEAL = "manifest.json", "manifest.sig.json"

Noun = TypeVar("Noun", bound=BaseModel)


class Member(Recorded):
    """One file of the bundle."""

    name: str
    size: int
    sha256: Digest


class HistoryMember(Recorded):
    """
    Where the history of one workflow lies, decrypted: zlib protobuf, with the SHA-256 of the protobuf.

    ``encoded_digest`` is that of what the server kept, where it kept payloads encrypted.
    """

    member: str
    workflow_id: str
    run_id: str
    events: int
    digest: Digest
    encoded_digest: Digest | None = None


class EditionMember(Recorded):
    """Where the text of one pinned edition lies, and what the contract pins it as."""

    member: str
    digest: Digest
    pinned_as: str
    kind: str
    name: str
    edition: str


class DocumentMember(Recorded):
    """
    One form of one version of the agreement.

    ``canonical-json`` is the text whose SHA-256 is ``document``, which is what was signed; ``pdf`` is the closed PDF
    with every signature in it.
    """

    member: str
    version: int
    form: str
    document: Digest


class TogetherMember(Recorded):
    """Where the history of the portfolio lies that decided the contract, and what the records hold of its decisions."""

    portfolio: str
    closed: bool
    history: HistoryMember
    decisions: tuple[str, ...]


class Manifest(Recorded):
    """What is in a bundle, and by which code it was made."""

    format: str = FORMAT
    number: ContractNumber
    office: str
    closed: bool
    """Whether the contract has ended; otherwise this is how far it had come."""
    members: tuple[Member, ...]
    histories: tuple[HistoryMember, ...]
    editions: tuple[EditionMember, ...]
    documents: tuple[DocumentMember, ...]
    authorities: tuple[str, ...]
    """Members that hold certificates, in PEM, of the authorities that certified the signatories."""
    platform: str = PLATFORM_ORGANISATION
    """How its certificate names whoever certifies documents."""
    together: TogetherMember | None = None
    """The portfolio that decided the contract, if one did."""
    log: str = ""
    """The member that holds the entries of the log about this contract, with their proofs."""
    companies: dict[str, tuple[str, str]] = {}
    """Names of the companies concerned, Chinese and English, by code."""
    making: Making


@dataclass(frozen=True)
class Bundle:
    """A bundle as it was read: its manifest and all members, the manifest's own bytes among them."""

    manifest: Manifest
    members: Mapping[str, bytes]

    def texts(self) -> Texts:
        """Return the editions, for whoever decides again."""
        return Texts({each.digest: self.members[each.member].decode() for each in self.manifest.editions})

    def authorities(self) -> bytes:
        """Return the certificates that the bundle brings along."""
        return b"".join(self.members[name] for name in self.manifest.authorities)

    def history(self, each: HistoryMember) -> WorkflowHistory:
        """Return one history, checked against its digest, or raise ArchiveDamaged."""
        return unpacked(each.workflow_id, self.members[each.member], each.digest)


class Texts:
    """Texts by digest, as ``activities.ports.Texts`` promises."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def text(self, digest: str) -> str:
        """Return the text with *digest*, or raise UnknownName."""
        if digest not in self._texts:
            raise UnknownName(f"the bundle does not hold {digest}")
        return self._texts[digest]


def pinned(pins: RulePins) -> list[tuple[str, str]]:
    """Return everything that *pins* names, each with what it is pinned as."""
    own = [(name, getattr(pins, name)) for name in ("policy", "params", "types", "authority", "pack")]
    return [*own, *(("part", digest) for digest in pins.parts)]


def member_of(name: str, content: bytes) -> Member:
    """Return the line of the manifest for a member."""
    return Member(name=name, size=len(content), sha256="sha256:" + hashlib.sha256(content).hexdigest())


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return *manifest* as it lies in the bundle: canonical JSON."""
    return canonical(manifest.model_dump(mode="json"))


def packed_bundle(manifest: Manifest, members: Mapping[str, bytes]) -> bytes:
    """Return the file of a bundle."""
    return written({**members, MANIFEST: manifest_bytes(manifest)})


def read_bundle(raw: bytes) -> Bundle:
    """
    Read a bundle; that its members are what the manifest says is left to the checks.

    Raises:
        NotABundle: If it is none, or names members that are not there.
    """
    members = unwritten(raw)
    if MANIFEST not in members:
        raise NotABundle("there is no manifest in it")
    manifest = document_in(members, MANIFEST, Manifest)
    if manifest.format != FORMAT:
        raise NotABundle(f"its format is {manifest.format!r}; this release reads {FORMAT!r}")
    wanted = [
        *(each.member for each in manifest.histories),
        *(each.member for each in manifest.editions),
        *(each.member for each in manifest.documents),
        *manifest.authorities,
        *([manifest.together.history.member, *manifest.together.decisions] if manifest.together else []),
        *([manifest.log] if manifest.log else []),
    ]
    missing = [name for name in dict.fromkeys(wanted) if name not in members]
    if missing:
        raise NotABundle(f"the manifest names members that are not there: {', '.join(missing)}")
    return Bundle(manifest, members)


def document_in(members: Mapping[str, bytes], name: str, noun: type[Noun]) -> Noun:
    """Return the *noun* that the member *name* holds, or raise NotABundle."""
    try:
        return noun.model_validate_json(members[name])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise NotABundle(f"{name}: {place}: {first['msg'].lower()}") from None
