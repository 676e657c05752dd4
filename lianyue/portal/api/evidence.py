"""Evidence: files handed over for a delivery, and handed out again to whoever may see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import StreamingResponse

from contracts.errors import MalformedDocument
from lianyue.access.errors import WrongMediaType
from lianyue.portal.api.shapes import ROOT
from lianyue.portal.multipart import files_in
from lianyue.portal.visitors import Doing, Seen
from lianyue.records.evidence import KeptEvidence

router = APIRouter(prefix=ROOT, tags=["evidence"])
PIECE = 1 << 16
HANDED_OUT = {"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"}


@router.post("/tasks/{task_id:path}/evidence")
async def hand_over(task_id: str, request: Request, doing: Doing) -> KeptEvidence:
    """
    交付资料：Keep one file, the field `file` of multipart/form-data; the answer then names its SHA-256.

    The same file again is kept once.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise WrongMediaType("a file is sent as multipart/form-data", where="Content-Type")
    async with files_in(request, most=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise MalformedDocument("there is no file in the field `file`", where="file")
        return await doing.hand_over(task_id, file.filename or "", file.file)


@router.get("/contracts/{number}/evidence")
def list_evidence(number: str, seen: Seen) -> tuple[KeptEvidence, ...]:
    """交付资料清单：The files that were handed over for a contract, as far as they are for the viewer."""
    return seen.evidence(number)


@router.get("/contracts/{number}/evidence/{sha256}", response_class=StreamingResponse)
def fetch(number: str, sha256: str, seen: Seen) -> StreamingResponse:
    """下载：One of these files, to be saved and not shown."""
    kept, stream = seen.evidence_file(number, sha256)
    saved_as = f"filename=\"{kept.sha256[:12]}\"; filename*=UTF-8''{quote(kept.name, safe='')}"
    headers = {**HANDED_OUT, "Content-Disposition": f"attachment; {saved_as}", "Content-Length": str(kept.size)}
    return StreamingResponse(_pieces(stream), media_type=kept.media_type, headers=headers)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(PIECE):
            yield piece
