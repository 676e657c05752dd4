"""What a reader sees of a PDF: its pages, the notes on them, and what is attached; told apart when one changes."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from contracts.signed_document import DocumentFinding

Document = HistoricalResolver | PdfFileReader

DEEPEST = 40
"""How far nested objects are followed."""


def difference(before: Document, after: Document) -> DocumentFinding | None:
    """Name the first difference that a reader would notice, or return None."""
    pages = list(_pages(before)), list(_pages(after))
    if [_print(page, "/Annots", "/Parent") for page in pages[0]] != [
        _print(page, "/Annots", "/Parent") for page in pages[1]
    ]:
        return DocumentFinding.PAGE_CHANGED
    if [_notes(page) for page in pages[0]] != [_notes(page) for page in pages[1]]:
        return DocumentFinding.ANNOTATION_ADDED
    if _attachments(before) != _attachments(after):
        return DocumentFinding.ATTACHMENT_CHANGED
    return None


def _pages(document: Document) -> Iterator[generic.DictionaryObject]:
    yield from _leaves(document.root["/Pages"], 0)


def _leaves(node: generic.DictionaryObject, depth: int) -> Iterator[generic.DictionaryObject]:
    if depth > DEEPEST:
        raise ValueError("pages nested too deeply")
    if "/Kids" not in node:
        yield node
        return
    for kid in node["/Kids"]:
        yield from _leaves(kid.get_object() if isinstance(kid, generic.IndirectObject) else kid, depth + 1)


def _notes(page: generic.DictionaryObject) -> list[bytes]:
    """Everything on a page that is not the place of a signature."""
    notes = page["/Annots"] if "/Annots" in page else generic.ArrayObject()
    found = [notes[index] for index in range(len(notes))]
    return [_print(each, "/P", "/Parent") for each in found if "/FT" not in each or each["/FT"] != "/Sig"]


def _attachments(document: Document) -> bytes:
    root = document.root
    held = [root.raw_get(key) for key in ("/Names", "/AF") if key in root]
    return _print(generic.ArrayObject(held), "/P")


def _print(value: Any, *left_out: str) -> bytes:
    """Return a fingerprint of *value* with all that it refers to, but for the entries *left_out*."""
    return _digest(value, frozenset(left_out), frozenset(), 0)


def _digest(value: Any, left_out: frozenset[str], above: frozenset[tuple[int, int]], depth: int) -> bytes:
    if isinstance(value, generic.IndirectObject):
        place = (value.idnum, value.generation)
        if place in above:
            return b"again"
        return _digest(value.get_object(), left_out, above | {place}, depth)
    if depth > DEEPEST:
        return b"deep"
    if isinstance(value, generic.DictionaryObject):
        parts = [
            key.encode() + _digest(value.raw_get(key), left_out, above, depth + 1)
            for key in sorted(value)
            if key not in left_out
        ]
        body = value.data if isinstance(value, generic.StreamObject) else b""
        return sha256(b"{" + b"".join(parts) + sha256(body).digest()).digest()
    if isinstance(value, generic.ArrayObject):
        items = [_digest(value.raw_get(index), left_out, above, depth + 1) for index in range(len(value))]
        return sha256(b"[" + b"".join(items)).digest()
    return sha256(repr(value).encode()).digest()
