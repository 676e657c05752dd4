"""The command line as a test runs it: in a folder of its own, with an environment that says nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lianyue.cli.main import run

ALLIANCE = """\
apiVersion: lianyue/v1
kind: Alliance
spec:
  name: 服务联盟
  name_en: Service alliance
  office: LGFW
  companies:
    - {code: LGWY, name: 临港物业, name_en: Property, kind: member, categories: [property], capacity: {m2: 900000}}
    - {code: LGCY, name: 临港产业, name_en: Industry, kind: client}
    - {code: LGFW, name: 联盟办, name_en: Office, kind: office}
  people:
    - {user: li.lei, name: 李雷, company: LGWY, roles: [handler, signer]}
    - {user: han.mei, name: 韩梅梅, company: LGFW, roles: [coordinator]}
"""

CONTRACT = """\
apiVersion: lianyue/v1
kind: ServiceContract
spec:
  number: LY-2025-0001
  title: 园区物业服务
  category: property
  client: LGCY
  park: fengxian
  value_fen: 64000000
  quantity: 21000
  starts_on: "2025-08-01"
  ends_on: "2026-07-31"
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


Command = Callable[..., Ran]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in; no setting comes from outside."""
    for name in list(os.environ):
        if name.startswith("LIANYUE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def lianyue(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run one command in this process."""

    def ran(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run(arguments)
        return Ran(code, *capsys.readouterr())

    return ran


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records with the alliance in them, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "alliance.yaml").write_text(ALLIANCE, encoding="utf-8")
    assert run(["alliance", "load", str(folder / "alliance.yaml"), "--data", str(folder / ".lianyue")]) == 0
    return folder


@pytest.fixture
def loaded(template: Path, place: Path) -> Path:
    """A folder with records that hold the alliance."""
    shutil.copytree(template, place, dirs_exist_ok=True)
    return place


@pytest.fixture
def alliance_text() -> str:
    """A sound alliance file."""
    return ALLIANCE


@pytest.fixture
def contract_text() -> str:
    """A sound contract file."""
    return CONTRACT
