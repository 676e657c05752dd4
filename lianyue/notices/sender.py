"""The sender: hands over what is due, at least once, no faster than the other side bears; what fails is due later."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from contracts.calendar import SHANGHAI, day_of, iso_day
from contracts.errors import Unreachable
from contracts.notice import Notice
from contracts.organisation import Person
from lianyue.notices.ports import Mail, MailServer, Webhook
from lianyue.records.directory import Directory
from lianyue.records.outbox import Outbox, Pending

WEBHOOK, EMAIL = "webhook", "email"
MINUTE = timedelta(minutes=1)
AT_MOST = 20
"""A webhook takes so many notices a minute; chat robots close for ten minutes when they get more."""


class Sent(NamedTuple):
    """What one round of sending came to."""

    handed_over: int
    failed: int


class Sender:
    """One round hands over all that is due; a worker, or a command by the clock, goes round again and again."""

    def __init__(
        self,
        outbox: Outbox,
        directory: Directory,
        webhook: Webhook | None,
        mail_server: MailServer | None,
        digest_hour: int,
    ) -> None:
        self._outbox = outbox
        self._directory = directory
        self._webhook = webhook
        self._mail_server = mail_server
        self._digest_hour = digest_hour

    def go_round(self, now: datetime) -> Sent:
        """Hand over what is due at *now* by every port there is."""
        rounds = [self._post(self._webhook, now)] if self._webhook else []
        rounds += [self._mail(self._mail_server, now)] if self._mail_server else []
        return Sent(sum(each.handed_over for each in rounds), sum(each.failed for each in rounds))

    # --- the webhook ----------------------------------------------------------------------------------------

    def _post(self, webhook: Webhook, now: datetime) -> Sent:
        self._outbox.take_up(WEBHOOK, _audience, now)
        room = AT_MOST - self._outbox.handed_over_since(WEBHOOK, now - MINUTE)
        due = self._outbox.pending(WEBHOOK, now, limit=max(room, 0))
        taken = sum(self._posted(webhook, each, now) for each in due)
        return Sent(taken, len(due) - taken)

    def _posted(self, webhook: Webhook, pending: Pending, now: datetime) -> bool:
        try:
            webhook.send(pending.notice, pending.recipient, now)
        except Unreachable as failure:
            self._outbox.failed((pending,), failure.message, now)
            return False
        self._outbox.handed_over((pending.delivery,), now)
        return True

    # --- the digests ----------------------------------------------------------------------------------------

    def _mail(self, server: MailServer, now: datetime) -> Sent:
        """Once a day, from the hour of the digests on, everybody with an address gets what is new."""
        people = {person.user: person for person in self._directory.persons() if person.email}
        self._outbox.take_up(EMAIL, lambda notice: _addressed(notice, people), now)
        if now.astimezone(SHANGHAI).hour < self._digest_hour:
            return Sent(0, 0)
        due = [each for each in self._outbox.pending(EMAIL, now) if each.attempts or each.notice.at <= self._cut(now)]
        due.sort(key=lambda each: each.recipient)
        mails = [tuple(group) for _, group in groupby(due, key=lambda each: each.recipient)]
        taken = sum(self._mailed(server, people.get(mail[0].recipient), mail, now) for mail in mails)
        return Sent(taken, len(mails) - taken)

    def _cut(self, now: datetime) -> datetime:
        """Return the hour of today's digests: what came later is for tomorrow's."""
        return now.astimezone(SHANGHAI).replace(hour=self._digest_hour, minute=0, second=0, microsecond=0)

    def _mailed(self, server: MailServer, person: Person | None, due: tuple[Pending, ...], now: datetime) -> bool:
        notices = tuple(each.notice for each in due)
        user = due[0].recipient
        try:
            if person is None:
                raise Unreachable(f"{user} has no address any more")
            server.send(Mail(f"digest-{iso_day(day_of(now))}-{user}", person.email, person.name, notices))
        except Unreachable as failure:
            self._outbox.failed(due, failure.message, now)
            return False
        self._outbox.handed_over(tuple(each.delivery for each in due), now)
        return True


def _audience(notice: Notice) -> tuple[str, ...]:
    """For whom a card is: a person, or a role at a company."""
    return (notice.user or f"{notice.company} {notice.role}",)


def _addressed(notice: Notice, people: dict[str, Person]) -> tuple[str, ...]:
    """Whose digest a notice belongs to, as the directory has people now."""
    if notice.user:
        return (notice.user,) if notice.user in people else ()
    fit = [person for person in people.values() if person.company == notice.company]
    return tuple(person.user for person in fit if notice.role in person.roles)
