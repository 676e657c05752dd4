"""Both languages: everything the portal says is marked, and has its English."""

from __future__ import annotations

import io
import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import lianyue.portal
from lianyue.portal.i18n import counting, english, speaking
from lianyue.settings import Language

HOME = Path(lianyue.portal.__file__).parent
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
PLACE = re.compile(r"%\((\w+)\)s")
NAMED_BY_ITSELF = ("中文",)
"""A language is called by its own name in both."""


def _said() -> dict[str, bool]:
    """Every source string, and whether it counts something."""
    found = extract_from_dir(
        HOME,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
        options_map={"templates/**.html": {"extensions": "jinja2.ext.i18n", "silent": "false"}},
        keywords={"_": None, "say": None, "ngettext": (1, 2), "count": (1, 2)},
    )
    return {
        message if isinstance(message, str) else message[0]: not isinstance(message, str) for *_, message, _, _ in found
    }


def test_the_catalogue_is_complete_and_says_nothing_more() -> None:
    """Every source string has its English, none is empty, and none is left over from what is said no more."""
    catalogue = read_po(io.BytesIO((HOME / "locale/en.po").read_bytes()), locale="en")

    assert [] == [message.id for message in catalogue if message.id and not all(_forms(message.string))]
    assert set(_said()) == set(english())
    assert not any(message.fuzzy for message in catalogue if message.id)


def test_facts_are_put_in_at_the_same_places() -> None:
    """The English of a string asks for the same facts; what counts has a singular and a plural."""
    said = _said()

    assert {text: set(PLACE.findall(text)) for text in said} == {
        text: {name for form in english()[text] for name in PLACE.findall(form)} for text in said
    }
    assert {text: 2 if counts else 1 for text, counts in said.items()} == {text: len(english()[text]) for text in said}


def test_no_template_says_anything_unmarked() -> None:
    """Outside of expressions and comments, no template holds a Chinese character."""
    left: dict[str, list[str]] = {}
    for file in sorted((HOME / "templates").glob("*.html")):
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        for word in NAMED_BY_ITSELF:
            bare = bare.replace(word, "")
        left[file.name] = CHINESE.findall(bare)

    assert {name: [] for name in left} == left


def test_a_number_speaks_its_language() -> None:
    """English has a singular; Chinese has none."""
    say = [counting(language) for language in (Language.ZH, Language.EN)]

    said = [[each("共 %(num)s 份", "共 %(num)s 份", number) for number in (0, 1, 2)] for each in say]

    assert [["共 0 份", "共 1 份", "共 2 份"], ["0 contracts", "1 contract", "2 contracts"]] == said
    assert ("报价", "Quotes") == (speaking(Language.ZH)("报价"), speaking(Language.EN)("报价"))


def _forms(string: object) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))  # type: ignore[arg-type]
