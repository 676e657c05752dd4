"""What comes of which values, row by row: the kind DecisionTable."""

from __future__ import annotations

from typing import Literal

from contracts.value import Slug
from rules.documents.envelope import Document, Effective, SourcedMetadata
from rules.table.layout import TableLayout


class DecisionTableSpec(TableLayout):
    """What comes of which values, row by row."""

    effective: Effective
    types: Slug
    params: Slug


class DecisionTable(Document):
    """A decision table, one dated edition."""

    kind: Literal["DecisionTable"]
    metadata: SourcedMetadata
    spec: DecisionTableSpec
