"""Company signatures: made with test keys, checked without any, and no change goes unnoticed."""

from __future__ import annotations

import base64
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import wrap

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from contracts.calendar import SHANGHAI
from contracts.errors import Invalid, MalformedDocument, SignatureInvalid, UnknownName
from contracts.organisation import Actor, Company, CompanyKind, Role
from contracts.signature import Signature, SignatureCheck, SignatureVerdict, signed_bytes
from lianyue.signing.dev_authority import DevAuthority
from lianyue.signing.verifier import Verifier
from rules.canonical import canonical

DOCUMENT = "sha256:" + "ab" * 32
OTHER_DOCUMENT = "sha256:" + "cd" * 32
NAIVE = datetime.fromisoformat("2025-07-01")
SIGNED_AT = datetime(2025, 7, 1, 9, 30, 0, 5, tzinfo=SHANGHAI)
COMPANY = Company(
    code="LGWY", name="临港物业", name_en="Lingang Property", kind=CompanyKind.MEMBER, credit_code="91310115MA1H00001X"
)

damaged_certificates_warn = pytest.mark.filterwarnings(
    "ignore::cryptography.utils.CryptographyDeprecationWarning", "ignore:.*serial number:UserWarning"
)


def actor(company: str) -> Actor:
    """A signer of *company*."""
    return Actor(user="li.wei", company=company, roles=(Role.SIGNER,))


def signed(authority: DevAuthority, company: str = "LGWY", at: datetime = SIGNED_AT) -> Signature:
    """A signature of *company* under DOCUMENT."""
    return authority.sign(company, DOCUMENT, actor(company), at)


def found(authority: DevAuthority, signature: Signature) -> tuple[SignatureVerdict, str]:
    """What the check of *signature* against DOCUMENT comes to."""
    check = authority.check(signature, DOCUMENT)
    return check.verdict, check.reason


def changed(signature: Signature, **update: object) -> Signature:
    """The signature with some fields replaced, as somebody with access to the records could."""
    return signature.model_copy(update=update)


def binary(signature: Signature) -> bytes:
    """The certificate of *signature* without its PEM spelling."""
    return base64.b64decode("".join(signature.certificate_pem.splitlines()[1:-1]))


