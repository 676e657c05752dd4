"""
Releases of the Open Contracting Data Standard 1.1 read as contracts to be started.

Of a release its tender is read. What the standard does not carry, such as terms and needs, the caller gives; a value of
the caller's stands before that of the release. Every refusal has the JSON path of what is in the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from contracts.calendar import SHANGHAI
from contracts.errors import MalformedDocument
from contracts.service_contract import ServiceContract
from contracts.value import Json, Slug
from lianyue.audit.ocds import METHODS, SCHEME

OVER = ("cancelled", "unsuccessful", "withdrawn")
MODES = {method: mode.value for mode, method in METHODS.items()} | {"selective": "invited"}
OCID = re.compile(r"ocds-[a-z0-9]+-(.+)")


class Refusal(NamedTuple):
    """Why a release is no contract: the JSON path of what is in the way, and the reason."""

    path: str
    reason: str


class TakenIn(NamedTuple):
    """What became of the releases of a publication."""

    contracts: tuple[ServiceContract, ...]
    refused: tuple[Refusal, ...]

    def as_batch(self) -> Json:
        """Return the contracts as the document that `contract start-batch` takes."""
        stated = [each.model_dump(mode="json", exclude_unset=True) for each in self.contracts]
        return {"apiVersion": "lianyue/v1", "kind": "ServiceContractBatch", "spec": {"contracts": stated}}


def taken_in(published: Any, defaults: Mapping[str, Any]) -> TakenIn:
    """
    Return the contracts of *published*: a release package, a package of compiled records, or one release.

    Raises:
        MalformedDocument: If it is none of these, or not of the standard's version 1.1.
    """
    contracts: list[ServiceContract] = []
    refused: list[Refusal] = []
    seen: dict[str, str] = {}
    for release in _releases(_Node("$", published)):
        ocid = release["ocid"]
        process = ocid.value if isinstance(ocid.value, str) else ocid.path
        if process in seen:
            reason = f"{seen[process]} has the same ocid; merge the releases of one process first"
            refused.append(Refusal(ocid.path, reason))
            continue
        seen[process] = release.path
        contract, faults = _contract(release, defaults)
        contracts += [contract] if contract else []
        refused += faults
    return TakenIn(tuple(contracts), tuple(refused))


class _Unfit(Exception):
    """Something in a release that stands in the way of a contract."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(path, reason)


_MISSING = object()


@dataclass(frozen=True)
class _Node:
    """A value of a publication at its JSON path; what is not there has no value."""

    path: str
    value: Any

    def __getitem__(self, step: str | int) -> _Node:
        """Return what is below, there or not."""
        if isinstance(step, int):
            return _Node(f"{self.path}[{step}]", self.value[step])
        value = self.value.get(step, _MISSING) if isinstance(self.value, dict) else _MISSING
        return _Node(f"{self.path}.{step}", value)

    @property
    def is_there(self) -> bool:
        """Whether anything stands here; the standard lets null stand for nothing."""
        return self.value not in (_MISSING, None)

    def unfit(self, reason: str) -> _Unfit:
        """Return the error that says what is wrong here."""
        return _Unfit(self.path, reason if self.is_there else "this is missing")

    def text(self) -> str:
        """Return the text that stands here."""
        if not isinstance(self.value, str):
            raise self.unfit("here must stand a text")
        return self.value

    def each(self) -> list[_Node]:
        """Return the entries of the list that stands here."""
        if not isinstance(self.value, list):
            raise self.unfit("here must stand a list")
        return [self[place] for place in range(len(self.value))]

    def only(self, what: str) -> _Node:
        """Return the one entry of the list that stands here."""
        entries = self.each()
        if len(entries) != 1:
            raise self.unfit(f"there are {len(entries)} {what}; a contract here has one")
        return entries[0]


def _releases(root: _Node) -> Iterator[_Node]:
    """Yield the releases of a publication; of a record the compiled one."""
    packaged = root["releases"].is_there or root["records"].is_there
    if packaged and root["version"].value != "1.1":
        raise MalformedDocument("this package is not of version 1.1 of the standard", where="$.version")
    if not packaged and not root["ocid"].is_there:
        raise MalformedDocument("this is neither a release, nor a package of releases or records", where="$")
    try:
        listed = root["releases"].each() if root["releases"].is_there else []
        compiled = [each["compiledRelease"] for each in root["records"].each()] if root["records"].is_there else []
    except _Unfit as error:
        raise MalformedDocument(error.refusal.reason, where=error.refusal.path) from None
    yield from [*listed, *compiled] if packaged else [root]


def _contract(release: _Node, defaults: Mapping[str, Any]) -> tuple[ServiceContract | None, list[Refusal]]:
    """Return the contract of one release, or everything that stands in its way."""
    fields, places, refused = dict(defaults), {}, list(_over(release))
    for name, (place, read) in _READ.items():
        if name in defaults:
            continue
        node = place(release)
        places[name] = node.path
        try:
            fields[name] = read(node)
        except _Unfit as error:
            refused.append(error.refusal)
    if refused:
        return None, refused
    try:
        return ServiceContract.model_validate({name: value for name, value in fields.items() if value is not None}), []
    except ValidationError as error:
        return None, [_said(each, places, release) for each in error.errors()]


