"""A worker that is killed before, inside or after the transaction of one effect."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import AbstractContextManager

from sqlmodel import Session

from activities.ports import Writing
from activities.recording import Written
from lianyue.records.engine import Database
from lianyue.records.sql import SqlRecords
from tests.lianyue.records.samples import AT, DAY, decision, happening, order, request


class CrashingRecords(SqlRecords):
    """Records whose process dies at *point*."""

    def __init__(self, database: Database, point: str) -> None:
        super().__init__(database, now=lambda: AT)
        self._point = point

    def _begin(self) -> AbstractContextManager[Session]:
        self._die_if("before")
        return super()._begin()

    def _commit(self, session: Session) -> None:
        self._die_if("inside")
        super()._commit(session)
        self._die_if("after")

    def _die_if(self, point: str) -> None:
        if self._point == point:
            os.kill(os.getpid(), signal.SIGKILL)


def _reserve(writing: Writing) -> Written:
    writing.reserve(order().contract, decision(LGWY=100), DAY)
    return Written(key="killed")


if __name__ == "__main__":
    url, point = sys.argv[1:]
    asked = request(step="decide", happenings=(happening("decided"),))
    CrashingRecords(Database(url), point).once(asked, _reserve, Written)
