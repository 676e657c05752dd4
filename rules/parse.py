"""A source file as a model: every value of the right kind, or a problem at each place where one is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts import ids, value
from rules.look_alikes import code_points
from rules.problems import Problem, RuleProblems, did_you_mean
from rules.source import Path, Source

Model = TypeVar("Model", bound=BaseModel)

LONGEST_SHOWN = 40


def parsed(source: Source, model: type[Model]) -> Model:
    """
    Return the document in *source* as a *model*.

    Nothing is converted: text is not a number and a number is not text. A field that the model does not know is a
    problem also where the model itself would pass it over.

    Raises:
        RuleProblems: With everything that does not fit, each at its place.
    """
    try:
        return model.model_validate_json(json.dumps(source.data), strict=True, extra="forbid")
    except ValidationError as error:
        raise RuleProblems(_problems(source, model, error)) from None


def fields_at(model: type[BaseModel], steps: Path) -> tuple[str, ...]:
    """Return the names that *model* knows in the mapping that *steps* lead to, in their order."""
    schema = _schema(model)
    nodes = _flat(schema, schema)
    for step in steps:
        nodes = _below(schema, nodes, step) or nodes  # a step that names a branch of a union leads nowhere
    names = [name for node in nodes for name in node.get("properties", {})]
    return tuple(dict.fromkeys(names))


def _problems(source: Source, model: type[BaseModel], error: ValidationError) -> Iterator[Problem]:
    by_path: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        if not _follows_from_another(detail):
            by_path.setdefault(_path(source.data, detail), []).append(detail)
    problems = [_problem(source, model, path, details) for path, details in by_path.items()]
    misspelt = [problem.message for problem in problems if problem.code == "unknown-field"]
    for path, problem in zip(by_path, problems, strict=True):
        if problem.code != "missing-field" or not any(m.endswith(f"mean {path[-1]!r}?") for m in misspelt):
            yield problem


def _follows_from_another(detail: ErrorDetails) -> bool:
    """Whether a list counts as too short only because its entries are wrong, each of which is reported itself."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]


def _problem(source: Source, model: type[BaseModel], path: Path, details: list[ErrorDetails]) -> Problem:
    """The one problem that the *details* at *path* amount to; a union reports one detail for each branch."""
    first = details[0]
    match first["type"]:
        case "extra_forbidden":
            hint = did_you_mean(str(path[-1]), fields_at(model, first["loc"][:-1]))
            return source.problem(path, "unknown-field", f"unknown field {path[-1]!r}{hint}", key=True)
        case "missing":
            return source.problem(path[:-1], "missing-field", f"field {path[-1]!r} is missing", key=True)
        case "union_tag_not_found":
            field = first["ctx"]["discriminator"].strip("'")
            return source.problem(path, "missing-field", f"field {field!r} is missing", key=True)
        case "union_tag_invalid":
            field = first["ctx"]["discriminator"].strip("'")
            message = _choice(repr(field), first["ctx"]["tag"], first["ctx"]["expected_tags"])
            return source.problem((*path, field), "wrong-value", message)
        case "value_error":
            return source.problem(path, "wrong-value", str(first["ctx"]["error"]), key=True)
        case "literal_error" | "enum" if len(details) == 1:
            message = _choice(_subject(path) if path else "it", first["input"], first["ctx"]["expected"])
            return source.problem(path, "wrong-value", message)
    return _mismatch(source, path, details)


def _mismatch(source: Source, path: Path, details: list[ErrorDetails]) -> Problem:
    """The problem of a value that is of the wrong type, size or form."""
    is_key = details[0]["loc"][-1:] == ("[key]",)
    wanted = " or ".join(dict.fromkeys(_wanted(detail) for detail in details))
    found = path[-1] if is_key else details[0]["input"]
    subject = "the key" if is_key or not path else _subject(path)
    message = f"{subject} must be {wanted}, not {_shown(found)}{_way_out(wanted, found)}"
    if details[0]["type"] == "string_pattern_mismatch" and (strange := code_points(str(found))):
        message += f" ({strange})"
    code = "wrong-type" if details[0]["type"].endswith("_type") else "wrong-value"
    return source.problem(path, code, message, key=is_key)


def _path(data: Any, detail: ErrorDetails) -> Path:
    """Where *detail* is about: its location without the steps that name a branch of a union or a key as such."""
    path: list[str | int] = []
    for step in detail["loc"]:
        if _has(data, step):
            path.append(step)
            data = data[step]
    if detail["type"] == "missing":
        path.append(detail["loc"][-1])
    return tuple(path)


