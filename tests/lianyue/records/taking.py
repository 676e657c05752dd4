"""A worker that takes capacity while there is some: it reads, decides on what it read, and writes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from activities.ports import Writing
from activities.recording import Written
from contracts.service_contract import ServiceContract
from lianyue.records.engine import Database
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords
from tests.lianyue.records.samples import DAY, decision, request

NEED_M2 = 100
QUEUE = "property"


def take_if_free(contract: ServiceContract) -> Callable[[Writing], Written]:
    """Reserve LGNY's capacity for *contract* and take a turn, if the ledger says there is enough left."""

    def act(writing: Writing) -> Written:
        (candidate,) = [each for each in writing.candidates(contract, DAY) if each.member.code == "LGNY"]
        if candidate.member.capacity["m2"] - candidate.ledger.reserved.get("m2", 0) < NEED_M2:
            return Written(key="full")
        writing.reserve(contract, decision(LGNY=contract.value_fen), DAY)
        writing.take_turns(QUEUE, (*writing.queue(QUEUE).order, "LGNY"), ("LGNY",))
        return Written(key="taken")

    return act


if __name__ == "__main__":
    url, offset = sys.argv[1], int(sys.argv[2])
    with Database(url) as database:
        records = SqlRecords(database)
        numbers = [summary.number for summary in Reading(database).contracts()]
        answers = {}
        for number in numbers[offset * 6 :] + numbers[: offset * 6]:
            contract = Reading(database).order(number).contract
            asked = request(step="decide", number=number)
            answers[number] = records.once(asked, take_if_free(contract), Written).key
        print(json.dumps(answers, sort_keys=True))
