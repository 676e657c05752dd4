"""An answer as a workbook or a picture."""

from __future__ import annotations

from pathlib import Path

from contracts.errors import Invalid
from lianyue.optimiser.picture import picture_of
from lianyue.optimiser.workbook import workbook_of
from rules.portfolio.answer import Allocation
from rules.portfolio.compiled import CompiledPortfolio


class UnknownFormat(Invalid):
    """Name the file X.xlsx or X.svg, in a folder that is there and yours to write."""

    code = "unknown-format"


def write(file: Path, portfolio: CompiledPortfolio, answer: Allocation, language: str) -> None:
    """
    Write *answer* to *file* in the format of its ending.

    Raises:
        UnknownFormat: If it ends otherwise, or cannot be written.
    """
    try:
        match file.suffix.lower():
            case ".xlsx":
                file.write_bytes(workbook_of(portfolio, answer, language))
            case ".svg":
                file.write_text(picture_of(portfolio, answer, language), encoding="utf-8")
            case _:
                raise UnknownFormat(f"{file} is neither .xlsx nor .svg", str(file))
    except OSError as error:
        raise UnknownFormat(f"{file} cannot be written: {(error.strerror or '').lower()}", str(file)) from None
