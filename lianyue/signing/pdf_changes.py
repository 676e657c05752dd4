"""What was added to a PDF after its certification: signatures and nothing else, each object of theirs once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, SuspiciousModification
from pyhanko.sign.fields import MDPPerm

Place = tuple[int, int]

TAGS = generic.NameObject("/StructTreeRoot")

_OF_CATALOGUE = ("/AcroForm", "/DSS", "/Extensions", "/Metadata")
_OF_SECURITY_STORE = ("/Certs", "/CRLs", "/OCSPs", "/VRI")


def suspicious_change(reader: PdfFileReader, certified: int) -> tuple[int, str] | None:
    """
    Return the revision and the description of a change after revision *certified* that no signature explains.

    Each revision is compared with the certified one by pyHanko's policy for filled forms, which looks at what that
    revision writes; and no object is written twice, but for those that every signature writes. So a signature, once
    there, stays as it was. (Comparing each with all before it says the same and takes as many times longer.)
    """
    last = reader.xrefs.total_revisions - 1
    before = reader.get_historical_resolver(certified)
    _list_uses(before)
    for revision in range(certified + 1, last + 1):
        try:
            DEFAULT_DIFF_POLICY.apply(before, reader.get_historical_resolver(revision), None, MDPPerm.FILL_FORMS)
        except SuspiciousModification as change:
            return revision, str(change)[:200]
    return _written_twice(reader, certified, last)


def _list_uses(certified: HistoricalResolver) -> None:
    """
    List where each object of the *certified* revision is used, but for the tags by which screen readers find their way.

    The policy asks that of what a later revision writes anew, every use be one that a signature may change. Tags name
    every page and field once more, and reading them takes most of the time. They are certified themselves, and a later
    revision that writes one is refused, since no signature explains it; so that what they name may stay unread.
    """
    root = certified.root
    tags = root.pop(TAGS, None)
    certified._load_reverse_xref_cache()
    if tags is not None:
        root[TAGS] = tags


def _written_twice(reader: PdfFileReader, certified: int, last: int) -> tuple[int, str] | None:
    shared = set(_shared(reader))
    written: set[Place] = set()
    for revision in range(certified + 1, last + 1):
        places = {(each.idnum, each.generation) for each in reader.xrefs.explicit_refs_in_revision(revision)}
        again = (places & written) - shared
        if again:
            return revision, f"object {min(again)[0]} is written again"
        written |= places
    return None


def _shared(reader: PdfFileReader) -> Iterator[Place]:
    """Yield the objects that every signature writes: the catalogue and what hangs on it, and pages for their notes."""
    root = reader.root
    yield from _places(reader.trailer.flatten(), "/Root", "/Info")
    yield from _places(root, *_OF_CATALOGUE)
    yield from _places(root["/AcroForm"], "/Fields")
    if "/DSS" in root:
        yield from _places(root["/DSS"], *_OF_SECURITY_STORE)
    for page in _pages(root["/Pages"], 0):
        yield page.idnum, page.generation
        yield from _places(page.get_object(), "/Annots")


def _places(holder: Any, *keys: str) -> Iterator[Place]:
    for key in keys:
        value = holder.raw_get(key) if key in holder else None
        if isinstance(value, generic.IndirectObject):
            yield value.idnum, value.generation


def _pages(node: generic.DictionaryObject, depth: int) -> Iterator[generic.IndirectObject]:
    kids = node["/Kids"]
    for index in range(len(kids)):
        kid = kids.raw_get(index)
        if not isinstance(kid, generic.IndirectObject) or depth > 40:
            raise ValueError("a page tree that cannot be followed")
        below = kid.get_object()
        if "/Kids" in below:
            yield from _pages(below, depth + 1)
        else:
            yield kid
