"""Writing down what a workflow remembers: tasks, stage, happenings."""

from __future__ import annotations

from temporalio import activity

from activities.ports import Records
from contracts.journal import EffectRequest
from contracts.value import Recorded


class Written(Recorded):
    """The batch is in the records."""

    key: str


class Recording:
    """Keeps the records in step with the workflows."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn
    def write_down(self, request: EffectRequest) -> Written:
        """Apply the request's journal to the records, once."""
        return self._records.once(request, lambda _: Written(key=request.key), Written)
