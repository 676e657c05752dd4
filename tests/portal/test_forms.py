"""Forms: what is drawn, what was typed, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.organisation import Role
from contracts.task import MemberTask, TaskKind
from contracts.task_forms import form_of as task_form
from lianyue.packs import categories
from lianyue.portal.entries import decimal, read, tidied, written
from lianyue.portal.forms import Field, Form, form_of
from lianyue.portal.templating import environment
from lianyue.settings import Language
from rules.forms import Violation, violations

CATEGORIES = categories()
KINDS = [kind for kind in TaskKind if kind not in (TaskKind.QUOTE, TaskKind.DELIVER)]
WIDGETS = "{% import 'form.html' as form with context %}{{ form.faults(drawn) }}{{ form.fields(drawn.fields) }}"


ABOUT = {
    "members": "NORTH,LAKE",
    "document": "sha256:" + "0" * 64,
    "may": "relax,override,cancel",
    "step_1": "放弃 one-each",
    "contracts": "LY-2025-0001,LY-2025-0002",
    "portfolio": "ceremony",
}
ALONE = {"may": "override,cancel", "contracts": "LY-2025-0001", "eligible": "NORTH,LAKE"}


def _task(kind: TaskKind, subject: dict[str, str]) -> MemberTask:
    return MemberTask(
        id=f"LY-2025-0001/{kind}:1",
        number="LY-2025-0001",
        kind=kind,
        title="事项",
        company="NORTH",
        role=Role.HANDLER,
        opened_at="2025-07-01T09:00:00+08:00",
        subject=subject,
    )


SCHEMAS: dict[str, Mapping[str, Any]] = {
    f"{code} {name}": getattr(category, f"{name}_schema")
    for code, category in CATEGORIES.items()
    for name in ("quote", "delivery", "terms")
} | {str(kind): task_form(_task(kind, ABOUT), CATEGORIES["property"]) for kind in KINDS}
SCHEMAS["adjust one"] = task_form(_task(TaskKind.ADJUST, ALONE), CATEGORIES["property"])


TICKED = ("radio", "checkbox")


class Page(HTMLParser):
    """What a browser would send, and what every field is called."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: dict[str, str] = {}
        self.labels: set[str] = set()
        self.fields: dict[str, str] = {}
        self.ids: list[str] = []
        self._name, self._inside_label = "", False
        self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {key: value or "" for key, value in attrs}
        if "id" in had:
            self.ids.append(had["id"])
        if tag == "label":
            self.labels.add(had.get("for", ""))
            self._inside_label = True
        if tag in ("input", "select", "textarea"):
            self._field(tag, had)
        if tag == "option" and "selected" in had:
            self.sent[self._name] = had["value"]

    def _field(self, tag: str, had: dict[str, str]) -> None:
        self._name, self._text = had["name"], ""
        if not self._inside_label and had.get("type") != "hidden":
            self.fields[had["name"]] = had["id"]
        if tag == "select":
            self.sent.setdefault(had["name"], "")
        elif tag == "input" and had["type"] != "file" and ("checked" in had or had["type"] not in TICKED):
            self.sent[had["name"]] = had["value"]

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._inside_label = False
        if tag == "textarea":
            self.sent[self._name] = self._text.removeprefix("\n").replace("\n", "\r\n")


def drawn(form: Form, language: Language = Language.ZH) -> Page:
    """The form as a browser shows it."""
    return Page(environment(language).from_string(WIDGETS).render(drawn=form))


def _every(fields: tuple[Field, ...]) -> list[Field]:
    return [each for field in fields for each in (field, *_every(field.fields))]


