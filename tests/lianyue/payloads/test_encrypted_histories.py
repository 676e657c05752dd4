"""Encrypted histories: what a whole contract leaves on the server, in the archive, and before an auditor."""

from __future__ import annotations

from pathlib import Path

from temporalio.client import Client

from contracts.ids import archiving_workflow, contract_workflow
from contracts.service_contract import Cancellation
from contracts.task import TaskKind
from lianyue.audit.replay import audit_contract
from lianyue.histories import ServerHistories, digest_of, unpacked
from lianyue.payloads.codec import ENCODING
from lianyue.payloads.histories import payloads_in
from lianyue.records.upgrade import upgrade
from lianyue.testing import House, house, small_contract

NUMBER = "LY-2025-0001"


async def ended(home: House) -> None:
    """Have a contract quoted for, approved and then cancelled, and its histories archived."""
    await home.start(small_contract(NUMBER))
    await home.answer_all(TaskKind.QUOTE, 3)
    await home.approve()
    await home.task(TaskKind.SIGN)
    await home.desk.cancel(NUMBER, "coord", Cancellation(reason="不再需要"))
    await home.outcome(NUMBER)
    await home.client.get_workflow_handle(archiving_workflow(NUMBER)).result()


async def raw(client: Client, workflow_id: str) -> bytes:
    """What the server keeps of a workflow."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    return b"".join(event.SerializeToString() for event in history.events)


async def test_a_contract_leaves_nothing_to_read_on_the_server(tmp_path: Path) -> None:
    """Every payload of the tree is encrypted; the archive is plain, replays, and says what the server kept."""
    database = f"sqlite:///{tmp_path}/records.sqlite"
    upgrade(database)
    async with house(tmp_path, database) as home:
        await ended(home)

        tree = await ServerHistories(home.client).tree(contract_workflow(NUMBER))
        histories = [await home.client.get_workflow_handle(each).fetch_history() for each in tree]
        payloads = [payload for each in histories for event in each.events for payload in payloads_in(event)]
        assert {ENCODING} == {payload.metadata["encoding"] for payload in payloads}
        stored = b"".join([await raw(home.client, each) for each in tree])
        assert [False] * 4 == [text in stored for text in (b"63000000", b"price_fen", "港口".encode(), "不再".encode())]

        kept = {each.workflow_id: each for each in home.desk.reading.histories(NUMBER)}
        assert {each.workflow_id: digest_of(each) for each in histories} == {
            name: each.encoded_digest for name, each in kept.items()
        }
        plain = [unpacked(each.workflow_id, each.zlibbed, each.digest) for each in kept.values()]
        assert any(b"63000000" in event.SerializeToString() for each in plain for event in each.events)
        report = await audit_contract(home.wiring, NUMBER)
        assert () == tuple(check for check in report.checks if not check.ok)


async def test_without_the_codec_the_server_keeps_what_it_is_given(tmp_path: Path) -> None:
    """The setting that switches encryption off is honoured, and no key is made that is not needed."""
    database = f"sqlite:///{tmp_path}/records.sqlite"
    upgrade(database)
    async with house(tmp_path, database, payload_encryption=False) as home:
        await home.start(small_contract(NUMBER))
        await home.task(TaskKind.QUOTE)

        assert "港口".encode() in await raw(home.client, contract_workflow(NUMBER))
        assert not home.wiring.settings.payload_key_file.exists()
