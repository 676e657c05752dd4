"""Workbook and picture: typed cells, no formula from a text, the same bytes for the same answer."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from openpyxl import Workbook

from bench.portfolios import portfolio
from lianyue.optimiser.explaining import explained
from lianyue.optimiser.exporting import UnknownFormat, write
from lianyue.optimiser.files import json_source
from lianyue.optimiser.highs import Highs
from lianyue.optimiser.picture import picture_of
from lianyue.optimiser.workbook import put, workbook_of
from rules.portfolio.answer import Allocation
from rules.portfolio.compiled import CompiledPortfolio, compiled


@pytest.fixture(scope="module")
def decided() -> tuple[CompiledPortfolio, Allocation]:
    """A small portfolio and its answer."""
    given = compiled(json_source(json.dumps(portfolio(12, 5, 1)), "x"))
    return given, explained(given, Highs())


def test_a_workbook_holds_every_award_with_its_amount(decided: tuple[CompiledPortfolio, Allocation]) -> None:
    """Amounts are numbers in yuan, names are text, and the awards are those of the answer."""
    given, answer = decided

    book = openpyxl.load_workbook(io.BytesIO(workbook_of(given, answer, "zh")))

    rows = list(book["中选"].iter_rows(min_row=2, values_only=True))
    assert [(each.contract, each.member, each.price_fen / 100) for each in answer.awards] == [
        (row[0], row[2], row[4]) for row in rows
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    """A text that a spreadsheet would take for a formula is a quoted text, before and after it is saved."""
    book = Workbook()
    sheet = book.worksheets[0]
    put(sheet, 1, 1, text)
    written = io.BytesIO()
    book.save(written)

    cell = openpyxl.load_workbook(written).worksheets[0]["A1"]

    assert (text, "s", True) == (cell.value, cell.data_type, cell.quotePrefix)


def test_the_same_answer_is_the_same_file(decided: tuple[CompiledPortfolio, Allocation]) -> None:
    """Neither the workbook nor the picture holds a clock."""
    given, answer = decided

    assert workbook_of(given, answer, "en") == workbook_of(given, answer, "en")
    assert picture_of(given, answer, "en") == picture_of(given, answer, "en")


def test_a_picture_is_well_formed_and_names_every_member(decided: tuple[CompiledPortfolio, Allocation]) -> None:
    """The SVG parses, and each member that receives something has its bar."""
    given, answer = decided

    root = ET.fromstring(picture_of(given, answer, "zh"))

    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [] == [award.member for award in answer.awards if award.member not in texts]


def test_another_ending_is_refused(decided: tuple[CompiledPortfolio, Allocation], tmp_path: Path) -> None:
    """What is neither a workbook nor a picture is not written."""
    with pytest.raises(UnknownFormat, match="neither"):
        write(tmp_path / "x.csv", *decided, "zh")
