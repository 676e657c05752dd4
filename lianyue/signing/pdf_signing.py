"""The revisions of a signed PDF: fields and certification, one signature each, and the closing time stamp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Final

from asn1crypto import cms, crl, ocsp, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
    enumerate_sig_fields,
)
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.stamp import StaticStampStyle

from lianyue.signing.driving import at_once
from lianyue.signing.keys import Identity
from lianyue.signing.stamper import Stamper

PLATFORM_FIELD: Final = "PLATFORM"
CLOSING_FIELD: Final = "CLOSING"
APPLICATION: Final = "/Lianyue"
DIGEST: Final = "sha256"
RESERVED: Final = 12_288
"""Hexadecimal digits kept free for a signature at least; three certificates and a time stamp take about 9,000."""


@dataclass(frozen=True)
class Field:
    """A place for one signature; without a box nothing of it is seen on the page, which counts from 0."""

    name: str
    organisation: str
    page: int = 0
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Evidence:
    """What a later reader needs to check certificates: the chains, revocation lists and OCSP answers, DER."""

    certificates: tuple[bytes, ...]
    lists: tuple[bytes, ...]
    answers: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Begun:
    """A revision that lacks only the signature value over ``attributes``: all that a key ever sees."""

    pdf: bytes
    start: int
    end: int
    attributes: bytes


def certified(
    rendered: bytes, fields: Sequence[Field], scope: bytes, signer: Identity, reason: str, *, token_bytes: int = 0
) -> Begun:
    """Begin the revision that makes all *fields*, states the *scope*, and lets only signatures follow."""
    writer = IncrementalPdfFileWriter(BytesIO(rendered))
    for field in fields:
        append_signature_field(writer, _spec(field))
    _state_scope(writer, scope)
    metadata = _metadata(PLATFORM_FIELD, reason, certify=True)
    reserved = _reserved(signer, token_bytes)
    return _begun(writer, metadata, signer, None, reserved, SigFieldSpec(PLATFORM_FIELD))


def signed(
    pdf: bytes,
    field: str,
    signer: Identity,
    evidence: Evidence,
    seal: PdfContent | None,
    reason: str,
    *,
    token_bytes: int = 0,
) -> Begun:
    """
    Begin the revision by which *signer* signs *field*, with all that is needed to check it later.

    Room is left for a time stamp of *token_bytes*.
    """
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    _keep(writer, evidence)
    return _begun(writer, _metadata(field, reason), signer, seal, _reserved(signer, token_bytes))


def completed(begun: Begun, signer: Identity, value: bytes, stamper: Stamper) -> bytes:
    """Return the PDF of a begun revision with the signature *value* and a time stamp over it."""
    attributes = cms.CMSAttributes.load(begun.attributes)
    made = signer.signer(value).async_sign_prescribed_attributes(DIGEST, attributes, timestamper=stamper)
    output = BytesIO(begun.pdf)
    PreparedByteRangeDigest(b"", begun.start, begun.end).fill_with_cms(output, at_once(made))
    return output.getvalue()


def closed(pdf: bytes, stamper: Stamper, evidence: Evidence, *, token_bytes: int = RESERVED // 2) -> bytes:
    """Return the PDF with a time stamp over the whole file, and nothing after it."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    _keep(writer, evidence)
    output = BytesIO()
    closing = PdfTimeStamper(stamper, field_name=CLOSING_FIELD)
    at_once(closing.async_timestamp_pdf(writer, DIGEST, bytes_reserved=2 * token_bytes, output=output))
    return output.getvalue()


def box_size(pdf: bytes, field: str) -> tuple[int, int] | None:
    """Return width and height of the box of *field* in points, None if nothing of it is seen."""
    for name, _, reference in enumerate_sig_fields(PdfFileReader(BytesIO(pdf)), with_name=field):
        x0, y0, x1, y1 = (float(each) for each in reference.get_object().get("/Rect", (0, 0, 0, 0)))
        size = round(abs(x1 - x0)), round(abs(y1 - y0))
        return size if name == field and all(size) else None
    return None


def _spec(field: Field) -> SigFieldSpec:
    return SigFieldSpec(field.name, on_page=field.page, box=field.box, readable_field_name=field.organisation)


def _metadata(field: str, reason: str, *, certify: bool = False) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=field,
        md_algorithm=DIGEST,
        reason=reason,
        subfilter=SigSeedSubFilter.PADES,
        certify=certify,
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )


def _begun(
    writer: IncrementalPdfFileWriter,
    metadata: PdfSignatureMetadata,
    identity: Identity,
    seal: PdfContent | None,
    reserved: int,
    new_field: SigFieldSpec | None = None,
) -> Begun:
    signer = identity.signer()
    style = None if seal is None else StaticStampStyle(background=seal, border_width=0, background_layout=_FILLING)
    pdf_signer = PdfSigner(metadata, signer, stamp_style=style, new_field_spec=new_field)
    output = BytesIO()
    prepared, _, _ = at_once(
        pdf_signer.async_digest_doc_for_signing(
            writer, existing_fields_only=new_field is None, bytes_reserved=reserved, output=output
        )
    )
    attributes = at_once(signer.signed_attrs(prepared.document_digest, DIGEST, use_pades=True))
    return Begun(output.getvalue(), prepared.reserved_region_start, prepared.reserved_region_end, attributes.dump())


def _reserved(signer: Identity, token_bytes: int) -> int:
    """Hexadecimal digits for a signature with its certificates, a time stamp, and what is said around them."""
    return max(RESERVED, 2 * (sum(map(len, signer.chain)) + signer.value_size + token_bytes + 1_000))


_FILLING: Final = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, Margins.uniform(0))


def _state_scope(writer: IncrementalPdfFileWriter, scope: bytes) -> None:
    """Keep *scope* as the catalogue's private data (ISO 32000-2, 14.5), where the certification covers it."""
    private = writer.add_object(generic.StreamObject(stream_data=scope))
    data = generic.DictionaryObject({generic.pdf_name("/Private"): private})
    writer.root[generic.pdf_name("/PieceInfo")] = generic.DictionaryObject({generic.pdf_name(APPLICATION): data})
    writer.update_root()


def _keep(writer: IncrementalPdfFileWriter, evidence: Evidence) -> None:
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[x509.Certificate.load(each) for each in evidence.certificates],
        ocsps=[ocsp.OCSPResponse.load(each) for each in evidence.answers],
        crls=[crl.CertificateList.load(each) for each in evidence.lists],
    )


def pdf_digest(pdf: bytes) -> str:
    """Return the digest by which a PDF is known."""
    return f"sha256:{sha256(pdf).hexdigest()}"
