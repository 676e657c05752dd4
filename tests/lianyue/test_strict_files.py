"""Documents: with an envelope or without, YAML or JSON, one or a batch; places are those of the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from contracts.organisation import Alliance
from contracts.service_contract import Amendment, ServiceContract
from lianyue.strict_files import DocumentProblems, batch, content, document
from lianyue.testing import small_alliance

BATCH = """\
apiVersion: lianyue/v1
kind: ServiceContractBatch
spec:
  contracts:
    - {number: LY-2025-0001, title: 物业, category: property, client: LGCY, park: fengxian, value_fen: 1, quantity: 1,
       starts_on: "2025-08-01", ends_on: "2025-08-02"}
    - {number: LY-2025-0002, title: 绿化, category: greening, client: lgcy, park: fengxian, value_fen: 1, quantity: 1,
       starts_on: "2025-08-01", ends_on: "2025-08-02"}
    - 不是合同
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own: messages name files as they were given."""
    monkeypatch.chdir(tmp_path)


def written(name: str, text: str) -> Path:
    """A file with this text."""
    file = Path(name)
    file.write_text(text, encoding="utf-8")
    return file


def test_an_envelope_may_be_left_out() -> None:
    """The same amendment, with and without its envelope."""
    bare = written("bare.yaml", "reason: 扩大面积\nvalue_fen: 100\n")
    whole = written("whole.yaml", "apiVersion: lianyue/v1\nkind: Amendment\nspec: {reason: 扩大面积, value_fen: 100}\n")

    assert document(bare, "Amendment", Amendment) == document(whole, "Amendment", Amendment)


def test_json_says_the_same_as_yaml() -> None:
    """An alliance as JSON, tabs and escapes included, is the alliance as YAML."""
    stated = {"apiVersion": "lianyue/v1", "kind": "Alliance", "spec": small_alliance().model_dump(mode="json")}
    as_yaml = written("alliance.yaml", yaml.safe_dump(stated, allow_unicode=True))
    as_json = written("alliance.json", json.dumps(stated, indent="\t"))

    assert small_alliance() == document(as_yaml, "Alliance", Alliance) == document(as_json, "Alliance", Alliance)


def test_a_row_is_read_for_itself() -> None:
    """Of a batch the sound rows are read; the others tell their own place in the file."""
    rows = batch(written("batch.yaml", BATCH), "ServiceContractBatch", "contracts")

    assert "LY-2025-0001" == rows[0].read_as(ServiceContract).number
    assert [(1, "LY-2025-0001", "batch.yaml:5"), (2, "LY-2025-0002", "batch.yaml:7"), (3, "", "batch.yaml:9")] == [
        (row.number, row.name, row.place) for row in rows
    ]
    with pytest.raises(DocumentProblems) as second:
        rows[1].read_as(ServiceContract)
    assert (
        "batch.yaml:7:69: 'client' must be a company code (2 to 12 capital letters and digits), not \"lgcy\""
        == second.value.message
    )
    with pytest.raises(DocumentProblems) as third:
        rows[2].read_as(ServiceContract)
    assert "batch.yaml:9:7: here must stand a mapping of field names to values" == third.value.message


def test_something_else_is_no_batch() -> None:
    """A single contract is not taken for a batch of none."""
    file = written("one.yaml", "apiVersion: lianyue/v1\nkind: ServiceContract\nspec: {number: LY-2025-0001}\n")

    with pytest.raises(DocumentProblems) as caught:
        batch(file, "ServiceContractBatch", "contracts")

    assert "one.yaml:2:7: 'kind' must be 'ServiceContractBatch', not \"ServiceContract\"" in caught.value.message


def test_an_answer_is_a_mapping() -> None:
    """A list answers no form."""
    with pytest.raises(DocumentProblems) as caught:
        content(written("answer.yaml", "- agree\n"))

    assert (
        "answer.yaml:1:1: an answer is a mapping of the form's fields; `task show` lists them" == caught.value.message
    )