def as_pem(der: bytes | bytearray) -> str:
    """The PEM spelling of a certificate, whatever its bytes say."""
    body = "\n".join(wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


@pytest.fixture
def authority(tmp_path: Path) -> DevAuthority:
    """An authority over an empty folder that knows one company by name."""
    return DevAuthority(tmp_path / "keys", [COMPANY])


def test_what_is_signed_is_written_down_exactly() -> None:
    """The signed bytes are a domain line and canonical JSON of company, document, moment and user."""
    statement = {
        "company": "LGWY",
        "document": DOCUMENT,
        "signed_at": "2025-07-01T01:30:00.000005+00:00",
        "user": "li.wei",
    }

    assert b"lianyue-signature-v1\n" + canonical(statement) == signed_bytes("LGWY", DOCUMENT, "li.wei", SIGNED_AT)


def test_one_moment_is_signed_in_one_form() -> None:
    """A record that comes back in another offset is still over the same bytes."""
    in_utc = signed_bytes("LGWY", DOCUMENT, "li.wei", SIGNED_AT.astimezone(UTC))

    assert in_utc == signed_bytes("LGWY", DOCUMENT, "li.wei", SIGNED_AT)


def test_a_moment_without_offset_is_not_signed() -> None:
    """A naive time names no moment and is refused."""
    with pytest.raises(Invalid) as caught:
        signed_bytes("LGWY", DOCUMENT, "li.wei", NAIVE)

    assert "2025-07-01T00:00:00 does not say its offset from UTC" == caught.value.message


def test_a_signature_holds(authority: DevAuthority) -> None:
    """A signature of the company under the document is valid, and says that its key is a test key."""
    signature = signed(authority)

    assert signature.test_key
    assert SignatureCheck(company="LGWY", verdict=SignatureVerdict.VALID, reason="ok") == authority.check(
        signature, DOCUMENT
    )


def test_a_signature_survives_its_record(authority: DevAuthority) -> None:
    """Written to JSON and read again, a signature is still valid."""
    kept = Signature.model_validate_json(signed(authority).model_dump_json())

    assert (SignatureVerdict.VALID, "ok") == found(authority, kept)


def test_an_auditor_needs_no_private_key(authority: DevAuthority) -> None:
    """The authority's certificate alone is enough to check."""
    signature = signed(authority)

    verifier = Verifier(authority.ca_certificate_pem())

    assert SignatureVerdict.VALID is verifier.check(signature, DOCUMENT).verdict


def test_an_authority_finds_its_keys_again(authority: DevAuthority, tmp_path: Path) -> None:
    """A second run over the same folder signs with the same certificate."""
    first = signed(authority)

    second = signed(DevAuthority(tmp_path / "keys"))

    assert first.certificate_pem == second.certificate_pem


def test_a_certificate_says_whose_and_that_it_is_a_test(authority: DevAuthority) -> None:
    """The subject carries name, credit code and company code; a company nobody listed goes by its code."""
    subjects = [
        x509.load_pem_x509_certificate(signed(authority, company).certificate_pem.encode()).subject.rfc4514_string()
        for company in ("LGWY", "GYNY")
    ]

    assert [
        "CN=LGWY,2.5.4.97=NTRCN-91310115MA1H00001X,O=临港物业 测试 TEST,C=CN",
        "CN=GYNY,2.5.4.97=NTRCN-GYNY,O=GYNY 测试 TEST,C=CN",
    ] == subjects


def test_a_long_name_keeps_the_mark(tmp_path: Path) -> None:
    """However long a company's name is, its certificate ends with the test mark and is valid."""
    authority = DevAuthority(tmp_path, [COMPANY.model_copy(update={"name": "长" * 200})])

    assert (SignatureVerdict.VALID, "ok") == found(authority, signed(authority))


def test_keys_are_for_their_owner_alone(authority: DevAuthority, tmp_path: Path) -> None:
    """Every file has mode 0600, every folder 0700, and no draft is left."""
    signed(authority)

    modes = {str(p.relative_to(tmp_path)): oct(p.stat().st_mode & 0o777) for p in tmp_path.rglob("*")}

    assert {
        "keys": "0o700",
        "keys/authority.key.pem": "0o600",
        "keys/authority.pem": "0o600",
        "keys/companies": "0o700",
        "keys/companies/LGWY.key.pem": "0o600",
        "keys/companies/LGWY.pem": "0o600",
        "keys/root.key.pem": "0o600",
        "keys/root.pem": "0o600",
    } == modes


def test_keys_never_leave_the_folder(authority: DevAuthority, tmp_path: Path) -> None:
    """Neither a signature nor the authority's certificate carries a private key, in text or as a number."""
    handed_out = signed(authority).model_dump_json().encode() + authority.ca_certificate_pem()

    for file in (tmp_path / "keys").rglob("*.key.pem"):
        body = "".join(file.read_text().splitlines()[1:-1])
        secret = load_pem_private_key(file.read_bytes(), None).private_numbers().private_value  # type: ignore[union-attr]
        assert base64.b64decode(body)[36:68] == secret.to_bytes(32, "big")
        assert body[60:80].encode() not in handed_out
        assert str(secret).encode() not in handed_out
    assert b"PRIVATE" not in handed_out


def test_an_actor_signs_for_the_own_company_alone(authority: DevAuthority) -> None:
    """Somebody of another company cannot have a company's key used."""
    with pytest.raises(SignatureInvalid) as caught:
        authority.sign("LGWY", DOCUMENT, actor("GYNY"), SIGNED_AT)

    assert "li.wei acts for GYNY and cannot sign for LGWY" == caught.value.message


@pytest.mark.parametrize("code", ["../LGWY", "lgwy", "LGWY/X", "", "LGWY\n"])
def test_only_a_company_code_names_a_key(authority: DevAuthority, tmp_path: Path, code: str) -> None:
    """What is not a company code names no file, inside the folder or outside."""
    someone = Actor.model_construct(user="li.wei", company=code, roles=())

    with pytest.raises(UnknownName):
        authority.sign(code, DOCUMENT, someone, SIGNED_AT)

    assert [] == list(tmp_path.iterdir())


def test_another_document_is_noticed(authority: DevAuthority) -> None:
    """A signature does not count for another document."""
    check = authority.check(signed(authority), OTHER_DOCUMENT)

    assert SignatureCheck(company="LGWY", verdict=SignatureVerdict.INVALID, reason="other-document") == check


SWAPS: list[tuple[str, Callable[[Signature, Signature], Signature], str]] = [
    ("another company's name", lambda own, other: changed(own, company="GYNY", actor=other.actor), "wrong-company"),
    (
        "another company's certificate",
        lambda own, other: changed(own, certificate_pem=other.certificate_pem),
        "wrong-company",
    ),
    ("another company's actor", lambda own, other: changed(own, actor=other.actor), "wrong-company"),
    ("another company's value", lambda own, other: changed(own, value_base64=other.value_base64), "bad-signature"),
    (
        "another user",
        lambda own, _: changed(own, actor=own.actor.model_copy(update={"user": "wang.fang"})),
        "bad-signature",
    ),
    (
        "another moment",
        lambda own, _: changed(own, signed_at=own.signed_at + timedelta(microseconds=1)),
        "bad-signature",
    ),
    ("another digest", lambda own, _: changed(own, document=OTHER_DOCUMENT), "other-document"),
    ("no test key", lambda own, _: changed(own, test_key=False), "disguised-test-key"),
]


@pytest.mark.parametrize(("swap", "reason"), [swap[1:] for swap in SWAPS], ids=[swap[0] for swap in SWAPS])
def test_a_swap_is_noticed(
    authority: DevAuthority, swap: Callable[[Signature, Signature], Signature], reason: str
) -> None:
    """A signature of which one part belongs to something else is invalid."""
    swapped = swap(signed(authority), signed(authority, "GYNY"))

    assert (SignatureVerdict.INVALID, reason) == found(authority, swapped)


def test_a_document_changed_in_both_places_is_noticed(authority: DevAuthority) -> None:
    """Changing the digest in the signature as well does not make it fit."""
    check = authority.check(changed(signed(authority), document=OTHER_DOCUMENT), OTHER_DOCUMENT)

    assert (SignatureVerdict.INVALID, "bad-signature") == (check.verdict, check.reason)


UNREADABLE: dict[str, dict[str, object]] = {
    "certificate": {"certificate_pem": "no certificate"},
    "value": {"value_base64": "no base64!"},
    "algorithm": {"algorithm": "sm2-sm3"},
    "moment": {"signed_at": NAIVE},
}


@pytest.mark.parametrize("update", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_cannot_be_told(authority: DevAuthority, update: dict[str, object]) -> None:
    """A part that cannot be read leads to an answer, not to an exception."""
    assert (SignatureVerdict.CANNOT_TELL, "unreadable") == found(authority, changed(signed(authority), **update))


def test_an_unknown_authority_cannot_be_told(authority: DevAuthority, tmp_path: Path) -> None:
    """Of a certificate that another authority issued, under the same name, nothing can be told."""
    elsewhere = signed(DevAuthority(tmp_path / "elsewhere"))

    assert (SignatureVerdict.CANNOT_TELL, "unknown-authority") == found(authority, elsewhere)


def test_several_authorities_may_be_known(authority: DevAuthority, tmp_path: Path) -> None:
    """A verifier trusts every authority in the text it is given."""
    elsewhere = DevAuthority(tmp_path / "elsewhere")

    verifier = Verifier(authority.ca_certificate_pem() + elsewhere.ca_certificate_pem())

    assert SignatureVerdict.VALID is verifier.check(signed(elsewhere), DOCUMENT).verdict


def test_no_authority_is_refused() -> None:
    """A verifier without a certificate to trust does not start."""
    with pytest.raises(MalformedDocument, match=r"^the authority's certificate cannot be read: "):
        Verifier(b"no certificate")


@pytest.mark.parametrize("year", [2019, 2050])
def test_an_expired_certificate_is_noticed(authority: DevAuthority, year: int) -> None:
    """What counts is the moment of signing, before or after the certificate's time."""
    early_or_late = signed(authority, at=datetime(year, 7, 1, tzinfo=UTC))

    assert (SignatureVerdict.INVALID, "expired-certificate") == found(authority, early_or_late)


@damaged_certificates_warn
def test_flipped_bits_are_noticed(authority: DevAuthority) -> None:
    """Of 200 random flips over value, certificate and document as they are recorded, none passes."""
    signature = signed(authority)
    chance = random.Random(20_250_701)
    passed = []

    for _ in range(200):
        name = chance.choice(("value_base64", "certificate_pem", "document"))
        text = bytearray(getattr(signature, name).encode())
        position = chance.randrange(len(text) * 8)
        text[position // 8] ^= 1 << position % 8
        flipped = changed(signature, **{name: text.decode("latin-1")})
        if authority.check(flipped, flipped.document).verdict is SignatureVerdict.VALID:
            passed.append((name, position))

    assert [] == passed


@damaged_certificates_warn
def test_no_bit_of_a_certificate_may_change(authority: DevAuthority) -> None:
    """Not one flip in the certificate's binary form passes."""
    signature = signed(authority)
    whole = binary(signature)
    verdicts: Counter[SignatureVerdict] = Counter()

    for position in range(len(whole) * 8):
        der = bytearray(whole)
        der[position // 8] ^= 1 << position % 8
        verdicts[found(authority, changed(signature, certificate_pem=as_pem(der)))[0]] += 1

    assert Counter({SignatureVerdict.CANNOT_TELL: len(whole) * 8}) == verdicts


def test_the_byte_nobody_signs_may_not_change(authority: DevAuthority) -> None:
    """A certificate that claims an unused bit behind the authority's signature is refused; libraries pass it over."""
    signatures = (signed(authority, f"C{number:02}") for number in range(100))
    even = next(each for each in signatures if not binary(each)[-1] & 1)  # the claim must fit the bits
    der = bytearray(binary(even))
    der[der.rindex(b"\0" + x509.load_der_x509_certificate(bytes(der)).signature)] = 1

    assert (SignatureVerdict.CANNOT_TELL, "unreadable") == found(authority, changed(even, certificate_pem=as_pem(der)))


def test_a_value_has_one_spelling(authority: DevAuthority) -> None:
    """Base64 that decodes to the same value but spells its spare bits otherwise is refused."""
    signatures = (signed(authority) for _ in range(100))
    padded = next(each for each in signatures if each.value_base64.endswith("="))
    digits = padded.value_base64.rstrip("=")
    respelt = (digits[:-1] + chr(ord(digits[-1]) + 1)).ljust(len(padded.value_base64), "=")

    assert base64.b64decode(respelt) == base64.b64decode(padded.value_base64)
    assert (SignatureVerdict.CANNOT_TELL, "unreadable") == found(authority, changed(padded, value_base64=respelt))
