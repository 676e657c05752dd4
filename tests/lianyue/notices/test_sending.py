"""Notices on their way: written with their effect, handed over at least once, slowly enough, and never lost."""

from __future__ import annotations

import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from activities.recording import Written
from contracts.journal import Copy, Happening
from contracts.organisation import Alliance
from contracts.service_contract import Stage
from contracts.task import MemberTask, TaskState
from lianyue.cli.backups import checks_of
from lianyue.notices.ports import MailServer, Webhook
from lianyue.notices.sender import AT_MOST, EMAIL, WEBHOOK, Sender, Sent
from lianyue.records.directory import Directory
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.outbox import ATTEMPTS, Outbox
from lianyue.records.sql import SqlRecords
from lianyue.settings import Settings
from tests.lianyue.records.samples import ALLIANCE, AT, DIGEST, NUMBER, order, request, task

SECRET = "shared"
MORNING = AT.replace(hour=0)
"""08:30 in Shanghai, an hour before what happened."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def records(database: Database) -> SqlRecords:
    """Records with one contract; Li Lei and the coordinator have addresses."""
    document = ALLIANCE.model_dump(mode="json")
    for person in document["people"]:
        person["email"] = f"{person['user']}@example.org"
    Directory(database).load(Alliance.model_validate(document))
    Door(database).register(order(), DIGEST, AT)
    return SqlRecords(database, now=lambda: AT)


def told(verb: str, of: MemberTask | None = None, user: str = "", **facts: Any) -> Happening:
    """Something that happened to a task, or to the contract."""
    return Happening(at=AT, on=AT, verb=verb, task=of.id if of else "", user=user, company="LGWY", facts=facts)


def put(records: SqlRecords, *happenings: Happening, occurrence: int = 1, **journal: Any) -> None:
    """Write a journal down, as often as anybody likes."""
    records.once(request(occurrence, happenings=happenings, **journal), lambda _: Written(key=""), Written)


# --- what is written --------------------------------------------------------------------------------------------

OFFERED = task()
HELD = task(user="li.lei", state=TaskState.CLAIMED)
ROLE = ("", "LGWY", "handler")
LI_LEI = ("li.lei", "", "")


@pytest.mark.parametrize(
    ("of", "happening", "expected"),
    [
        (OFFERED, told("opened", OFFERED), [("opened", *ROLE)]),
        (HELD, told("reminded", HELD), [("due_soon", *LI_LEI)]),
        (HELD, told("reminded", HELD, "han.mei"), [("reminded", *LI_LEI)]),
        (HELD, told("overdue", HELD), [("overdue", *LI_LEI)]),
        (HELD, told("escalated", HELD, to="LGFW"), [("escalated", "", "LGFW", "coordinator")]),
        (HELD, told("transferred", HELD, "han.mei", to="li.lei"), [("handed_over", *LI_LEI)]),
        (OFFERED, told("given_back", OFFERED, "li.lei", reason="630000"), [("returned", *ROLE)]),
        (HELD, told("declined", HELD, "han.mei"), [("returned", *LI_LEI)]),
        (HELD, told("co_sign_asked", HELD, to=["a.b", "c.d"]), [("co_sign_asked", u, "", "") for u in ("a.b", "c.d")]),
        (HELD, told("submitted", HELD, "li.lei"), []),
        (None, told("cancelled"), [("ended", "han.mei", "", ""), ("ended", "", "LGCY", "buyer")]),
    ],
)
def test_whoever_must_know_is_told(
    records: SqlRecords,
    database: Database,
    of: MemberTask | None,
    happening: Happening,
    expected: list[tuple[str, ...]],
) -> None:
    """Each event has its notice, for who holds the task or may take it; what somebody wrote is in none."""
    put(records, happening, tasks=(of,) if of else ())

    notices = Outbox(database).notices(NUMBER)
    assert expected == [(each.event, each.user, each.company, each.role) for each in notices]
    assert "630000" not in "".join(each.model_dump_json() for each in notices)


def test_a_copy_is_told(records: SqlRecords, database: Database) -> None:
    """Whoever is informed of a task or a contract hears of it."""
    put(records, copies=(Copy(user="li.lei", task=OFFERED.id, at=AT), Copy(user="han.mei", at=AT)), tasks=(OFFERED,))

    told_to = [(each.event, each.user, each.title) for each in Outbox(database).notices(NUMBER)]
    assert [("copied", "li.lei", "报价"), ("copied", "han.mei", "园区物业服务")] == told_to


def test_a_repeated_effect_tells_once(records: SqlRecords, database: Database) -> None:
    """An activity that is tried again writes no second notice."""
    for _ in range(2):
        put(records, told("opened", OFFERED), tasks=(OFFERED,))

    assert 1 == len(Outbox(database).notices(NUMBER))


# --- the webhook ------------------------------------------------------------------------------------------------


class Robot(BaseHTTPRequestHandler):
    """A webhook that remembers what it was sent, and answers as told."""

    got: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    answer = 200

    def do_POST(self) -> None:
        self.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(type(self).answer)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name the base class gives it
        """Keep the tests quiet."""


def serving(server: socketserver.BaseServer) -> Iterator[Any]:
    """Serve until the test is over."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def robot() -> Iterator[ThreadingHTTPServer]:
    """A webhook on this machine."""
    Robot.got, Robot.answer = [], 200
    yield from serving(ThreadingHTTPServer(("127.0.0.1", 0), Robot))


