"""Workbooks: numbers are numbers, moments are moments, and text is never a formula."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

from lianyue.portal.workbooks import bytes_of

HEAD = ("合同", "预算", "期限")


def _parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist()}


def test_text_that_looks_like_a_formula_stays_text() -> None:
    """A title that begins with an equals sign is a shared string; the sheet has no formula and no link."""
    parts = _parts(bytes_of("合同", HEAD, [("=HYPERLINK(1)", 1, None), ("+1", 2, None), ("http://a.example", 3, None)]))

    assert "<f>" not in parts["xl/worksheets/sheet1.xml"]
    assert "hyperlink" not in parts["xl/worksheets/sheet1.xml"].lower()
    assert "=HYPERLINK(1)" in parts["xl/sharedStrings.xml"]


def test_cells_have_their_types() -> None:
    """Fen are numbers in yuan, exact; a moment is a date on Shanghai's clock; the head stays, with filters."""
    row = ("港口", 123_456_789, datetime(2025, 7, 1, 1, tzinfo=UTC))

    sheet = _parts(bytes_of("合同", HEAD, [row], money=(1,)))["xl/worksheets/sheet1.xml"]

    assert "<v>1234567.89</v>" in sheet
    assert "<v>45839.375</v>" in sheet
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:C2"/>' in sheet


def test_the_same_list_gives_the_same_bytes() -> None:
    """A workbook says nothing of when it was made."""
    assert bytes_of("合同", HEAD, [("甲", 1, None)]) == bytes_of("合同", HEAD, [("甲", 1, None)])
