"""Contracts as PDF: the same bytes everywhere, everything agreed stands in them, and every party has its field."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from contracts.agreement import Agreement
from contracts.errors import UnknownName
from contracts.organisation import Company
from lianyue.documents.contents import Sources, contract_contents
from lianyue.documents.duties import duties
from lianyue.documents.figures import amount, in_words
from lianyue.documents.rendered import DocumentKind, DocumentLanguage, RenderedDocument
from lianyue.documents.rendering import render
from lianyue.documents.typesetting import GlyphMissing, TemplateFault
from tests.lianyue.documents.reading import attached, outside, text_of, within
from tests.lianyue.documents.samples import COMPANIES, RATES, agreed, changed, seventeen, shipped

PINNED = "sha256:9b917e4feaaf19daf908a5a67ec1f37898e1e0a5eba8fecbb448a9c6c4d340d5"
"""Of the property contract: another figure means that engine, fonts, templates or content have changed."""

MARGINS = (64.0, 58.0, 30.0, 40.0)
"""Left, right, bottom and top in points; head and foot included, and a hyphen that hangs over the edge."""


def printed(agreement: Agreement, language: DocumentLanguage = DocumentLanguage.ZH) -> RenderedDocument:
    """The agreement as the companies of the samples sign it."""
    category = shipped()[agreement.category]
    owed = duties(agreement, category.pack, RATES)
    return render(agreement, COMPANIES, category, language=language, duty_fen=owed, dated="2025-07-01")


@pytest.mark.parametrize("code", sorted(shipped()))
def test_what_was_agreed_stands_in_the_contract(code: str) -> None:
    """Of every category: parties, amounts in figures and words, every cell of the plan; nothing beside the page."""
    agreement = agreed(code)

    document = printed(agreement)

    text = text_of(document)
    cells = [amount(cell.amount_fen) for cell in agreement.instalments]
    names = [COMPANIES[party].name for party in agreement.parties]
    wanted = [*names, *cells, amount(agreement.total_fen), in_words(agreement.total_fen), "91310000MA1K300001"]
    assert [] == [each for each in wanted if each not in text]
    assert f"共{document.pages}页" in text
    assert [] == outside(document, *MARGINS)


def test_the_canonical_agreement_is_inside() -> None:
    """The JSON that was rendered is attached as contract.json."""
    agreement = agreed("property")

    assert ("contract.json", agreement.model_dump(mode="json")) == attached(printed(agreement))


def test_the_same_agreement_gives_the_same_bytes() -> None:
    """In another process, another time zone and another language of the machine, too."""
    code = "from tests.lianyue.documents.test_contracts import *; print(printed(agreed('property')).pdf_sha256)"
    environment = {"TZ": "America/New_York", "LANG": "de_DE.UTF-8", "SOURCE_DATE_EPOCH": "1"}
    root = Path(__file__).resolve().parents[3]

    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=root, check=True
    )

    assert [PINNED, PINNED] == [printed(agreed("property")).pdf_sha256, other.stdout.strip()]


def test_digests_say_what_has_changed() -> None:
    """Another title changes the digest of the content, another template that of the templates; the rest stays."""
    agreement, category = agreed("pv"), shipped()["pv"]
    first = render(agreement, COMPANIES, category).digests
    titled = render(agreement.model_copy(update={"title": "另一份"}), COMPANIES, category).digests
    plain = render(agreement, COMPANIES, category.model_copy(update={"document": ""})).digests

    assert first == replace(titled, content=first.content)
    assert first == replace(plain, template=first.template)
    assert titled.content != first.content
    assert plain.template != first.template


def test_every_party_has_an_empty_field_of_its_own() -> None:
    """Seventeen fields in signing order, on the page, empty, apart from each other; long names do not run over."""
    agreement, companies = seventeen()

    document = render(agreement, companies, shipped()["property"])

    assert agreement.parties == tuple(field.party for field in document.fields)
    assert 17 == len(document.fields)
    for field in document.fields:
        assert 60 < field.x0 < field.x1 < 535
        assert 60 < field.y0 < field.y1 < 780
        assert field.page < document.pages
        assert "" == within(document, field.page, (field.x0, field.y0, field.x1, field.y1))
        above = within(document, field.page, (field.x0, field.y1, field.x1, field.y1 + 90))
        assert companies[field.party].name in "".join(above.split())
    for one, other in combinations(document.fields, 2):
        apart = one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 or other.y1 <= one.y0
        assert apart or one.page != other.page


@pytest.mark.parametrize("language", DocumentLanguage)
def test_seventeen_parties_and_twelve_milestones_do_not_run_over(language: DocumentLanguage) -> None:
    """With long names, the largest amounts, and in both languages, all text stays within the margins."""
    agreement, companies = seventeen()

    document = render(agreement, companies, shipped()["property"], language=language)

    assert [] == outside(document, *MARGINS)
    assert [] == [cell for cell in agreement.instalments if amount(cell.amount_fen) not in text_of_once(document)]


def text_of_once(document: RenderedDocument, kept: dict[int, str] = {}) -> str:  # noqa: B006 - a cache of this test
    """The text of a document, read once."""
    return kept.setdefault(id(document), text_of(document))


def test_an_amendment_says_what_changes() -> None:
    """The version it replaces, why, what was and what is, and what is paid back."""
    before, after = changed()

    document = render(after, COMPANIES, shipped()["greening"], previous=before)

    text = text_of(document)
    wanted = ("补充协议", "第1版", "因养护面积调减", "2026年7月14日", "2026年9月30日", "1,234.56")
    assert DocumentKind.AMENDMENT is document.kind
    assert [] == [each for each in wanted if each not in text]
    assert after.parties == tuple(field.party for field in document.fields)


def test_the_second_language_stands_beside_the_first() -> None:
    """A bilingual contract has headings, names and clauses in English; a Chinese one has none."""
    agreement = agreed("canteen")

    both, one = text_of(printed(agreement, DocumentLanguage.BILINGUAL)), text_of(printed(agreement))

    for english in ("CanteenServiceContract", "LingangProperty", "Electronicsignaturesandevidence"):
        assert english in both
        assert english not in one


# --- what cannot be printed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["龘龘科技", "𠮷野家", "㛃䶮垚𬭎𫖯"])
def test_rare_characters_of_names_are_printed(name: str) -> None:
    """Characters beyond the common ones come from a font that has them."""
    document = render(agreed("pv"), renamed(name), shipped()["pv"])

    assert name in text_of(document)


@pytest.mark.parametrize(("name", "sign"), [("临港🦄物业", "U+1F984"), ("临港\u0e01", "U+0E01")])
def test_a_character_that_no_font_has_is_refused(name: str, sign: str) -> None:
    """The message says which character, in which text, at which place."""
    with pytest.raises(GlyphMissing) as caught:
        render(agreed("pv"), renamed(name), shipped()["pv"])

    assert "parties[1].name" == caught.value.where
    assert sign in caught.value.message
    assert name in caught.value.message


def test_a_party_without_a_name_is_refused() -> None:
    """Nothing is printed with a bare code in place of a name."""
    with pytest.raises(UnknownName):
        render(agreed("pv"), {"LGFX": COMPANIES["LGFX"]}, shipped()["pv"])


def test_a_template_that_cannot_be_set_is_refused() -> None:
    """A slip in a category's template is told."""
    category = shipped()["pv"]

    for slip in ("#covr()", "#articles(price()", '#read("/etc/hostname")'):
        with pytest.raises(TemplateFault):
            render(agreed("pv"), COMPANIES, category.model_copy(update={"document": slip}))