def by_webhook(database: Database, robot: ThreadingHTTPServer) -> Sender:
    """A sender with the webhook as its only port."""
    webhook = Webhook(f"http://127.0.0.1:{robot.server_port}/hook", SECRET)
    return Sender(Outbox(database), Directory(database), webhook, None, 8)


def test_a_card_is_signed_and_sent_once(records: SqlRecords, database: Database, robot: ThreadingHTTPServer) -> None:
    """The card says what and until when; the signature fits its body; a further round sends nothing."""
    put(records, told("overdue", HELD), tasks=(HELD,))
    sender = by_webhook(database, robot)

    assert [Sent(1, 0), Sent(0, 0)] == [sender.go_round(AT), sender.go_round(AT)]
    ((headers, body),) = Robot.got
    card = json.loads(body)
    signed = hmac.new(SECRET.encode(), f"{headers['X-Lianyue-Timestamp']}.".encode() + body, hashlib.sha256)
    assert f"sha256={signed.hexdigest()}" == headers["X-Lianyue-Signature"]
    assert headers["Idempotency-Key"] == card["notice"]["key"] == f"contract/{NUMBER}#write_down/1#0/0"
    assert ("interactive", f"【已逾期】报价（{HELD.id}）") == (
        card["msg_type"],
        card["card"]["elements"][0]["text"]["content"],
    )


def test_a_webhook_takes_twenty_a_minute(records: SqlRecords, database: Database, robot: ThreadingHTTPServer) -> None:
    """What is too much waits for its turn, across rounds and restarts."""
    put(records, *[told("overdue", HELD) for _ in range(AT_MOST + 5)], tasks=(HELD,))
    moments = (AT, AT + timedelta(seconds=59), AT + timedelta(seconds=61))

    sent = [by_webhook(database, robot).go_round(moment).handed_over for moment in moments]
    assert [AT_MOST, 0, 5] == sent


def test_what_fails_is_tried_again_later(records: SqlRecords, database: Database, robot: ThreadingHTTPServer) -> None:
    """The pause doubles; the repetition bears the same key."""
    put(records, told("overdue", HELD), tasks=(HELD,))
    sender = by_webhook(database, robot)
    Robot.answer = 500
    failed = [sender.go_round(AT + timedelta(seconds=second)) for second in (0, 29, 30, 89)]
    Robot.answer = 200

    assert [Sent(0, 1), Sent(0, 0), Sent(0, 1), Sent(0, 0)] == failed
    assert Sent(1, 0) == sender.go_round(AT + timedelta(seconds=90))
    assert 1 == len({headers["Idempotency-Key"] for headers, _ in Robot.got})


