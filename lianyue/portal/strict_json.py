"""JSON bodies read strictly: no fractions, no name twice, no hidden characters, not too deep."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from contracts.errors import AllianceError, MalformedDocument
from lianyue.access.errors import WrongMediaType
from lianyue.records.text import normal

DEEPEST = 32
LARGEST = 2**63 - 1
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """A route whose JSON body is read by `strictly`."""

    def get_route_handler(self) -> Handler:
        """Read the body before FastAPI does."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            body = await request.body()
            if body or request.method in ("POST", "PUT", "PATCH"):
                request._json = strictly(body, request.headers.get("content-type", "")) if body else None
            return await handle(request)

        return strict


def strictly(body: bytes, media_type: str) -> Any:
    """
    Return what the JSON in *body* says, its texts in Unicode normal form C.

    Raises:
        WrongMediaType: If it does not call itself JSON.
        MalformedDocument: If it is none, or says anything in a way that could be read otherwise.
    """
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise WrongMediaType("the body does not call itself application/json", where="Content-Type")
    try:
        data = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_distinct,
            parse_float=_fraction,
            parse_constant=_fraction,
            parse_int=_whole,
        )
        if _depth(data) > DEEPEST:
            raise MalformedDocument(f"the body is nested deeper than {DEEPEST} levels", where="body")
        return normal(data)
    except AllianceError as error:
        raise MalformedDocument(error.message, where="body") from None
    except UnicodeDecodeError:
        raise MalformedDocument("the body is not UTF-8 text", where="body") from None
    except json.JSONDecodeError as error:
        place = f"body:{error.lineno}:{error.colno}"
        raise MalformedDocument(f"not JSON: {error.msg[0].lower()}{error.msg[1:]}", where=place) from None
    except RecursionError:
        raise MalformedDocument(f"the body is nested deeper than {DEEPEST} levels", where="body") from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise MalformedDocument("a name stands twice in one object")
    return named


def _fraction(_: str) -> Any:
    raise MalformedDocument("a number is no whole number; count in whole fen (_fen) or basis points (_bp)")


def _whole(word: str) -> int:
    if len(word) > 20 or not -LARGEST - 1 <= int(word) <= LARGEST:
        raise MalformedDocument("a number is outside the range of int64")
    return int(word)


def _depth(data: Any) -> int:
    deepest, level = 0, [data]
    while level:
        inner: list[Any] = []
        for each in level:
            inner += each.values() if isinstance(each, dict) else each if isinstance(each, list) else []
        level = inner
        deepest += 1
    return deepest
