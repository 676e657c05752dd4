"""Lists as workbooks for Excel: typed cells, a frozen head with filters, and no text that would become a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from starlette.responses import Response

from contracts.calendar import SHANGHAI

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SAFE: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_MADE: Final = datetime(2025, 1, 1)  # noqa: DTZ001 - the file's own date, which would make every export differ


def workbook(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]], money: Sequence[int] = ()) -> Response:
    """Answer with *rows* as a workbook called *name*; the columns *money* hold fen and are shown in yuan."""
    headers = {"Content-Disposition": 'attachment; filename="lianyue.xlsx"'}
    return Response(bytes_of(name, head, rows, money), media_type=MEDIA_TYPE, headers=headers)


def bytes_of(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]], money: Sequence[int] = ()) -> bytes:
    """Return the workbook's bytes; the same rows give the same bytes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "remove_timezone": True, **_SAFE}) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet(name)
        bold = book.add_format({"bold": True, "bottom": 1})
        yuan = book.add_format({"num_format": "#,##0.00"})
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, head, bold)
        count = 0
        for count, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, count, column, value, yuan if column in money else None, day)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), len(head) - 1)
        sheet.autofit()
    return buffer.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, yuan: Any, day: Any) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(SHANGHAI), day)
    elif isinstance(value, int) and yuan is not None:
        sheet.write_number(row, column, Decimal(value) / 100, yuan)
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, str(value))
