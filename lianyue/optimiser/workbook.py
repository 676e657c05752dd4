"""An answer as a workbook: typed cells, and no text that a spreadsheet would take for a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from rules.explain.words import PARTS
from rules.portfolio.answer import Allocation
from rules.portfolio.compiled import CompiledPortfolio

MONEY = "#,##0.00"
_LONG_AGO = datetime(2025, 1, 1)  # noqa: DTZ001 - the format knows no zone; the same answer has the same bytes
_SHEETS = {
    "awards": (
        "中选",
        "Awards",
        ("合同", "类别", "成员单位", "份额（基点）", "价格（元）", "承担方式"),
        ("Contract", "Category", "Member", "Share (bp)", "Price (yuan)", "Part"),
    ),
    "rules": (
        "规则代价",
        "Rules",
        ("规则", "代价（元）", "精确", "改派合同"),
        ("Rule", "Cost (yuan)", "Exact", "Contracts moved"),
    ),
    "summary": ("概要", "Summary", ("项目", "值"), ("Item", "Value")),
}


def workbook_of(portfolio: CompiledPortfolio, answer: Allocation, language: str) -> bytes:
    """Return *answer* as the bytes of an .xlsx file; amounts are in yuan with two decimals."""
    book = Workbook()
    book.properties.creator, book.properties.created, book.properties.modified = "Lianyue", _LONG_AGO, _LONG_AGO
    book.remove(book.active)  # type: ignore[arg-type]
    categories = {contract.number: contract.category for contract in portfolio.spec.contracts}
    awards = [
        (
            each.contract,
            categories[each.contract],
            each.member,
            each.share_bp,
            each.price_fen,
            PARTS[each.role].in_(language).strip("（）() "),
        )
        for each in answer.awards
    ]
    _fill(_sheet(book, "awards", language), awards, money=(4,))
    rules = [(each.id, each.cost, each.exact, len(each.changes)) for each in answer.binding]
    _fill(_sheet(book, "rules", language), rules, money=(1,))
    summary = [(name, str(value)) for name, value in _summary(answer)]
    _fill(_sheet(book, "summary", language), summary, money=())
    return _same_bytes(book)


def _summary(answer: Allocation) -> list[tuple[str, Any]]:
    fields = ("status", "portfolio", "policy", "objective", "bound", "gap_bp", "ties", "price_fen", "engine", "digest")
    return [(field, getattr(answer, field)) for field in fields]


def _sheet(book: Workbook, name: str, language: str) -> Worksheet:
    zh, en, zh_heads, en_heads = _SHEETS[name]
    sheet = book.create_sheet(en if language == "en" else zh)
    heads = en_heads if language == "en" else zh_heads
    for column, head in enumerate(heads, start=1):
        sheet.cell(1, column, head).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = 20
    sheet.freeze_panes = "A2"
    return sheet


def _fill(sheet: Worksheet, rows: Iterable[Sequence[Any]], money: Sequence[int]) -> None:
    for line, row in enumerate(rows, start=2):
        for column, value in enumerate(row):
            put(sheet, line, column + 1, value, is_money=column in money)


def put(sheet: Worksheet, line: int, column: int, value: Any, *, is_money: bool = False) -> None:
    """
    Write one cell: numbers as numbers, fen as yuan, and text as text.

    A text is never a formula here, also where it begins with ``=``, ``+``, ``-`` or ``@``: it is marked as text and as
    quoted, so that a spreadsheet does not take it for one when somebody edits the cell.
    """
    cell = sheet.cell(line, column)
    if isinstance(value, str):
        cell.value = value
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in tuple("=+-@\t\r")
    else:
        cell.value = value / 100 if is_money else value
        cell.number_format = MONEY if is_money else "General"


def _same_bytes(book: Workbook) -> bytes:
    """The file with the clock taken out of it, so that the same answer is the same file."""
    written = io.BytesIO()
    book.save(written)
    plain = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in sorted(source.namelist()):
            text = source.read(entry)
            if entry == "docProps/core.xml":
                text = _without_clock(text)
            target.writestr(zipfile.ZipInfo(entry, (2025, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return plain.getvalue()


def _without_clock(core: bytes) -> bytes:
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2025-01-01T00:00:00Z", core)
