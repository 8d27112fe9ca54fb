"""Mail transports: SMTP with kept connections, and the one for platforms without a mail host."""

import asyncio
from collections.abc import Callable
from typing import Final

import aiosmtplib

from services.notify.settings import NotifySettings
from shared.service import MailRefused, MailTransport, MailUnavailable

_PERMANENT: Final = 500
_SESSION_IS_FINE: Final = (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused)


class NullTransport:
    """No mail host is configured: nothing can be mailed, notify uses the inbox instead."""

    async def send(self, *, sender: str, recipient: str, message: bytes) -> None:  # noqa: ARG002
        """Always raises `MailRefused`."""
        raise MailRefused("no mail host is configured")

    async def close(self) -> None:
        """Nothing to let go of."""


class SmtpTransport:
    """Hands messages to one SMTP server, over connections that are kept for the next message."""

    def __init__(self, connect: Callable[[], aiosmtplib.SMTP], *, connections: int) -> None:
        self._connect = connect
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[aiosmtplib.SMTP] = []

    async def send(self, *, sender: str, recipient: str, message: bytes) -> None:
        """Return once the server has accepted. Raises `MailRefused` or `MailUnavailable`."""
        async with self._slots:
            try:
                await self._send(sender, recipient, message)
            except (aiosmtplib.SMTPException, OSError) as error:
                raise _in_our_words(error) from error

    async def _send(self, sender: str, recipient: str, message: bytes) -> None:
        if self._idle:
            try:
                await self._send_over(self._idle.pop(), sender, recipient, message)
            except aiosmtplib.SMTPServerDisconnected:
                # It was closed while idle, or (rarely) after it took the message: then a second
                # copy goes out, with the same Message-ID.
                pass
            else:
                return
        client = self._connect()
        await client.connect()
        await self._send_over(client, sender, recipient, message)

    async def _send_over(
        self, client: aiosmtplib.SMTP, sender: str, recipient: str, message: bytes
    ) -> None:
        reusable = False
        try:
            await client.sendmail(sender, [recipient], message)
            reusable = True
        except _SESSION_IS_FINE:
            reusable = client.is_connected
            raise
        finally:
            # Broken off or cancelled in between, nobody knows what the server expects next.
            if reusable:
                self._idle.append(client)
            else:
                client.close()

    async def close(self) -> None:
        """Say goodbye on every connection."""
        while self._idle:
            client = self._idle.pop()
            try:
                await client.quit()
            except (aiosmtplib.SMTPException, OSError):
                client.close()


def _in_our_words(error: Exception) -> MailRefused | MailUnavailable:
    """What an error of the conversation means for the message.

    Only the server's code is kept: it likes to repeat the address, and reasons end up in lists.
    A refused sender, login or greeting speaks of our side, not of the message: worth a retry.
    """
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [refusal.code for refusal in error.recipients]
        return _refusal(max(codes, default=_PERMANENT))
    if isinstance(error, aiosmtplib.SMTPDataError):
        return _refusal(error.code)
    return MailUnavailable(type(error).__name__)


def _refusal(code: int) -> MailRefused | MailUnavailable:
    # RFC 5321, 4.2.1: 5yz is final, 4yz means later.
    reason = f"smtp_{code}"
    return MailRefused(reason) if code >= _PERMANENT else MailUnavailable(reason)


def mail_transport(settings: NotifySettings) -> MailTransport:
    """The transport for these settings."""
    if settings.mail_host is None:
        return NullTransport()
    host = settings.mail_host

    def connect() -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=host,
            port=settings.mail_port,
            username=settings.mail_user,
            password=settings.password(),
            use_tls=settings.mail_tls,
            timeout=settings.mail_timeout.total_seconds(),
        )

    return SmtpTransport(connect, connections=settings.concurrency)
