"""The typesetter: typst with our templates and fonts alone, no system font, no clock, no network."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import typst

from contracts.calendar import epoch_day, iso_day
from contracts.errors import Invalid
from rules.canonical import canonical, digest

TEMPLATES: Final = Path(__file__).parent / "templates"
STANDARD: Final = "a-3b"
"""PDF/A-3b: made to be kept, every glyph embedded, and it may carry the JSON it was made from."""
FONT_PACKAGE: Final = "justmytype_intl_cjk"
FONT_FOLDERS: Final = ("notosanssc", "notosanstc", "notosansjp")
"""Noto Sans for simplified Chinese; of the others what it lacks is taken."""


class GlyphMissing(Invalid):
    """Write the name or text with a character that the fonts have; the document is not made without it."""

    code = "glyph-missing"


class TemplateFault(Invalid):
    """Correct the category's document.typ at the place named; the shipped ones show how it is written."""

    code = "template-fault"


class Typeset(NamedTuple):
    """The bytes of a document, its pages, what the template says of its signature boxes, the digest of its content."""

    pdf: bytes
    pages: int
    boxes: list[dict[str, Any]]
    content_digest: str


class Typesetter:
    """
    Turns contents into PDF; the same contents, templates, fonts and engine give the same bytes.

    One compiler is kept with its fonts; a lock keeps what it has compiled together with what is asked about it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def typeset(self, contents: Mapping[str, Any], attached: Mapping[str, Any], template: str) -> Typeset:
        """
        Typeset *contents* by the text of *template*, with *attached* inside as ``contract.json``.

        Raises:
            GlyphMissing: If a character is in no font; names the field it stands in.
            TemplateFault: If the template cannot be typeset.
        """
        written = {"attached": canonical(attached), "contents": canonical(contents)}
        inputs = {**{name: text.decode() for name, text in written.items()}, "template": template}
        with self._lock:
            try:
                pdf = self._compiler.compile(
                    format="pdf", sys_inputs=inputs, pdf_standards=[STANDARD], timestamp=_midnight(contents["dated"])
                )
                told = json.loads(self._compiler.query("<told>", field="value"))
            except typst.TypstError as error:
                self._tell_missing(contents)
                raise TemplateFault(_first_line(error)) from None
        assert isinstance(pdf, bytes)  # noqa: S101 - what the signature of compile cannot say
        boxes = [each for each in told if each["kind"] == "signature"]
        pages = next(each["pages"] for each in told if each["kind"] == "pages")
        return Typeset(pdf, pages, boxes, _digest_of(written))

    @cached_property
    def engine(self) -> str:
        """Name and version of the typesetter."""
        return f"typst {version('typst')}"

    @cached_property
    def fonts_digest(self) -> str:
        """The digest over the font files."""
        return digest({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in _font_files()})

    def template_digest(self, template: str) -> str:
        """The digest over the shared templates and the text of *template*."""
        return digest({**self._shared, "document": template})

    @cached_property
    def _shared(self) -> dict[str, str]:
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.glob("*.typ"))}

    @cached_property
    def _compiler(self) -> typst.Compiler:
        folders = list(dict.fromkeys(path.parent for path in _font_files()))
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
        return typst.Compiler(
            input=TEMPLATES / "document.typ", root=TEMPLATES, font_paths=fonts, ignore_system_fonts=True
        )

    def _tell_missing(self, contents: Mapping[str, Any]) -> None:
        """Raise GlyphMissing if a text of *contents* has a character that is in no font."""
        for place, text in _texts(contents, ""):
            for sign in text:
                if ord(sign) not in self._characters and sign != "\n":
                    raise GlyphMissing(f"no font has {sign!r} (U+{ord(sign):04X}), which stands in {text!r}", place)

    @cached_property
    def _characters(self) -> frozenset[int]:
        from fontTools.ttLib import TTFont

        found: set[int] = set()
        for path in _font_files():
            with TTFont(path, lazy=True) as font:
                found.update(font.getBestCmap())
        return frozenset(found)


def _font_files() -> list[Path]:
    spec = find_spec(FONT_PACKAGE)
    if spec is None or spec.origin is None:
        raise Invalid(f"the package {FONT_PACKAGE} with the fonts is not installed")
    folder = Path(spec.origin).parent / "fonts" / "ofl"
    return [path for name in FONT_FOLDERS for path in sorted((folder / name).glob("*.ttf"))]


def _digest_of(written: Mapping[str, bytes]) -> str:
    """The digest of the object whose parts have been written, in the order of their names: what `digest` would say."""
    parts = b",".join(b'"%s":%s' % (name.encode(), text) for name, text in written.items())
    return f"sha256:{hashlib.sha256(b'{%s}' % parts).hexdigest()}"


def _midnight(iso: str) -> datetime:
    """The beginning of a day; what the metadata show as the time of creation."""
    return datetime.fromisoformat(f"{iso_day(epoch_day(iso))}T00:00:00").replace(tzinfo=UTC)


def _texts(part: Any, place: str) -> list[tuple[str, str]]:
    if isinstance(part, str):
        return [(place, part)]
    if isinstance(part, Mapping):
        return [found for key, value in part.items() for found in _texts(value, f"{place}.{key}".lstrip("."))]
    if isinstance(part, list | tuple):
        return [found for index, value in enumerate(part) for found in _texts(value, f"{place}[{index}]")]
    return []


def _first_line(error: typst.TypstError) -> str:
    return (str(error.diagnostic or error.message).strip().splitlines() or ["the template cannot be typeset"])[0]
