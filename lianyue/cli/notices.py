"""`notify`: the notices that are due, handed over once or again and again."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from contracts.errors import Invalid
from lianyue.cli.output import emit, say
from lianyue.cli.session import found, need_records
from lianyue.settings import Settings
from lianyue.wiring import Wiring

PAUSE_SECONDS = 15


def notify(settings: Settings, *, watch: bool, as_json: bool) -> int:
    """
    Hand over what is due and return 1 if something was not taken; with *watch* go on until Ctrl-C.

    Raises:
        Invalid: If the settings name no port.
    """
    need_records(settings)
    if not settings.webhook_url and not settings.smtp_host:
        raise Invalid("set LIANYUE_WEBHOOK_URL or LIANYUE_SMTP_HOST first", where="notify")
    sender = Wiring(found(settings)).sender
    sent = sender.go_round(datetime.now(UTC))
    while watch:
        time.sleep(PAUSE_SECONDS)
        sent = sender.go_round(datetime.now(UTC))
    if as_json:
        emit(sent._asdict())
    else:
        say(f"已送达 {sent.handed_over} 件，未送达 {sent.failed} 件")
    return 1 if sent.failed else 0
