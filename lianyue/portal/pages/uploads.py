"""Files that come with a form: kept before the answer that names them is looked at."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.requests import Request

from contracts.errors import Invalid
from contracts.task import MemberTask, TaskKind
from lianyue.access.errors import NotThere
from lianyue.portal.multipart import files_in
from lianyue.portal.pages.visit import Visit
from lianyue.portal.plain_words import said_of
from lianyue.records.evidence import KeptEvidence
from lianyue.settings import Language
from rules.forms import Violation

MARK = "!"
"""What the name of a file's field ends with; before it stands the pointer of the digest that it becomes."""
MOST_FILES = 50


async def handed_over(visit: Visit, request: Request, task_id: str) -> tuple[dict[str, str], tuple[Violation, ...]]:
    """Return what was typed, with the digests of the files that came along, and what is wrong with the files."""
    async with files_in(request, MOST_FILES) as form:
        typed = {name: text for name, text in form.items() if isinstance(text, str)}
        faults = []
        for name, file in form.items():
            if isinstance(file, UploadFile) and file.filename and name.endswith(MARK):
                try:
                    kept = await visit.acts.hand_over(task_id, file.filename, file.file)
                except NotThere:
                    raise
                except Invalid as error:
                    faults.append(_fault(name.removesuffix(MARK), error))
                    continue
                typed |= _named(typed, name.removesuffix(MARK), kept)
        return typed, tuple(faults)


def files_of(visit: Visit, task: MemberTask) -> tuple[KeptEvidence, ...]:
    """Return the files that the answer to *task*, or the delivery that is to be inspected, names."""
    if task.kind not in (TaskKind.DELIVER, TaskKind.ACCEPT):
        return ()
    milestone, member = task.subject.get("milestone"), task.subject.get("member", task.company)
    found = visit.scope.evidence(task.number)
    return tuple(each for each in found if each.milestone == milestone and each.company == member)


def _named(typed: dict[str, str], pointer: str, kept: KeptEvidence) -> dict[str, str]:
    """The digest at its pointer, and beside it the file's name where none was typed."""
    name = f"{pointer.rpartition('/')[0]}/name"
    return {pointer: kept.sha256, name: typed.get(name, "").strip() or kept.name}


def _fault(pointer: str, error: Invalid) -> Violation:
    return Violation(pointer, said_of(error, Language.ZH), said_of(error, Language.EN))
