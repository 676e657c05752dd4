"""The parts that forms are made of: JSON Schema (2020-12) with titles and messages in Chinese and English."""

from __future__ import annotations

from contracts.value import LONGEST_REASON, SHORTEST_REASON, Json

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def form(title: str, title_en: str, properties: Json, required: tuple[str, ...]) -> Json:
    """A form with *properties*, of which the *required* ones must be filled in; it knows no other field."""
    return {
        "$schema": DIALECT,
        "type": "object",
        "title": title,
        "x-title-en": title_en,
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def choice(title: str, title_en: str, *values: tuple[str, str, str]) -> Json:
    """A choice among *values*: each the code, what it is called in Chinese, and in English."""
    codes = [code for code, _, _ in values]
    return {
        "title": title,
        "x-title-en": title_en,
        "enum": codes,
        "x-enum-zh": {code: zh for code, zh, _ in values},
        "x-enum-en": {code: en for code, _, en in values},
        "x-message": f"{title}只能是 {'、'.join(codes)} 之一",
        "x-message-en": f"{title_en} must be one of {', '.join(codes)}",
    }


def text(title: str, title_en: str, longest: int = LONGEST_REASON) -> Json:
    """Words of a person: at least two characters, not only blanks."""
    return {
        "type": "string",
        "title": title,
        "x-title-en": title_en,
        "minLength": SHORTEST_REASON,
        "maxLength": longest,
        "pattern": r"\S\s*\S",
        "x-message": f"{title}须为{SHORTEST_REASON}至{longest}个字",
        "x-message-en": f"{title_en} must have {SHORTEST_REASON} to {longest} characters",
    }


def score(title: str, title_en: str) -> Json:
    """A score in basis points, which people type as points of a hundred."""
    return {
        "type": "integer",
        "minimum": 0,
        "maximum": 10_000,
        "x-unit": "score_bp",
        "title": title,
        "x-title-en": title_en,
        "x-message": f"{title}须为0至10000的整数（基点，9000即90分）",
        "x-message-en": f"{title_en} must be an integer from 0 to 10000 (basis points; 9000 is 90 %)",
    }