def fitting(schema: Mapping[str, Any], is_asked: bool = True) -> st.SearchStrategy[Any]:
    """Values that *schema* takes, with nothing blank in them: a form cannot tell blank from absent."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("properties"):
        fields = {name: fitting(below) for name, below in schema["properties"].items()}
        must = {name: field for name, field in fields.items() if name in schema.get("required", ())}
        may = {name: field for name, field in fields.items() if name not in must}
        return st.fixed_dictionaries(must, optional=may).filter(lambda value: bool(value) or is_asked)
    if schema["type"] == "integer":
        return st.integers(schema["minimum"], schema["maximum"])
    if schema["type"] == "array":
        return st.lists(fitting(schema["items"]), min_size=1, max_size=3)
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "object":
        return st.fixed_dictionaries({"面积": st.integers(0, 9)})
    return _texts(schema)


def _texts(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates().map(str)
    if "[0-9a-f]{64}" in schema.get("pattern", ""):
        prefix = "sha256:" if "sha256" in schema["pattern"] else ""
        return st.text("0123456789abcdef", min_size=64, max_size=64).map(lambda digits: prefix + digits)
    if schema.get("pattern", "").startswith("^[A-Za-z0-9+/=]"):
        return st.text("AZaz09+/=", min_size=1, max_size=40)
    text = st.text("服务 <&\"'>,，\n9a", min_size=max(1, schema.get("minLength", 1)), max_size=20)
    if schema["maxLength"] <= 200:
        text = text.map(lambda typed: typed.replace("\n", "x"))
    return text.filter(lambda typed: typed == typed.strip() and len(typed) >= schema.get("minLength", 1))


@pytest.mark.parametrize("name", SCHEMAS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_form_gives_back_what_it_was_drawn_with(name: str, data: st.DataObject) -> None:
    """Drawn with a value and sent as it stands, every form of the product means the same value again."""
    schema = SCHEMAS[name]
    value = data.draw(fitting(schema))

    page = drawn(form_of(schema, Language.ZH, written(schema, value)))

    assert value == read(schema, page.sent)


@pytest.mark.parametrize("name", SCHEMAS)
def test_nothing_is_filled_in_beforehand(name: str) -> None:
    """A form that nobody has filled in sends nothing: no choice is made and no promise given by itself."""
    page = drawn(form_of(SCHEMAS[name], Language.ZH))

    assert {""} == set(page.sent.values()) | {""}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_has_a_label_and_an_id_of_its_own(name: str, language: Language) -> None:
    """Every field that stands outside of a label has one that points to it, and no id is there twice."""
    page = drawn(form_of(SCHEMAS[name], language), language)

    assert set(page.fields.values()) == set(page.fields.values()) & page.labels
    assert sorted(set(page.ids)) == sorted(page.ids)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_fault_leads_to_a_field(name: str) -> None:
    """An empty form's faults are listed on top, and each links to an id that is there."""
    schema = SCHEMAS[name]
    form = form_of(schema, Language.ZH, {}, violations(schema, read(schema, {})))

    page = drawn(form)

    assert [] == [message for target, message in form.faults if target not in page.ids]
    assert len(form.faults) == len(violations(schema, read(schema, {})))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("6380000", 638_000_000),
        ("6,380,000.00", 638_000_000),
        ("６，３８０，０００．５", 638_000_050),
        ("¥ 638万", "¥ 638万"),
        ("638 0000元", 638_000_000),
        ("0.07", 7),
        ("19.99", 1_999),
        ("19.990", 1_999),
        ("19.999", "19.999"),
        ("1,23", "1,23"),
        ("-5", -500),
        ("1e5", "1e5"),
        ("٣", 300),
        ("9" * 30, "9" * 30),
    ],
)
def test_money_is_typed_in_yuan_and_kept_in_fen(typed: str, meant: int | str) -> None:
    """Full-width digits and commas are read; what is finer than a fen or ambiguous stays text, to be refused."""
    schema = {"properties": {"price": {"type": "integer", "x-unit": "fen"}}}

    assert {"price": meant} == read(schema, {"/price": typed})


@given(st.integers(-(10**15), 10**15), st.sampled_from([0, 2]))
def test_a_written_number_is_read_as_itself(value: int, places: int) -> None:
    """Whatever is written with separators and decimals is read back to the last fen."""
    schema = {"properties": {"n": {"type": "integer", **({"x-unit": "fen"} if places else {})}}}

    assert {"n": value} == read(schema, {"/n": decimal(value, places)})


def test_what_was_typed_is_shown_again() -> None:
    """A refused field shows what was typed, not what was made of it, with a message that speaks of yuan."""
    schema = CATEGORIES["property"].quote_schema
    typed = {"/price_fen": " -5", "/price_form": "commission"}

    form = form_of(schema, Language.ZH, typed, violations(schema, read(schema, typed)))

    price = form.fields[0]
    assert (" -5", "「报价总额」应在 0.01 至 10,000,000,000 之间，最多 2 位小数") == (price.value, price.error)
    rate = next(each for each in form.fields if each.name == "/fee_rate_bp")
    assert ("选「酬金制」时必填", "请填写「酬金比例」") == (rate.help, rate.error)


def test_blank_rows_fall_away_and_faults_follow() -> None:
    """A row left blank is no row, and the fault of the next one stands at the place where it is drawn."""
    schema = CATEGORIES["property"].delivery_schema
    typed = {"/evidence/0/name": "  ", "/evidence/7/name": "巡查工单"}

    form = form_of(schema, Language.ZH, typed, violations(schema, read(schema, typed)))

    assert {"/evidence/0/name": "巡查工单"} == tidied(schema, typed)
    assert ("f/evidence/0/kind", "请填写「资料类别」") in form.faults


def test_a_row_more_is_drawn_on_request() -> None:
    """A list shows a blank row at first, and one more where it was asked for."""
    schema = CATEGORIES["property"].delivery_schema
    typed = {"/evidence/0/name": "巡查工单"}

    rows = [
        len(each.fields)
        for form in (form_of(schema, Language.ZH), form_of(schema, Language.ZH, typed, room_for="/evidence"))
        for each in _every(form.fields)
        if each.kind == "rows"
    ]

    assert [1, 2] == rows


def test_a_promise_is_a_box_that_nobody_has_ticked() -> None:
    """A constant is offered as a box; unticked it is absent, and the form says so at the box."""
    schema = {
        "type": "object",
        "properties": {"promise": {"const": True, "title": "本公司确认报价真实"}},
        "required": ["promise"],
    }

    faults = violations(schema, read(schema, {}))
    form = form_of(schema, Language.ZH, {}, faults)

    assert ("consent", "", "请填写「本公司确认报价真实」") == (
        form.fields[0].kind,
        form.fields[0].value,
        form.fields[0].error,
    )
    assert {"promise": True} == read(schema, {"/promise": "true"})


def test_what_was_not_offered_is_refused() -> None:
    """A value that the form does not offer reaches the check as text, and unknown fields do not reach it at all."""
    schema = CATEGORIES["property"].quote_schema

    content = read(schema, {"/price_form": "free", "/member": "LAKE"})

    assert {"price_form": "free"} == content
    assert Violation("/price_form", "请从所列选项中选择计价形式", "Choose price form from the options listed") in (
        violations(schema, content)
    )
