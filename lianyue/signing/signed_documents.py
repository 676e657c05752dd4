"""The signed documents of an installation: rendered, certified, signed field by field, closed, and checked."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import Any, Final, Protocol

from cryptography import x509

from contracts.agreement import Agreement, AgreementVersion
from contracts.errors import SignatureInvalid, StaleRevision, UnknownName
from contracts.organisation import Company
from contracts.service_contract import SignerRole, SigningTerms
from contracts.signature import organisation_identifier
from contracts.signed_document import (
    DocumentCheck,
    DocumentRevision,
    DocumentScope,
    DocumentSigner,
    Expectation,
    PreparedSignature,
    RevisionKind,
    SigningEvidence,
)
from lianyue.document_store import DocumentStore
from lianyue.documents.rendered import RenderedDocument
from lianyue.signing.document_check import check_document
from lianyue.signing.keys import Identity, Keys
from lianyue.signing.pdf_signing import (
    Begun,
    Evidence,
    Field,
    box_size,
    certified,
    closed,
    completed,
    pdf_digest,
    signed,
)
from lianyue.signing.platform import Authority
from lianyue.signing.seal import Seal, seal
from lianyue.signing.stamper import Stamper
from lianyue.signing.trust import Trust
from lianyue.signing.values import fits

PATIENCE: Final = timedelta(minutes=30)
"""How long what was prepared for a key outside is good."""

Renderer = Callable[[Agreement], RenderedDocument]


class Preparations(Protocol):
    """Where it is kept how signatures go on that keys outside have to make."""

    def keep_prepared(self, prepared: PreparedSignature, begun_json: str) -> None:
        """Keep it under its id."""

    def prepared(self, id_: str) -> str:
        """Return what was kept, or raise UnknownName."""


class SignedDocuments:
    """
    Keeps the promises of ``activities.ports.Documents`` with the keys of each company's provider.

    PDF is read and written by one thread at a time: the interpreter lets no more of them work in any case, and where
    many wait for it, so does the event loop. Nobody waits for a key or a service meanwhile.
    """

    def __init__(
        self,
        render: Renderer,
        store: DocumentStore,
        keys: Callable[[str], Keys],
        authority: Authority,
        company: Callable[[str], Company | None],
        preparations: Preparations,
        trust: Callable[[], Trust],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._render = render
        self._store = store
        self._keys = keys
        self._authority = authority
        self._company = company
        self._preparations = preparations
        self.trust = trust
        self._clock = clock
        self._turn = Lock()

    @cached_property
    def _stamper(self) -> Stamper:
        return Stamper(self._authority.time_source(), self._turn)

    # --- the revisions --------------------------------------------------------------------------------------

    def certified(self, version: AgreementVersion, terms: SigningTerms) -> DocumentRevision:
        """Render *version*, make all fields, and certify that only signatures may follow."""
        agreement = version.agreement
        rendered = self._render(agreement)
        signers = self._signers(agreement, terms)
        scope = DocumentScope(
            number=agreement.number,
            version=agreement.version,
            document=version.digest,
            rendered=rendered.pdf_sha256,
            rendered_size=len(rendered.pdf),
            signers=signers,
            groups=terms.groups,
            engine=rendered.digests.engine,
            template=rendered.digests.template,
            fonts=rendered.digests.fonts,
        )
        platform = Identity(self._platform_chain())
        fields, room = _fields(rendered, signers), self._authority.time_source().token_bytes
        with self._turn:
            begun = certified(rendered.pdf, fields, _bytes_of(scope), platform, _CERTIFIED, token_bytes=room)
        value = self._authority.platform_value(begun.attributes)
        with self._turn:
            pdf = completed(begun, platform, value, self._stamper)
        return self._kept(pdf, None, RevisionKind.CERTIFIED, number=agreement.number, version=agreement.version)

    def signed(self, head: DocumentRevision, company: str, evidence: SigningEvidence) -> DocumentRevision:
        """Sign for *company* on revision *head*, if its certificate may be used."""
        identity = self._identity(company)
        begun = self._begun(head, company, identity)
        value = self._keys(company).value(company, begun.attributes)
        return self._completed(head, company, evidence, identity, begun, value)

    def prepare(self, head: DocumentRevision, company: str) -> PreparedSignature:
        """Prepare the signature of *company* on *head* for a key outside; only a digest need leave."""
        begun = self._begun(head, company, self._identity(company))
        digest = f"sha256:{sha256(begun.attributes).hexdigest()}"
        prepared = PreparedSignature(
            id=f"sha256:{sha256(f'{head.digest} {company} {digest}'.encode()).hexdigest()}",
            number=head.number,
            version=head.version,
            company=company,
            previous=head.digest,
            attributes_base64=base64.b64encode(begun.attributes).decode(),
            attributes_digest=digest,
            expires_at=self._clock() + PATIENCE,
        )
        place = {"pdf": self._store.keep(begun.pdf), "start": begun.start, "end": begun.end}
        self._preparations.keep_prepared(prepared, json.dumps({**place, "prepared": prepared.model_dump(mode="json")}))
        return prepared

    def filled(
        self, head: DocumentRevision, company: str, evidence: SigningEvidence, prepared: str, value: bytes
    ) -> DocumentRevision:
        """Put a *value* that was made outside into the revision *prepared* for it, if nobody has signed meanwhile."""
        kept = json.loads(self._preparations.prepared(prepared))
        told = PreparedSignature.model_validate(kept["prepared"])
        if (told.company, told.previous) != (company, head.digest):
            raise StaleRevision(f"the document of {head.number} has changed since this was prepared; prepare it again")
        if self._clock() > told.expires_at:
            raise StaleRevision(f"what was prepared for {company} was good until {told.expires_at.isoformat()}")
        identity = self._identity(company)
        begun = Begun(
            self._store.content(kept["pdf"]), kept["start"], kept["end"], base64.b64decode(told.attributes_base64)
        )
        revision = self._completed(head, company, evidence, identity, begun, value)
        self._store.drop(kept["pdf"])
        return revision

    def closed(self, head: DocumentRevision) -> DocumentRevision:
        """Close the document with a time stamp over all of it."""
        source = self._authority.time_source()
        evidence = self._evidence(self._platform_chain())
        with self._turn:
            pdf = closed(self._store.content(head.digest), self._stamper, evidence, token_bytes=source.token_bytes)
        return self._kept(pdf, head, RevisionKind.CLOSED, number=head.number, version=head.version)

    # --- the check ------------------------------------------------------------------------------------------

    def check(
        self, revision: DocumentRevision, version: AgreementVersion, grown: tuple[DocumentRevision, ...] = ()
    ) -> DocumentCheck:
        """Check the document as the contract on *version*; what is known to have *grown* here is not looked through."""
        pdf = self.pdf(revision)
        is_grown_here = bool(grown) and all(pdf_digest(pdf[: each.size]) == each.digest for each in grown)
        trust, expected = self.trust(), self.expectation(version)
        with self._turn:
            return check_document(pdf, trust, self._clock(), expected, is_grown_here=is_grown_here)

    def pdf(self, revision: DocumentRevision) -> bytes:
        """Return the bytes of *revision*."""
        return self._store.content(revision.digest)

    def expectation(self, version: AgreementVersion) -> Expectation:
        """Return what the document of *version* must be."""
        agreement = version.agreement
        organisations = {code: self._organisation(code) for code in agreement.parties}
        return Expectation(
            number=agreement.number, version=agreement.version, document=version.digest, organisations=organisations
        )

    def shed(self, revisions: tuple[DocumentRevision, ...]) -> None:
        """Let go of the bytes of revisions that are the beginning of a later one."""
        for each in revisions:
            self._store.drop(each.digest)

    # --- steps ----------------------------------------------------------------------------------------------

    def _signers(self, agreement: Agreement, terms: SigningTerms) -> tuple[DocumentSigner, ...]:
        parties = [DocumentSigner(company=code, organisation=self._organisation(code)) for code in agreement.parties]
        others = [
            DocumentSigner(company=code, organisation=self._organisation(code), role=group.role, group=group.name)
            for group in terms.groups
            for code in group.companies
            if code not in agreement.parties
        ]
        return (*parties, *others)

    def _platform_chain(self) -> tuple[bytes, ...]:
        return self._whole(self._authority.platform_chain())

    def _whole(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Return *chain* up to its root, which is among the trusted ones where a service leaves it out."""
        last = x509.load_der_x509_certificate(chain[-1])
        return chain if last.issuer == last.subject else self.trust().completed(chain)

    def _organisation(self, code: str) -> str:
        company = self._company(code)
        return organisation_identifier(code, company.credit_code if company else "")

    def _identity(self, company: str) -> Identity:
        """Return whose signature it will be, if its certificate may be used now."""
        identity = Identity(self._whole(self._keys(company).chain(company)))
        expected = self._organisation(company)
        if identity.organisation != expected:
            raise SignatureInvalid(
                f"the certificate of {company} is made out to {identity.organisation}, not {expected}"
            )
        self._refuse_unusable(company, identity)
        return identity

    def _refuse_unusable(self, company: str, identity: Identity) -> None:
        own, *above = (x509.load_der_x509_certificate(each) for each in identity.chain)
        issuer = above[0] if above else own
        if identity.chain[-1] not in self.trust().roots:
            raise SignatureInvalid(f"the certificate of {company} leads to no trusted root")
        now = self._clock()
        if not own.not_valid_before_utc <= now <= own.not_valid_after_utc:
            raise SignatureInvalid(f"the certificate of {company} is not valid at {now.isoformat()}")
        if self._authority.standing(identity.chain).revokes(own, issuer):
            raise SignatureInvalid(f"the certificate of {company} is revoked")

    def _begun(self, head: DocumentRevision, company: str, identity: Identity) -> Begun:
        pdf, room = self._store.content(head.digest), self._authority.time_source().token_bytes
        evidence = self._evidence(identity.chain)
        with self._turn:
            drawn = self._seal(company, box_size(pdf, company))
            return signed(pdf, company, identity, evidence, drawn, _SIGNED, token_bytes=room)

    def _evidence(self, chain: tuple[bytes, ...]) -> Evidence:
        """What shows later that the certificates of *chain*, and those of the time stamp, were good."""
        stamping = self._authority.time_source().chain()
        standing = self._authority.standing(chain) + self._authority.standing(stamping)
        return Evidence(tuple(dict.fromkeys((*chain, *stamping))), standing.lists, standing.answers)

    def _seal(self, company: str, size: tuple[int, int] | None) -> Seal | None:
        if size is None:
            return None
        known = self._company(company)
        name = known.name if known else company
        return seal(name, self._organisation(company), size, is_test=self._keys(company).is_test)

    def _completed(
        self,
        head: DocumentRevision,
        company: str,
        evidence: SigningEvidence,
        identity: Identity,
        begun: Begun,
        value: bytes,
    ) -> DocumentRevision:
        if not fits(identity.chain[0], begun.attributes, value):
            raise SignatureInvalid(f"the signature value does not fit the certificate of {company}")
        with self._turn:
            pdf = completed(begun, identity, value, self._stamper)
        keys = self._keys(company)
        return self._kept(
            pdf,
            head,
            RevisionKind.SIGNED,
            number=head.number,
            version=head.version,
            company=company,
            organisation=identity.organisation,
            certificate=f"sha256:{sha256(identity.chain[0]).hexdigest()}",
            provider=keys.name,
            test_key=keys.is_test,
            evidence=evidence,
        )

    def _kept(self, pdf: bytes, head: DocumentRevision | None, kind: RevisionKind, **facts: Any) -> DocumentRevision:
        return DocumentRevision(
            ordinal=head.ordinal + 1 if head else 0,
            previous=head.digest if head else None,
            kind=kind,
            digest=self._store.keep(pdf),
            size=len(pdf),
            at=self._clock(),
            **facts,
        )


_CERTIFIED: Final = "本文件此后仅可签署 Only signatures may follow"
_SIGNED: Final = "同意并签署 Agreed and signed"


def _bytes_of(scope: DocumentScope) -> bytes:
    return scope.model_dump_json().encode()


def _fields(rendered: RenderedDocument, signers: tuple[DocumentSigner, ...]) -> list[Field]:
    """One field a signer, in its box; who signs beside the parties has none on the page."""
    boxes: Mapping[str, Field] = {
        box.party: Field(box.party, "", box.page, (round(box.x0), round(box.y0), round(box.x1), round(box.y1)))
        for box in rendered.fields
    }
    fields = []
    for signer in signers:
        box = boxes.get(signer.company)
        if box is None and signer.role is SignerRole.PARTY:
            raise UnknownName(f"the document has no place where {signer.company} signs")
        place = asdict(box) if box else {}
        fields.append(Field(**{**place, "name": signer.company, "organisation": signer.organisation}))
    return fields
