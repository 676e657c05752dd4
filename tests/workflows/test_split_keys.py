"""Split keys: quotes that only enough keyholders open together, at the deadline, on record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from contracts.errors import DutiesNotSeparated, Refused, UnfitForProduction, UnknownName, WrongShare, WrongState
from contracts.organisation import Alliance, Keyholder, Person, Role
from contracts.sealing import shares_in, shares_text
from contracts.service_contract import Cancellation, ServiceContract
from contracts.task import Claim, Decline, MemberTask, TaskKind, TaskState, Transfer
from lianyue.audit.replay import audit_contract
from lianyue.histories import ServerHistories
from lianyue.sealing.keyholders import public_hex, test_key
from lianyue.settings import Environment
from lianyue.testing import PRICES, House, small_alliance, small_contract

NUMBER = "LY-2025-0001"
KEYS = {name: X25519PrivateKey.generate() for name in ("coordinator", "auditor", "council")}
"""The keys of the keyholders: in their hands, here in the memory of the test, and nowhere on the installation."""

ROLES = {"coordinator": Role.COORDINATOR, "auditor": Role.AUDITOR, "council": Role.COUNCIL_MEMBER}


def alliance(**changes: Any) -> Alliance:
    """The small alliance with three keyholders of the office, and an auditor to be one of them."""
    holders = tuple(
        Keyholder(name=name, title=name, company="OFFICE", role=ROLES[name], public_key=public_hex(key))
        for name, key in KEYS.items()
    )
    auditors = tuple(
        Person(user=user, name=user, company="OFFICE", roles=(Role.AUDITOR,)) for user in ("auditor", "second")
    )
    own = small_alliance()
    return own.model_copy(update={"keyholders": holders, "people": (*own.people, *auditors), **changes})


def sealed_contract(**changes: Any) -> ServiceContract:
    """A contract whose policy names split keys."""
    return small_contract(NUMBER, policy="sealed-bids", **changes)


@pytest.fixture
def opened(home: House) -> House:
    """The house with keyholders in its directory."""
    home.wiring.directory.load(alliance())
    return home


async def quoted(home: House) -> None:
    """Have everybody quote, so that the keyholders are asked."""
    await home.start(sealed_contract())
    await home.answer_all(TaskKind.QUOTE, 3)


async def opening(home: House, holder: str) -> MemberTask:
    """Wait for the opening task of *holder*."""
    await home.task(TaskKind.OPEN_QUOTES)
    return home.desk.reading.task(f"{NUMBER}/quote:open-{holder}")


async def hand_in(home: House, holder: str, user: str, **changes: str) -> Any:
    """Have *user* hand in the shares of *holder*, some of them replaced."""
    task = await opening(home, holder)
    content = home.desk.openings.wrapped_shares(task.id, user).unwrapped(KEYS[holder])
    shares = {**shares_in(content["shares"]), **changes}
    return await home.desk.submit(task.id, user, {"shares": shares_text({k: v for k, v in shares.items() if v})})


def in_keys(home: House) -> list[bytes]:
    """What the key files of the installation hold."""
    return [file.read_bytes() for file in home.wiring.settings.keys.rglob("*") if file.is_file()]


async def test_two_of_three_open_the_quotes(opened: House) -> None:
    """Any two of the keyholders suffice; the third's task is cancelled, and who opened is in the story."""
    await quoted(opened)
    await hand_in(opened, "auditor", "auditor")
    assert () == opened.desk.reading.quotes(NUMBER)

    await hand_in(opened, "coordinator", "coord")
    await opened.task(TaskKind.APPROVE)

    assert PRICES == {quote.member: quote.price_fen for quote in opened.desk.reading.quotes(NUMBER)}
    assert TaskState.CANCELLED is (opened.desk.reading.task(f"{NUMBER}/quote:open-council")).state
    (told,) = [each.facts for each in opened.desk.reading.happenings(NUMBER) if each.verb == "quotes_opened"]
    assert {"quotes": 3, "by": ["coord", "auditor"]} == told


async def test_the_audit_checks_the_opening(opened: House) -> None:
    """Commitments and shares are checked again from history, without any key."""
    await quoted(opened)
    await hand_in(opened, "auditor", "auditor")
    await hand_in(opened, "council", "council1")
    await opened.task(TaskKind.APPROVE)
    await opened.desk.cancel(NUMBER, "coord", Cancellation(reason="不再需要"))
    await opened.outcome(NUMBER)
    await opened.until(lambda: bool(opened.desk.reading.histories(NUMBER)))

    report = await audit_contract(opened.wiring, NUMBER)

    assert [] == [check for check in report.checks if not check.ok]