def renamed(name: str) -> dict[str, Company]:
    """The companies, the first member with another name."""
    return {**COMPANIES, "LGFW": COMPANIES["LGFW"].model_copy(update={"name": name})}


# --- stamp duty -------------------------------------------------------------------------------------------------


def test_each_party_owes_stamp_duty_on_its_own_amount() -> None:
    """Greening is work: 0.03 % of the net; the client's amount is the whole, a member's its share."""
    agreement = agreed("greening", total_fen=106_000_000)

    owed = duties(agreement, shipped()["greening"].pack, RATES)

    assert ["LGFX", "LGFW", "LGWY"] == list(owed)
    assert 30_000 == owed["LGFX"]
    assert 30_000 == owed["LGFW"] + owed["LGWY"]


def test_the_office_owes_none_and_property_management_is_not_taxed() -> None:
    """Whoever has no amount of its own owes nothing; what the law does not list is not taxed."""
    owed = duties(agreed("property"), shipped()["property"].pack, RATES)

    assert {"LGFX": 0, "LGFW": 0, "LGWY": 0} == owed


def test_contents_hold_text_alone() -> None:
    """A template is given nothing that it could reckon with."""
    agreement = agreed("charging")

    contents = contract_contents(agreement, Sources(COMPANIES, shipped()["charging"]))

    assert [] == list(numbers(contents))


def numbers(part: object) -> list[object]:
    """Everything in *part* that is neither text nor made of it."""
    if isinstance(part, dict):
        return [found for value in part.values() for found in numbers(value)]
    if isinstance(part, list):
        return [found for value in part for found in numbers(value)]
    return [] if isinstance(part, str) else [part]
