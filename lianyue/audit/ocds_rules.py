"""
What the Open Contracting Data Standard 1.1.5 demands of a release, in our own words: shapes, code lists, references.

Written from the standard's reference pages (release schema, code lists, extensions *lots*, *bids* and *location*); it
covers the fields that `lianyue.audit.ocds` writes, and refuses any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

Json = dict[str, Any]

TEXT: Json = {"type": "string", "minLength": 1}
MOMENT: Json = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}


def _one_of(words: str) -> Json:
    return {"type": "string", "enum": words.split()}


def _object(required: str, **fields: Json) -> Json:
    return {"type": "object", "required": required.split(), "additionalProperties": False, "properties": fields}


def _list(of: Json, least: int = 0) -> Json:
    return {"type": "array", "items": of, "minItems": least, "uniqueItems": True}


VALUE = _object("amount currency", amount={"type": "number"}, currency=_one_of("CNY"))
PERIOD = _object("startDate endDate", startDate=MOMENT, endDate=MOMENT)
ORGANISATION = _object("id name", id=TEXT, name=TEXT)
ROLES = _one_of("buyer procuringEntity supplier tenderer funder enquirer payer payee reviewBody interestedParty")
MILESTONE = _object(
    "id title type status",
    id=TEXT,
    title=TEXT,
    type=_one_of("preProcurement approval engagement assessment delivery reporting financing"),
    status=_one_of("scheduled met notMet partiallyMet"),
    dateMet=MOMENT,
)
ITEM = _object(
    "id",
    id=TEXT,
    description=TEXT,
    classification=_object("scheme id", scheme=TEXT, id=TEXT),
    quantity={"type": "number"},
    deliveryLocation=_object(
        "gazetteer", gazetteer=_object("scheme identifiers", scheme=TEXT, identifiers=_list(TEXT, 1))
    ),
    relatedLot=TEXT,
)
TENDER_STATUS = _one_of("planning planned active cancelled unsuccessful complete withdrawn")

RELEASE = _object(
    "ocid id date tag initiationType parties buyer tender",
    ocid={"type": "string", "pattern": r"^ocds-[a-z0-9]+-.+"},
    id=TEXT,
    date=MOMENT,
    tag=_list(
        _one_of(
            "planning planningUpdate tender tenderAmendment tenderUpdate tenderCancellation award awardUpdate "
            "awardCancellation contract contractUpdate contractAmendment implementation implementationUpdate "
            "contractTermination compiled"
        ),
        1,
    ),
    language={"type": "string", "pattern": "^[a-z]{2}$"},
    initiationType=_one_of("tender"),
    parties=_list(_object("id name roles", id=TEXT, name=TEXT, roles=_list(ROLES, 1)), 1),
    buyer=ORGANISATION,
    tender=_object(
        "id",
        id=TEXT,
        title=TEXT,
        status=TENDER_STATUS,
        procuringEntity=ORGANISATION,
        value=VALUE,
        procurementMethod=_one_of("open selective limited direct"),
        procurementMethodDetails=TEXT,
        mainProcurementCategory=_one_of("goods works services"),
        items=_list(ITEM, 1),
        lots=_list(_object("id", id=TEXT, title=TEXT, status=TENDER_STATUS, value=VALUE), 1),
        contractPeriod=PERIOD,
        numberOfTenderers={"type": "integer", "minimum": 0},
        tenderers=_list(ORGANISATION),
    ),
    bids=_object(
        "details",
        details=_list(
            _object(
                "id status tenderers value",
                id=TEXT,
                status=_one_of("invited pending valid disqualified withdrawn"),
                tenderers=_list(ORGANISATION, 1),
                value=VALUE,
                relatedLots=_list(TEXT, 1),
            )
        ),
    ),
    awards=_list(
        _object(
            "id status value suppliers relatedLots",
            id=TEXT,
            title=TEXT,
            status=_one_of("pending active cancelled unsuccessful"),
            value=VALUE,
            suppliers={**_list(ORGANISATION, 1), "maxItems": 1},
            relatedLots=_list(TEXT, 1),
            relatedBids=_list(TEXT, 1),
        )
    ),
    contracts=_list(
        _object(
            "id awardID status value",
            id=TEXT,
            awardID=TEXT,
            title=TEXT,
            status=_one_of("pending active cancelled terminated"),
            period=PERIOD,
            value=VALUE,
            dateSigned=MOMENT,
            milestones=_list(MILESTONE),
            amendments=_list(_object("id", id=TEXT, description=TEXT, rationale=TEXT)),
            implementation=_object(
                "",
                milestones=_list(MILESTONE),
                transactions=_list(
                    _object("id value payer payee", id=TEXT, value=VALUE, payer=ORGANISATION, payee=ORGANISATION)
                ),
            ),
        )
    ),
)
PACKAGE = _object(
    "uri version publishedDate publisher releases",
    uri=TEXT,
    version=_one_of("1.1"),
    extensions=_list(TEXT),
    publishedDate=MOMENT,
    publisher=_object("name", name=TEXT),
    releases=_list(RELEASE),
)


def faults(published: Json) -> list[str]:
    """Return what is wrong with a publication: the path of each value, and why it may not stand there."""
    found = [
        f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(PACKAGE).iter_errors(published)
    ]
    if not found:
        found = [
            fault
            for index, each in enumerate(published["releases"])
            for fault in _dangling(each, f"$.releases[{index}]")
        ]
    return sorted(found)


def _dangling(release: Json, path: str) -> Iterator[str]:
    """References that lead nowhere, and amounts that are counted twice or not at all."""
    parties = {each["id"] for each in release["parties"]}
    lots = {each["id"] for each in release["tender"].get("lots", ())}
    awards = {each["id"]: each for each in release.get("awards", ())}
    bids = {each["id"] for each in release.get("bids", {}).get("details", ())}
    for where, organisation in _organisations(release, path):
        if organisation["id"] not in parties:
            yield f"{where}: {organisation['id']} is not among the parties"
    for number, award in enumerate(release.get("awards", ())):
        for kind, known in (("relatedLots", lots), ("relatedBids", bids)):
            for reference in award.get(kind, ()):
                if reference not in known:
                    yield f"{path}.awards[{number}].{kind}: there is no {reference}"
    for number, contract in enumerate(release.get("contracts", ())):
        award = awards.get(contract["awardID"])
        if award is None:
            yield f"{path}.contracts[{number}].awardID: there is no award {contract['awardID']}"
        elif award["value"] != contract["value"]:
            yield f"{path}.contracts[{number}].value: the award is of {award['value']['amount']}"
    numbers = [contract["awardID"] for contract in release.get("contracts", ())]
    if len(numbers) != len(set(numbers)):
        yield f"{path}.contracts: an award has two contracts, and its value counts twice"


def _organisations(value: Any, path: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _organisations(each, f"{path}[{index}]")
    if isinstance(value, dict):
        if value.keys() == {"id", "name"}:
            yield path, value
        for name, each in value.items():
            yield from _organisations(each, f"{path}.{name}")
