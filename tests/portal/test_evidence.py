"""Evidence over HTTP: what is taken, what is not, who gets it back, and that nothing is lost or written over."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from contracts.task import TaskKind
from lianyue.cli.backups import checks_of
from lianyue.cli.handing_over import handed_over
from lianyue.desk.evidence import EvidenceNotHandedOver
from lianyue.simulate.answers import paper
from lianyue.testing import small_contract
from tests.portal.town import PRICES, Town

pytestmark = pytest.mark.asyncio(loop_scope="function")

NUMBER = "LY-2025-0001"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
BODY = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def office(main: str, **parts: bytes) -> bytes:
    """An Office file with *main* and further *parts*."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(main, "<x/>")
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


XLSX = office("xl/workbook.xml")
OUTWARD = b'<Relationships><Relationship Type="x/image" TargetMode="External" Target="http://h/"/></Relationships>'

BAD: dict[str, tuple[str, bytes]] = {
    "empty": ("a.pdf", b""),
    "a page as PDF": ("a.pdf", b"<html><script>alert(1)</script>"),
    "a program as PDF": ("a.pdf", b"MZ\x90\x00" + b"\x00" * 64),
    "EICAR": ("a.pdf", rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"),
    "a picture as PDF": ("a.pdf", PNG),
    "a PDF as picture": ("a.png", BODY),
    "a drawing with a script": ("a.svg", b"<svg><script>1</script></svg>"),
    "an unknown ending": ("a.txt", b"plain"),
    "no ending": ("paper", BODY),
    "two endings": ("a.exe.pdf", BODY),
    "a program behind NUL": ("a.pdf\0.exe", BODY),
    "turned around": ("a\u202efdp.pdf", BODY),
    "only an ending": (".pdf", BODY),
    "300 characters": ("a" * 300 + ".pdf", BODY),
    "JavaScript in a PDF": ("a.pdf", BODY.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript>>")),
    "a launch in a PDF": ("a.pdf", BODY.replace(b"/Catalog", b"/Catalog/Launch")),
    "a file in a PDF": ("a.pdf", BODY.replace(b"/Catalog", b"/Catalog/EmbeddedFiles")),
    "an encrypted PDF": ("a.pdf", BODY.replace(b"trailer<<", b"trailer<</Encrypt 9 0 R")),
    "a PDF cut short": ("a.pdf", BODY[:30]),
    "a PDF that is an archive": ("a.pdf", BODY + XLSX + b"%%EOF"),
    "an archive": ("a.zip", office("readme.txt")),
    "an archive as sheet": ("a.xlsx", office("readme.txt")),
    "a sheet as document": ("a.docx", XLSX),
    "a sheet with macros": ("a.xlsx", office("xl/workbook.xml", **{"xl__vbaProject.bin": b"x"})),
    "a sheet with a program": ("a.xlsx", office("xl/workbook.xml", **{"xl__a.exe": b"MZ"})),
    "a sheet with links": ("a.xlsx", office("xl/workbook.xml", **{"xl__externalLinks__1.xml": b"<x/>"})),
    "a sheet that loads": ("a.xlsx", office("xl/workbook.xml", **{"xl___rels__w.xml.rels": OUTWARD})),
    "a sheet with entities": ("a.xlsx", office("xl/workbook.xml", **{"xl___rels__w.xml.rels": b"<!DOCTYPE a []>"})),
    "a bomb": ("a.xlsx", office("xl/workbook.xml", **{"xl__sheet.xml": b"0" * 30_000_000})),
    "a damaged sheet": ("a.xlsx", XLSX[:40]),
}
"""By what is wrong: the name and the bytes."""


@pytest.fixture
async def delivering(fresh: Town) -> tuple[Town, str]:
    """A town in which NORTH has to deliver, and the task."""
    house = fresh.house
    await house.start(small_contract(NUMBER), PRICES)
    for member in PRICES:
        await house.answer(TaskKind.QUOTE, member)
    await house.approve()
    await house.sign_all()
    return fresh, (await house.task(TaskKind.DELIVER)).id


async def sent(town: Town, user: str, task: str, name: str, content: bytes) -> Any:
    """Have *user* hand over a file."""
    return await town.door(user).post(f"/api/v1/tasks/{task}/evidence", files={"file": (name, content)})


async def test_the_whole_way(delivering: tuple[Town, str]) -> None:
    """Files are taken, named, accepted and handed out; what is unfit, foreign, too large or unnamed is refused."""
    town, task = delivering
    house, rows = town.house, town.house.desk.evidence.rows
    before = house.desk.reading.task(task)

    for wrong, (name, content) in BAD.items():
        answer = await sent(town, "north", task, name, content)
        assert (422, "unfit-file") == (answer.status_code, answer.json()["error"]["code"]), wrong
    large = await sent(town, "north", task, "a.pdf", b"%PDF-" + b"x" * (house.wiring.settings.evidence_bytes + 1))
    assert 413 == large.status_code
    for user in ("lake", "stranger"):
        assert 404 == (await sent(town, user, task, "a.pdf", BODY)).status_code
    for user in ("buyer", "coord"):
        assert (await sent(town, user, task, "a.pdf", BODY)).status_code in (403, 409)
    assert 422 == (await sent(town, "north", task, "a" * 9_000 + ".pdf", BODY)).status_code
    for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=x"):
        answer = await town.door("north").post(
            f"/api/v1/tasks/{task}/evidence", content=b"x", headers={"content-type": kind}
        )
        assert answer.status_code in (415, 422)
        assert answer.json()["error"]["advice"]
    assert () == rows.all()
    assert [] == list((house.wiring.settings.evidence_folder / "incoming").iterdir())
    assert before == house.desk.reading.task(task)

    content = house.usual(house.desk.reading.task(task))
    foreign = hashlib.sha256(PNG).hexdigest()
    named = {**content, "evidence": [{**item, "sha256": foreign} for item in content["evidence"]]}
    refusal = await house.refusal(house.desk.submit(task, "north", named))
    assert isinstance(refusal, EvidenceNotHandedOver)

    first = await sent(town, "north", task, "../../巡查 记录.PNG", PNG)
    again = await sent(town, "north", task, "other.png", PNG)
    assert 200 == first.status_code
    assert first.json() == again.json()
    assert ("巡查 记录.PNG", foreign, 48, "image/png") == tuple(
        first.json()[name] for name in ("name", "sha256", "size", "media_type")
    )
    assert "completed" == (await house.desk.submit(task, "north", named)).state
    assert foreign == house.desk.reading.task(task).answer["evidence"][0]["sha256"]

    path = f"/api/v1/contracts/{NUMBER}/evidence/{foreign}"
    for user, status in {"north": 200, "buyer": 200, "auditor": 200, "lake": 404, "stranger": 404}.items():
        answer = await town.door(user).get(path)
        assert status == answer.status_code
        assert (answer.content == PNG) == (status == 200)
    answer = await town.door("buyer").get(path)
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "sandbox; default-src 'none'" == answer.headers["content-security-policy"]
    assert "nosniff" == answer.headers["x-content-type-options"]


async def test_a_form_hands_files_over(delivering: tuple[Town, str]) -> None:
    """Without a script, too: the form is sent with its files, and a file that is unfit is told at its field."""
    town, task = delivering
    page = (await town.door("north").get(f"/tasks/{task}")).text
    assert 'enctype="multipart/form-data"' in page
    assert 'name="/evidence/0/sha256!" type="file"' in page

    content = town.house.usual(town.house.desk.reading.task(task))
    typed = {"/period_start": content["period_start"], "/period_end": content["period_end"], "/summary": "已完成"}
    typed |= {f"/evidence/{place}/kind": item["kind"] for place, item in enumerate(content["evidence"])}
    names = [f"/evidence/{place}/sha256!" for place in range(len(content["evidence"]))]
    post = f"/tasks/{task}/submit"

    bad = await town.door("north").post(post, data=typed, files=dict.fromkeys(names, ("a.pdf", PNG)))
    assert 422 == bad.status_code
    assert f'id="f{names[0][:-1]}!"' in bad.text
    good = await town.door("north").post(post, data=typed, files=dict.fromkeys(names, ("a.pdf", BODY)))
    assert 303 == good.status_code, good.text
    answer = town.house.desk.reading.task(task).answer
    assert {("a.pdf", hashlib.sha256(BODY).hexdigest())} == {
        (each["name"], each["sha256"]) for each in answer["evidence"]
    }


async def test_a_folder_goes_with_an_answer(delivering: tuple[Town, str], tmp_path: Path) -> None:
    """On the command line the files that an answer names are found in a folder, and their digests filled in."""
    town, task = delivering
    (tmp_path / "a.pdf").write_bytes(BODY)
    (tmp_path / "other.pdf").write_bytes(BODY + b"\n")
    named = {"evidence": [{"kind": "x", "name": "a.pdf"}, {"kind": "y", "name": "none.pdf"}]}

    filled = await handed_over(town.house.desk, task, "north", named, [tmp_path])

    assert [hashlib.sha256(BODY).hexdigest(), None] == [item.get("sha256") for item in filled["evidence"]]
    assert ["a.pdf"] == [each.name for each in town.house.desk.evidence.rows.all()]


async def test_what_is_missing_or_altered_is_found(delivering: tuple[Town, str]) -> None:
    """`records check` reads every file again; a file that a crash left without its row is no fault, and gets one."""
    town, task = delivering
    house, settings = town.house, town.house.wiring.settings
    folder = house.desk.evidence.files
    with folder.arriving(io.BytesIO(BODY), 10_000) as arrived:
        folder.keep(arrived)
    assert () == house.desk.evidence.rows.all()
    for name, content in (("a.pdf", BODY), ("b.pdf", paper(house.desk.reading.task(task)))):
        await house.desk.hand_over(task, "north", name, io.BytesIO(content))
    first, second = (folder.place(each.sha256) for each in house.desk.evidence.rows.all())

    told = [_evidence(settings)]
    first.chmod(0o600)
    first.write_bytes(b"%PDF-" + b"x" * 20)
    told.append(_evidence(settings))
    os.remove(second)
    told.append(_evidence(settings))

    assert [True, False, False] == [check.ok for check in told]
    assert " is altered" in told[1].detail
    assert " is missing" in told[2].detail


def _evidence(settings: Any) -> Any:
    return next(check for check in checks_of(settings) if check.name == "evidence")
