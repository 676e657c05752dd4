"""Documents of several parties: signed by each with its own key, and found out whatever is done to them."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from contracts.errors import SignatureInvalid, StaleRevision
from contracts.signature import SignatureVerdict
from contracts.signed_document import DocumentFinding, DocumentScope, RevisionKind
from lianyue.audit.bundle import read_bundle
from lianyue.signing import dev_certificates, examining, pdf_signing
from lianyue.signing.document_check import check_document
from lianyue.signing.examining import examined
from lianyue.signing.keys import Identity
from lianyue.signing.pdf_changes import suspicious_change
from lianyue.signing.stamper import Stamper
from lianyue.signing.trust import Trust
from tests.lianyue.audit.bundles import kept
from tests.lianyue.signing.room import Room, company, evidence, rendered, sha256_of

BYTE_RANGE = re.compile(rb"/ByteRange ?\[(\d+) (\d+) (\d+) (\d+)\]")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """A room for three parties."""
    return Room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def whole(room: Room) -> bytes:
    """A document of three parties, signed by all and closed."""
    return room.whole()


def signature_values(pdf: bytes) -> list[tuple[bytes, bytes]]:
    """Each signature of *pdf* as a stranger's tool finds it: the bytes it covers, and its value."""
    found = []
    for start, length, rest, tail in (map(int, each) for each in BYTE_RANGE.findall(pdf)):
        value = bytes.fromhex(pdf[start + length + 1 : rest - 1].decode())
        found.append((pdf[start : start + length] + pdf[rest : rest + tail], _der(value)))
    return found


def _der(padded: bytes) -> bytes:
    size = int.from_bytes(padded[2 : 2 + (padded[1] & 0x7F)], "big")
    return padded[: 2 + (padded[1] & 0x7F) + size]


# --- sound documents ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parties", [3, 17])
def test_every_party_signs_its_own_field_with_its_own_certificate(parties: int, tmp_path: Path) -> None:
    """Each revision begins with the bytes of the one before it and adds one signature; together they hold."""
    room = Room(tmp_path, parties)
    heads = [room.certified()]
    for each in room.parties:
        heads.append(room.signed(heads[-1], each))
    heads.append(room.documents.closed(heads[-1]))

    pdf = room.documents.pdf(heads[-1])

    check = room.check(pdf)
    assert (SignatureVerdict.VALID, DocumentFinding.OK, "") == (check.verdict, check.reason, check.detail)
    assert [(each, "ok") for each in room.parties] == [(each.company, each.reason) for each in check.parties]
    assert [each.digest for each in heads] == [sha256_of(pdf[: each.size]) for each in heads]
    assert [RevisionKind.CERTIFIED, *[RevisionKind.SIGNED] * parties, RevisionKind.CLOSED] == [x.kind for x in heads]
    assert [f"NTRCN-{company(each).credit_code}" for each in room.parties] == [x.organisation for x in heads[1:-1]]
    assert check.test_keys


def test_a_seal_stands_in_each_field_and_says_test(whole: bytes) -> None:
    """What is seen of a signature is the appearance of its field; no page is drawn on."""
    fields = PdfFileReader(BytesIO(whole)).root["/AcroForm"]["/Fields"]
    held = [fields[place] for place in range(len(fields))]
    seen = {field["/T"]: "/AP" in field and field["/Rect"][2] > field["/Rect"][0] for field in held}

    assert {"C00": True, "C01": True, "C02": True} == {name: seen[name] for name in ("C00", "C01", "C02")}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on this machine")
def test_openssl_accepts_every_signature(room: Room, whole: bytes, tmp_path: Path) -> None:
    """A tool of others finds certification and parties' signatures valid under the root, and the time stamp too."""
    root = tmp_path / "root.pem"
    root.write_bytes(room.authority.root_pem())
    *signed, (closed, token) = signature_values(whole)

    answers = []
    for place, (covered, value) in enumerate(signed):
        (tmp_path / "covered").write_bytes(covered)
        (tmp_path / "value").write_bytes(value)
        command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "value", "-content", "covered"]
        asked = [*command, "-CAfile", "root.pem", "-purpose", "any", "-out", "/dev/null"]
        answers.append((place, subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True).returncode))
    (tmp_path / "closed").write_bytes(closed)
    (tmp_path / "token").write_bytes(token)
    stamped = ["openssl", "ts", "-verify", "-token_in", "-in", "token", "-data", "closed", "-CAfile", "root.pem"]

    assert [(place, 0) for place in range(4)] == answers
    assert "Verification: OK" in subprocess.run(stamped, cwd=tmp_path, capture_output=True, text=True).stdout


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig (poppler-utils) is not on this machine")
def test_pdfsig_accepts_every_signature(whole: bytes, tmp_path: Path) -> None:
    """Poppler finds certification and parties' signatures valid; it cannot judge time stamps of documents."""
    (tmp_path / "whole.pdf").write_bytes(whole)

    said = subprocess.run(["pdfsig", "-nocert", "whole.pdf"], cwd=tmp_path, capture_output=True, text=True).stdout

    assert 4 == said.count("Signature is Valid.")


