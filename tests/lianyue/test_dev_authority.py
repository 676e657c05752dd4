"""The development authority's keys: one for each company whoever makes it, and none of them for production."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.errors import MalformedDocument, UnfitForProduction
from contracts.organisation import Actor
from contracts.signature import Signature, SignatureVerdict
from lianyue.signing.dev_authority import PROVIDER, DevAuthority, require_fit

DOCUMENT = "sha256:" + "ab" * 32
SIGNED_AT = datetime(2025, 7, 1, tzinfo=UTC)

MAKE_KEYS = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from contracts.organisation import Actor
from lianyue.signing.dev_authority import DevAuthority

folder, start = Path(sys.argv[1]), Path(sys.argv[2])
authority = DevAuthority(folder)
start.with_name(sys.argv[3]).touch()
while not start.exists():
    time.sleep(0.0005)
for number in range(20):
    company = f"C{number:02}"
    actor = Actor(user="li.wei", company=company, roles=())
    signature = authority.sign(company, "sha256:" + "ab" * 32, actor, datetime(2025, 7, 1, tzinfo=UTC))
    print(signature.model_dump_json())
"""


def test_processes_that_make_the_same_keys_agree(tmp_path: Path) -> None:
    """Three processes that start in an empty folder at once end with one key for each company, and all sign with it."""
    start = tmp_path / "start"
    command = [sys.executable, "-I", "-c", MAKE_KEYS, str(tmp_path / "keys"), str(start)]
    names = ["first", "second", "third"]
    processes = [subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True) for name in names]
    while not all((tmp_path / name).exists() for name in names):
        assert all(process.poll() is None for process in processes)
    start.touch()

    printed = [process.communicate(timeout=60)[0].splitlines() for process in processes]

    authority = DevAuthority(tmp_path / "keys")
    signatures = [[Signature.model_validate_json(line) for line in lines] for lines in printed]
    certificates = [[signature.certificate_pem for signature in process] for process in signatures]
    assert 20 == len(set(certificates[0]))
    assert certificates[0] == certificates[1] == certificates[2]
    assert {(SignatureVerdict.VALID, "ok")} == {
        (check.verdict, check.reason)
        for process in signatures
        for check in (authority.check(each, DOCUMENT) for each in process)
    }


def test_a_broken_key_file_is_named(tmp_path: Path) -> None:
    """A key file that was overwritten is refused by its name, not replaced."""
    authority, actor = DevAuthority(tmp_path), Actor(user="li.wei", company="LGWY", roles=())
    authority.sign("LGWY", DOCUMENT, actor, SIGNED_AT)
    file = tmp_path / "companies" / "LGWY.key.pem"
    file.write_text("nothing")

    with pytest.raises(MalformedDocument) as caught:
        authority.sign("LGWY", DOCUMENT, actor, SIGNED_AT)

    assert "LGWY.key.pem does not hold a private EC key without password" == caught.value.message
    assert (str(file), "nothing") == (caught.value.where, file.read_text())


def test_production_refuses_test_keys() -> None:
    """An instance in production does not start with the development authority."""
    with pytest.raises(UnfitForProduction) as caught:
        require_fit("production", PROVIDER)

    assert "signatures would come from dev-soft, whose keys are test keys" == caught.value.message


@pytest.mark.parametrize(("environment", "provider"), [("development", "dev-soft"), ("production", "pkcs11")])
def test_other_choices_are_fit(environment: str, provider: str) -> None:
    """Development may use test keys, production another provider."""
    require_fit(environment, provider)
