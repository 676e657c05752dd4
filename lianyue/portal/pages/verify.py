"""The page on which anybody may have a signed document checked; it stores nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import HTMLResponse

from contracts.errors import AllianceError, Invalid
from contracts.signature import SignatureVerdict
from contracts.signed_document import DocumentCheck
from lianyue.documents.law import document_law
from lianyue.portal.i18n import speaking
from lianyue.portal.pages.visit import language_of
from lianyue.portal.templating import page
from lianyue.portal.visitors import service_of
from lianyue.signing.examining import LARGEST_PUBLIC, examined
from lianyue.signing.trusting import trust_here
from lianyue.signing.wording import finding_in, said_of_a_signer, verdict_in

router = APIRouter(include_in_schema=False)
AT_ONCE: Final = asyncio.Semaphore(2)
"""So many documents are looked at at the same time; others wait."""


class _InMemory(MultiPartParser):
    """Keeps what is sent in memory, which the guard of the door has bounded: nothing of it reaches a disk."""

    spool_max_size = LARGEST_PUBLIC + 2**20


@router.get("/verify", response_class=HTMLResponse)
def ask(request: Request) -> HTMLResponse:
    """验签：The form."""
    return _shown(request, None)


@router.post("/verify", response_class=HTMLResponse)
async def verify(request: Request) -> HTMLResponse:
    """验签：Check one document."""
    try:
        pdf = await _uploaded(request)
        trust = trust_here(service_of(request).settings)
    except AllianceError as error:
        return _shown(request, None, error)
    async with AT_ONCE:
        check = await run_in_threadpool(examined, pdf, trust, datetime.now(UTC))
    return _shown(request, check)


async def _uploaded(request: Request) -> bytes:
    """Return the one file of the form, or raise Invalid."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Invalid("send the form with one file in the field 'pdf'")
    parser = _InMemory(request.headers, request.stream(), max_files=1, max_fields=1)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Invalid(f"the form cannot be read: {error.message}") from None
    file = form.get("pdf")
    if not isinstance(file, UploadFile):
        raise Invalid("send the form with one file in the field 'pdf'")
    pdf = await file.read()
    await file.close()
    if not pdf:
        raise Invalid("the file is empty")
    return pdf


def _rows(check: DocumentCheck, language: str) -> list[tuple[str, str, str, datetime | None]]:
    """Each signer, to whom its certificate is made out, what was found of it, and when it signed."""
    return [
        (code, check.holders.get(code, ""), said_of_a_signer(each.reason, language), check.signed_at.get(code))
        for each in check.parties
        for code in (each.company,)
    ]


def _law(check: DocumentCheck, language: str) -> list[tuple[str, str]]:
    """What a document that holds shows of each condition of the law."""
    if check.verdict is not SignatureVerdict.VALID:
        return []
    conditions = document_law().reliable_signature.conditions
    if language == "en":
        return [(each.title_en, each.seen_en) for each in conditions]
    return [(each.item + each.title_zh, each.seen_zh) for each in conditions]


def _shown(request: Request, check: DocumentCheck | None, error: AllianceError | None = None) -> HTMLResponse:
    language = language_of(request)
    say = speaking(language)
    rows = _rows(check, language) if check else []
    text = page(
        "verify.html",
        language,
        check=check,
        rows=rows,
        law=_law(check, language) if check else [],
        verdict=verdict_in(check.verdict, language) if check else "",
        finding=finding_in(check.reason, language) if check else "",
        problem=say("请选择一个 PDF 文件") if error else "",
        most=LARGEST_PUBLIC // 2**20,
    )
    return HTMLResponse(text, 200 if error is None else 400)
