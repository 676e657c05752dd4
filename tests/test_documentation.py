"""The documents name everything there is, from nouns to commands and books, and their links lead somewhere."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest
import typer
from pydantic import BaseModel

import contracts
import lianyue
import rules
from contracts.decision import DecisionOutcome
from contracts.errors import every_error
from contracts.facts import Facts
from contracts.value import Authored, Recorded
from lianyue.cli.main import app
from lianyue.settings import Settings
from rules.divide.methods import Divide
from rules.documents.cases import FactsDocument
from rules.documents.envelope import Kind
from rules.documents.kinds import MODELS
from rules.select.methods import Select
from tests.problem_codes import told

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("examples/*/README.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def page(path: str) -> str:
    """The text of a page under docs/."""
    return (DOCS / path).read_text(encoding="utf-8")


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    """Every module of a package but the migrations."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def classes_of(package: ModuleType) -> list[type]:
    """Every public class that a package defines, each once."""
    return [
        each
        for module in modules_of(package)
        for name, each in vars(module).items()
        if inspect.isclass(each) and each.__module__ == module.__name__ and not name.startswith("_")
    ]


def commands_of(group: object, path: str) -> list[str]:
    """Every command below *group* as it is typed."""
    below = getattr(group, "commands", None)
    if below is None:
        return [path]
    return [command for name, each in below.items() for command in commands_of(each, f"{path} {name}")]


def missing(words: list[str], text: str) -> list[str]:
    """Those of *words* that *text* does not show as code."""
    shown = re.findall(r"`([^`\n]+)`", text)
    return [word for word in words if word not in shown]


def first_words(text: str) -> list[str]:
    """What the rows of the tables in *text* are about, where that is code."""
    return re.findall(r"^\| `(\w+)`", text, re.MULTILINE)