def test_what_fails_for_ever_is_a_dead_letter(tmp_path: Path, records: SqlRecords, database: Database) -> None:
    """After ten attempts it is given up, and the check of the records names it."""
    put(records, told("overdue", HELD), tasks=(HELD,))
    sender = Sender(Outbox(database), Directory(database), Webhook("http://127.0.0.1:9/", ""), None, 8)
    rounds = [sender.go_round(AT + HOUR * place) for place in range(ATTEMPTS + 1)]
    settings = Settings(data=tmp_path, database_url=database.url.render_as_string(hide_password=False))

    check = {each.name: each for each in checks_of(settings)}["notices"]

    assert [Sent(0, 1)] * ATTEMPTS + [Sent(0, 0)] == rounds
    assert [("webhook", "li.lei", ATTEMPTS)] == [
        (each.channel, each.recipient, each.attempts) for each in Outbox(database).dead_letters()
    ]
    assert not check.ok
    assert "to li.lei by webhook: the webhook does not answer" in check.detail


def test_a_new_port_hears_of_the_last_day(records: SqlRecords, database: Database) -> None:
    """What is older is no news; from then on nothing is passed over, however long nobody sends."""
    put(records, told("opened", OFFERED), tasks=(OFFERED,))
    outbox = Outbox(database)
    late = outbox.take_up(WEBHOOK, lambda _: ("x",), AT + DAY)
    put(records, told("overdue", HELD), tasks=(HELD,), occurrence=2)
    after = outbox.take_up(WEBHOOK, lambda _: ("x",), AT + 9 * DAY)
    early = outbox.take_up(EMAIL, lambda _: ("x",), AT + HOUR)

    assert (0, 1, 2) == (late, after, early)


# --- the digests ------------------------------------------------------------------------------------------------


class Postman(socketserver.StreamRequestHandler):
    """As much of a mail server as takes a message."""

    got: ClassVar[list[EmailMessage]] = []

    def handle(self) -> None:
        self._say("220 ready")
        for line in self.rfile:
            word = line.strip().upper()
            if word == b"DATA":
                self._say("354 go on")
                self._take()
            self._say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                return

    def _take(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        self.got.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def post(records: SqlRecords, database: Database) -> Iterator[Sender]:
    """A sender with a mail server on this machine as its only port."""
    Postman.got = []
    for server in serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postman)):
        settings = Settings(smtp_host="127.0.0.1", smtp_port=server.server_address[1], smtp_tls=False)
        yield Sender(Outbox(database), Directory(database), None, MailServer(settings), 8)


def test_everybody_gets_one_digest_a_day(records: SqlRecords, post: Sender) -> None:
    """All that came until the hour of the digests, in one mail a person; what comes later is for the next day."""
    later = told("opened", OFFERED).model_copy(update={"at": AT + HOUR})
    put(records, told("opened", OFFERED), told("overdue", HELD), told("escalated", HELD, to="LGFW"), tasks=(HELD,))
    next_morning: datetime = MORNING + DAY
    same_day = post.go_round(AT + timedelta(minutes=1))
    first = post.go_round(next_morning)
    put(records, later.model_copy(update={"at": next_morning + HOUR}), tasks=(HELD,), occurrence=2)
    again = post.go_round(next_morning + 2 * HOUR)
    second = post.go_round(next_morning + DAY)

    assert [Sent(0, 0), Sent(2, 0), Sent(0, 0), Sent(1, 0)] == [same_day, first, again, second]
    by_han_mei, by_li_lei, last = Postman.got
    assert ["han.mei@example.org", "li.lei@example.org", "li.lei@example.org"] == [
        mail["To"] for mail in (by_han_mei, by_li_lei, last)
    ]
    assert ("联约：2 项提醒", "<digest-2025-07-02-li.lei@lianyue>") == (by_li_lei["Subject"], by_li_lei["Message-ID"])
    assert ["【已逾期】", "【新任务】"] == [part[2:7] for part in by_li_lei.get_content().splitlines()[2:4]]


def test_no_digest_goes_out_before_its_hour(records: SqlRecords, post: Sender) -> None:
    """At 07:59 in Shanghai nobody is disturbed."""
    put(records, told("overdue", HELD), tasks=(HELD,))

    assert [Sent(0, 0), Sent(1, 0)] == [
        post.go_round(MORNING + DAY - timedelta(minutes=31)),
        post.go_round(MORNING + DAY),
    ]


def test_a_stage_that_is_not_the_end_tells_nobody(records: SqlRecords, database: Database) -> None:
    """People hear of what they must do and of the end, not of every stage."""
    put(records, told("quoted"), stage=Stage.QUOTED)

    assert () == Outbox(database).notices(NUMBER)