async def test_a_wrong_share_is_refused_on_record(opened: House) -> None:
    """A changed, a missing, a strange and another's share are each refused in the handler, and then all is as before."""
    await quoted(opened)
    other = "0" * 132
    task = await opening(opened, "auditor")
    foreign = opened.desk.openings.wrapped_shares((await opening(opened, "council")).id, "council1")
    theirs = shares_in(foreign.unwrapped(KEYS["council"])["shares"])["LAKE"]

    told = [
        (await opened.refusal(hand_in(opened, "auditor", "auditor", **changes))).message
        for changes in ({"LAKE": other}, {"LAKE": ""}, {"LGWY": other}, {"LAKE": theirs})
    ]

    wrong = f"the shares for {task.id} do not fit: "
    assert [
        f"{wrong}not the share of auditor for LAKE",
        f"{wrong}missing for LAKE",
        f"{wrong}none was asked for LGWY",
        f"{wrong}not the share of auditor for LAKE",
    ] == told
    attempts = [each for each in opened.desk.reading.refused_attempts(NUMBER) if each.code == WrongShare.code]
    assert ["auditor"] * 4 == [each.user for each in attempts]
    history = await ServerHistories(opened.client).history(f"contract/{NUMBER}/quote")
    assert 4 <= sum(event.SerializeToString().count(b"wrong-share") for event in history.events)
    assert TaskState.OFFERED is opened.desk.reading.task(task.id).state


async def test_one_person_does_not_use_two_keys(opened: House) -> None:
    """A coordinator who is an auditor too hands in one of the two shares."""
    people = tuple(
        person.model_copy(update={"roles": (*person.roles, Role.AUDITOR)}) if person.user == "coord" else person
        for person in alliance().people
    )
    opened.wiring.directory.load(alliance(people=people))
    await quoted(opened)
    await hand_in(opened, "coordinator", "coord")

    refusal = await opened.refusal(hand_in(opened, "auditor", "coord"))

    assert isinstance(refusal, DutiesNotSeparated)
    assert "coord has handed in the shares of another keyholder already" == refusal.message


async def test_before_the_quotes_are_in_nobody_is_given_a_share(opened: House) -> None:
    """There is no task before the deadline, so there is nothing to unwrap; another's task gives nothing either."""
    await opened.start(sealed_contract())
    await opened.answer(TaskKind.QUOTE, "NORTH")

    early = await opened.refusal(_asked(opened, f"{NUMBER}/quote:open-auditor", "auditor"))
    quote = await opened.refusal(_asked(opened, f"{NUMBER}/quote:quote-NORTH-1", "north"))
    await opened.answer_all(TaskKind.QUOTE, 2)
    await opening(opened, "auditor")
    strange = await opened.refusal(_asked(opened, f"{NUMBER}/quote:open-auditor", "lake"))

    assert isinstance(early, UnknownName)
    assert isinstance(quote, WrongState)
    assert isinstance(strange, Refused)


async def _asked(home: House, task: str, user: str) -> Any:
    return home.desk.openings.wrapped_shares(task, user)


async def test_a_keyholder_who_is_away_is_reminded_escalated_and_stood_in_for(opened: House) -> None:
    """The task falls due like any other, does not lapse, and a colleague of the same role takes it over."""
    await quoted(opened)
    task = await opening(opened, "auditor")
    await opened.pass_days(6)
    await opened.until(lambda: opened.desk.reading.task(task.id).is_escalated)

    await opened.desk.act("claim", Claim, task.id, "auditor")
    await opened.desk.act("transfer", Transfer, task.id, "auditor", to="second", reason="出差在外")
    await hand_in(opened, "auditor", "second")
    declined = await opened.refusal(
        opened.desk.act("decline", Decline, f"{NUMBER}/quote:open-council", "council1", reason="不便开启")
    )
    await hand_in(opened, "coordinator", "deputy")
    await opened.task(TaskKind.APPROVE)

    assert isinstance(declined, WrongState)
    assert {"reminded", "overdue", "escalated"} <= set(opened.verbs(NUMBER))


async def test_a_contract_that_is_cancelled_opens_nothing(opened: House) -> None:
    """Called off while the keyholders are asked, the quotes stay sealed for good."""
    await quoted(opened)
    await hand_in(opened, "auditor", "auditor")

    await opened.desk.cancel(NUMBER, "coord", Cancellation(reason="不再需要"))
    await opened.outcome(NUMBER)

    assert () == opened.desk.reading.quotes(NUMBER)
    assert "quotes_opened" not in opened.verbs(NUMBER)


async def test_a_quote_is_not_kept_as_a_draft(opened: House) -> None:
    """The installation has no key but its own, which would open a draft before the deadline."""
    await opened.start(sealed_contract())
    task = await opened.task(TaskKind.QUOTE, "NORTH")

    with pytest.raises(WrongState):
        opened.desk.inbox.keep_draft(task.id, "north", {"price_fen": 61_234_567})


