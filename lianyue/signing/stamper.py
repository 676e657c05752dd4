"""The form in which pyHanko asks for time-stamp tokens."""

from __future__ import annotations

from threading import Lock

from asn1crypto import cms, tsp
from pyhanko.sign.timestamps import TimeStamper

from lianyue.signing.timestamps import TimeSource


class Stamper(TimeStamper):
    """Asks a `TimeSource` in pyHanko's stead; whoever's *turn* it is lets others have it while it waits."""

    def __init__(self, source: TimeSource, turn: Lock | None = None) -> None:
        super().__init__()
        self._source = source
        self._turn = turn

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a token over *message_digest* as it came: what was not taken apart is not copied part by part."""
        token = await super().async_timestamp(message_digest, md_algorithm)
        return cms.ContentInfo.load(token.dump())

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Ask for one token."""
        if self._turn is None:
            return self._source.token(req)
        self._turn.release()
        try:
            return self._source.token(req)
        finally:
            self._turn.acquire()