def _said(fault: Any, places: Mapping[str, str], release: _Node) -> Refusal:
    """Where a value does not fit the contract: in the release, or in what the caller gave."""
    name = str(fault["loc"][0]) if fault["loc"] else ""
    given = ".".join(map(str, fault["loc"]))
    where = places.get(name, f"--defaults {given}" if name else release.path)
    return Refusal(where, fault["msg"].removeprefix("Value error, "))


def _over(release: _Node) -> Iterator[Refusal]:
    """What makes a process none that could be awarded here."""
    status, lots = release["tender"]["status"], release["tender"]["lots"]
    if status.value in OVER:
        yield Refusal(status.path, f"the tender is {status.value}: there is nothing to award")
    if isinstance(lots.value, list) and len(lots.value) > 1:
        yield Refusal(lots.path, f"there are {len(lots.value)} lots; publish each as a process of its own")


# --- the fields of a contract -----------------------------------------------------------------------------------


def _number(ocid: _Node) -> str:
    found = OCID.fullmatch(ocid.text())
    if found is None:
        raise ocid.unfit("an ocid begins with a prefix like ocds-a1b2c3-, and ends with the contract's number")
    return found[1]


def _client(release: _Node) -> _Node:
    buyer = release["buyer"]["id"]
    return buyer if buyer.is_there else release["tender"]["procuringEntity"]["id"]


def _fen(value: _Node) -> int:
    currency, amount = value["currency"], value["amount"]
    if currency.text() != "CNY":
        raise currency.unfit(f"amounts are in CNY here, not in {currency.value}")
    if isinstance(amount.value, bool) or not isinstance(amount.value, int | Decimal):
        raise amount.unfit("here must stand a number")
    fen = Fraction(amount.value) * 100
    if fen.denominator != 1:
        raise amount.unfit(f"{amount.value} yuan are no whole number of fen")
    return int(fen)


def _quantity(items: _Node) -> int:
    quantity = items.only("items")["quantity"]
    number = quantity.value
    if isinstance(number, bool) or not isinstance(number, int | Decimal) or number != int(number):
        raise quantity.unfit("here must stand a whole number, in the unit of the category")
    return int(number)


def _category(items: _Node) -> str:
    return _code(items.only("items")["classification"], "id", "category").text()


def _park(items: _Node) -> str:
    location = items.only("items")["deliveryLocation"]["gazetteer"]
    return _code(location, "identifiers", "park").only("parks").text()


def _code(node: _Node, below: str, what: str) -> _Node:
    """What stands *below* a code of our own scheme."""
    if node["scheme"].value != SCHEME:
        raise _Unfit(node.path, f"no code of the scheme {SCHEME!r} names the {what}; give it with --defaults")
    return node[below]


def _day(moment: _Node) -> str:
    """The Shanghai day in which a moment lies."""
    try:
        at = datetime.fromisoformat(moment.text())
    except ValueError:
        raise moment.unfit("here must stand a moment like 2025-07-01T00:00:00+08:00") from None
    if at.tzinfo is None:
        raise moment.unfit("the moment has no offset, like +08:00 or Z")
    return at.astimezone(SHANGHAI).date().isoformat()


def _tender_mode(details: _Node) -> str | None:
    if not details.is_there:
        return None
    try:
        mode: str = TypeAdapter(Slug).validate_python(details.text())
    except ValidationError:
        raise details.unfit("this is no tender mode like 'internal'; give tender_mode with --defaults") from None
    return mode


def _quoting(method: _Node) -> Json | None:
    if not method.is_there:
        return None
    if method.text() not in MODES:
        raise method.unfit(f"what is procured by the method {method.value!r} is not awarded within an alliance")
    return {"mode": MODES[method.value]}


_READ: dict[str, tuple[Callable[[_Node], _Node], Callable[[_Node], Any]]] = {
    "number": (lambda release: release["ocid"], _number),
    "title": (lambda release: release["tender"]["title"], _Node.text),
    "category": (lambda release: release["tender"]["items"], _category),
    "client": (_client, _Node.text),
    "park": (lambda release: release["tender"]["items"], _park),
    "value_fen": (lambda release: release["tender"]["value"], _fen),
    "quantity": (lambda release: release["tender"]["items"], _quantity),
    "starts_on": (lambda release: release["tender"]["contractPeriod"]["startDate"], _day),
    "ends_on": (lambda release: release["tender"]["contractPeriod"]["endDate"], _day),
    "tender_mode": (lambda release: release["tender"]["procurementMethodDetails"], _tender_mode),
    "quoting": (lambda release: release["tender"]["procurementMethod"], _quoting),
}
"""Of each field that the standard carries, where it stands in a release, and how it is read."""
