"""The forms of what coordinators order: a contract is started, a signed one is amended; bounds are the model's own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from pydantic import BaseModel

from contracts.category import Category
from contracts.form_parts import choice, form, text
from contracts.service_contract import Amendment, QuotingTerms, ServiceContract
from contracts.value import Json

Named = tuple[str, str, str]
"""Something to choose: its code, its Chinese and its English name."""

BOUNDS = ("type", "pattern", "minLength", "maxLength", "minimum", "maximum")
MOST_CANDIDATES = 50
LONGEST_DEADLINE = 120


class Choices(NamedTuple):
    """What may be chosen in an alliance."""

    clients: tuple[Named, ...]
    members: tuple[Named, ...]
    parks: tuple[Named, ...]
    policies: tuple[Named, ...]


class Asked(NamedTuple):
    """What a field is called, and what fits into it."""

    zh: str
    en: str
    fits_zh: str
    fits_en: str


NUMBER = Asked("编号", "Number", "须形如 LY-2025-0001", "must look like LY-2025-0001")
TITLE = Asked("合同名称", "Title", "须在一行之内，不超过 200 字", "must be one line of at most 200 characters")
VALUE = Asked("预算", "Budget", "须大于零", "must be above nought")
QUANTITY = Asked("数量", "Quantity", "须为大于零的整数", "must be a whole number above nought")
NEW_VALUE = Asked("新的合同额", "New value", "须大于零", "must be above nought")
EXTENSION = Asked("顺延", "Extend by", "须为 1 至 3650 的整数", "must be a whole number from 1 to 3650")
REPAYMENT = Asked("多结算的退回期限", "Repay within", "须为 1 至 365 的整数", "must be a whole number from 1 to 365")
FEWEST = Asked("至少几家报价", "Fewest quotes", "须为 1 至 50 的整数", "must be a whole number from 1 to 50")
ROUNDS = Asked("最多几轮", "Most rounds", "须为 1 至 5 的整数", "must be a whole number from 1 to 5")
DAYS = Asked("工作日", "Working days", "须为 1 至 120 的整数", "must be a whole number from 1 to 120")
FROM = Asked("服务期自", "Service from", "须为日期，如 2025-08-01", "must be a day like 2025-08-01")
UNTIL = Asked("服务期至", "Service until", "须为日期，如 2025-08-01", "must be a day like 2025-08-01")
NEEDED = ("number", "title", "client", "park", "value_fen", "quantity", "starts_on", "ends_on", "terms")


def starting_form(category: Category, choices: Choices) -> Json:
    """Return the form by which a contract of *category* is started; what it does not ask for stays as is usual."""
    unit = category.pack.quantity_unit
    fields: Json = {
        "number": _field(ServiceContract, "number", NUMBER),
        "title": _field(ServiceContract, "title", TITLE),
        "client": _one_of("委托方", "Client", choices.clients),
        "park": _one_of("园区", "Park", choices.parks),
        "value_fen": _field(ServiceContract, "value_fen", VALUE, "fen"),
        "quantity": _field(ServiceContract, "quantity", QUANTITY, unit),
        "starts_on": _day(FROM),
        "ends_on": _day(UNTIL),
        "urgent": {"type": "boolean", "title": "紧急", "x-title-en": "Urgent"},
        "negotiated": {"type": "boolean", "title": "前置招商", "x-title-en": "Terms negotiated first"},
        "policy": _one_of("分配规则", "Allocation policy", choices.policies),
        "incumbent": _one_of("现任单位", "Incumbent", choices.members),
        "terms": terms_form(category),
        "needs": _needs(category),
        "quoting": _quoting(),
        "candidates": _members("只向这些单位询价", "Ask these members only", choices.members),
    }
    return form("启动合同", "Start a contract", fields, NEEDED)


def amending_form(category: Category) -> Json:
    """Return the form of a change of a signed contract of *category*; what is left blank stays as it is."""
    fields: Json = {
        "reason": text("理由", "Reason"),
        "value_fen": _field(Amendment, "value_fen", NEW_VALUE, "fen"),
        "extend_days": _field(Amendment, "extend_days", EXTENSION, "day"),
        "repay_within_days": _field(Amendment, "repay_within_days", REPAYMENT, "day"),
        "terms": {**terms_form(category), "required": []},
    }
    return form("补充协议", "Supplementary agreement", fields, ("reason",))


def terms_form(category: Category) -> Json:
    """Return the terms of *category* as a part of a form."""
    return {**category.terms_schema, "title": "服务要求", "x-title-en": "Terms", "description": ""}


def _field(model: type[BaseModel], name: str, asked: Asked, unit: str = "") -> Json:
    """A field with the bounds that it has in *model*."""
    stated: Json = _properties(model)[name]
    stated = next((each for each in stated.get("anyOf", ()) if each.get("type") != "null"), stated)
    bounds: Json = {word: stated[word] for word in BOUNDS if word in stated}
    if "exclusiveMinimum" in stated:
        bounds["minimum"] = stated["exclusiveMinimum"] + 1
    return {**bounds, **_named(asked), **({"x-unit": unit} if unit else {})}


@cache
def _properties(model: type[BaseModel]) -> Json:
    properties: Json = model.model_json_schema()["properties"]
    return properties


def _named(asked: Asked) -> Json:
    messages = {"x-message": f"「{asked.zh}」{asked.fits_zh}", "x-message-en": f"“{asked.en}” {asked.fits_en}"}
    return {"title": asked.zh, "x-title-en": asked.en, **messages}


def _day(asked: Asked) -> Json:
    return {"type": "string", "format": "date", "maxLength": 10, **_named(asked)}


def _one_of(zh: str, en: str, values: Iterable[Named]) -> Json:
    return {**choice(zh, en, *values), "x-message": f"请选择「{zh}」", "x-message-en": f"Choose “{en}”"}


def _members(zh: str, en: str, members: Iterable[Named]) -> Json:
    one = _one_of("成员单位", "Member", members)
    named = {"title": zh, "x-title-en": en, "description": "不选即向全部成员单位询价"}
    return {"type": "array", "items": one, "uniqueItems": True, "maxItems": MOST_CANDIDATES, **named}


def _needs(category: Category) -> Json:
    """How much of a member's capacity the contract takes, in what the category counts in."""
    unit = next(each for each in category.pack.units if each.code == category.pack.quantity_unit)
    asked = Asked(unit.title_zh, unit.title_en, "须为不小于零的整数", "must be a whole number of at least nought")
    amount = {"type": "integer", "minimum": 0, "maximum": 10**12, "x-unit": unit.code, **_named(asked)}
    told = {"description": "成员单位为此留出的能力，通常等于数量；不填即不占用"}
    return {**form("占用能力", "Capacity needed", {unit.code: amount}, ()), **told}


def _quoting() -> Json:
    days = {"type": "integer", "minimum": 1, "maximum": LONGEST_DEADLINE, **_named(DAYS)}
    fields: Json = {
        "min_quotes": _field(QuotingTerms, "min_quotes", FEWEST),
        "rounds": _field(QuotingTerms, "rounds", ROUNDS),
        "deadline": form("每轮期限", "Deadline of a round", {"working_days": days}, ()),
    }
    told = {"description": "不填即至少一家报价、最多两轮、每轮五个工作日"}
    return {**form("询价安排", "How quotes are gathered", fields, ()), **told}
