"""
Records every story anew, and some as bundles too: `python -m tests.replay.record [STORY …]`.

To be run after a workflow was changed in a way that its old histories do not allow; which release can still replay
the histories that users have archived is then a question of its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path

from activities.ports import ClosedHistory
from contracts.ids import archiving_workflow, contract_workflow, portfolio_workflow
from lianyue.audit.exporting import exported
from lianyue.histories import ServerHistories, unpacked
from lianyue.records.upgrade import upgrade
from lianyue.story import sentence
from lianyue.testing import House, house
from tests.lianyue.audit.bundles import BUNDLED, bundle_of
from tests.replay.recorded import AUTHORITY, DOCUMENT, DOCUMENTED, FOLDER, PORTFOLIO, SUMMARY, file_of, outline
from tests.replay.stories import NUMBER, STORIES


async def record(name: str) -> None:
    """Tell the story *name* in a house of its own and keep its histories."""
    with tempfile.TemporaryDirectory(prefix="lianyue-replay-") as place:
        database = f"sqlite:///{place}/records.sqlite"
        upgrade(database)
        async with house(Path(place), database) as home:
            await STORIES[name](home)
            await home.outcome()
            keep(name, home, await archived(home))
            if name in BUNDLED:
                bundle_of(name).write_bytes(exported(home.wiring, NUMBER))


async def archived(home: House) -> list[ClosedHistory]:
    """Wait for the archivists and return the histories of the story's trees, its portfolio's, and their own."""
    histories = ServerHistories(home.client)
    portfolio = home.desk.reading.order(NUMBER).portfolio
    together = home.wiring.portfolios.contracts(portfolio) if portfolio else ()
    numbers = [each.number for each in together] or [NUMBER]
    roots = {contract_workflow(number): archiving_workflow(number) for number in numbers}
    if portfolio:
        roots[portfolio_workflow(portfolio)] = archiving_workflow(portfolio_workflow(portfolio))
    for archivist in roots.values():
        await home.client.get_workflow_handle(archivist).result()
    found = [await histories.closed(each) for root in roots for each in await histories.tree(root)]
    found += [await histories.closed(archivist) for archivist in roots.values()]
    return [history for history in found if history is not None]


def keep_portfolio(name: str, home: House) -> None:
    """Write what the records hold of the story's portfolio: histories have only the digests of it."""
    portfolio = home.desk.reading.order(NUMBER).portfolio
    if portfolio is None:
        return
    decisions = [kept.model_dump(mode="json") for kept in home.wiring.portfolios.decisions(portfolio)]
    body = {"order": home.wiring.portfolios.order(portfolio).model_dump(mode="json"), "decisions": decisions}
    text = json.dumps(body, ensure_ascii=False, indent=1)
    (FOLDER / name / PORTFOLIO).write_text(text + "\n", encoding="utf-8")


def keep(name: str, home: House, histories: list[ClosedHistory]) -> None:
    """Write the histories of a story, and beside them one document to read."""
    shutil.rmtree(FOLDER / name, ignore_errors=True)
    (FOLDER / name).mkdir()
    for history in histories:
        file_of(name, history.workflow_id).write_bytes(history.zlibbed)
    keep_portfolio(name, home)
    (FOLDER / name / AUTHORITY).write_bytes(home.wiring.signatures.ca_certificate_pem())
    if name == DOCUMENTED:
        closed = home.wiring.reading.revisions(NUMBER, 1)[-1]
        (FOLDER / name / DOCUMENT).write_bytes(home.wiring.documents.pdf(closed))
    summary = {
        "story": STORIES[name].__doc__,
        "told": told(home),
        "histories": [
            {
                "workflow_id": each.workflow_id,
                "digest": each.digest,
                "events": each.events,
                "outline": outline(unpacked(each.workflow_id, each.zlibbed, each.digest)),
            }
            for each in histories
        ],
    }
    text = json.dumps(summary, ensure_ascii=False, indent=1)
    (FOLDER / name / SUMMARY).write_text(text + "\n", encoding="utf-8")
    print(f"{name}: {len(histories)} histories, {sum(each.events for each in histories)} events")


def told(home: House) -> list[str]:
    """Return what happened, in sentences."""
    tasks = home.desk.reading.tasks(number=NUMBER, open_only=False)
    names = {each.code: each.name for each in home.desk.directory.companies()}
    names |= {task.id: task.title for task in tasks}
    pack = home.desk.orders.category(home.desk.reading.order(NUMBER).contract).pack
    names |= {f"milestone:{each.code}": each.title_zh for each in pack.milestones}
    return [f"{each.on:%Y-%m-%d} {sentence(each, names, 'zh')}" for each in home.desk.reading.happenings(NUMBER)]


def main() -> None:
    """Record the stories of the command line, or all; what is no story any more is removed."""
    names = sys.argv[1:] or list(STORIES)
    if unknown := [name for name in names if name not in STORIES]:
        sys.exit(f"there is no story {unknown[0]!r}; there are {', '.join(STORIES)}")
    for summary in FOLDER.glob(f"*/{SUMMARY}"):
        if summary.parent.name not in STORIES:
            shutil.rmtree(summary.parent)
    logging.getLogger("temporalio").setLevel(logging.ERROR)  # refusals that a story wants
    for name in names:
        asyncio.run(record(name))


if __name__ == "__main__":
    main()
