"""A room in which documents are signed, without records or server: a small PDF, test keys, a folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from contracts.agreement import Agreement, AgreementVersion
from contracts.decision import Share
from contracts.organisation import Actor, Company, CompanyKind
from contracts.service_contract import SigningTerms
from contracts.signed_document import (
    DocumentCheck,
    DocumentFinding,
    DocumentRevision,
    PreparedSignature,
    SigningEvidence,
)
from lianyue.document_store import FolderStore
from lianyue.documents.rendered import DocumentDigests, DocumentKind, RenderedDocument, SignatureBox
from lianyue.signing import pdf_signing
from lianyue.signing.dev_authority import DevAuthority
from lianyue.signing.document_check import check_document
from lianyue.signing.keys import Identity, Keys
from lianyue.signing.pdf_signing import Evidence
from lianyue.signing.signed_documents import SignedDocuments
from lianyue.signing.stamper import Stamper
from lianyue.signing.trust import Trust

DIGEST = "sha256:" + "ab" * 32
NOW = datetime(2026, 5, 1, 4, tzinfo=UTC)


class Pigeonholes:
    """Preparations in memory, which keep the same promise as the records."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def keep_prepared(self, prepared: PreparedSignature, begun_json: str) -> None:
        """Keep it."""
        self._kept.setdefault(prepared.id, begun_json)

    def prepared(self, id_: str) -> str:
        """Return it."""
        return self._kept[id_]


class Room:
    """Test keys for companies C00, C01 … and a document that they sign."""

    def __init__(self, folder: Path, parties: int = 3) -> None:
        self.parties = tuple(f"C{place:02}" for place in range(parties))
        self.now = NOW
        self.keys_folder = folder / "keys"
        self.authority = DevAuthority(folder / "keys", directory=company, clock=lambda: self.now)
        self.keys: dict[str, Keys] = {}
        self.store = FolderStore(folder / "documents")
        self.documents = SignedDocuments(
            rendered,
            self.store,
            lambda code: self.keys.get(code, self.authority),
            self.authority,
            company,
            Pigeonholes(),
            self.trust,
            lambda: self.now,
        )
        self.version = AgreementVersion(agreement=agreement(self.parties), digest=DIGEST)

    def trust(self) -> Trust:
        """Whom the auditor trusts."""
        return Trust.of_pem(self.authority.root_pem())

    def certified(self, **terms: object) -> DocumentRevision:
        """The first revision."""
        return self.documents.certified(self.version, SigningTerms(**terms))

    def signed(self, head: DocumentRevision, *companies: str) -> DocumentRevision:
        """*head* with the signatures of *companies*, or of all parties."""
        for each in companies or self.parties:
            head = self.documents.signed(head, each, evidence(each))
        return head

    def whole(self, **terms: object) -> bytes:
        """A document that all parties signed, closed."""
        return self.documents.pdf(self.documents.closed(self.signed(self.certified(**terms))))

    def forged(self, pdf: bytes, field: str, by: str, lists: tuple[bytes, ...] | None = None) -> bytes:
        """*pdf* with the signature of company *by* in *field*, by somebody who asks nobody."""
        identity = Identity(self.authority.chain(by))
        chains = (*identity.chain, *self.authority.time_source().chain())
        held = Evidence(chains, self.authority.revocation_lists() if lists is None else lists)
        begun = pdf_signing.signed(pdf, field, identity, held, None, "forged")
        value = self.authority.value(by, begun.attributes)
        return pdf_signing.completed(begun, identity, value, Stamper(self.authority.time_source()))

    def closed(self, pdf: bytes) -> bytes:
        """*pdf* with a closing time stamp."""
        source = self.authority.time_source()
        held = Evidence(source.chain(), self.authority.revocation_lists())
        return pdf_signing.closed(pdf, Stamper(source), held)

    def check(self, pdf: bytes, moment: datetime | None = None, trust: Trust | None = None) -> DocumentCheck:
        """What the check says against the records."""
        return check_document(pdf, trust or self.trust(), moment or self.now, self.documents.expectation(self.version))

    def found(self, pdf: bytes) -> DocumentFinding:
        """The reason code of *pdf*."""
        return self.check(pdf).reason


def company(code: str) -> Company:
    """A company with a credit code of its own."""
    credit = f"91310115MA1H{code:0>6}"[:18]
    return Company(code=code, name=f"第{code}号服务公司", name_en=code, kind=CompanyKind.MEMBER, credit_code=credit)


def evidence(code: str) -> SigningEvidence:
    """Somebody of the company has agreed."""
    actor = Actor(user="li.wei", company=code, roles=("signer",))
    task = f"contract/LY-2025-0001/sign/v1:sign-{code}"
    return SigningEvidence(actor=actor, task=task, shown=DIGEST, consent=DIGEST, consented_at=NOW)


def agreement(parties: Sequence[str]) -> Agreement:
    """An agreement of which only the parties matter here."""
    return Agreement(
        number="LY-2025-0001",
        version=1,
        title="物业服务",
        category="property",
        client=parties[0],
        office=parties[-1],
        parties=tuple(parties),
        total_fen=100,
        shares=(Share(member=parties[1], amount_fen=100),),
        instalments=(),
        vat_bp=600,
        quantity=1,
        starts_on="2025-08-01",
        ends_on="2026-07-31",
        terms={},
        decision_digest=DIGEST,
    )


def rendered(stated: Agreement) -> RenderedDocument:
    """Two pages, an attachment, and a box for each party on the second."""
    writer = PdfFileWriter()
    for _ in range(2):
        drawn = writer.add_object(generic.StreamObject(stream_data=b"0.9 g 100 500 300 200 re f"))
        writer.insert_page(PageObject(contents=drawn, media_box=(0, 0, 595, 842), resources=generic.DictionaryObject()))
    attached = embed.EmbeddedFileObject.from_file_data(writer, data=stated.model_dump_json().encode())
    embed.embed_file(writer, embed.FileSpec(file_spec_string="contract.json", embedded_data=attached))
    content = BytesIO()
    writer.write(content)
    boxes = tuple(
        SignatureBox(party, 1, *_corners(40 + 180 * (place % 3), 40 + 70 * (place // 3)))
        for place, party in enumerate(stated.parties)
    )
    digests = DocumentDigests(engine="none", template=DIGEST, fonts=DIGEST, content=DIGEST)
    return RenderedDocument(DocumentKind.CONTRACT, content.getvalue(), 2, boxes, digests)


def _corners(x: int, y: int) -> tuple[int, int, int, int]:
    return x, y, x + 170, y + 64


def sha256_of(content: bytes) -> str:
    """The digest of *content*."""
    return f"sha256:{sha256(content).hexdigest()}"
