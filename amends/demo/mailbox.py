"""A mail catcher: a real SMTP server on a free loopback port that keeps what it is sent."""

import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

_SURVEY: Final = re.compile(r"https?://[^\s\"'<>]+/surveys/([A-Za-z0-9._~-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail as a recipient got it. `survey_token` if it holds a survey link."""

    recipient: str
    subject: str
    survey_token: str | None


class Mailbox:
    """Catches mail. `stir` wakes whoever waits for a recipient's mail."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self._by_recipient: dict[str, list[Mail]] = defaultdict(list)
        self._bells: dict[str, asyncio.Event] = {}
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on, once opened."""
        assert self._server is not None, "open the mailbox first"  # noqa: S101 - a caller's error
        return int(self._server.sockets[0].getsockname()[1])

    async def open(self, host: str = "127.0.0.1") -> None:
        """Start listening on a free port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, loop=loop), host, 0)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def bell(self, recipient: str) -> asyncio.Event:
        """Set whenever mail for the recipient comes in; whoever waits clears it."""
        return self._bells.setdefault(recipient, asyncio.Event())

    def received_by(self, recipient: str) -> list[Mail]:
        """All mail of one recipient, oldest first."""
        return self._by_recipient[recipient]

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        subject, text = read_mail(content)
        token = survey_token_in(text)
        for recipient in envelope.rcpt_tos:
            mail = Mail(recipient=recipient, subject=subject, survey_token=token)
            self.mails.append(mail)
            self._by_recipient[recipient].append(mail)
            self.bell(recipient).set()
        return "250 kept"


def survey_token_in(text: str) -> str | None:
    """The token of the first survey link in a text, if there is one."""
    found = _SURVEY.search(text)
    return None if found is None else found[1]


def read_mail(content: bytes) -> tuple[str, str]:
    """Subject and plain text of a mail, whatever its encoding."""
    message = message_from_bytes(content)
    subject = str(make_header(decode_header(message["Subject"] or "")))
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if part.get_content_type() == "text/plain" and isinstance(payload, bytes):
            return subject, payload.decode(part.get_content_charset("utf-8"), "replace")
    return subject, ""
