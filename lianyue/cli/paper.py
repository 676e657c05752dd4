"""Writes a document of a contract to a file, and says what it was made from."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from contracts.errors import Invalid
from lianyue.cli.contract_page import category_of
from lianyue.cli.output import emit, say
from lianyue.cli.session import opened
from lianyue.documents.filed import Shelf, filed
from lianyue.documents.rendered import DocumentKind, DocumentLanguage
from lianyue.settings import Settings

Choice = TypeVar("Choice", bound=StrEnum)

KINDS = (DocumentKind.CONTRACT, DocumentKind.APPROVAL, DocumentKind.ACCEPTANCE)
"""What may be asked for; a version that is an amendment is one whichever way it is asked for."""


class UnwritableFile(Invalid):
    """Name a file in a folder that exists and may be written to."""

    code = "unwritable-file"


def written(
    settings: Settings, number: str, output: Path, kind: str, lang: str, version: int | None, *, as_json: bool
) -> None:
    """Write a document of contract *number* to *output*; a name that is no kind or language is Invalid."""
    wanted = _one_of(kind, KINDS, "--kind")
    language = _one_of(lang, tuple(DocumentLanguage), "--lang")
    with opened(settings) as records:
        category = category_of(settings, records.reading.contract(number).category)
        document = filed(Shelf(*records, category), number, wanted, language, version)
    try:
        output.write_bytes(document.pdf)
    except OSError as error:
        raise UnwritableFile(f"{output} cannot be written: {error.strerror}", where="--output") from None
    if as_json:
        emit(
            {
                "file": str(output),
                "kind": document.kind.value,
                "pages": document.pages,
                "pdf_sha256": document.pdf_sha256,
                "fields": [asdict(field) for field in document.fields],
                "digests": asdict(document.digests),
            }
        )
        return
    say(f"{output}：{document.pages} 页，{document.pdf_sha256}")


def _one_of(given: str, known: tuple[Choice, ...], where: str) -> Choice:
    for choice in known:
        if given == choice.value:
            return choice
    raise Invalid(f"{given!r} is not one of {', '.join(known)}", where=where)
