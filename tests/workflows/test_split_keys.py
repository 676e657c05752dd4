"""Split keys: quotes that only enough keyholders open together, at the deadline, on record."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from contracts.errors import DutiesNotSeparated, Refused, UnfitForProduction, UnknownName, WrongShare, WrongState
from contracts.organisation import Alliance, Keyholder, Person, Role
from contracts.sealing import shares_in, shares_text
from contracts.service_contract import Cancellation, ServiceContract, Stage
from contracts.task import Claim, Decline, MemberTask, TaskKind, TaskState, Transfer
from lianyue.audit.exporting import exported
from lianyue.audit.rebuild import compared, rebuilt
from lianyue.audit.replay import audit_contract
from lianyue.audit.verifying import verify_bundle
from lianyue.desk.orders import OrderDesk
from lianyue.desk.people import actor_named
from lianyue.histories import ServerHistories
from lianyue.records.directory import Directory
from lianyue.records.engine import Database, Synchronous
from lianyue.records.upgrade import upgrade
from lianyue.sealing.keyholders import public_hex, test_key
from lianyue.settings import Environment
from lianyue.testing import PRICES, QUIET_SECONDS, House, house, small_alliance, small_contract
from tests.portal.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
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


def sealed_contract(number: str, **changes: Any) -> ServiceContract:
    """A contract whose policy names split keys."""
    return small_contract(number, policy="sealed-bids", **changes)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One house for all tests, which are about contracts of their own."""
    folder = tmp_path_factory.mktemp("house")
    upgrade(f"sqlite:///{folder}/records.sqlite")
    async with house(folder, f"sqlite:///{folder}/records.sqlite") as made:
        yield made


@pytest.fixture
def home(shared: House) -> House:
    """The house with keyholders in its directory."""
    shared.wiring.directory.load(alliance())
    return shared


_serials = itertools.count(1)


@pytest.fixture
def number() -> str:
    """The number of a contract that no other test knows."""
    return f"LY-2025-{next(_serials):04}"


async def answer_all(home: House, number: str, kind: TaskKind, count: int) -> None:
    """Have *count* tasks of *kind* of one contract answered as expected."""
    for _ in range(count):
        task = await home.task(kind, number=number)
        await home.desk.submit(task.id, home.user_for(task), home.usual(task))


async def quoted(home: House, number: str) -> None:
    """Have everybody quote, so that the keyholders are asked."""
    await home.start(sealed_contract(number))
    await answer_all(home, number, TaskKind.QUOTE, 3)


async def opening(home: House, number: str, holder: str) -> MemberTask:
    """Wait for the opening task of *holder*."""
    await home.task(TaskKind.OPEN_QUOTES, number=number)
    return home.desk.reading.task(f"{number}/quote:open-{holder}")


async def hand_in(home: House, number: str, holder: str, user: str, **changes: str) -> Any:
    """Have *user* hand in the shares of *holder*, some of them replaced."""
    task = await opening(home, number, holder)
    content = home.desk.openings.wrapped_shares(task.id, user).unwrapped(KEYS[holder])
    shares = {**shares_in(content["shares"]), **changes}
    return await home.desk.submit(task.id, user, {"shares": shares_text({k: v for k, v in shares.items() if v})})


async def test_two_of_three_open_the_quotes(home: House, number: str) -> None:
    """Any two of the keyholders suffice; the third's task is cancelled, and who opened is in the story."""
    await quoted(home, number)
    await hand_in(home, number, "auditor", "auditor")
    await opening(home, number, "council")
    assert () == home.desk.reading.quotes(number)
    await _shares_are_counted(home, number)

    await hand_in(home, number, "coordinator", "coord")
    await home.task(TaskKind.APPROVE, number=number)

    assert PRICES == {quote.member: quote.price_fen for quote in home.desk.reading.quotes(number)}
    assert TaskState.CANCELLED is (home.desk.reading.task(f"{number}/quote:open-council")).state
    (told,) = [each.facts for each in home.desk.reading.happenings(number) if each.verb == "quotes_opened"]
    assert {"quotes": 3, "by": ["coord", "auditor"]} == told


async def _shares_are_counted(home: House, number: str) -> None:
    """Whoever oversees sees on the contract's page whose shares are in; a member sees nothing of it."""
    town = Town(home)
    pages = [(await town.door(user).get(f"/contracts/{number}")).text for user in ("deputy", "north")]
    told = [(await town.get(user, f"/contracts/{number}/quotes")).json()["opening"] for user in ("auditor", "north")]
    await town.close()

    assert [True, False] == ["须交 2 份密钥份额，已交 1 份。" in page for page in pages]
    assert f'href="/tasks/{number}/quote:open-council"' in pages[0]
    assert [("auditor", "completed"), ("coordinator", "offered"), ("council", "offered")] == sorted(
        (each["name"], each["state"]) for each in told[0]["holders"]
    )
    assert (2, 1, None) == (told[0]["needed"], told[0]["handed_in"], told[1])


