"""Reads a PDF back with a library that did not make it."""

from __future__ import annotations

import json
import re
from typing import Any

import pypdfium2

from lianyue.documents.rendered import RenderedDocument

A4 = (595.28, 841.89)


def text_of(document: RenderedDocument) -> str:
    """The text of all pages without blanks, as a reader would copy it."""
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        return "".join(re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in pdf)


def attached(document: RenderedDocument) -> tuple[str, Any]:
    """The name and the JSON of the one file inside."""
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        assert pdf.count_attachments() == 1
        found = pdf.get_attachment(0)
        return found.get_name(), json.loads(bytes(found.get_data()))


def outside(document: RenderedDocument, left: float, right: float, bottom: float, top: float) -> list[str]:
    """The runs of text that stand outside these margins, each with its page."""
    found = []
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        for number, page in enumerate(pdf):
            words = page.get_textpage()
            for place in range(words.count_rects()):
                x0, y0, x1, y1 = words.get_rect(place)
                if not (left <= x0 and x1 <= A4[0] - right and bottom <= y0 and y1 <= A4[1] - top):
                    found.append(f"page {number + 1}: {words.get_text_bounded(x0, y0, x1, y1)!r} at {x0:.0f},{y0:.0f}")
    return found


def within(document: RenderedDocument, page: int, box: tuple[float, float, float, float]) -> str:
    """The text inside a rectangle of a page."""
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        return str(pdf[page].get_textpage().get_text_bounded(*box)).strip()