def section(path: str, heading: str) -> str:
    """The text of a page below *heading*, up to the next one."""
    return re.split(r"^#+ ", page(path).split(f"# {heading}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def anchors(text: str) -> list[str]:
    """The anchors of the headings of a page, as Markdown readers make them."""
    headings = HEADING.findall(FENCED.sub("", text))
    return [re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings]


def broken_links(file: Path) -> list[str]:
    """The links of *file* into this repository that lead nowhere."""
    text = file.read_text(encoding="utf-8")
    inner = [
        link for link in LINK.findall(FENCED.sub("", text)) if "://" not in link and not link.startswith("mailto:")
    ]
    return [link for link in inner if not _leads_somewhere(file, link)]


def _leads_somewhere(file: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (file.parent / path).resolve() if path else file
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text(encoding="utf-8"))


def test_every_noun_is_in_the_glossary() -> None:
    """Each class of the vocabulary that people may meet in files or JSON has a line in the glossary."""
    nouns = [
        each.__name__
        for each in classes_of(contracts)
        if issubclass(each, BaseModel | StrEnum) and each not in (Authored, Recorded)
    ]

    assert [] == missing(nouns, page("glossary.md"))


def test_every_status_is_in_the_glossary() -> None:
    """Each value of each enumeration of the vocabulary has its Chinese word in the glossary."""
    values = [str(value) for each in classes_of(contracts) if issubclass(each, StrEnum) for value in each]

    assert [] == missing(values, page("glossary.md"))


def test_every_error_is_in_the_reference() -> None:
    """Each error code and class that a person may see is in the table of errors."""
    assert list(modules_of(rules))
    assert list(modules_of(lianyue))
    ours = [each for each in every_error() if each.__module__.split(".")[0] in ("contracts", "rules", "lianyue")]

    assert [] == missing([word for each in ours for word in (each.code, each.__name__)], page("reference/errors.md"))


def test_every_advice_is_that_of_its_class() -> None:
    """What the table of errors tells a reader to do is what the program tells them."""
    page_of_errors = page("reference/errors.md")

    advice = [each.__new__(each).advice for each in every_error() if each.__module__ == "contracts.errors"]

    assert [] == [text for text in advice if text not in page_of_errors]


def test_every_setting_is_in_the_reference() -> None:
    """Each LIANYUE_* variable is in the table of settings."""
    variables = [f"LIANYUE_{name.upper()}" for name in Settings.model_fields]

    assert [] == missing([*variables, "LIANYUE_DEBUG"], page("reference/settings.md"))


def test_the_reference_names_no_setting_that_is_none() -> None:
    """A variable that the documents name is read by the program."""
    known = [*(f"LIANYUE_{name.upper()}" for name in Settings.model_fields), "LIANYUE_DEBUG"]
    named = [name for file in PAGES for name in re.findall(r"LIANYUE_[A-Z_]*[A-Z]", file.read_text(encoding="utf-8"))]

    assert [] == [name for name in named if name not in known]


def test_every_command_is_in_the_reference() -> None:
    """Each command has a heading of its own in the reference, and no heading is of a command that is not there."""
    stated = re.findall(r"^### `(lianyue [^`]+)`$", page("reference/cli.md"), re.MULTILINE)

    assert sorted(commands_of(typer.main.get_command(app), "lianyue")) == sorted(stated)


def test_every_option_is_in_the_reference() -> None:
    """Each option of each command stands in the section of the command."""
    sections = dict(re.findall(r"^### `([^`]+)`$(.*?)(?=^##|\Z)", page("reference/cli.md"), re.MULTILINE | re.DOTALL))
    unnamed = [
        f"{command} {option.opts[0]}"
        for command in commands_of(typer.main.get_command(app), "lianyue")
        for option in _options_of(command)
        if option.opts[0] not in sections.get(command, "")
    ]

    assert [] == unnamed


def _options_of(command: str) -> list[typer.core.TyperOption]:
    group = typer.main.get_command(app)
    for name in command.split()[1:]:
        group = group.commands[name]  # type: ignore[attr-defined]
    return [each for each in group.params if each.param_type_name == "option" and "--help" not in each.opts]


@pytest.mark.parametrize("kind", [*MODELS, "Facts"])
def test_every_field_of_a_kind_is_on_its_page(kind: str) -> None:
    """Whatever a rule file of a kind may state is on the pages that the index names for the kind, or on the index."""
    index = page("reference/rules.md")
    row = next(line for line in index.splitlines() if line.startswith(f"| `{kind}`"))
    pages = [page(f"reference/{name}") for name in re.findall(r"\]\((\w+\.md)", row)]
    model = FactsDocument if kind == "Facts" else MODELS[kind]
    text = re.sub(r"`(?:metadata|effective)\.", "`", "\n".join([index, *pages]))

    assert [] == missing(sorted(fields_of(model)), text)


def fields_of(model: type[BaseModel]) -> set[str]:
    """The fields of *model* and of whatever it may hold, as people write them; of facts only the first."""
    found, waiting = set[type[BaseModel]](), [model]
    while waiting:
        each = waiting.pop()
        found.add(each)
        if not issubclass(each, Facts):
            below = [inner for field in each.model_fields.values() for inner in models_in(field.annotation)]
            waiting += [inner for inner in below if inner not in found]
    return {field.alias or name for each in found for name, field in each.model_fields.items()}


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Every model that *annotation* names."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


@pytest.mark.parametrize(("union", "name"), [(Select, "selection.md"), (Divide, "division.md")])
def test_every_method_is_in_the_reference(union: object, name: str) -> None:
    """Each method of selecting and dividing stands in a table with what it does."""
    methods = methods_of(union)

    assert [] == [method for method in methods if method not in first_words(page(f"reference/{name}"))]


def methods_of(union: object) -> list[str]:
    """The methods that *union* tells apart."""
    return [get_args(each.model_fields["method"].annotation)[0] for each in models_in(union)]


def test_every_kind_and_method_is_in_the_glossary() -> None:
    """Each kind of rule file and each method has its Chinese name there, and the README counts the methods."""
    words = [*(kind.value for kind in Kind), *methods_of(Select), *methods_of(Divide)]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [] == missing(words, page("glossary.md"))
    assert f"({len(methods_of(Select))} methods)" in readme
    assert f"division.md) ({len(methods_of(Divide))})" in readme


def test_every_kind_and_outcome_is_in_the_reference() -> None:
    """Each kind of rule file is in the index, and each outcome of a decision in the table of outcomes."""
    kinds = [*(kind.value for kind in Kind), "Facts"]
    index = page("reference/rules.md").partition("## Every file")[0]

    assert sorted(kinds) == sorted(first_words(index))
    assert [outcome.value for outcome in DecisionOutcome] == first_words(section("reference/policies.md", "Outcomes"))


def test_every_problem_code_is_in_the_reference() -> None:
    """The codes in the reference are those that the source tells, no more and no fewer."""
    table = section("reference/rules.md", "Problem codes").partition("|---|")[2]

    assert told() == sorted(set(re.findall(r"`([a-z-]+)`", table)))


def test_every_shipped_book_has_a_readme() -> None:
    """Whoever opens the folder of a book is told what it decides."""
    books = [book for book in (ROOT / "rules" / "books").iterdir() if book.is_dir() and book.name[0] not in "._"]

    assert [] == [book.name for book in books if not (book / "README.md").is_file()]


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(file: Path) -> None:
    """Each link into this repository leads to a file, and to a heading where it names one."""
    assert [] == broken_links(file)


def test_decision_records_are_short() -> None:
    """An architecture decision has a context, a decision and consequences, in fewer than forty lines."""
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    texts = {record.name: record.read_text(encoding="utf-8") for record in records}

    assert [] == [name for name, text in texts.items() if len(text.splitlines()) >= 40]
    assert [] == [name for name, text in texts.items() if ["context", "decision", "consequences"] != anchors(text)[1:]]