async def test_the_audit_checks_the_opening(home: House, number: str) -> None:
    """Commitments and shares are checked again from history, without any key."""
    await quoted(home, number)
    await hand_in(home, number, "auditor", "auditor")
    await hand_in(home, number, "council", "council1")
    await home.task(TaskKind.APPROVE, number=number)
    await home.desk.cancel(number, "coord", Cancellation(reason="不再需要"))
    await home.until(lambda: home.desk.reading.contract(number).stage is Stage.CANCELLED)
    await home.until(lambda: bool(home.desk.reading.histories(number)))

    report = await audit_contract(home.wiring, number)
    raw = exported(home.wiring, number)
    entered = [json.loads(line) for _, line in home.wiring.log.book.entries(number)]

    assert [] == [check for check in report.checks if not check.ok]
    assert [] == [check for check in await verify_bundle(raw) if not check.ok]
    shown = [entry["subject"] for entry in entered if entry["kind"] == "submitted"]
    assert 2 == len(shown)


async def test_what_keyholders_opened_is_rebuilt(home: House, number: str, tmp_path: Path) -> None:
    """Opened quotes follow from the histories; keyholders and envelopes are copied, and no key is needed."""
    await quoted(home, number)
    await hand_in(home, number, "auditor", "auditor")
    await hand_in(home, number, "coordinator", "coord")
    await home.task(TaskKind.APPROVE, number=number)
    upgrade(f"sqlite:///{tmp_path}/rebuilt.sqlite")
    empty = Database(f"sqlite:///{tmp_path}/rebuilt.sqlite", Synchronous.OFF)
    await asyncio.sleep(QUIET_SECONDS)

    assert [] == await rebuilt(home.wiring, empty, home.client)

    assert [] == [check for check in compared(home.wiring.database, empty) if not check.ok]
    assert home.wiring.directory.keyholders() == Directory(empty).keyholders()
    empty.close()


async def test_a_wrong_share_is_refused_on_record(home: House, number: str) -> None:
    """A changed, a missing, a strange and another's share are each refused, and change nothing."""
    await quoted(home, number)
    other = "0" * 132
    task = await opening(home, number, "auditor")
    foreign = home.desk.openings.wrapped_shares((await opening(home, number, "council")).id, "council1")
    theirs = shares_in(foreign.unwrapped(KEYS["council"])["shares"])["LAKE"]

    told = [
        (await home.refusal(hand_in(home, number, "auditor", "auditor", **changes))).message
        for changes in ({"LAKE": other}, {"LAKE": ""}, {"LGWY": other}, {"LAKE": theirs})
    ]

    wrong = f"the shares for {task.id} do not fit: "
    assert [
        f"{wrong}not the share of auditor for LAKE",
        f"{wrong}missing for LAKE",
        f"{wrong}none was asked for LGWY",
        f"{wrong}not the share of auditor for LAKE",
    ] == told
    attempts = [each for each in home.desk.reading.refused_attempts(number) if each.code == WrongShare.code]
    assert ["auditor"] * 4 == [each.user for each in attempts]
    history = await ServerHistories(home.client).history(f"contract/{number}/quote")
    assert 4 <= sum(event.SerializeToString().count(b"wrong-share") for event in history.events)
    assert TaskState.OFFERED is home.desk.reading.task(task.id).state


async def test_one_person_does_not_use_two_keys(home: House, number: str) -> None:
    """A coordinator who is an auditor too hands in one of the two shares."""
    people = tuple(
        person.model_copy(update={"roles": (*person.roles, Role.AUDITOR)}) if person.user == "coord" else person
        for person in alliance().people
    )
    home.wiring.directory.load(alliance(people=people))
    await quoted(home, number)
    await hand_in(home, number, "coordinator", "coord")

    refusal = await home.refusal(hand_in(home, number, "auditor", "coord"))

    assert isinstance(refusal, DutiesNotSeparated)
    assert "coord has handed in the shares of another keyholder already" == refusal.message


async def test_before_the_quotes_are_in_nobody_is_given_a_share(home: House, number: str) -> None:
    """There is no task before the deadline, so there is nothing to unwrap; another's task gives nothing either."""
    await home.start(sealed_contract(number))
    await answer_all(home, number, TaskKind.QUOTE, 1)

    early = await home.refusal(_asked(home, f"{number}/quote:open-auditor", "auditor"))
    quote = await home.refusal(_asked(home, f"{number}/quote:quote-NORTH-1", "north"))
    await answer_all(home, number, TaskKind.QUOTE, 2)
    await opening(home, number, "auditor")
    strange = await home.refusal(_asked(home, f"{number}/quote:open-auditor", "lake"))

    assert isinstance(early, UnknownName)
    assert isinstance(quote, WrongState)
    assert isinstance(strange, Refused)


async def _asked(home: House, task: str, user: str) -> Any:
    return home.desk.openings.wrapped_shares(task, user)


async def test_a_contract_that_is_cancelled_opens_nothing(home: House, number: str) -> None:
    """Called off while the keyholders are asked, the quotes stay sealed for good."""
    await quoted(home, number)
    await hand_in(home, number, "auditor", "auditor")

    await home.desk.cancel(number, "coord", Cancellation(reason="不再需要"))
    await home.until(lambda: home.desk.reading.contract(number).stage is Stage.CANCELLED)

    assert () == home.desk.reading.quotes(number)
    assert "quotes_opened" not in home.verbs(number)


