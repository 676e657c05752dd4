"""Forms with files, read piece by piece onto the disk; what is no such form is told as every malformed body is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from contracts.errors import MalformedDocument

MOST_FIELDS = 2_000


@asynccontextmanager
async def files_in(request: Request, most: int) -> AsyncIterator[FormData]:
    """
    Give the form of *request* with at most *most* files; they are gone afterwards.

    Raises:
        MalformedDocument: If the body cannot be read as a form.
    """
    try:
        form = await request.form(max_files=most, max_fields=MOST_FIELDS)
    except HTTPException as error:
        raise MalformedDocument(f"the form cannot be read: {str(error.detail).lower()}", where="body") from None
    try:
        yield form
    finally:
        await form.close()
