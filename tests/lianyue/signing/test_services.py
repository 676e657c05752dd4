"""Keys and services of an authority elsewhere: documents rest on them, and what is amiss is told before it harms."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from asn1crypto import tsp

from contracts.errors import AllianceError, SignatureInvalid, UnfitForProduction, Unreachable
from contracts.organisation import Actor
from contracts.signature import organisation_identifier
from contracts.signed_document import DocumentFinding
from lianyue.signing.dev_authority import DevAuthority
from lianyue.signing.fitness import tried
from lianyue.signing.platform import Platform
from lianyue.signing.time_services import try_out
from lianyue.wiring import Wiring
from tests.lianyue.signing import signing_service
from tests.lianyue.signing.elsewhere import NOWHERE, Elsewhere, opened
from tests.lianyue.signing.room import Room, company, evidence
from tests.lianyue.signing.signing_service import CREDENTIAL, SigningService


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    """One authority elsewhere for all; whoever changes how it answers puts it right again."""
    with opened(tmp_path_factory.mktemp("elsewhere")) as elsewhere:
        yield elsewhere


def identifier(code: str) -> str:
    """How a certificate names that company."""
    return organisation_identifier(code, company(code).credit_code)


def found(room: Room) -> DocumentFinding:
    """What is found of a document that all have signed there, by somebody who trusts the authority elsewhere."""
    pdf = room.documents.pdf(room.documents.closed(room.signed(room.certified())))
    return room.check(pdf, trust=room.documents.trust()).reason


# --- sound documents ------------------------------------------------------------------------------------------------


def test_a_document_rests_on_an_authority_elsewhere(elsewhere: Elsewhere, tmp_path: Path) -> None:
    """Certified with a remote key, stamped by the second service since the first is away, with lists fetched once."""
    elsewhere.services.asked.clear()

    assert DocumentFinding.OK is found(elsewhere.room(tmp_path))
    assert 1 == elsewhere.services.asked.count("/authority.crl")
    assert 5 == elsewhere.services.asked.count("/tsa")


def test_answers_of_ocsp_do_instead_of_lists(elsewhere: Elsewhere, tmp_path: Path) -> None:
    """What the service says of each certificate lies in the document; so the time stamp's own must be named."""
    elsewhere.chain("stamping.pem", elsewhere.services.authority.time_source().chain())
    stamps = [{"url": f"{elsewhere.url}/tsa", "chain": "stamping.pem"}]

    room = elsewhere.room(tmp_path, revocations=[{"ocsp": f"{elsewhere.url}/ocsp"}], time_stamps=stamps)

    assert DocumentFinding.OK is found(room)


def test_a_certificate_revoked_by_ocsp_does_not_sign(elsewhere: Elsewhere, tmp_path: Path) -> None:
    """The company is refused by name."""
    room = elsewhere.room(
        tmp_path, revocations=[{"ocsp": f"{elsewhere.url}/ocsp"}, {"url": f"{elsewhere.url}/root.crl"}]
    )
    head = elsewhere.room(tmp_path).certified()
    serial = room.documents._identity("C02").certificate.serial_number
    room.documents._authority.revocations._answered.clear()
    elsewhere.services.revoked.add(serial)

    with pytest.raises(SignatureInvalid, match=r"^the certificate of C02 is revoked$"):
        room.documents.signed(head, "C02", evidence("C02"))
    elsewhere.services.revoked.clear()


def test_a_certificate_of_which_nothing_says_whether_it_is_revoked_does_not_sign(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """It is tried again when a list is there: nothing is signed that nobody could check later."""
    room = elsewhere.room(tmp_path, revocations=[{"url": f"{elsewhere.url}/root.crl"}])

    with pytest.raises(Unreachable, match=r"^nothing says whether the certificate .* is revoked: no list by"):
        room.documents._identity("C00")


# --- services that fail ---------------------------------------------------------------------------------------------


def with_another_nonce(request: tsp.TimeStampReq, elsewhere: Elsewhere) -> bytes:
    """The time stamp of an earlier request."""
    other = tsp.TimeStampReq({**{name: request[name] for name in ("version", "message_imprint")}, "nonce": 7})
    return bytes(elsewhere.services.authority.time_source().token(other).dump())


def refused(_: tsp.TimeStampReq, __: Elsewhere) -> bytes:
    """A status of 2 alone, which says that it was rejected."""
    return bytes.fromhex("30053003020102")


def of_a_stranger(request: tsp.TimeStampReq, elsewhere: Elsewhere) -> bytes:
    """The time stamp of somebody else."""
    return bytes(DevAuthority(elsewhere.folder / "stranger").time_source().token(request).dump())


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (with_another_nonce, "answered with the time stamp of another request"),
        (refused, "answered that the time stamp is not granted (rejection)"),
        (of_a_stranger, "answered with a time stamp that leads to no root in its chain"),
    ],
)
def test_a_time_stamp_that_would_not_hold_is_not_taken(elsewhere: Elsewhere, answer: Any, told: str) -> None:
    """The service is told by its address, with what is wrong."""
    platform = Platform(elsewhere.places(time_stamps=[elsewhere.spec["time_stamps"][1]]), None)
    right, elsewhere.services.stamp = elsewhere.services.stamp, lambda request: answer(request, elsewhere)

    with pytest.raises(Unreachable) as caught:
        try_out(platform.time_source())
    elsewhere.services.stamp = right

    assert f"{elsewhere.url}/tsa {told}" in caught.value.message