async def test_a_quote_is_not_kept_as_a_draft(home: House, number: str) -> None:
    """The installation has no key but its own, which would open a draft before the deadline."""
    await home.start(sealed_contract(number))
    task = await home.task(TaskKind.QUOTE, "NORTH", number)

    with pytest.raises(WrongState):
        home.desk.inbox.keep_draft(task.id, "north", {"price_fen": 61_234_567})


async def test_the_same_request_twice_is_one_quote_and_another_body_is_refused(home: House, number: str) -> None:
    """What is remembered of a quote says nothing of it, and still tells a repetition from another quote."""
    await home.start(sealed_contract(number))
    task = await home.task(TaskKind.QUOTE, "NORTH", number)
    content = home.usual(task)

    first = await home.desk.submit(task.id, "north", content, f"request-{number}")
    again = await home.desk.submit(task.id, "north", content, f"request-{number}")
    refusal = await home.refusal(
        home.desk.submit(task.id, "north", {**content, "price_fen": 62_000_000}, f"request-{number}")
    )

    assert first == again
    assert "request-reused" == refusal.code


async def test_a_policy_needs_keyholders_whom_the_directory_knows(home: House, number: str) -> None:
    """A contract that nobody could open is not started."""
    home.wiring.directory.load(small_alliance())

    refusal = await home.refusal(home.desk.start(sealed_contract(number), "coord"))

    told = "the policy sealed-bids has quotes opened by the keyholder 'coordinator', whom the directory does not know"
    assert (told, "unknown-name") == (refusal.message, refusal.code)


async def test_production_refuses_test_keys(home: House, number: str) -> None:
    """Neither a test keyholder nor the well-known key under a real one's name passes."""
    tested = tuple(
        Keyholder(name=name, title=name, company="OFFICE", role=ROLES[name], test=True)
        if name != "auditor"
        else Keyholder(name=name, title=name, company="OFFICE", role=ROLES[name], public_key=public_hex(test_key(name)))
        for name in KEYS
    )
    home.wiring.directory.load(alliance(keyholders=tested))
    production = home.wiring.settings.model_copy(update={"environment": Environment.PRODUCTION})
    wiring = home.wiring
    orders = OrderDesk(production, wiring.records, wiring.directory, wiring.categories, wiring.calendar)

    with pytest.raises(UnfitForProduction) as refused:
        orders.order(sealed_contract(number), actor_named(wiring.directory, "coord"), datetime.now(UTC))

    told = "these keyholders have test keys, which everybody knows: coordinator, auditor, council"
    assert told == refused.value.message


async def test_a_key_that_nobody_can_use_is_told_at_the_start(home: House, number: str) -> None:
    """Nobody of the office audits, so that one of the keys lies idle."""
    home.wiring.directory.load(alliance(people=small_alliance().people))

    started = await home.desk.start(sealed_contract(number), "coord")

    assert "nobody of OFFICE is auditor: nobody can use the key 'auditor'" in started.warnings


async def test_test_keys_open_by_themselves_and_say_so(home: House, number: str) -> None:
    """The people of a demonstration open with keys that follow from the keyholders' names; the title says 测试."""
    holders = tuple(Keyholder(name=name, title=name, company="OFFICE", role=ROLES[name], test=True) for name in KEYS)
    home.wiring.directory.load(alliance(keyholders=holders))
    await quoted(home, number)
    task = await home.task(TaskKind.OPEN_QUOTES, number=number)
    assert "开启《港口一期物业服务》的密封报价（测试密钥）" == task.title

    await answer_all(home, number, TaskKind.OPEN_QUOTES, 2)
    await home.task(TaskKind.APPROVE, number=number)

    assert PRICES == {quote.member: quote.price_fen for quote in home.desk.reading.quotes(number)}


async def test_a_keyholder_who_is_away_is_reminded_escalated_and_stood_in_for(
    tmp_path: Path, sqlite_url: str, number: str
) -> None:
    """The task falls due like any other, does not lapse, and a colleague of the same role takes it over."""
    async with house(tmp_path, sqlite_url) as home:
        home.wiring.directory.load(alliance())
        await quoted(home, number)
        task = await opening(home, number, "auditor")
        await home.pass_days(6)
        await home.until(lambda: home.desk.reading.task(task.id).is_escalated)

        await home.desk.act("claim", Claim, task.id, "auditor")
        await home.desk.act("transfer", Transfer, task.id, "auditor", to="second", reason="出差在外")
        await hand_in(home, number, "auditor", "second")
        declined = await home.refusal(
            home.desk.act("decline", Decline, f"{number}/quote:open-council", "council1", reason="不便开启")
        )
        await hand_in(home, number, "coordinator", "deputy")
        await home.task(TaskKind.APPROVE, number=number)

        assert isinstance(declined, WrongState)
        assert {"reminded", "overdue", "escalated"} <= set(home.verbs(number))
