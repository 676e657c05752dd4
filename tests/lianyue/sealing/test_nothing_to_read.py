"""
A real instance with split keys, looked through byte by byte: before the opening there is no price to be found.

Not in the databases, the histories, the logs or the key files, taken together; and afterwards still not in what
leaves the instance or lies open: notices, search attributes, logs, the Temporal server's own database.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sqlite3
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest
from temporalio.client import Client

from contracts.errors import SignatureInvalid
from contracts.quote import SealedQuote
from contracts.service_contract import Cancellation, ServiceContract
from contracts.task import MemberTask, TaskKind
from contracts.value import Json
from lianyue.books import publish
from lianyue.dev_server import DevServer, connect, free_port
from lianyue.histories import ServerHistories
from lianyue.notices.wording import card, line
from lianyue.records.outbox import Outbox
from lianyue.records.upgrade import upgrade
from lianyue.sealing.envelopes import opened, unwrapped_share, wrapped_share
from lianyue.settings import Settings
from lianyue.simulate.answers import quote
from lianyue.testing import ORIGIN, House
from lianyue.wiring import Wiring
from rules.canonical import digest
from tests.portal.canaries import leaks, spellings
from tests.workflows.test_split_keys import KEYS, alliance, sealed_contract

pytestmark = pytest.mark.asyncio(loop_scope="module")

NUMBER = "LY-2025-0001"
CANARIES = {"NORTH": 61_357_913, "LAKE": 62_468_024, "HILL": 63_579_135}
SECRETS = tuple(word for fen in CANARIES.values() for word in spellings(fen))
BINARY = tuple(fen.to_bytes(4, order) for fen in CANARIES.values() for order in ("big", "little"))


class Place:
    """An instance in one folder, whose worker runs in this process."""

    def __init__(self, settings: Settings, client: Client, wiring: Wiring) -> None:
        self.settings = settings
        self.client = client
        self.wiring = wiring
        self.desk = wiring.desk(client)
        self.requests: dict[str, Json] = {}

    async def task(self, kind: TaskKind, holder: str = "") -> MemberTask:
        """Wait for an open task of *kind*."""
        async with asyncio.timeout(60):
            while True:
                for task in await asyncio.to_thread(self.desk.reading.tasks, number=NUMBER):
                    if task.kind is kind and task.subject.get("holder", "") == holder:
                        return task
                await asyncio.sleep(0.05)

    async def hand_in_quotes(self, contract: ServiceContract) -> None:
        """Have every member quote its canary."""
        await self.desk.start(contract, "coord")
        await self.task(TaskKind.QUOTE)
        for member, price_fen in CANARIES.items():
            content, task = quote(contract, price_fen), f"{NUMBER}/quote:quote-{member}-1"
            self.requests[member] = {"task": task, "content": content}
            await self.desk.submit(task, member.lower(), content)

    async def hand_in_shares(self, holder: str, user: str) -> None:
        """Have *user* open with the key of *holder*."""
        task = await self.task(TaskKind.OPEN_QUOTES, holder)
        given = await self.desk.wrapped_shares(task.id, user)
        await self.desk.submit(task.id, user, given.unwrapped(KEYS[holder]))

    def files(self, pattern: str = "*") -> dict[str, bytes]:
        """Every file of the instance whose name fits *pattern*, with what it holds."""
        found = (file for file in self.settings.data.rglob(pattern) if file.is_file())
        return {str(file.relative_to(self.settings.data)): file.read_bytes() for file in found}

    def dump(self) -> str:
        """Every row of the records as text."""
        with closing(sqlite3.connect(self.settings.data / "records.sqlite")) as connection:
            return "\n".join(connection.iterdump())

    def envelopes(self) -> list[tuple[SealedQuote, bytes]]:
        """The quotes as history knows them, with their envelopes."""
        tasks = [
            each for each in self.desk.reading.tasks(number=NUMBER, open_only=False) if each.kind is TaskKind.QUOTE
        ]
        quotes = [SealedQuote(member=each.company, round=1, **(each.answer or {})) for each in tasks]
        return [(each, self.wiring.door.envelope(NUMBER, each.commitment)) for each in quotes]

    async def histories(self) -> bytes:
        """All histories of the contract, decrypted with the ring of the installation."""
        kept = ServerHistories(self.client)
        tree = await kept.tree(f"contract/{NUMBER}")
        return b"".join([e.SerializeToString() for each in tree for e in (await kept.history(each)).events])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """A real server and real records with every quote in, and nothing opened yet."""
    folder: Path = tmp_path_factory.mktemp("instance")
    settings = Settings(data=folder, temporal_address=f"127.0.0.1:{free_port()}", clock_origin=ORIGIN, clock_speed=600)
    server = DevServer(settings)
    upgrade(settings.records_url)
    await server.start()
    wiring = Wiring(settings)
    publish(wiring.records, None, wiring.categories)
    wiring.directory.load(alliance())
    client = await connect(settings)
    try:
        async with wiring.worker(client):
            yield Place(settings, client, wiring)
    finally:
        wiring.database.close()
        server.stop()


async def _lived_out(place: Place) -> None:
    """Have the award approved and signed by all, one milestone delivered and accepted, and the rest called off."""
    house = House(place.wiring, place.desk, place)  # type: ignore[arg-type]
    for kind, count in ((TaskKind.APPROVE, 2), (TaskKind.SIGN, 3), (TaskKind.DELIVER, 1), (TaskKind.ACCEPT, 1)):
        for _ in range(count):
            task = await place.task(kind)
            await place.desk.submit(task.id, house.user_for(task), house.usual(task))
    await place.desk.cancel(NUMBER, "coord", Cancellation(reason="不再需要"))
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(place.desk.reading.histories, NUMBER):  # noqa: ASYNC110 - a table is looked at
            await asyncio.sleep(0.05)


def told_by(files: dict[str, bytes]) -> list[str]:
    """The files that tell a canary, in any spelling, as text or as a number."""
    return [name for name, content in files.items() if _tells(content)]


def _tells(content: bytes) -> bool:
    there = tuple(secret for secret in SECRETS if secret.encode() in content)
    text = content.decode("utf-8", "replace") if there else ""
    return bool(leaks(text, there)) or any(number in content for number in BINARY)


def keys_in(files: dict[str, bytes]) -> Iterator[bytes]:
    """Everything in *files* that could be a key of 256 bits: raw, or in hexadecimal digits."""
    for content in files.values():
        yield from (content[place : place + 32] for place in range(max(0, len(content) - 31)))
        for digits in re.findall(rb"[0-9a-f]{64}", content):
            yield bytes.fromhex(digits.decode())


async def test_before_the_opening_there_is_no_price_anywhere(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Dump, files, decrypted histories and logs hold none; a canary that lies there would be found."""
    caplog.set_level(logging.INFO)
    await place.hand_in_quotes(sealed_contract(NUMBER))
    await place.task(TaskKind.OPEN_QUOTES, "auditor")

    assert [] == told_by({"dump": place.dump().encode(), **place.files(), "histories": await place.histories()})
    assert [] == leaks(caplog.text, SECRETS)
    planted = {"records.sqlite": place.files()["records.sqlite"] + b"x 61357913 x"}
    assert ["records.sqlite"] == told_by(planted)


