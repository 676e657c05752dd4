"""The way of a document round those who sign it: groups, refusals that are told, and what is handed in too late."""

from __future__ import annotations

from pathlib import Path

from asn1crypto import tsp

from contracts.notice import Event
from contracts.service_contract import Stage
from contracts.task import Decline, TaskKind
from lianyue.cli.backups import checks_of
from lianyue.records.outbox import Outbox
from lianyue.signing.dev_authority import DevAuthority
from lianyue.testing import House, house, small_contract
from tests.lianyue.signing.elsewhere import opened

NUMBER = "LY-2025-0001"


async def to_signature(home: House, **signing: object) -> None:
    """Bring a contract to its signatures."""
    await home.start(small_contract(signing=signing))
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()


async def test_who_has_signed_hears_of_a_refusal(home: House) -> None:
    """A refusal voids the document, names its reason, and is told to those whose signatures are void with it."""
    await to_signature(home)
    await home.answer(TaskKind.SIGN, "HARBOUR")
    await home.until(lambda: "signed_by" in home.verbs())
    office = await home.task(TaskKind.SIGN, "OFFICE")
    await home.desk.act("decline", Decline, office.id, "deputy", reason="合同金额有误")
    await home.until(lambda: "failed" in home.verbs())

    told = [each for each in Outbox(home.wiring.database).notices(NUMBER) if each.event is Event.VOIDED]
    outcome = await home.outcome()
    assert [("HARBOUR", "signer")] == [(each.company, each.role) for each in told]
    assert (Stage.FAILED, "OFFICE未签署：合同金额有误") == (outcome.stage, outcome.reason)


async def test_a_group_can_spare_some_and_not_more(home: House) -> None:
    """Of two witnesses one suffices: the other may refuse, and is not asked any more once it does not matter."""
    group = {"name": "witnesses", "companies": ("LAKE", "HILL"), "needed": 1}
    await to_signature(home, groups=(group,), order="sequential")
    await home.sign_all(3)
    lake = await home.task(TaskKind.SIGN, "LAKE")
    await home.desk.act("decline", Decline, lake.id, "lake", reason="当日无法到场")
    await home.answer(TaskKind.SIGN, "HILL")
    await home.until(lambda: "signed" in home.verbs())

    revisions = home.wiring.reading.revisions(NUMBER, 1)
    assert [None, "HARBOUR", "NORTH", "OFFICE", "HILL", None] == [each.company for each in revisions]
    assert f"见证合同《{small_contract().title}》第1版" == lake.title


async def test_a_group_that_cannot_be_met_any_more_ends_it(home: House) -> None:
    """If too many of a group refuse, the document is void like by any refusal; nobody is passed over for it."""
    group = {"name": "witnesses", "companies": ("LAKE", "HILL"), "needed": 2}
    await to_signature(home, groups=(group,))
    lake = await home.task(TaskKind.SIGN, "LAKE")
    await home.desk.act("decline", Decline, lake.id, "lake", reason="当日无法到场")
    await home.until(lambda: "failed" in home.verbs())

    outcome = await home.outcome()
    assert (Stage.FAILED, "LAKE未签署：当日无法到场") == (outcome.stage, outcome.reason)
    assert "passed_over" not in home.verbs()


async def test_the_bytes_lie_outside_history_and_once(home: House) -> None:
    """When all have signed, one file is left, the beginning of which are the others; `records check` reads it again."""
    await to_signature(home)
    await home.sign_all()
    await home.until(lambda: "signed" in home.verbs())

    revisions = home.wiring.reading.revisions(NUMBER, 1)
    pdf = home.wiring.documents.pdf(revisions[-1])
    kept = list(home.wiring.settings.documents_folder.rglob("?" * 64))
    assert [len(pdf)] == [each.stat().st_size for each in kept]
    assert sorted(each.size for each in revisions) == [each.size for each in revisions]

    told = [_check(home)]
    kept[0].chmod(0o600)
    kept[0].write_bytes(pdf[:-1])
    told.append(_check(home))
    kept[0].unlink()
    told.append(_check(home))

    assert [(True, "1 documents as they were signed"), (False, f"{NUMBER} version 1 is altered")] == told[:2]
    assert (False, f"{NUMBER} version 1 is missing") == told[2]


def _check(home: House) -> tuple[bool, str]:
    """What `records check` says of the documents."""
    check = next(each for each in checks_of(home.wiring.settings) if each.name == "documents")
    return check.ok, check.detail


async def test_what_cannot_be_used_is_an_obstacle_and_no_end(home: House) -> None:
    """A value that was prepared for nobody, none at all, and a revoked certificate: each time the task is put again."""
    await to_signature(home)
    document = (await home.task(TaskKind.SIGN, "HARBOUR")).subject["document"]
    for again, value in enumerate(("MEUC", "MEUCA", ""), start=1):
        handed_in = {"prepared": f"sha256:{'0' * 64}", "value": value} if value else {}
        if not value:
            home.wiring.test_authority.revoke("HARBOUR")
        await home.answer(TaskKind.SIGN, "HARBOUR", decision="sign", document=document, **handed_in)
        await home.until(lambda again=again: home.verbs().count("sign_again") == again)

    told = [each.facts["reason"] for each in home.desk.reading.happenings(NUMBER) if each.verb == "sign_again"]
    assert "the value that was handed in is not Base64" == told[1]
    assert "the certificate of HARBOUR is revoked" == told[2]
    assert TaskKind.SIGN is (await home.task(TaskKind.SIGN, "HARBOUR")).kind


async def test_signing_waits_for_services_that_are_away(tmp_path: Path, sqlite_url: str) -> None:
    """Certified and stamped elsewhere; a service that refuses twice is asked again, and delivery begins."""
    with opened(tmp_path / "elsewhere") as elsewhere:
        right, refused = elsewhere.services.stamp, []

        def unwillingly(request: tsp.TimeStampReq) -> bytes:
            refused.append(request)
            return right(request) if len(refused) > 2 else b"not now"

        elsewhere.services.stamp = unwillingly
        authorities = DevAuthority(tmp_path / "keys/authority"), elsewhere.services.authority
        roots = tmp_path / "roots.pem"
        roots.write_bytes(b"".join(each.root_pem() for each in authorities))
        async with house(tmp_path, sqlite_url, signing_keys=elsewhere.file(), trusted_roots=roots) as home:
            home.wiring.require_signing()
            await to_signature(home)
            await home.answer_all(TaskKind.SIGN, 3)
            await home.task(TaskKind.DELIVER)

    assert len(refused) > 5
