"""Rendering: an agreement, and the names that belong to it, become a document that can be signed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from contracts.agreement import Agreement
from contracts.category import Category
from contracts.organisation import Company
from lianyue.documents.contents import Sources, contract_contents
from lianyue.documents.rendered import (
    DocumentDigests,
    DocumentKind,
    DocumentLanguage,
    RenderedDocument,
    SignatureBox,
)
from lianyue.documents.typesetting import TEMPLATES, Typesetter


def render(
    agreement: Agreement,
    names: Mapping[str, Company],
    category: Category,
    *,
    language: DocumentLanguage = DocumentLanguage.ZH,
    previous: Agreement | None = None,
    duty_fen: Mapping[str, int] | None = None,
    dated: str | None = None,
) -> RenderedDocument:
    """
    Return *agreement* as a document: a contract, or the change of one.

    *names* holds every party's company by its code; *category* the titles and the template; *previous* is the
    version that an amendment changes; *duty_fen* what each party owes in stamp duty (`documents.duties`); *dated* the
    day in the metadata, else the first day of service.

    Raises:
        UnknownName: If a party is not among *names*.
        GlyphMissing: If a character of a name or text is in no font.
        TemplateFault: If the category's template cannot be typeset.
    """
    contents = contract_contents(agreement, Sources(names, category, language, previous, duty_fen, dated))
    own = category.document if contents["kind"] == DocumentKind.CONTRACT else ""
    return typeset(contents, agreement.model_dump(mode="json"), own or shared_template(contents["kind"]))


def typeset(contents: Mapping[str, Any], attached: Mapping[str, Any], template: str) -> RenderedDocument:
    """Return *contents* as a document with *attached* inside it; errors as `render`."""
    setter = typesetter()
    set_ = setter.typeset(contents, attached, template)
    return RenderedDocument(
        kind=DocumentKind(contents["kind"]),
        pdf=set_.pdf,
        pages=set_.pages,
        fields=tuple(_box(each) for each in set_.boxes),
        digests=DocumentDigests(
            engine=setter.engine,
            template=setter.template_digest(template),
            fonts=setter.fonts_digest,
            content=set_.content_digest,
        ),
    )


def shared_template(kind: str) -> str:
    """Return the template of a kind of document that no category has of its own."""
    return (TEMPLATES / f"{kind}.typ").read_text(encoding="utf-8")


def _box(told: Mapping[str, Any]) -> SignatureBox:
    return SignatureBox(told["party"], told["page"], told["x0"], told["y0"], told["x1"], told["y1"])


@cache
def typesetter() -> Typesetter:
    """Return the typesetter of this process; it takes a moment to read its fonts."""
    return Typesetter()
