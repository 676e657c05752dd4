"""JSON Schemas of the rule files, made from their models: an editor checks and explains while somebody types."""

from __future__ import annotations

import inspect
import json
from typing import Any

from pydantic import BaseModel

from rules.documents.cases import FactsDocument
from rules.documents.kinds import MODELS
from rules.portfolio.documents import Portfolio, PortfolioPolicy

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS: dict[str, type[BaseModel]] = {
    **MODELS,
    "Facts": FactsDocument,
    "Portfolio": Portfolio,
    "PortfolioPolicy": PortfolioPolicy,
}
"""The kinds that have a schema: every kind of rule file, facts, and portfolios with their policies."""


def schema_of(kind: str) -> dict[str, Any]:
    """
    Return the JSON Schema (draft 2020-12) of a *kind*; titles and descriptions are those of the models.

    It says what a file looks like. What the parts of a file mean to one another, and what is in an expression,
    `rules check` says.
    """
    model = SCHEMAS[kind]
    schema = model.model_json_schema(by_alias=True)
    _describe(schema)
    return {"$schema": DIALECT, **schema, "title": kind, "description": _first_words(model)}


def schema_text(kind: str) -> str:
    """Return the schema of a *kind* as it is shipped: keys in order, two spaces, a line's end at the end."""
    return json.dumps(schema_of(kind), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def schema_file(kind: str) -> str:
    """The name of the file that holds the schema of a *kind*."""
    return f"{kind}.json"


def modeline(path: str) -> str:
    """The first line of a rule file, which tells an editor where the schema is; a comment changes no digest."""
    return f"# yaml-language-server: $schema={path}"


def _first_words(model: type[BaseModel]) -> str:
    return " ".join((inspect.getdoc(model) or "").split())


def _describe(node: Any) -> None:
    """Put descriptions that run over several lines on one."""
    if isinstance(node, dict):
        if isinstance(node.get("description"), str):
            node["description"] = " ".join(node["description"].split())
        for value in node.values():
            _describe(value)
    elif isinstance(node, list):
        for value in node:
            _describe(value)
