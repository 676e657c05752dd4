"""Whether a JSON Schema is fit to be a form: bounded, whole-numbered, self-contained, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_WORDS: Final = ("title", "x-title-en", "description")
_MESSAGES: Final = ("x-message", "x-message-en")
_TYPES: Final = ("string", "integer", "boolean", "array", "object")


class SchemaFault(NamedTuple):
    """A fault of a schema; *path* holds the keywords that lead to it."""

    path: tuple[str, ...]
    message: str


def schema_faults(schema: Mapping[str, Any]) -> tuple[SchemaFault, ...]:
    """
    Everything that makes *schema* unfit as a form, in the order of the document; empty when it is fit.

    A fit schema is valid JSON Schema 2020-12, refers to nothing, forbids unknown fields, bounds every string,
    integer and array, knows no type "number", and gives each field a title, a description and its messages in
    Chinese and English.
    """
    if schema.get("$schema") != DIALECT:
        return (SchemaFault(("$schema",), f"must be {DIALECT}"),)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return (SchemaFault(tuple(str(step) for step in error.absolute_path), error.message),)
    return tuple(_form_faults(schema, ()))


def _form_faults(schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[SchemaFault]:
    """The faults of the outermost object; its fields carry the messages, it only the words."""
    yield from _missing(schema, path, _WORDS)
    if schema.get("type") != "object":
        yield SchemaFault((*path, "type"), "a form is an object")
    yield from _references(schema, path)
    yield from _shape_faults(schema, path)


def _field_faults(schema: Any, path: tuple[str, ...]) -> Iterator[SchemaFault]:
    if not isinstance(schema, Mapping):
        yield SchemaFault(path, "a field is described by an object, not by true or false")
        return
    yield from _missing(schema, path, (*_WORDS, *_MESSAGES))
    if schema.get("type") not in _TYPES:
        yield SchemaFault((*path, "type"), f"must be one of {', '.join(_TYPES)}, not {schema.get('type')!r}")
    yield from _shape_faults(schema, path)


def _shape_faults(schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[SchemaFault]:
    """What the type of a field asks for beyond its words."""
    match schema.get("type"):
        case "string" if "enum" in schema:
            yield from _choice_faults(schema, path)
        case "string":
            yield from _missing(schema, path, ("maxLength",))
        case "integer":
            yield from _missing(schema, path, () if "enum" in schema else ("minimum", "maximum"))
        case "array":
            yield from _missing(schema, path, ("maxItems",))
            yield from _field_faults(schema.get("items"), (*path, "items"))
        case "object":
            yield from _object_faults(schema, path)


def _choice_faults(schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[SchemaFault]:
    for keyword in ("x-enum-zh", "x-enum-en"):
        if list(schema.get(keyword, {})) != list(schema["enum"]):
            yield SchemaFault((*path, keyword), "must name exactly the values of enum, in their order")


def _object_faults(schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[SchemaFault]:
    if schema.get("additionalProperties") is not False:
        yield SchemaFault((*path, "additionalProperties"), "must be false")
    fields = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in fields:
            yield SchemaFault((*path, "required"), f"names {name!r}, which is not a field")
    for name, field in fields.items():
        yield from _field_faults(field, (*path, "properties", name))


def _references(schema: Any, path: tuple[str, ...]) -> Iterator[SchemaFault]:
    if isinstance(schema, Mapping):
        for keyword, below in schema.items():
            if keyword in ("$ref", "$dynamicRef") and isinstance(below, str):
                yield SchemaFault((*path, keyword), "a form refers to nothing; write the field out")
            yield from _references(below, (*path, str(keyword)))
    elif isinstance(schema, list):
        for index, below in enumerate(schema):
            yield from _references(below, (*path, str(index)))


def _missing(schema: Mapping[str, Any], path: tuple[str, ...], keywords: tuple[str, ...]) -> Iterator[SchemaFault]:
    for keyword in keywords:
        if keyword not in schema or schema[keyword] == "":
            yield SchemaFault((*path, keyword), "is missing")