def test_nobody_waits_for_the_time_stamp_of_another(elsewhere: Elsewhere, tmp_path: Path) -> None:
    """While the service keeps one company waiting, another signs the same revision."""
    room = elsewhere.room(tmp_path)
    head = room.certified()
    right, may_answer, is_asked = elsewhere.services.stamp, Event(), Event()

    def slowly(request: tsp.TimeStampReq) -> bytes:
        elsewhere.services.stamp = right
        is_asked.set()
        may_answer.wait(5)
        return right(request)

    elsewhere.services.stamp = slowly
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(room.signed, head, "C00")
        assert is_asked.wait(5)
        second = room.signed(head, "C01")
        is_waiting = not waiting.done()
        may_answer.set()

    assert ("C01", True, "C00") == (second.company, is_waiting, waiting.result().company)


# --- what is told at the start --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"platform": None, "time_stamps": None}, "name platform, time_stamps in the file of LIANYUE_SIGNING_KEYS"),
        ({"revocations": None}, "name revocations in the file of LIANYUE_SIGNING_KEYS"),
        ({"platform": {"provider": "external", "chain": "company.pem"}}, "that this installation can use"),
        ({"time_stamps": [{"url": NOWHERE, "chain": "absent.pem"}]}, "no certificates can be read from"),
        ({"time_stamps": [{"url": "ftp://x", "chain": "above.pem"}]}, "signing.yaml:14:10"),
        ({"revocations": [{"url": NOWHERE, "ocsp": NOWHERE}]}, "state one of file, url and ocsp"),
        ({"companies": {"LGWY": {"provider": "external", "chain": "strange.pem"}}}, "is no trusted root"),
        ({"companies": {"LGWY": {"provider": "pkcs11"}}}, "companies.LGWY: pkcs11 needs chain, module"),
        ({"statements": {"provider": "external", "chain": "root.pem"}}, "must hold the certificate of the authority"),
    ],
)
def test_what_does_not_fit_together_is_told_at_the_start(
    elsewhere: Elsewhere, changes: dict[str, Any], told: str
) -> None:
    """What is missing or wrong, where, and what to do: before anything is signed, and without asking any service."""
    elsewhere.chain("strange.pem", DevAuthority(elsewhere.folder / "stranger").chain("LGWY"))

    with pytest.raises(AllianceError) as caught:
        elsewhere.wiring(**changes).require_signing()

    assert told in f"{caught.value.where} {caught.value.message}"


def test_production_starts_with_all_that_it_needs(elsewhere: Elsewhere) -> None:
    """Nothing is refused, no test key is made, and the roots must be named."""
    elsewhere.wiring().require_signing()

    assert not (elsewhere.folder / "data").exists()
    with pytest.raises(UnfitForProduction, match="name LIANYUE_TRUSTED_ROOTS"):
        Wiring(elsewhere.settings(signing_keys=elsewhere.file(), trusted_roots=None)).require_signing()


def test_every_service_can_be_tried(elsewhere: Elsewhere) -> None:
    """The platform's key signs, each service answers or says why not, each company's certificate is looked at."""
    companies = {"C01": {"provider": "external", "chain": "company.pem"}}

    made = elsewhere.wiring(companies=companies).signing_ground
    ground = replace(made, organisation=identifier, known=lambda: ("C01", "C02"))
    answers = {each.what: (each.is_fit, each.told) for each in tried(ground)}

    assert answers["platform"] == (True, "LIANYUE-PLATFORM, until 2049-12-31")
    assert answers[f"time stamps {NOWHERE}"] == (False, f"{NOWHERE} does not answer: URLError")
    assert answers[f"time stamps {elsewhere.url}/tsa"][0]
    assert answers["revocations"] == (True, "2 places")
    assert answers["C01"] == (True, f"{identifier('C01')}, until 2049-12-31")
    assert answers["C02"] == (False, "it has no key: name one, or it cannot sign")


def test_the_office_states_with_a_key_of_its_own(elsewhere: Elsewhere) -> None:
    """What is stated in production counts under the authority of that key; without one nothing can be stated."""
    keys = SigningService.of_platform(elsewhere.services.authority, elsewhere.services.folder)
    elsewhere.services.authority.chain("LGBGS")
    keys._hold(elsewhere.services.authority.chain("LGBGS"), elsewhere.services.folder / "companies/LGBGS.key.pem")
    actor = Actor(user="li.wei", company="LGBGS", roles=())
    digest = "sha256:" + "ab" * 32
    with signing_service.serving(keys) as url:
        place = {"provider": "csc", "url": url, "credential": CREDENTIAL, "secret_file": "csc.token"}
        signatures = elsewhere.wiring(statements=place).signatures
        with pytest.raises(SignatureInvalid, match="cannot sign for LGBGS: disguised-test-key"):
            signatures.sign("LGBGS", digest, actor, datetime.now(UTC))
    with pytest.raises(UnfitForProduction, match="no key is named for statements"):
        elsewhere.wiring().signatures.sign("LGBGS", digest, actor, datetime.now(UTC))