def _has(data: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(data, list) and step < len(data)
    return isinstance(data, Mapping) and step in data


def _choice(subject: str, found: Any, expected: str) -> str:
    """Say that *found* is none of the words that *expected* lists in quotes."""
    words = re.findall(r"'([^']*)'", expected)
    allowed = f"{words[0]!r}" if len(words) == 1 else f"one of {', '.join(words)}"
    hint = did_you_mean(found, words) if isinstance(found, str) and len(words) > 1 else ""
    return f"{subject} must be {allowed}, not {_shown(found)}{hint}"


def _subject(path: Path) -> str:
    """What a message calls the value at *path*: its key, or the key of the list it is in."""
    names = [step for step in path if isinstance(step, str)]
    if isinstance(path[-1], int):
        return f"an entry of {names[-1]!r}" if names else "the entry"
    return repr(path[-1])


_TYPES: dict[str, str] = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "null",
}

_LIMITS: dict[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "at least {}"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "at most {}"),
    "less_than": ("lt", "less than {}"),
    "string_too_short": ("min_length", "text of at least {} characters"),
    "string_too_long": ("max_length", "text of at most {} characters"),
    "too_short": ("min_length", "a list of at least {}"),
    "too_long": ("max_length", "a list of at most {}"),
}


def _wanted(detail: ErrorDetails) -> str:
    """What would have been right, as a phrase that follows "must be"."""
    kind, facts = detail["type"], detail.get("ctx", {})
    if kind in _TYPES:
        return _TYPES[kind]
    if kind in _LIMITS:
        fact, phrase = _LIMITS[kind]
        return phrase.format(facts[fact])
    if kind in ("literal_error", "enum"):
        return str(facts["expected"])
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(facts["pattern"], f"text of the form {facts['pattern']}")
    return f"something else ({detail['msg'].lower()})"


def _pattern(annotated: Any) -> str:
    """The pattern in the metadata of an annotated string."""
    found = [part.pattern for field in get_args(annotated)[1:] for part in field.metadata if hasattr(part, "pattern")]
    return str(found[0])


_PATTERNS: dict[str, str] = {
    _pattern(value.Code): "a company code (2 to 12 capital letters and digits)",
    _pattern(value.UserName): "a user name (2 to 40 small letters, digits, dots and dashes)",
    _pattern(value.Slug): "a name of small letters, digits and dashes",
    _pattern(value.Line): "one visible line of text",
    _pattern(value.Digest): "a digest (sha256: and 64 hexadecimal digits)",
    _pattern(ids.ContractNumber): "a contract number like LY-2025-0001",
    r"^[a-z][a-z0-9-]{0,63}$": "an id of small letters, digits and dashes",
    r"^[a-z][a-z0-9_]{0,63}$": "a name of small letters, digits and underscores",
    r"^[A-Z][A-Za-z0-9]{0,63}$": "a type's name, like Member",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": 'a date like "2025-07-01"',
    r"^[1-9][0-9]?$": 'a number of members in quotes, like "2"',
}


def _shown(found: Any) -> str:
    """*found* as a message shows it."""
    if isinstance(found, str):
        return f'"{found}"' if len(found) <= LONGEST_SHOWN else f'"{found[: LONGEST_SHOWN - 1]}…"'
    if isinstance(found, Mapping):
        return "a mapping" if found else "an empty mapping"
    if isinstance(found, list | tuple):
        return "a list" if found else "an empty list"
    return json.dumps(found)


def _way_out(wanted: str, found: Any) -> str:
    """What to do about a number in quotes, or text without them."""
    if wanted == "a whole number" and isinstance(found, str) and re.fullmatch(r"-?[0-9]+", found):
        return "; take the quotes away"
    if wanted == "text" and isinstance(found, int):
        return "; put it in quotes"
    return ""


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _flat(schema: Mapping[str, Any], node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """*node* without references and unions: the schemas it may stand for."""
    if "$ref" in node:
        return _flat(schema, schema["$defs"][node["$ref"].removeprefix("#/$defs/")])
    branches = [*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())]
    if branches:
        return [flat for branch in branches for flat in _flat(schema, branch)]
    return [node]


def _below(schema: Mapping[str, Any], nodes: list[Mapping[str, Any]], step: str | int) -> list[Mapping[str, Any]]:
    """What one *step* leads to: a field, any key of a mapping, an item, or the branch whose tag it is."""
    children: list[Mapping[str, Any]] = []
    for node in nodes:
        if isinstance(step, int):
            children.append(node.get("items", {}))
        elif step in node.get("properties", {}):
            children.append(node["properties"][step])
        else:
            children += [node["additionalProperties"]] if isinstance(node.get("additionalProperties"), dict) else []
            children += node.get("patternProperties", {}).values()
    tagged = [node for node in nodes if _is_tagged(node, step)]
    return [flat for child in children for flat in _flat(schema, child)] or tagged


def _is_tagged(node: Mapping[str, Any], step: str | int) -> bool:
    """Whether *node* is the branch of a union that says ``const: step`` in one of its fields."""
    fields: list[Mapping[str, Any]] = list(node.get("properties", {}).values())
    return any(field.get("const") == step for field in fields)
