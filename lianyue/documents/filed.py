"""The documents of a contract out of the records: what was drawn up, approved and accepted, typeset when asked for."""

from __future__ import annotations

from typing import NamedTuple

from contracts.agreement import Agreement, AgreementState
from contracts.approval import ApprovalPlan
from contracts.calendar import epoch_day
from contracts.category import Category
from contracts.errors import UnknownName
from contracts.ids import contract_workflow
from lianyue.documents.acceptance import acceptance_contents
from lianyue.documents.approval import approval_contents, approvals_of
from lianyue.documents.duties import duties
from lianyue.documents.rendered import DocumentKind, DocumentLanguage, RenderedDocument
from lianyue.documents.rendering import render, shared_template, typeset
from lianyue.records.directory import Directory
from lianyue.records.kept import KeptAgreement, KeptDecision
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords
from lianyue.story import names_of
from rules.canonical import digest
from rules.compile import document_of, values_on
from rules.documents.ground import ParameterSet
from rules.source import read


class Shelf(NamedTuple):
    """Where the papers of a contract are: the records, the directory, and the texts of the pinned rules."""

    reading: Reading
    directory: Directory
    published: SqlRecords
    category: Category


def filed(
    shelf: Shelf,
    number: str,
    kind: DocumentKind = DocumentKind.CONTRACT,
    language: DocumentLanguage = DocumentLanguage.ZH,
    version: int | None = None,
) -> RenderedDocument:
    """
    Return a document of contract *number*: of the *version* named, else of that in force, else of the last.

    Companies and people go by the names that the directory has now.

    Raises:
        UnknownName: If there is nothing yet of this kind or version.
    """
    match kind:
        case DocumentKind.APPROVAL:
            return _approval(shelf, number, language)
        case DocumentKind.ACCEPTANCE:
            return _acceptance(shelf, number, language)
    return _contract(shelf, number, language, version)


def _contract(shelf: Shelf, number: str, language: DocumentLanguage, version: int | None) -> RenderedDocument:
    kept = shelf.reading.agreements(number)
    agreement = _chosen(kept, number, version).version.agreement
    earlier = {each.version.agreement.version: each.version.agreement for each in kept}
    decided = _decided(shelf, agreement)
    return render(
        agreement,
        {company.code: company for company in shelf.directory.companies()},
        shelf.category,
        language=language,
        previous=earlier.get(agreement.replaces) if agreement.replaces is not None else None,
        duty_fen=duties(agreement, shelf.category.pack, _parameters(shelf, number, decided)),
        dated=decided,
    )


def _chosen(kept: tuple[KeptAgreement, ...], number: str, version: int | None) -> KeptAgreement:
    if not kept:
        raise UnknownName(f"no document of {number} has been drawn up yet", where=number)
    if version is not None:
        for each in kept:
            if each.version.agreement.version == version:
                return each
        raise UnknownName(f"{number} has no version {version}; there are 1 to {len(kept)}", where="--version")
    in_force = [each for each in kept if each.state is AgreementState.IN_FORCE]
    return (in_force or list(kept))[-1]


def _decided(shelf: Shelf, agreement: Agreement) -> str:
    """The day of the decision that an agreement carries out, which is the day it bears."""
    for each in shelf.reading.decisions(agreement.number):
        if digest(each.decision.model_dump(mode="json")) == agreement.decision_digest:
            return each.facts.decision_day
    return agreement.starts_on


def _parameters(shelf: Shelf, number: str, day: str) -> dict[str, object]:
    """The figures of the pinned rules on *day*."""
    pinned = shelf.reading.order(number).pins.params
    return values_on(document_of(read(shelf.published.text(pinned), "params.yaml"), ParameterSet), epoch_day(day))


def _approval(shelf: Shelf, number: str, language: DocumentLanguage) -> RenderedDocument:
    decisions = shelf.reading.decisions(number)
    if not decisions:
        raise UnknownName(f"nothing has been decided about {number} yet", where=number)
    kept = decisions[-1]
    contents = approval_contents(
        shelf.reading.order(number).contract,
        kept,
        _plan(shelf, number, kept),
        approvals_of(kept.occurrence, shelf.reading.tasks(number=number, open_only=False)),
        shelf.reading.happenings(number),
        _names(shelf),
        language,
    )
    return typeset(contents, kept.decision.model_dump(mode="json"), shared_template(DocumentKind.APPROVAL))


def _plan(shelf: Shelf, number: str, kept: KeptDecision) -> ApprovalPlan:
    """The plan that was decided together with the award."""
    from activities.deciding import DecisionRecord

    answer = shelf.reading.answer(contract_workflow(number), "decide", kept.occurrence)
    return DecisionRecord.model_validate_json(answer).approvals if answer else ApprovalPlan()


def _acceptance(shelf: Shelf, number: str, language: DocumentLanguage) -> RenderedDocument:
    lines = shelf.reading.settlements(number)
    if not lines:
        raise UnknownName(f"nothing of {number} has been settled yet", where=number)
    agreement = _chosen(shelf.reading.agreements(number), number, None).version.agreement
    tasks = shelf.reading.tasks(number=number, open_only=False)
    story, names = shelf.reading.happenings(number), _names(shelf)
    contents = acceptance_contents(agreement, shelf.category.pack, lines, tasks, story, names, language)
    attached = {"number": number, "lines": [line.model_dump(mode="json") for line in lines]}
    return typeset(contents, attached, shared_template(DocumentKind.ACCEPTANCE))


def _names(shelf: Shelf) -> dict[str, str]:
    return names_of(shelf.directory.companies(), shelf.directory.persons(), "zh")
