"""What an audit says: one line for each thing that was checked."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, ConfigDict

from activities.ports import Signatories, Texts


class Check(BaseModel):
    """One thing that was checked; where it failed, ``detail`` says where and what differs."""

    model_config = ConfigDict(frozen=True)

    name: str
    ok: bool
    detail: str = ""


class Ground(Protocol):
    """What an audit stands on: the texts that decided, and the authorities that are believed."""

    @property
    def records(self) -> Texts:
        """The rule texts and packs."""

    @property
    def signatures(self) -> Signatories:
        """The check of signatures."""
