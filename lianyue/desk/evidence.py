"""The desk at which evidence is handed over: whose task it is, what the file is, and whether an answer names it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO

from contracts.errors import Invalid, WrongState
from contracts.organisation import Actor
from contracts.task import MemberTask, TaskAction, TaskKind
from contracts.task_moves import check_holder
from contracts.value import Json
from lianyue.evidence.folder import EvidenceFiles
from lianyue.evidence.kinds import kind_of, plain_name
from lianyue.records.evidence import EvidenceRows, KeptEvidence
from lianyue.records.reading import Reading


class EvidenceNotHandedOver(Invalid):
    """Upload the file first: at the form, with `task submit --evidence FILE`, or by POST to the task's `/evidence`."""

    code = "evidence-not-handed-over"


class EvidenceDesk:
    """Takes files for deliveries."""

    def __init__(self, reading: Reading, rows: EvidenceRows, files: EvidenceFiles, most_bytes: int) -> None:
        self.files = files
        self.rows = rows
        self._reading = reading
        self._most_bytes = most_bytes

    def take(self, task_id: str, actor: Actor, name: str, stream: BinaryIO) -> KeptEvidence:
        """
        Keep what *stream* holds as evidence for task *task_id*; the same file again is kept once.

        The file is on disk before its row is: a crash between leaves a file that nothing names, and a repetition
        gives it its row.

        Raises:
            NotYourTask, WrongState: If *actor* could not answer the task, or it hands nothing over.
            UnfitFile, TooLarge: If the file is not taken.
        """
        task = self._reading.task(task_id)
        if task.kind is not TaskKind.DELIVER or not task.is_open:
            raise WrongState(f"{task_id} takes no evidence now", where=task_id)
        check_holder(task, TaskAction(task=task_id, actor=actor))
        called = plain_name(name)
        with self.files.arriving(stream, self._most_bytes) as arrived:
            kind = kind_of(arrived.path, called)
            self.files.keep(arrived)
            kept = KeptEvidence(
                number=task.number,
                company=task.company,
                sha256=arrived.sha256,
                name=called,
                size=arrived.size,
                media_type=kind.media_type,
                milestone=task.subject["milestone"],
                user=actor.user,
                at=datetime.now(UTC),
            )
            return self.rows.keep(kept)

    def require_handed_over(self, task: MemberTask, content: Json) -> None:
        """
        Let pass an answer that names only files which the task's own company has handed over.

        Raises:
            EvidenceNotHandedOver: If it names another; whether others handed that over is not told.
        """
        if task.kind is not TaskKind.DELIVER:
            return
        there = self.rows.digests(task.number, task.company)
        for place, item in enumerate(content["evidence"]):
            if item["sha256"] not in there:
                raise EvidenceNotHandedOver(
                    f"{item['name']!r} was not handed over for {task.number}", where=f"/evidence/{place}/sha256"
                )
