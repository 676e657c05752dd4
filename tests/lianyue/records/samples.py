"""The small alliance of these tests: two members, a client, an office; and what is written about one contract."""

from __future__ import annotations

from datetime import UTC, datetime

from contracts.agreement import Agreement, AgreementVersion, Instalment
from contracts.approval import MandateGrant
from contracts.calendar import AllianceClock, WorkingCalendar
from contracts.decision import Decision, DecisionOutcome, PolicyReference, Share
from contracts.delivery import Acceptance, SettlementLine
from contracts.journal import Copy, EffectRequest, Happening, Journal
from contracts.money import taxed
from contracts.organisation import Actor, Alliance, Company, Person, Role
from contracts.portfolio import PortfolioOrder
from contracts.service_contract import ContractOrder, RulePins, ServiceContract
from contracts.signature import Signature
from contracts.signed_document import DocumentRevision, PreparedSignature, RevisionKind
from contracts.task import MemberTask, TaskKind
from lianyue.records.engine import Database
from lianyue.records.writing import SqlWriting
from rules.canonical import digest

AT = datetime(2025, 7, 1, 1, 30, tzinfo=UTC)
NUMBER = "LY-2025-0001"
DIGEST = "sha256:" + "0" * 64
DAY = 20_270
"""2025-07-01."""

ALLIANCE = Alliance(
    name="联盟",
    name_en="Alliance",
    office="LGFW",
    companies=(
        Company(
            code="LGWY",
            name="临港物业",
            name_en="Property",
            kind="member",
            categories=("property",),
            capacity={"m2": 900_000},
        ),
        Company(
            code="LGNY",
            name="临港能源",
            name_en="Energy",
            kind="member",
            categories=("property",),
            capacity={"m2": 500},
        ),
        Company(code="LGCY", name="临港产业", name_en="Industry", kind="client"),
        Company(code="LGFW", name="联盟办", name_en="Office", kind="office"),
    ),
    people=(
        Person(user="li.lei", name="李雷", company="LGWY", roles=("handler",)),
        Person(user="han.mei", name="韩梅梅", company="LGFW", roles=("coordinator",)),
    ),
    standings=({"member": "LGWY", "category": "property", "score_bp": 9_100},),
)

COORDINATOR = Actor(user="han.mei", company="LGFW", roles=(Role.COORDINATOR,))

SIGNATURE = Signature(
    company="LGWY",
    document=DIGEST,
    actor=COORDINATOR,
    signed_at=AT,
    algorithm="none",
    certificate_pem="",
    value_base64="",
    test_key=True,
)
REVISION = DocumentRevision(
    number=NUMBER, version=1, ordinal=0, kind=RevisionKind.CERTIFIED, digest=DIGEST, size=1, at=AT
)
PREPARED = PreparedSignature(
    id=DIGEST,
    number=NUMBER,
    version=1,
    company="LGWY",
    previous=DIGEST,
    attributes_base64="",
    attributes_digest=DIGEST,
    expires_at=AT,
)
COPY = Copy(user="li.lei", by="han.mei", at=AT)
MANDATE = MandateGrant(principal="han.mei", delegate="li.lei", from_day=DAY, to_day=DAY + 31, reason="出差")


def order(number: str = NUMBER, **changes: object) -> ContractOrder:
    """An order for property services worth 1,000 yuan."""
    stated = {
        "number": number,
        "title": "园区物业服务",
        "category": "property",
        "client": "LGCY",
        "park": "fengxian",
        "value_fen": 100_000,
        "quantity": 300,
        "starts_on": "2025-08-01",
        "ends_on": "2026-07-31",
        "needs": {"m2": 300},
        **changes,
    }
    return ContractOrder(
        contract=ServiceContract.model_validate(stated),
        office="LGFW",
        pins=RulePins(policy=DIGEST, params=DIGEST, types=DIGEST, authority=DIGEST, pack=DIGEST),
        clock=AllianceClock(),
        calendar=WorkingCalendar(),
        started_by=COORDINATOR,
    )


PORTFOLIO = PortfolioOrder(
    id="ceremony",
    title="签约大会",
    numbers=(NUMBER,),
    rules={},
    office="LGFW",
    clock=AllianceClock(),
    calendar=WorkingCalendar(),
    started_by=COORDINATOR,
)


def request(occurrence: int = 1, *, number: str = NUMBER, step: str = "write_down", **journal: object) -> EffectRequest:
    """A request of the root workflow."""
    return EffectRequest(
        workflow_id=f"contract/{number}",
        number=number,
        step=step,
        occurrence=occurrence,
        journal=Journal.model_validate(journal),
    )


def happening(verb: str, at: datetime = AT) -> Happening:
    """Something that happened."""
    return Happening(at=at, on=at, verb=verb)


def task(revision: int = 1, **changes: object) -> MemberTask:
    """A task of LGWY to quote."""
    stated = {
        "id": f"{NUMBER}/quote:quote-LGWY-1",
        "number": NUMBER,
        "kind": TaskKind.QUOTE,
        "title": "报价",
        "company": "LGWY",
        "role": Role.HANDLER,
        "opened_at": AT,
        "revision": revision,
        **changes,
    }
    return MemberTask.model_validate(stated)


def decision(**shares_fen: int) -> Decision:
    """A decision that awards these shares."""
    members = tuple(shares_fen)
    return Decision(
        outcome=DecisionOutcome.AWARDED,
        policy=PolicyReference(name="fair-share", edition="2025-07-01", digest=DIGEST, params_digest=DIGEST),
        facts_digest=DIGEST,
        method="direct",
        division="fixed_share",
        eligible=members,
        excluded={},
        scores={},
        ranking=members,
        selected=members,
        amount_fen=sum(shares_fen.values()),
        shares=tuple(Share(member=member, amount_fen=amount) for member, amount in shares_fen.items()),
        engine="1",
    )


def agreement(version: int = 1, number: str = NUMBER, **shares_fen: int) -> AgreementVersion:
    """A version of the document with one instalment a member."""
    document = Agreement(
        number=number,
        version=version,
        title="园区物业服务",
        category="property",
        client="LGCY",
        office="LGFW",
        parties=("LGCY", *shares_fen, "LGFW"),
        total_fen=sum(shares_fen.values()),
        shares=tuple(Share(member=member, amount_fen=amount) for member, amount in shares_fen.items()),
        instalments=tuple(
            Instalment(
                member=member,
                milestone="final",
                title="验收",
                due_day=DAY,
                amount_fen=amount,
                inspection_working_days=5,
            )
            for member, amount in shares_fen.items()
        ),
        vat_bp=600,
        quantity=300,
        starts_on="2025-08-01",
        ends_on="2026-07-31",
        terms={},
        decision_digest=DIGEST,
    )
    return AgreementVersion(agreement=document, digest=digest(document.model_dump(mode="json")))


def line(milestone: str, agreed_fen: int, member: str = "LGWY") -> SettlementLine:
    """A settlement line without deduction."""
    return SettlementLine(
        number=NUMBER,
        member=member,
        milestone=milestone,
        plan_version=1,
        acceptance=Acceptance.ACCEPTED,
        score_bp=10_000,
        agreed_fen=agreed_fen,
        deduction_fen=0,
        payable=taxed(agreed_fen, 600),
    )


def write(database: Database, act: object) -> object:
    """Commit what *act* does with the writing."""
    return database.write(lambda session: act(SqlWriting(session)))  # type: ignore[operator]
