"""Documents out of the records of a contract that was awarded, signed and in part delivered."""

from __future__ import annotations

import pytest

from contracts.errors import UnknownName
from lianyue.documents.filed import Shelf, filed
from lianyue.documents.rendered import DocumentKind, DocumentLanguage
from tests.lianyue.documents.reading import attached, text_of
from tests.portal.town import AWARDED, SEALED, Town


def shelf(town: Town) -> Shelf:
    """The papers of the town."""
    wiring = town.house.wiring
    return Shelf(wiring.reading, wiring.directory, wiring.records, wiring.categories["property"])


async def test_a_party_takes_the_document_home(lived_in: Town) -> None:
    """A member that signs is given the PDF with its own name; a company that has no part in it, nothing."""
    path = f"/contracts/{AWARDED}/agreement.pdf"
    north, other = await lived_in.door("north").get(path), await lived_in.door("lake").get(path)
    never = await lived_in.door("north").get(f"{path}?version=2")

    assert (200, "application/pdf", b"%PDF-1.7") == (
        north.status_code,
        north.headers["content-type"],
        north.content[:8],
    )
    assert (404, 404) == (other.status_code, never.status_code)


async def test_the_page_leads_to_the_document(lived_in: Town) -> None:
    """Beside each version stands the link."""
    page = await lived_in.door("north").get(f"/contracts/{AWARDED}/agreement", headers={"Accept": "text/html"})

    assert f'href="/contracts/{AWARDED}/agreement.pdf?version=1"' in page.text


async def test_a_contract_out_of_the_records(lived_in: Town) -> None:
    """It holds what is agreed, bears the day of the decision, and says that on property management no duty is owed."""
    papers = shelf(lived_in)
    agreement = papers.reading.agreements(AWARDED)[0].version.agreement

    document = filed(papers, AWARDED)

    assert ("contract.json", agreement.model_dump(mode="json")) == attached(document)
    assert agreement.parties == tuple(field.party for field in document.fields)
    assert "均无须缴纳印花税" in text_of(document)


@pytest.mark.parametrize("language", DocumentLanguage)
async def test_an_approval_sheet_out_of_the_records(lived_in: Town, language: DocumentLanguage) -> None:
    """Who approved, in which role, when, and why the others were not chosen; nobody signs it."""
    papers = shelf(lived_in)
    kept = papers.reading.decisions(AWARDED)[-1]

    document = filed(papers, AWARDED, DocumentKind.APPROVAL, language)

    text = text_of(document)
    wanted = ("审批单", "同意", kept.decision.policy.edition, *kept.decision.selected)
    assert () == document.fields
    assert [] == [each for each in wanted[:3] if each not in text]
    assert attached(document)[1] == kept.decision.model_dump(mode="json")


async def test_an_acceptance_sheet_out_of_the_records(lived_in: Town) -> None:
    """Every settled milestone with its judgement, its deduction and its tax."""
    papers = shelf(lived_in)
    lines = papers.reading.settlements(AWARDED)

    document = filed(papers, AWARDED, DocumentKind.ACCEPTANCE)

    assert {"number": AWARDED, "lines": [line.model_dump(mode="json") for line in lines]} == attached(document)[1]
    assert "验收合格" in text_of(document)


@pytest.mark.parametrize("kind", [DocumentKind.CONTRACT, DocumentKind.APPROVAL, DocumentKind.ACCEPTANCE])
async def test_what_is_not_there_yet_is_not_printed(lived_in: Town, kind: DocumentKind) -> None:
    """While quotes lie sealed there is no document of any kind."""
    with pytest.raises(UnknownName):
        filed(shelf(lived_in), SEALED, kind)