async def test_before_the_opening_no_key_of_the_installation_opens_a_quote(place: Place) -> None:
    """Whatever lies in the files is tried as a key; so is the keyholder's way with all but the keyholder's key."""
    files = {name: content for name, content in place.files().items() if name.startswith("keys/")}
    assert {"keys/payloads/ring.keys"} <= set(files)

    for sealed, envelope in place.envelopes():
        with pytest.raises(SignatureInvalid):
            place.wiring.seals.open(NUMBER, sealed.member, envelope)
        parts = re.findall(rb'"(?:content|wrapped)":"([^"]+)"', envelope)
        assert 4 == len(parts)
        for key in set(keys_in(files)):
            assert not _opens(key, envelope)


def _opens(key: bytes, envelope: bytes) -> bool:
    """Whether *key* opens the content of *envelope*, bound to nothing or to anything that it was bound to."""
    content = b64decode(json.loads(envelope)["content"])
    try:
        AESGCM(key).decrypt(content[:12], content[12:], None)
    except InvalidTag:
        return False
    return True


async def test_what_is_remembered_of_a_request_does_not_confirm_a_guess(place: Place) -> None:
    """Whoever guesses the whole form cannot tell from the dump that the guess is right."""
    dump = place.dump()

    assert [False] * 3 == [digest(body) in dump for body in place.requests.values()]


async def test_one_share_of_two_opens_nothing(place: Place) -> None:
    """Once the first keyholder has handed in, all is in the records that ever will be before the opening."""
    await place.hand_in_shares("auditor", "auditor")

    for sealed, envelope in place.envelopes():
        share = unwrapped_share(NUMBER, sealed, "auditor", wrapped_share(envelope, "auditor"), KEYS["auditor"])
        assert share in place.dump()
        with pytest.raises(SignatureInvalid):
            opened(NUMBER, sealed, envelope, {"auditor": share})
    assert [] == told_by({"dump": place.dump().encode(), **place.files(), "histories": await place.histories()})


async def test_a_price_is_never_told_where_it_cannot_be_guarded(
    place: Place, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Opened, awarded, signed, delivered and ended: no notice, search attribute or log tells a price on the way."""
    caplog.set_level(logging.INFO)
    await place.hand_in_shares("coordinator", "coord")
    await _lived_out(place)

    assert set(CANARIES.values()) == {each.price_fen for each in place.desk.reading.quotes(NUMBER)}
    notices = Outbox(place.wiring.database).notices(NUMBER)
    assert notices
    assert [] == leaks("\n".join(f"{line(each)} {card(each, 'x')}" for each in notices), SECRETS)
    listed = await place.client.workflow_service.list_workflow_executions(
        ListWorkflowExecutionsRequest(namespace=place.settings.temporal_namespace)
    )
    assert 3 < len(listed.executions)
    assert [] == leaks(str(listed), SECRETS)
    output = capfd.readouterr()
    assert [] == leaks(caplog.text + output.out + output.err, SECRETS)
    assert [] == told_by(place.files("*.log"))


async def test_the_servers_database_never_tells_a_price(place: Place) -> None:
    """At the end of the story the records know every price, and the Temporal server's files still none."""
    assert [] == told_by(place.files("temporal.sqlite*"))
    assert ["dump"] == told_by({"dump": place.dump().encode()})