@pytest.mark.parametrize("years", [1, 9, 22])
def test_it_holds_years_later(room: Room, whole: bytes, years: int) -> None:
    """What is needed lies in the document: time stamps, certificates and revocation lists of the day."""
    assert DocumentFinding.OK == room.check(whole, room.now + timedelta(days=365 * years)).reason


def test_once_the_last_time_stamp_runs_out_nobody_can_tell(room: Room, whole: bytes) -> None:
    """After its authority's certificate has ended, a time stamp proves nothing any more: renew it before."""
    check = room.check(whole, datetime(2050, 1, 2, tzinfo=UTC))

    assert (SignatureVerdict.CANNOT_TELL, DocumentFinding.STALE_EVIDENCE) == (check.verdict, check.reason)


# --- groups -----------------------------------------------------------------------------------------------------


def test_of_a_group_as_many_sign_as_it_needs(room: Room) -> None:
    """Two of three witnesses are enough and one is not; their signatures show nothing on the page."""
    group = {"name": "witnesses", "companies": ("W01", "W02", "W03"), "needed": 2}
    head = room.signed(room.certified(groups=(group,)))
    one = room.signed(head, "W01")
    two = room.signed(one, "W03")

    ends = [room.check(room.documents.pdf(room.documents.closed(each))) for each in (head, one, two)]

    assert ["missing-signature", "missing-signature", "ok"] == [each.reason for each in ends]
    assert ["witnesses", "witnesses", ""] == [each.detail for each in ends]


# --- what is refused before it is signed ----------------------------------------------------------------------------


def test_a_revoked_certificate_does_not_sign(tmp_path: Path) -> None:
    """Whoever's certificate is revoked is refused by name."""
    room = Room(tmp_path)
    head = room.certified()
    room.authority.revoke("C01")

    with pytest.raises(SignatureInvalid) as caught:
        room.documents.signed(head, "C01", evidence("C01"))

    assert "the certificate of C01 is revoked" == caught.value.message


def test_another_value_than_was_asked_for_is_refused(room: Room) -> None:
    """What a device hands in must fit the certificate, before it becomes part of the document."""
    head = room.certified()
    prepared = room.documents.prepare(head, "C00")
    other = room.authority.value("C01", b"something else")

    with pytest.raises(SignatureInvalid) as caught:
        room.documents.filled(head, "C00", evidence("C00"), prepared.id, other)

    assert "the signature value does not fit the certificate of C00" == caught.value.message


def test_what_was_prepared_is_good_for_one_revision_and_a_while(room: Room) -> None:
    """Whoever signs first makes what others prepared stale; and it ends by itself."""
    head = room.certified()
    early, late = room.documents.prepare(head, "C00"), room.documents.prepare(head, "C00")
    after = room.signed(head, "C01")

    with pytest.raises(StaleRevision) as overtaken:
        room.documents.filled(after, "C00", evidence("C00"), early.id, b"")
    room.now += timedelta(minutes=31)
    with pytest.raises(StaleRevision) as ended:
        room.documents.filled(head, "C00", evidence("C00"), late.id, b"")
    room.now -= timedelta(minutes=31)

    assert "has changed since this was prepared" in overtaken.value.message
    assert "was good until" in ended.value.message


# --- tampering --------------------------------------------------------------------------------------------------


def test_every_flipped_bit_is_noticed(tmp_path: Path) -> None:
    """A hundred random bits of the signed bytes, flipped one at a time: no such file is valid."""
    room = Room(tmp_path, parties=2)
    whole = room.whole()
    chance = random.Random(20250701)
    start, length, rest, tail = map(int, BYTE_RANGE.findall(whole)[-1])
    signed = [*range(start, length), *range(rest, rest + tail)]

    for place in chance.sample(signed, 100):
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        assert SignatureVerdict.VALID is not room.check(bytes(changed)).verdict, place


@pytest.mark.parametrize("place", [1, -30, -2])
def test_the_value_of_the_last_time_stamp_is_spelt_in_one_way(room: Room, whole: bytes, place: int) -> None:
    """What nobody signs, the padding and the case of the last value, may not change either."""
    _, length, rest, _ = map(int, BYTE_RANGE.findall(whole)[-1])
    at = length + place if place > 0 else rest + place
    changed = bytearray(whole)
    changed[at] = ord("1") if changed[at] == ord("0") else ord("0")

    assert SignatureVerdict.VALID is not room.check(bytes(changed)).verdict


