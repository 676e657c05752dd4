"""Filled-in forms of the six categories are accepted when right and answered in plain words when not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lianyue.packs import categories
from rules.form_schema import DIALECT, SchemaFault, schema_faults
from rules.forms import Violation, violations

CATEGORIES = categories()
CODES = tuple(CATEGORIES)
FORMS = tuple((code, form) for code in CODES for form in ("terms", "quote", "delivery"))

TERMS: dict[str, dict[str, Any]] = {
    "property": {
        "site": "临港科技绿洲一期",
        "price_form": "lump_sum",
        "scope": "综合管理、清洁卫生、秩序维护、绿化日常养护、设施设备运行保养维修",
        "service_grade": 4,
        "posts": 36,
        "lifts": 12,
        "payment_days": 30,
    },
    "pv": {
        "site": "南桥园区 3 号厂房屋面",
        "price_form": "emc_discount",
        "scope": "投资、建设并运营屋顶分布式光伏电站",
        "grid_mode": "self_use_surplus",
        "roof_area_m2": 12_000,
        "guaranteed_energy_kwh": 1_250_000,
        "roof_load_checked": True,
    },
    "certification": {
        "site": "新片区经济公司总部及两处园区",
        "price_form": "per_day",
        "scope": "产业园区运营服务质量管理体系初次认证",
        "standard": "iso9001",
        "audit_kind": "initial",
        "effective_personnel": 120,
        "sites": 3,
        "is_consulted": False,
    },
    "charging": {
        "site": "漕河泾开发区 P2 停车场",
        "price_form": "service_fee",
        "scope": "充电设施建设、运营与维护",
        "dc_piles": 12,
        "ac_piles": 28,
        "total_kw": 1_636,
        "is_public": True,
        "service_fee_ceiling_fen": 6_000,
    },
    "canteen": {
        "site": "奉贤园区职工食堂",
        "price_form": "per_meal",
        "scope": "工作日早餐、午餐供应与食堂日常管理",
        "meal_standard_fen": 2_500,
        "service_days": 250,
        "licence_holder": "member",
        "seats": 400,
    },
    "greening": {
        "site": "浦江园区中心绿地",
        "price_form": "per_area",
        "scope": "修剪、施肥、病虫害防治、防台防汛与补植",
        "care_grade": 2,
        "trees": 860,
    },
}

QUOTES: dict[str, dict[str, Any]] = {
    "property": {"price_form": "lump_sum", "unit_price_fen": 1_050, "unit_price_per": 1, "quantity": 21_000},
    "pv": {
        "price_form": "emc_discount",
        "unit_price_fen": 6_125,
        "unit_price_per": 100,
        "quantity": 1_200,
        "guaranteed_energy_kwh": 1_250_000,
        "tariff_discount_bp": 1_200,
    },
    "certification": {
        "price_form": "per_day",
        "unit_price_fen": 320_000,
        "unit_price_per": 1,
        "quantity": 14,
    },
    "charging": {
        "price_form": "service_fee",
        "unit_price_fen": 4_500,
        "unit_price_per": 100,
        "quantity": 40,
        "expected_kwh": 900_000,
    },
    "canteen": {"price_form": "per_meal", "unit_price_fen": 2_480, "unit_price_per": 1, "quantity": 800},
    "greening": {"price_form": "per_area", "unit_price_fen": 980, "unit_price_per": 1, "quantity": 46_000},
}

READINGS: dict[str, dict[str, Any]] = {
    "property": {"work_orders": 318, "work_orders_on_time": 314, "complaints": 4, "complaints_closed": 4},
    "pv": {
        "generated_kwh": 104_000,
        "self_used_kwh": 91_000,
        "exported_kwh": 13_000,
        "availability_bp": 9_910,
    },
    "certification": {"auditor_days": 4, "major_nonconformities": 0, "minor_nonconformities": 3},
    "charging": {"energy_kwh": 74_500, "sessions": 3_100, "sessions_started": 3_022, "faults": 5},
    "canteen": {"meals_served": 48_900, "dishes": 1_240, "samples_retained": 1_240, "incidents": 0},
    "greening": {"trees_counted": 860, "trees_alive": 851, "trees_replaced": 9, "bare_m2": 120},
}


def quote_of(code: str, **fields: Any) -> dict[str, Any]:
    """A right quote of the category with some fields replaced."""
    common = {"price_fen": 264_600_000, "staffing": 40, "validity_days": 60, "remark": "含节假日值守"}
    return {**common, **QUOTES[code], **fields}


def delivery_of(code: str, **fields: Any) -> dict[str, Any]:
    """A right delivery of the category with some fields replaced."""
    kind = CATEGORIES[code].pack.evidence[0].code
    item = {"kind": kind, "name": "资料一.pdf", "sha256": "0f" * 32, "note": "双方已签认"}
    common = {
        "period_start": "2025-07-01",
        "period_end": "2025-09-30",
        "evidence": [item],
        "summary": "本期履约正常，无遗留问题。",
    }
    return {**common, **READINGS[code], **fields}


def schema_of(code: str, form: str) -> dict[str, Any]:
    """The schema of one of the category's forms."""
    schema: dict[str, Any] = getattr(CATEGORIES[code], f"{form}_schema")
    return schema


