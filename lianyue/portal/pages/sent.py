"""What a browser sends with a form: the fields as they were typed, and the id that the page was drawn with."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

LONGEST_REQUEST_ID = 120


async def sent_with(request: Request) -> dict[str, str]:
    """Return every field of a form without files; several people stand under ``to`` with commas between."""
    form = await request.form(max_files=0, max_fields=2_000)
    sent = {name: text for name, text in form.items() if isinstance(text, str)}
    people = [user for user in form.getlist("to") if isinstance(user, str)]
    return {**sent, "to": ",".join(people)} if people else sent


def request_id(sent: Mapping[str, str]) -> str:
    """Return the id that the page was drawn with, so that a form sent twice is answered twice the same."""
    wanted = sent.get("_request", "")
    return wanted if len(wanted) <= LONGEST_REQUEST_ID and all("!" <= sign <= "~" for sign in wanted) else ""
