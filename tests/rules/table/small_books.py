"""Small books for the tests of decision tables: types, parameters, and a table of service classes."""

from __future__ import annotations

import pytest

from rules.problems import RuleProblems
from rules.table.compile import compile_table

TYPES = """\
apiVersion: lianyue/v1
kind: TypeSet
metadata: {name: core, title: 事实}
spec:
  types:
    Contract: {kind: string, value_fen: int, urgent: bool, needs: "map<string, int>"}
    Member: {code: string, score_bp: int}
    Ledger: {awards: int}
    Quote: {price_fen: int, order: int}
"""

PARAMS = """\
apiVersion: lianyue/v1
kind: ParameterSet
metadata: {name: few, title: 参数}
spec:
  parameters:
    scale: {type: int, values: [{from: "2025-01-01", value: 1}]}
"""

CLASSES = """\
apiVersion: lianyue/v1
kind: DecisionTable
metadata: {name: sla-class, title: 服务等级, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  reads: contract
  hit: unique
  columns:
    - {name: value, value: contract.value_fen, domain: "[0..]"}
    - {name: urgent, value: contract.urgent}
    - {name: kind, value: contract.kind, domain: [project, framework, framework_calloff]}
  outputs:
    - {name: sla_class, type: string, values: [gold, silver, bronze]}
    - {name: deposit_bp, type: int}
  rows:
    - {id: sla-1, in: ["< 10000000", "-", "-"], out: [bronze, 0]}
    - {id: sla-2, in: ["[10000000..100000000)", "false", "-"], out: [silver, 300]}
    - {id: sla-3, in: ["[10000000..100000000)", "true", "-"], out: [gold, 500]}
    - {id: sla-4, in: [">= 100000000", "-", 'not("framework_calloff")'], out: [gold, 800]}
    - {id: sla-5, in: [">= 100000000", "-", '"framework_calloff"'], out: [gold, 500]}
"""


def table(hit: str, rows: str, outputs: str = "[{name: points, type: int}]", more: str = "default: [0]") -> str:
    """A table over one whole number from 0 to 9, the member's score."""
    lines = "\n".join(f"    - {row}" for row in rows.strip().split("\n"))
    return f"""\
apiVersion: lianyue/v1
kind: DecisionTable
metadata: {{name: points, title: 得分, reference: [章程]}}
spec:
  effective: {{from: "2025-01-01"}}
  types: core
  params: few
  reads: member
  hit: {hit}
  columns: [{{name: score, value: member.score_bp, domain: "[0..9]"}}]
  outputs: {outputs}
  rows:
{lines}
  {more}
"""


def messages(text: str) -> list[str]:
    """The problems of a table, each with its place and code."""
    with pytest.raises(RuleProblems) as caught:
        compile_table(text, PARAMS, TYPES)
    return [f"{each.line}:{each.column} {each.code}: {each.message}" for each in caught.value.problems]
