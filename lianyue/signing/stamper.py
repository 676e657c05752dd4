"""The form in which pyHanko asks for time-stamp tokens."""

from __future__ import annotations

from asn1crypto import tsp
from pyhanko.sign.timestamps import TimeStamper

from lianyue.signing.timestamps import TimeSource


class Stamper(TimeStamper):
    """Asks a `TimeSource` in pyHanko's stead."""

    def __init__(self, source: TimeSource) -> None:
        super().__init__()
        self._source = source

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Ask for one token."""
        return self._source.token(req)