def appended(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """*pdf* with one more revision."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def draw_over(writer: IncrementalPdfFileWriter) -> None:
    """Draw on the first page."""
    drawn = writer.add_object(generic.StreamObject(stream_data=b"1 0 0 rg 0 0 50 50 re f"))
    writer.add_stream_to_page(0, drawn)


def annotate(writer: IncrementalPdfFileWriter) -> None:
    """Put a note on the first page."""
    name = generic.pdf_name
    note = generic.DictionaryObject(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/FreeText"),
            name("/Rect"): generic.ArrayObject([generic.NumberObject(each) for each in (10, 10, 90, 40)]),
            name("/Contents"): generic.pdf_string("VOID"),
        }
    )
    writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(note))


def swap_attachment(writer: IncrementalPdfFileWriter) -> None:
    """Attach other content under the same name."""
    held = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]
    held["/F"] = writer.add_object(generic.StreamObject(stream_data=b'{"total_fen":1}'))
    writer.update_container(held)


def change_a_seal(writer: IncrementalPdfFileWriter) -> None:
    """Draw another seal over that of the first party."""
    name = generic.pdf_name
    fields = writer.root["/AcroForm"]["/Fields"]
    field = next(fields[place] for place in range(len(fields)) if fields[place]["/T"] == "C00")
    kind = {name("/Subtype"): name("/Form"), name("/Type"): name("/XObject")}
    drawn = generic.StreamObject(kind, stream_data=b"0 g 0 0 99 99 re f")
    field["/AP"] = generic.DictionaryObject({generic.pdf_name("/N"): writer.add_object(drawn)})
    writer.update_container(field)


def tag_otherwise(writer: IncrementalPdfFileWriter) -> None:
    """Have screen readers told other words for what is on the page."""
    tag = writer.root["/StructTreeRoot"]["/K"]
    while isinstance(tag, generic.ArrayObject):
        tag = tag[0]
    tag[generic.pdf_name("/ActualText")] = generic.pdf_string("VOID")
    writer.update_container(tag)


def tag_anew(writer: IncrementalPdfFileWriter) -> None:
    """Put another tree of tags in the place of the one that was certified."""
    name = generic.pdf_name
    tree = generic.DictionaryObject({name("/Type"): name("/StructTreeRoot")})
    writer.root[name("/StructTreeRoot")] = writer.add_object(tree)
    writer.update_root()


CHANGES = [
    (tag_anew, DocumentFinding.CHANGED_AFTER_SIGNING),
    (draw_over, DocumentFinding.PAGE_CHANGED),
    (annotate, DocumentFinding.ANNOTATION_ADDED),
    (swap_attachment, DocumentFinding.ATTACHMENT_CHANGED),
    (change_a_seal, DocumentFinding.CHANGED_AFTER_SIGNING),
]


@pytest.mark.parametrize(("change", "found"), CHANGES)
def test_a_change_between_signatures_is_named(
    room: Room, change: Callable[[IncrementalPdfFileWriter], None], found: DocumentFinding
) -> None:
    """Whatever is slipped in before the others sign and the document is closed has its own code."""
    begun = room.documents.pdf(room.signed(room.certified(), "C00"))
    signed = room.forged(room.forged(appended(begun, change), "C01", "C01"), "C02", "C02")

    assert found is room.found(room.closed(signed))


@pytest.mark.parametrize("change", [change for change, _ in CHANGES])
def test_a_change_after_closing_is_named(
    room: Room, whole: bytes, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    """Nothing may follow the closing time stamp."""
    assert DocumentFinding.CHANGED_AFTER_CLOSING is room.found(appended(whole, change))


@pytest.mark.parametrize("change", [tag_otherwise, tag_anew, draw_over, annotate])
def test_tags_are_as_certified_as_pages(change: Callable[[IncrementalPdfFileWriter], None]) -> None:
    """Of a document with tags for screen readers, no signature explains a change of a tag, or of what tags name."""
    whole = read_bundle(kept()).members["documents/agreement-v1.pdf"]
    told = {}
    for pdf in (whole, appended(whole, change)):
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        first, last = reader.embedded_signatures[0].signed_revision, reader.xrefs.total_revisions - 1
        told[last] = suspicious_change(reader, first)

    (last, nothing), (later, found) = told.items()
    assert nothing is None
    assert (last + 1, later) == (later, found[0] if found else 0)


def test_a_signer_cut_off_is_missed(room: Room) -> None:
    """A document rolled back before its last signature, and closed again, is not signed by all."""
    two = room.documents.pdf(room.signed(room.certified(), "C00", "C01"))

    check = room.check(room.closed(two))

    assert (SignatureVerdict.INVALID, DocumentFinding.MISSING_SIGNATURE, "C02") == (
        check.verdict,
        check.reason,
        check.detail,
    )


def test_a_document_that_was_not_closed_is_not_done(room: Room) -> None:
    """All signatures without the time stamp over the whole are not the end."""
    assert DocumentFinding.NOT_CLOSED is room.found(room.documents.pdf(room.signed(room.certified())))


@pytest.mark.parametrize(
    ("by", "found"), [("C00", DocumentFinding.SWAPPED_SIGNER), ("X99", DocumentFinding.WRONG_ORGANISATION)]
)
def test_a_signature_in_another_place_is_named(room: Room, by: str, found: DocumentFinding) -> None:
    """A party in another's field, and a stranger in a party's, are told apart."""
    two = room.documents.pdf(room.signed(room.certified(), "C00", "C01"))

    check = room.check(room.closed(room.forged(two, "C02", by)))

    assert (found, "C02") == (check.reason, check.detail)


def test_a_certificate_revoked_before_it_signed_is_found(tmp_path: Path) -> None:
    """An auditor who learns of a revocation later finds what was signed after it, and not what was signed before."""
    room = Room(tmp_path)
    early = room.whole()
    then = room.now
    room.now = then + timedelta(days=2)
    late = room.whole()
    room.now = then + timedelta(days=1)
    room.authority.revoke("C01")
    room.now = then + timedelta(days=3)
    told = Trust(room.trust().roots, room.authority.revocation_lists())

    found = [room.check(pdf, trust=told).reason for pdf in (early, late)]

    assert [DocumentFinding.OK, DocumentFinding.REVOKED_CERTIFICATE] == found


def test_a_certificate_that_had_expired_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was signed with a certificate after its last day."""
    room = Room(tmp_path)
    two = room.documents.pdf(room.signed(room.certified(), "C00", "C01"))
    monkeypatch.setattr(dev_certificates, "VALID_TO", datetime(2025, 1, 1, tzinfo=UTC))

    assert DocumentFinding.EXPIRED_CERTIFICATE is room.found(room.closed(room.forged(two, "C02", "C02")))


def test_an_unknown_authority_cannot_be_told(room: Room, whole: bytes, tmp_path: Path) -> None:
    """Another root says nothing about these certificates."""
    check = room.check(whole, trust=Room(tmp_path).trust())

    assert (SignatureVerdict.CANNOT_TELL, DocumentFinding.UNKNOWN_AUTHORITY) == (check.verdict, check.reason)


def test_only_the_platform_certifies(room: Room) -> None:
    """A party that makes a document of its own, with itself as the only signer, has not been certified."""
    other = rendered(room.version.agreement)
    scope = DocumentScope(
        number="LY-2025-0001",
        version=1,
        document=room.version.digest,
        rendered=other.pdf_sha256,
        rendered_size=len(other.pdf),
        signers=(),
    )
    identity, stamper = Identity(room.authority.chain("C00")), Stamper(room.authority.time_source())
    begun = pdf_signing.certified(other.pdf, [], scope.model_dump_json().encode(), identity, "forged")
    made = pdf_signing.completed(begun, identity, room.authority.value("C00", begun.attributes), stamper)

    check = check_document(room.closed(made), room.trust(), room.now)

    assert (DocumentFinding.NOT_CERTIFIED, f"certified by {identity.organisation}") == (check.reason, check.detail)


def test_nobody_signs_in_a_field_that_was_not_made_for_it(room: Room) -> None:
    """A signature in a field that came later, however sound, has no place in the document."""

    def add_a_field(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("EXTRA"))

    head = room.documents.pdf(room.signed(room.certified()))

    check = room.check(room.closed(room.forged(appended(head, add_a_field), "EXTRA", "C01")))

    assert (DocumentFinding.CHANGED_AFTER_SIGNING, "nobody is to sign in EXTRA") == (check.reason, check.detail)


def test_another_contract_is_another_document(room: Room, whole: bytes) -> None:
    """A sound document about something else than was decided."""
    room.version = room.version.model_copy(update={"digest": "sha256:" + "cd" * 32})
    found = room.found(whole)
    room.version = room.version.model_copy(update={"digest": "sha256:" + "ab" * 32})

    assert DocumentFinding.OTHER_DOCUMENT is found


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"%PDF-1.7\n" + b"<<" * 5_000, bytes(1_000)])
def test_what_is_no_document_cannot_be_told(room: Room, content: bytes) -> None:
    """Whatever the bytes are, there is an answer."""
    check = room.check(content)

    assert (SignatureVerdict.CANNOT_TELL, DocumentFinding.UNREADABLE) == (check.verdict, check.reason)


def test_strangers_files_are_looked_at_within_bounds(room: Room, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own the answer is the same; one that takes too long has none."""
    here = check_document(whole, room.trust(), room.now)

    assert here == examined(whole, room.trust(), room.now)
    monkeypatch.setattr(examining, "PATIENCE_SECONDS", 0.01)
    assert DocumentFinding.GAVE_UP is examined(whole, room.trust(), room.now).reason