def sample_of(code: str, form: str) -> dict[str, Any]:
    """A right value of one of the category's forms."""
    return {"terms": TERMS[code], "quote": quote_of(code), "delivery": delivery_of(code)}[form]


def fields_of(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of a schema with its dotted path."""
    for name, field in schema.get("properties", {}).items():
        yield f"{path}{name}", field
        yield from fields_of(field, f"{path}{name}.")
        yield from fields_of(field.get("items", {}), f"{path}{name}.")


@pytest.mark.parametrize(("code", "form"), FORMS)
def test_schemas_are_fit_to_be_forms(code: str, form: str) -> None:
    """Every shipped schema is valid 2020-12, bounded, self-contained and worded."""
    Draft202012Validator.check_schema(schema_of(code, form))

    assert () == schema_faults(schema_of(code, form))


@pytest.mark.parametrize(("code", "form"), FORMS)
def test_every_field_has_a_chinese_title(code: str, form: str) -> None:
    """Titles, descriptions and messages are Chinese; their English twins hold no Chinese."""
    for path, field in fields_of(schema_of(code, form)):
        for keyword in ("title", "description", "x-message"):
            assert any("\u4e00" <= mark <= "\u9fff" for mark in field[keyword]), (path, keyword)
        for keyword in ("x-title-en", "x-message-en"):
            assert field[keyword].isascii() or "²" in field[keyword], (path, keyword)


@pytest.mark.parametrize(("code", "form"), FORMS)
def test_a_right_form_is_accepted(code: str, form: str) -> None:
    """The sample of each form has no violation."""
    assert () == violations(schema_of(code, form), sample_of(code, form))


@pytest.mark.parametrize(("code", "form"), FORMS)
def test_an_empty_form_names_every_required_field(code: str, form: str) -> None:
    """An empty form is answered with one request for each required field, in the order of the form."""
    schema = schema_of(code, form)
    expected = tuple(
        Violation(f"/{name}", f"请填写「{field['title']}」", f"Please fill in “{field['x-title-en']}”")
        for name, field in schema["properties"].items()
        if name in schema["required"]
    )

    assert expected == violations(schema, {})


@pytest.mark.parametrize(("code", "form"), FORMS)
def test_no_field_takes_what_it_should_not(code: str, form: str) -> None:
    """In no field of no form does a float, a null or a list of null pass."""
    schema = schema_of(code, form)
    for name in schema["properties"]:
        for stray in (1.0, math.nan, None, [None]):
            found = violations(schema, {**sample_of(code, form), name: stray})
            assert found, (name, stray)
            assert all(violation.path.split("/")[1] == name for violation in found), (name, stray)


UNIT_PRICE = Violation(
    "/unit_price_fen",
    "单价必须是正整数（分），不超过 1 亿元",
    "Unit price must be a positive integer (fen), at most 100 million yuan",
)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("price", [1.0, 10.5, math.nan, math.inf, True, "100", 0, -1, 10**10 + 1, None, [1], {}])
def test_a_unit_price_is_a_positive_whole_number(code: str, price: object) -> None:
    """Only a positive integer of fen within the bound is a unit price; 1.0 and true are not."""
    assert (UNIT_PRICE,) == violations(schema_of(code, "quote"), quote_of(code, unit_price_fen=price))


@pytest.mark.parametrize("code", CODES)
def test_all_faults_come_at_once_in_the_order_of_the_form(code: str) -> None:
    """Several faults are answered together, one a field; a field the form does not have comes last."""
    quote = quote_of(code, zzz=1, remark="长" * 501, validity_days=0, unit_price_per=7, price_fen="贵")
    del quote["staffing"]

    assert (
        Violation(
            "/price_fen",
            "报价总额必须是正整数（分），不超过 100 亿元",
            "Total price must be a positive integer (fen), at most 10000 million yuan",
        ),
        Violation(
            "/unit_price_per",
            "计价数量只能是 1、100 或 10000",
            "Units per unit price must be 1, 100 or 10000",
        ),
        Violation("/staffing", "请填写「拟投入人员」", "Please fill in “Staffing”"),
        Violation(
            "/validity_days",
            "报价有效期必须是 1 到 365 之间的整数（天）",
            "Validity must be an integer from 1 to 365 (days)",
        ),
        Violation("/remark", "备注不超过 500 字", "Remark has at most 500 characters"),
        Violation("/zzz", "表单中没有「zzz」这一项", "The form has no field “zzz”"),
    ) == violations(schema_of(code, "quote"), quote)


@pytest.mark.parametrize("code", CODES)
def test_a_price_form_is_one_of_the_pack(code: str) -> None:
    """A price form that the category does not know is answered with the field's own words."""
    expected = Violation("/price_form", "请从所列选项中选择计价形式", "Choose price form from the options listed")

    assert (expected,) == violations(schema_of(code, "terms"), {**TERMS[code], "price_form": "barter"})


@pytest.mark.parametrize(
    ("code", "price_form", "missing"),
    [
        ("property", "commission", {"/fee_rate_bp": "请填写「酬金比例」"}),
        ("pv", "emc_share", {"/saving_share_bp": "请填写「业主效益分享比例」"}),
        ("charging", "revenue_share", {"/revenue_share_bp": "请填写「业主分成比例」"}),
        ("canteen", "turnover_share", {"/turnover_rate_bp": "请填写「营业额提取比例」"}),
    ],
)
def test_a_price_form_asks_for_its_rate(code: str, price_form: str, missing: dict[str, str]) -> None:
    """A price form that is a share needs the rate of the share."""
    found = violations(schema_of(code, "quote"), quote_of(code, price_form=price_form))

    assert missing == {violation.path: violation.message_zh for violation in found}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("day", ["2025-02-30", "2025/07/01", "20250701", "2025-7-1", "2025-07-01\n", "", 20250701])
def test_a_day_is_a_day_of_the_calendar(code: str, day: object) -> None:
    """A period begins on a day that exists, written in the one form."""
    expected = Violation(
        "/period_start",
        "履约期开始日期须为有效日期，格式如 2025-07-01",
        "Start of period must be a valid date such as 2025-07-01",
    )

    assert (expected,) == violations(schema_of(code, "delivery"), delivery_of(code, period_start=day))


@pytest.mark.parametrize("code", CODES)
def test_faults_of_evidence_point_at_the_item(code: str) -> None:
    """Each fault of an item of evidence is answered at the field of that item."""
    good = delivery_of(code)["evidence"][0]
    bad = {"kind": "rumour", "sha256": "0F" * 32, "size": 3}

    assert (
        Violation(
            "/evidence/1/kind",
            "请从所列选项中选择资料类别",
            "Choose kind of evidence from the options listed",
        ),
        Violation("/evidence/1/name", "请填写「文件名称」", "Please fill in “File name”"),
        Violation(
            "/evidence/1/sha256",
            "文件摘要须为 64 位小写十六进制的 SHA-256 值",
            "SHA-256 must be 64 lower-case hexadecimal digits",
        ),
        Violation("/evidence/1/size", "表单中没有「size」这一项", "The form has no field “size”"),
    ) == violations(schema_of(code, "delivery"), delivery_of(code, evidence=[good, bad]))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("count", [0, 51])
def test_a_delivery_hands_over_one_to_fifty_items(code: str, count: int) -> None:
    """A delivery without evidence, or with more than fifty items, is answered at the list."""
    evidence = delivery_of(code)["evidence"] * count

    assert (
        Violation("/evidence", "交付资料清单应有 1 至 50 份资料", "There must be 1 to 50 items of evidence"),
    ) == violations(schema_of(code, "delivery"), delivery_of(code, evidence=evidence))


@pytest.mark.parametrize("digest", ["0f" * 32 + "\n", "0f" * 31, "sha256:" + "0f" * 32, "０" * 64])
def test_a_digest_is_exactly_sixty_four_digits(digest: str) -> None:
    """A line break, a prefix or full-width digits do not pass as a SHA-256."""
    evidence = [{**delivery_of("pv")["evidence"][0], "sha256": digest}]
    found = violations(schema_of("pv", "delivery"), delivery_of("pv", evidence=evidence))

    assert ["/evidence/0/sha256"] == [violation.path for violation in found]


@pytest.mark.parametrize("blank", ["", "   ", "\n\t"])
def test_blanks_do_not_fill_in_a_field(blank: str) -> None:
    """A required text of blanks only is answered as empty."""
    assert (
        Violation(
            "/scope",
            "服务范围不能为空，且不超过 2000 字",
            "Scope of service must not be empty and has at most 2000 characters",
        ),
    ) == violations(schema_of("pv", "terms"), {**TERMS["pv"], "scope": blank})


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[2Jb", "a\ud800b", "a\x7fb"])
def test_control_characters_are_refused(text: str) -> None:
    """Text that a terminal or a database could trip over is refused; line breaks are text."""
    expected = Violation(
        "/remark",
        "内容含有不可见的控制字符，请删除后重新填写",
        "The text holds invisible control characters; remove them",
    )

    assert (expected,) == violations(schema_of("pv", "quote"), quote_of("pv", remark=text))
    assert () == violations(schema_of("pv", "quote"), quote_of("pv", remark="一\r\n二\t三"))


def test_a_float_in_a_field_the_form_does_not_have_is_one_fault() -> None:
    """A stranger is named once, whatever it holds."""
    assert (Violation("/tip", "表单中没有「tip」这一项", "The form has no field “tip”"),) == violations(
        schema_of("pv", "quote"), quote_of("pv", tip=1.0)
    )


def test_a_strange_name_is_shortened_and_escaped() -> None:
    """The name of a stranger is repeated short and without control characters; its path is a JSON Pointer."""
    found = violations(schema_of("pv", "quote"), quote_of("pv", **{"a/b~\x1b" + "x" * 60: 1}))

    assert "/a~1b~0\x1b" + "x" * 60 == found[0].path
    assert "表单中没有「a/b~?" + "x" * 34 + "…」这一项" == found[0].message_zh


@pytest.mark.parametrize("value", [None, [], "报价", 1, True])
def test_a_form_is_an_object(value: object) -> None:
    """Anything but an object is answered at the form as a whole."""
    expected = Violation(
        "",
        "「光伏节能报价单」填写不符合要求",
        "“Photovoltaics and energy saving: quote” is not as required",
    )

    assert (expected,) == violations(schema_of("pv", "quote"), value)


def test_a_bottomless_value_is_refused_before_it_is_read() -> None:
    """Nesting that could exhaust the stack is refused with one sentence."""
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]

    found = violations(schema_of("pv", "quote"), quote_of("pv", remark=deep))

    assert ["填写内容的嵌套层级不得超过 12 层"] == [violation.message_zh for violation in found]


def test_the_answer_is_the_same_each_time() -> None:
    """The violations of a value and their order do not depend on the order of its keys."""
    quote = quote_of("pv", b=1, a=2, price_fen=0)
    turned = dict(reversed(quote.items()))

    assert violations(schema_of("pv", "quote"), quote) == violations(schema_of("pv", "quote"), turned)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"$schema": "draft-07"}, SchemaFault(("$schema",), f"must be {DIALECT}")),
        ({"type": "array"}, SchemaFault(("type",), "a form is an object")),
        ({"additionalProperties": True}, SchemaFault(("additionalProperties",), "must be false")),
        ({"required": ["ghost"]}, SchemaFault(("required",), "names 'ghost', which is not a field")),
        (
            {"allOf": [{"$ref": "#/properties/remark"}]},
            SchemaFault(("allOf", "0", "$ref"), "a form refers to nothing; write the field out"),
        ),
        (
            {"properties": {"a": True}, "required": []},
            SchemaFault(("properties", "a"), "a field is described by an object, not by true or false"),
        ),
        ({"minProperties": -1}, SchemaFault(("minProperties",), "-1 is less than the minimum of 0")),
    ],
)
def test_an_unfit_schema_is_refused(change: dict[str, Any], fault: SchemaFault) -> None:
    """Each way in which a schema is unfit has its own sentence."""
    schema = {**json.loads(json.dumps(schema_of("pv", "quote"))), **change}

    assert fault in schema_faults(schema)
