"""An example as its folder tells it: the alliance, the contracts, and what the people do."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from contracts.errors import MalformedDocument
from contracts.organisation import Alliance
from contracts.service_contract import ServiceContract
from contracts.value import Authored, Json
from lianyue.simulate.script import Script
from rules.parse import parsed
from rules.source import read


class _Envelope(Authored):
    """What every document of an example begins with."""

    api_version: Literal["lianyue/v1"] = Field(alias="apiVersion")
    metadata: Json = {}


Model = TypeVar("Model", bound=_Envelope)


class AllianceDocument(_Envelope):
    """alliance.yaml"""

    kind: Literal["Alliance"]
    spec: Alliance


class ContractDocument(_Envelope):
    """contract.yaml"""

    kind: Literal["ServiceContract"]
    spec: ServiceContract


class Batch(Authored):
    """Contracts to start together."""

    contracts: tuple[ServiceContract, ...]


class BatchDocument(_Envelope):
    """contracts.yaml"""

    kind: Literal["ServiceContractBatch"]
    spec: Batch


class SimulationDocument(_Envelope):
    """people.yaml"""

    kind: Literal["Simulation"]
    spec: Script


class Example(Authored):
    """Everything that is needed to play an example."""

    name: str
    alliance: Alliance
    contracts: tuple[ServiceContract, ...]
    script: Script


def load(folder: Path) -> Example:
    """
    Read the example in *folder*.

    Raises:
        RuleProblems: If a document does not say what its kind must say.
        MalformedDocument: If a file is missing.
    """
    batch = folder / "contracts.yaml"
    contracts = (
        parsed(read(_text(batch), str(batch)), BatchDocument).spec.contracts
        if batch.exists()
        else (_document(folder / "contract.yaml", ContractDocument).spec,)
    )
    return Example(
        name=folder.name,
        alliance=_document(folder / "alliance.yaml", AllianceDocument).spec,
        contracts=contracts,
        script=_document(folder / "people.yaml", SimulationDocument).spec,
    )


def _document(path: Path, model: type[Model]) -> Model:
    return parsed(read(_text(path), str(path)), model)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise MalformedDocument(f"{path} cannot be read: {error.strerror}", where=str(path)) from None
