"""The ports: a webhook that takes one card at a time, and a mail server that takes a person's digest of the day."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import urllib.error
import urllib.request
from datetime import datetime
from email.message import EmailMessage
from typing import NamedTuple

from contracts.errors import Unreachable
from contracts.notice import Notice
from lianyue.notices.wording import card, digest
from lianyue.settings import Settings

PATIENCE_SECONDS = 10


class Mail(NamedTuple):
    """A digest: to whom, and the key by which a second copy is known."""

    key: str
    address: str
    name: str
    notices: tuple[Notice, ...]


class Webhook:
    """
    Posts a notice as JSON, with ``Idempotency-Key`` and, where a secret is set, ``X-Lianyue-Signature``.

    The signature is ``sha256=`` and the hexadecimal HMAC-SHA-256 of ``X-Lianyue-Timestamp``, a full stop, and the
    body.
    """

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret.encode()

    def send(self, notice: Notice, recipient: str, at: datetime) -> None:
        """
        Hand *notice* over.

        Raises:
            Unreachable: If it was not taken.
        """
        body = json.dumps(card(notice, recipient), ensure_ascii=False).encode()
        request = urllib.request.Request(self._url, body, self._headers(notice, body, at))  # noqa: S310 - by settings
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):  # noqa: S310
                return
        except urllib.error.HTTPError as refusal:
            refusal.close()
            raise Unreachable(f"the webhook answered {refusal.code}") from None
        except (OSError, ValueError) as failure:
            raise Unreachable(f"the webhook does not answer: {type(failure).__name__}") from None

    def _headers(self, notice: Notice, body: bytes, at: datetime) -> dict[str, str]:
        stamp = str(int(at.timestamp()))
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": notice.key}
        if not self._secret:
            return headers
        signature = hmac.new(self._secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {**headers, "X-Lianyue-Timestamp": stamp, "X-Lianyue-Signature": f"sha256={signature}"}


class MailServer:
    """Hands digests over by SMTP, with TLS and a sign-in where the settings say so; the key is the Message-ID."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, mail: Mail) -> None:
        """
        Hand *mail* over.

        Raises:
            Unreachable: If it was not taken.
        """
        settings = self._settings
        try:
            with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=PATIENCE_SECONDS) as server:
                if settings.smtp_tls:
                    server.starttls()
                if settings.smtp_user:
                    server.login(settings.smtp_user, settings.smtp_password)
                server.send_message(self._written(mail))
        except (OSError, smtplib.SMTPException) as failure:
            raise Unreachable(f"the mail server did not take it: {type(failure).__name__}") from None

    def _written(self, mail: Mail) -> EmailMessage:
        subject, text = digest(mail.notices, mail.name)
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, self._settings.smtp_from, mail.address
        message["Message-ID"] = f"<{mail.key}@lianyue>"
        message.set_content(text)
        return message
