"""What stands in an acceptance sheet (验收单): what was delivered and when, how it was judged, and what is payable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.agreement import Agreement
from contracts.calendar import SHANGHAI, iso_day
from contracts.category import CategoryPack
from contracts.delivery import SettlementKind, SettlementLine
from contracts.journal import Happening
from contracts.money import added
from contracts.task import MemberTask, TaskKind
from lianyue.documents.contents import Contents
from lianyue.documents.figures import amount, in_words, rate
from lianyue.documents.law import law_lines
from lianyue.documents.rendered import DocumentKind, DocumentLanguage
from lianyue.story import term
from rules.canonical import digest


def acceptance_contents(
    agreement: Agreement,
    pack: CategoryPack,
    lines: Sequence[SettlementLine],
    tasks: Sequence[MemberTask],
    story: Sequence[Happening],
    names: Mapping[str, str],
    language: DocumentLanguage = DocumentLanguage.ZH,
) -> Contents:
    """
    Return the acceptance sheet of what has been settled under *agreement* so far.

    *lines* are the settlement lines, *tasks* all tasks of the contract, *story* what happened to it, *names*
    companies and people by code and user name. It bears the day of the last acceptance.
    """
    moments = {each.task: each for each in story if each.verb in ("submitted", "expired")}
    rows = [_row(line, _inspection(line, tasks), pack, moments, names) for line in lines]
    payable = added([line.payable for line in lines])
    days = [row["when"][:10] for row in rows if row["when"]]
    return {
        "kind": DocumentKind.ACCEPTANCE.value,
        **law_lines(DocumentKind.ACCEPTANCE),
        "language": language.value,
        "number": agreement.number,
        "version": str(agreement.version),
        "title": agreement.title,
        "digest": digest([line.model_dump(mode="json") for line in lines]).removeprefix("sha256:"),
        "dated": max(days, default=agreement.starts_on),
        "client": names.get(agreement.client, agreement.client),
        "agreed": amount(agreement.total_fen),
        "lines": rows,
        "total": {
            "agreed": amount(sum(line.agreed_fen for line in lines)),
            "deduction": amount(sum(line.deduction_fen for line in lines)),
            "net": amount(payable.net_fen),
            "vat": amount(payable.vat_fen),
            "gross": amount(payable.gross_fen),
            "words": in_words(payable.gross_fen),
        },
    }


def _inspection(line: SettlementLine, tasks: Sequence[MemberTask]) -> MemberTask | None:
    """The last inspection of what a line settles."""
    found = [
        task
        for task in tasks
        if task.kind is TaskKind.ACCEPT
        and (task.subject.get("member"), task.subject.get("milestone")) == (line.member, line.milestone)
    ]
    return max(found, key=lambda task: (task.opened_at, task.id), default=None)


def _row(
    line: SettlementLine,
    inspection: MemberTask | None,
    pack: CategoryPack,
    moments: Mapping[str, Happening],
    names: Mapping[str, str],
) -> dict[str, Any]:
    titles = {kind.code: kind for kind in pack.milestones}
    kind = titles.get(line.milestone)
    answered = inspection.answered_by.user if inspection and inspection.answered_by else ""
    happening = moments.get(inspection.id) if inspection else None
    back = line.kind is SettlementKind.CLAW_BACK
    return {
        "member": names.get(line.member, line.member),
        "zh": f"第{line.plan_version}版变更退回" if back else kind.title_zh if kind else line.milestone,
        "en": f"paid back, version {line.plan_version}" if back else kind.title_en if kind else line.milestone,
        "due": iso_day(line.due_day) if line.due_day is not None else "",
        "acceptance": _both(line.acceptance.value) if line.acceptance else {"zh": "—", "en": ""},
        "score": rate(line.score_bp).removesuffix("%") if line.score_bp is not None else "—",
        "agreed": amount(line.agreed_fen),
        "deduction": amount(line.deduction_fen),
        "net": amount(line.payable.net_fen),
        "vat": amount(line.payable.vat_fen),
        "gross": amount(line.payable.gross_fen),
        "who": names.get(answered, answered),
        "when": f"{happening.on.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if happening else "",
        "reason": str((inspection.answer or {}).get("reason", "")) if inspection else "",
    }


def _both(acceptance: str) -> dict[str, str]:
    return {"zh": term("acceptance", acceptance, "zh"), "en": term("acceptance", acceptance, "en")}
