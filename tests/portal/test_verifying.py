"""The public page on which documents are checked: for strangers, in memory, within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from lianyue.portal.guards import LARGEST_BODIES
from tests.portal.town import AWARDED, Town

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def shown(town: Town, content: bytes, name: str = "contract.pdf") -> tuple[int, str]:
    """What a stranger is shown who sends *content*."""
    async with town.door() as door:
        answer = await door.post("/verify", files={"pdf": (name, content, "application/pdf")})
    return answer.status_code, answer.text


def files_in(folder: Path) -> list[Path]:
    """Everything that lies in *folder*, but for what the database writes of itself."""
    return sorted(each for each in folder.rglob("*") if "records" not in each.name)


async def test_a_stranger_has_a_signed_document_checked(lived_in: Town) -> None:
    """The verdict stands on the page, every party by its name, what the law asks, and that the keys are test keys."""
    wiring = lived_in.house.wiring
    closed = wiring.reading.revisions(AWARDED, 1)[-1]

    status, text = await shown(lived_in, wiring.documents.pdf(closed))

    assert 200 == status
    assert "[ok]" in text
    assert [] == [code for code in ("HARBOUR", "北极星", "OFFICE", "封存", "第十三条", "测试证书") if code not in text]


async def test_what_is_no_document_is_answered_politely(lived_in: Town) -> None:
    """Nonsense cannot be read, an empty form asks for a file, and what is too large is refused at the door."""
    async with lived_in.door() as door:
        form, empty = await door.get("/verify"), await door.post("/verify", data={"pdf": ""})
    nonsense = await shown(lived_in, b"%PDF-1.7\n" + b"<" * 20_000)
    too_large = await shown(lived_in, b"0" * (LARGEST_BODIES["/verify"] + 1))

    assert (200, 400) == (form.status_code, empty.status_code)
    assert (200, True) == (nonsense[0], "[unreadable]" in nonsense[1])
    assert 413 == too_large[0]


async def test_nothing_of_it_is_stored(lived_in: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the folder for temporary files nor that of the installation holds a byte more afterwards."""
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    data = lived_in.house.wiring.settings.data
    before = files_in(data)

    await shown(lived_in, b"%PDF-1.7\n" + bytes(3 * 2**20))

    assert [] == files_in(tmp_path)
    assert before == files_in(data)
