"""Where keys are: every provider signs the same documents, and no key is found where it should not be."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from contracts.errors import KeyOutside, MalformedDocument, UnfitForProduction, Unreachable
from contracts.signed_document import DocumentFinding
from lianyue.signing.csc_keys import CscKeys
from lianyue.signing.key_places import KeyRing
from lianyue.signing.outside_keys import OutsideKeys
from lianyue.signing.pkcs11_keys import Pkcs11Keys
from lianyue.signing.places import KeyPlace, Provider
from tests.lianyue.signing.room import Room, evidence
from tests.lianyue.signing.signing_service import CREDENTIAL, SECRET, SigningService, serving

FOUND = [os.environ.get("SOFTHSM2_MODULE", ""), *map(str, Path("/usr/lib").glob("**/libsofthsm2.so"))]
SOFTHSM = next(filter(None, FOUND), "") if shutil.which("softhsm2-util") else ""
"""The module of SoftHSM, where the machine has one."""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A room for three parties."""
    return Room(tmp_path)


# --- remote signing -------------------------------------------------------------------------------------------------


def test_a_remote_service_signs_with_a_permit_for_each_digest(room: Room) -> None:
    """The second party's key is at a CSC service; the document is as sound as any, and says where the key was."""
    service = SigningService(room, "C01")
    with serving(service) as url:
        room.keys["C01"] = CscKeys(url, CREDENTIAL, SECRET)
        second = room.signed(room.certified(), "C00", "C01")
    head = room.signed(second, "C02")

    assert DocumentFinding.OK is room.found(room.documents.pdf(room.documents.closed(head)))
    assert [("csc", False), ("dev-soft", True)] == [(each.provider, each.test_key) for each in (second, head)]
    assert ["/csc/v1/credentials/info", "/csc/v1/credentials/authorize", "/csc/v1/signatures/signHash"] == service.asked


def test_a_service_that_refuses_is_tried_again_later(room: Room) -> None:
    """Neither a refusal nor silence is an answer; the secret is not in what is said of it."""
    with serving(SigningService(room, "C01")) as url, pytest.raises(Unreachable) as refused:
        CscKeys(url, CREDENTIAL, "wrong-secret").chain("C01")
    with pytest.raises(Unreachable) as silent:
        CscKeys(url, CREDENTIAL, SECRET).chain("C01")

    assert "the signing service answered 401 to credentials/info" == refused.value.message
    assert "the signing service does not answer credentials/info: URLError" == silent.value.message


# --- keys outside ---------------------------------------------------------------------------------------------------


def test_only_a_digest_leaves_for_a_key_outside(room: Room) -> None:
    """What was prepared is signed elsewhere and put in; asked outright, the platform cannot sign."""
    room.keys["C00"] = OutsideKeys(room.authority.chain("C00"))
    head = room.certified()
    with pytest.raises(KeyOutside):
        room.documents.signed(head, "C00", evidence("C00"))

    prepared = room.documents.prepare(head, "C00")
    value = room.authority.value("C00", base64.b64decode(prepared.attributes_base64))
    head = room.documents.filled(head, "C00", evidence("C00"), prepared.id, value)

    head = room.signed(head, "C01", "C02")
    assert DocumentFinding.OK is room.found(room.documents.pdf(room.documents.closed(head)))
    assert len(base64.b64decode(prepared.attributes_base64)) < 400


# --- a hardware module ----------------------------------------------------------------------------------------------


@pytest.mark.skipif(find_spec("pkcs11") is None or not SOFTHSM, reason="python-pkcs11 or SoftHSM is not here")
def test_a_module_signs(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first party's key is moved into a token, and signs from there."""
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(
        f"directories.tokendir = {tmp_path / 'tokens'}\nobjectstore.backend = file\n"
    )
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    chain = room.authority.chain("C00")
    key = room.keys_folder / "companies/C00.key.pem"
    tool, pins = ["softhsm2-util", "--module", SOFTHSM], ["--pin", "1234", "--so-pin", "1234"]
    subprocess.run([*tool, "--init-token", "--free", "--label", "room", *pins], check=True)
    subprocess.run(
        [*tool, "--import", str(key), "--token", "room", "--label", "sign", "--id", "01", *pins[:2]], check=True
    )
    room.keys["C00"] = Pkcs11Keys(SOFTHSM, "room", "sign", lambda: "1234", chain)

    head = room.signed(room.certified())

    assert DocumentFinding.OK is room.found(room.documents.pdf(room.documents.closed(head)))


def test_a_module_that_is_not_there_is_tried_again_later(room: Room) -> None:
    """A missing module, or a missing package to speak to it, is no answer either."""
    keys = Pkcs11Keys("/nowhere/module.so", "room", "sign", lambda: "1234", room.authority.chain("C00"))

    with pytest.raises(Unreachable):
        keys.value("C00", b"attributes")


# --- which key is whose -----------------------------------------------------------------------------------------


def test_a_company_without_a_place_signs_with_a_test_key_but_in_production(room: Room, tmp_path: Path) -> None:
    """The settings say where the keys of companies are; test keys stand in for the rest, where they may."""
    chain = tmp_path / "c00.pem"
    chain.write_bytes(room.authority.ca_certificate_pem())
    places = {"C00": KeyPlace(provider=Provider.EXTERNAL, chain=chain)}

    here, production = KeyRing(places, room.authority), KeyRing(places, None)

    assert ["external", "dev-soft"] == [here.of(each).name for each in ("C00", "C01")]
    assert "external" == production.of("C00").name
    with pytest.raises(UnfitForProduction, match=r"^C01 would sign with dev-soft; name its key in signing_keys$"):
        production.of("C01")


def test_a_place_says_what_it_needs() -> None:
    """What a provider cannot do without is asked for by name."""
    with pytest.raises(MalformedDocument) as caught:
        KeyRing({"C00": KeyPlace(provider=Provider.PKCS11)}, None)

    assert "companies.C00: pkcs11 needs chain, module, token, label, pin_file" == caught.value.message


def test_no_key_leaves_its_folder(room: Room) -> None:
    """Neither what is kept of a document, nor what is told of it, holds a byte of a key."""
    heads = [room.certified()]
    heads.append(room.signed(heads[0]))
    heads.append(room.documents.closed(heads[-1]))
    prepared = room.documents.prepare(heads[0], "C00")
    told = "".join(each.model_dump_json() for each in (*heads, prepared, room.check(room.documents.pdf(heads[-1]))))
    kept = b"".join(each.read_bytes() for each in (room.keys_folder.parent / "documents").rglob("?" * 64))

    for file in room.keys_folder.rglob("*.key.pem"):
        body = "".join(file.read_text().splitlines()[1:-1])
        secret = base64.b64decode(body)[36:68]
        forms = (secret, secret.hex().encode(), base64.b64encode(secret)[:40], str(int.from_bytes(secret)).encode())
        assert [] == [form for form in forms if form in kept + told.encode()]
