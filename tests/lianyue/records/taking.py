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
from rules.select.methods import Select, WeightedRotation
from rules.select.ranking import Contender, Terms
from rules.select.selecting import select
from tests.lianyue.records.samples import DAY, decision, request

NEED_M2 = 100
QUEUE = "property"
MEMBERS = ("LGNY", "LGWY")
CAP_FEN = 700_000


def take_if_free(contract: ServiceContract) -> Callable[[Writing], Written]:
    """Reserve LGNY's capacity for *contract* and take a turn, if the ledger says there is enough left."""

    def act(writing: Writing) -> Written:
        (candidate,) = [each for each in writing.candidates(contract, DAY) if each.member.code == "LGNY"]
        if candidate.member.capacity["m2"] - candidate.ledger.reserved.get("m2", 0) < NEED_M2:
            return Written(key="full")
        writing.reserve(contract, decision(LGNY=contract.value_fen), DAY)
        queue = writing.queue(QUEUE)
        writing.keep_queue(queue.model_copy(update={"order": (*queue.order, "LGNY"), "last": "LGNY"}))
        return Written(key="taken")

    return act


def take_turn(stated: Select, contract: ServiceContract) -> Callable[[Writing], Written]:
    """Award *contract* to the member whose turn it is, and keep the queue as it stands then."""
    measures = {"LGNY": 1, "LGWY": 2} if isinstance(stated, WeightedRotation) else dict.fromkeys(MEMBERS, CAP_FEN)

    def act(writing: Writing) -> Written:
        field = [
            Contender(code, 0, 1, (code,), each.ledger.awarded_fen, measures[code])
            for each in writing.candidates(contract, DAY)
            if (code := each.member.code) in measures
        ]
        terms = Terms(amount_fen=contract.value_fen, queue=writing.queue("turns"))
        found = select(stated, ("member.code",), field, terms)
        if not found.selected or found.queue is None:
            return Written(key="nobody")
        writing.keep_queue(found.queue)
        writing.reserve(contract, decision(**{found.selected[0]: contract.value_fen}), DAY)
        return Written(key=found.selected[0])

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