async def test_the_same_request_twice_is_one_quote_and_another_body_is_refused(opened: House) -> None:
    """What is remembered of a quote says nothing of it, and still tells a repetition from another quote."""
    await opened.start(sealed_contract())
    task = await opened.task(TaskKind.QUOTE, "NORTH")
    content = opened.usual(task)

    first = await opened.desk.submit(task.id, "north", content, "my-request")
    again = await opened.desk.submit(task.id, "north", content, "my-request")
    refusal = await opened.refusal(
        opened.desk.submit(task.id, "north", {**content, "price_fen": 62_000_000}, "my-request")
    )

    assert first == again
    assert "request-reused" == refusal.code


async def test_a_policy_needs_keyholders_whom_the_directory_knows(home: House) -> None:
    """A contract that nobody could open is not started."""
    refusal = await home.refusal(home.desk.start(sealed_contract(), "coord"))

    told = "the policy sealed-bids has quotes opened by the keyholder 'coordinator', whom the directory does not know"
    assert (told, "unknown-name") == (refusal.message, refusal.code)


async def test_production_refuses_test_keys(opened: House) -> None:
    """Neither a test keyholder nor the well-known key under a real one's name passes."""
    tested = tuple(
        Keyholder(name=name, title=name, company="OFFICE", role=ROLES[name], test=True)
        if name != "auditor"
        else Keyholder(name=name, title=name, company="OFFICE", role=ROLES[name], public_key=public_hex(test_key(name)))
        for name in KEYS
    )
    opened.wiring.directory.load(alliance(keyholders=tested))
    opened.wiring.orders._settings = opened.wiring.settings.model_copy(  # noqa: SLF001 - the house cannot run in production
        update={"environment": Environment.PRODUCTION}
    )

    refusal = await opened.refusal(opened.desk.start(sealed_contract(), "coord"))

    assert isinstance(refusal, UnfitForProduction)
    told = "these keyholders have test keys, which everybody knows: coordinator, auditor, council"
    assert told == refusal.message


async def test_a_key_that_nobody_can_use_is_told_at_the_start(opened: House) -> None:
    """Nobody of the office audits, so that one of the keys lies idle."""
    opened.wiring.directory.load(alliance(people=small_alliance().people))

    started = await opened.desk.start(sealed_contract(), "coord")

    assert "nobody of OFFICE is auditor, so that nobody can use the key 'auditor'" in started.warnings


async def test_test_keys_open_by_themselves_and_say_so(home: House) -> None:
    """The people of a demonstration open with keys that follow from the keyholders' names; the title says 测试."""
    holders = tuple(Keyholder(name=name, title=name, company="OFFICE", role=ROLES[name], test=True) for name in KEYS)
    home.wiring.directory.load(alliance(keyholders=holders))
    await quoted(home)
    task = await home.task(TaskKind.OPEN_QUOTES)
    assert "开启《港口一期物业服务》的密封报价（测试密钥）" == task.title

    await home.answer_all(TaskKind.OPEN_QUOTES, 2)
    await home.task(TaskKind.APPROVE)

    assert PRICES == {quote.member: quote.price_fen for quote in home.desk.reading.quotes(NUMBER)}


def test_the_alliance_file_says_what_is_wrong_with_a_keyholder() -> None:
    """A key and the word test exclude one another, and one key is one keyholder's."""
    key = public_hex(KEYS["auditor"])
    common = {"title": "x", "company": "OFFICE", "role": "auditor"}
    faulty = [
        [{**common, "name": "a1"}],
        [{**common, "name": "a1", "test": True, "public_key": key}],
        [{**common, "name": "a1", "public_key": key}, {**common, "name": "a2", "public_key": key}],
        [{**common, "name": "a1", "test": True, "company": "NOBODY"}],
    ]
    told = []
    for holders in faulty:
        with pytest.raises(ValueError) as refused:  # noqa: PT011 - pydantic's own
            Alliance.model_validate({**json.loads(small_alliance().model_dump_json()), "keyholders": holders})
        told.append(str(refused.value).splitlines()[2].split(" [")[0].strip())

    assert [
        "Value error, keyholder a1 needs either a public_key or test: true",
        "Value error, keyholder a1 needs either a public_key or test: true",
        f"Value error, public key {key} is listed twice",
        "Value error, keyholder a1 is of NOBODY, which is not a company here",
    ] == told


def test_nothing_of_a_keyholder_lies_on_the_installation(tmp_path: Path) -> None:
    """Public keys only: the file of the directory has no field for another."""
    assert {"name", "title", "company", "role", "public_key", "test"} == set(Keyholder.model_fields)
