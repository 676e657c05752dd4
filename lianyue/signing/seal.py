"""The seal that a signature shows in its box: drawn in vectors, the company's name around a star."""

from __future__ import annotations

import binascii
import json
import uuid
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

import typst
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader

TEMPLATE: Final = Path(__file__).with_name("seal.typ")


class Seal(PdfContent):
    """A drawn seal as what stands in a signature's box; a new one for every signature."""

    def __init__(self, drawn: bytes) -> None:
        super().__init__()
        self._drawn = drawn

    def render(self) -> bytes:
        """Bring the drawing into the document and return the operator that shows it."""
        form = self._ensure_writer.import_page_as_xobject(PdfFileReader(BytesIO(self._drawn)))
        name = b"/Seal" + binascii.hexlify(uuid.uuid4().bytes)
        self.resources.xobject[name.decode("ascii")] = form
        x0, y0, x1, y1 = (float(each) for each in form.get_object()["/BBox"])
        self.box = BoxConstraints(width=abs(x1 - x0), height=abs(y1 - y0))
        return name + b" Do"


def seal(name: str, organisation: str, size: tuple[int, int], *, is_test: bool) -> Seal:
    """Return the seal of the company *name* for a box of *size* in points; a test key's says 测试."""
    return Seal(_drawn(name, organisation, size, "测试" if is_test else "电子签名"))


@lru_cache(maxsize=256)
def _drawn(name: str, organisation: str, size: tuple[int, int], mark: str) -> bytes:
    width, height = size
    told = {"name": name, "organisation": organisation, "width": width, "height": height, "mark": mark}
    drawn = _compiler().compile(format="pdf", sys_inputs={"seal": json.dumps(told, ensure_ascii=False)})
    assert isinstance(drawn, bytes)  # noqa: S101 - what the signature of compile cannot say
    return drawn


@cache
def _compiler() -> typst.Compiler:
    from lianyue.documents.typesetting import _font_files

    folders = list(dict.fromkeys(path.parent for path in _font_files()))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    return typst.Compiler(input=TEMPLATE, root=TEMPLATE.parent, font_paths=fonts, ignore_system_fonts=True)
