"""The mail transport in a real SMTP conversation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import ValidationError

from services.notify.settings import NotifySettings
from services.notify.smtp import NullTransport, SmtpTransport, mail_transport
from shared.service import MailRefused, MailUnavailable

MESSAGE = b"Subject: hello\r\nMessage-ID: <n1@amends.example>\r\n\r\nHello\r\n"
SENDER, RECIPIENT = "no-reply@amends.example", "u1@example.com"


@dataclass
class Server:
    """What the server says, and what it heard."""

    to_recipient: str = "250 OK"
    to_data: str = "250 OK"
    hangs_up: bool = False
    received: list[bytes] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Accept or refuse a recipient."""
        del server, options
        self.sessions.add(id(session))
        if self.to_recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message, refuse it, or hang up."""
        if self.hangs_up:
            self.hangs_up = False
            assert server.transport is not None
            server.transport.close()
            return "421 gone"
        if self.to_data.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.received.append(envelope.content)
        return self.to_data

    def authenticate(self, *told: Any) -> AuthResult:
        """Take any user and password, and note the password."""
        login = told[-1]
        assert isinstance(login, LoginPassword)
        self.logins.append(login.password)
        return AuthResult(success=True)


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[int]:
    """The server on a free port of this machine."""
    loop = asyncio.get_running_loop()
    running = await loop.create_server(
        lambda: SMTP(
            server,
            hostname="localhost",
            loop=loop,
            authenticator=server.authenticate,
            auth_require_tls=False,
        ),
        "127.0.0.1",
        0,
    )
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()
        await running.wait_closed()


def transport_to(port: int, **more: Any) -> SmtpTransport:
    """The transport that the settings for this port give."""
    transport = mail_transport(NotifySettings(mail_host="127.0.0.1", mail_port=port, **more))
    assert isinstance(transport, SmtpTransport)
    return transport


async def send(transport: SmtpTransport) -> None:
    """Send the example."""
    await transport.send(sender=SENDER, recipient=RECIPIENT, message=MESSAGE)


async def test_messages_arrive_as_they_are_over_one_kept_connection() -> None:
    server = Server()
    async with listening(server) as port:
        transport = transport_to(port)
        await send(transport)
        await send(transport)
        await transport.close()
    assert server.received == [MESSAGE, MESSAGE]
    assert len(server.sessions) == 1


@pytest.mark.parametrize(
    ("said", "error"),
    [("550 no such user", MailRefused), ("451 try later", MailUnavailable)],
)
async def test_what_the_server_says_of_a_recipient_is_final_or_not(
    said: str, error: type[Exception]
) -> None:
    server = Server(to_recipient=said)
    async with listening(server) as port:
        transport = transport_to(port)
        with pytest.raises(error, match=said[:3]) as raised:
            await send(transport)
        assert RECIPIENT not in str(raised.value)
        server.to_recipient = "250 OK"
        await send(transport)
        await transport.close()
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("said", "error"),
    [("554 looks like spam", MailRefused), ("452 full", MailUnavailable)],
)
async def test_what_the_server_says_of_a_message_is_final_or_not(
    said: str, error: type[Exception]
) -> None:
    async with listening(Server(to_data=said)) as port:
        transport = transport_to(port)
        with pytest.raises(error, match=said[:3]):
            await send(transport)
        await transport.close()


async def test_a_connection_lost_in_a_message_is_no_verdict_on_it() -> None:
    server = Server(hangs_up=True)
    async with listening(server) as port:
        transport = transport_to(port)
        with pytest.raises(MailUnavailable):
            await send(transport)
        await send(transport)
        await transport.close()
    assert server.received == [MESSAGE]


async def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    server = Server()
    async with listening(server) as port:
        transport = transport_to(port)
        await send(transport)
        server.hangs_up = True
        await send(transport)
        await transport.close()
    assert server.received == [MESSAGE, MESSAGE]


async def test_nobody_listening_means_later() -> None:
    async with listening(Server()) as port:
        pass
    with pytest.raises(MailUnavailable):
        await send(transport_to(port))


async def test_without_a_host_nothing_can_be_mailed() -> None:
    transport = mail_transport(NotifySettings())
    assert isinstance(transport, NullTransport)
    with pytest.raises(MailRefused):
        await transport.send(sender=SENDER, recipient=RECIPIENT, message=MESSAGE)
    await transport.close()


async def test_the_password_comes_from_a_mounted_file_as_it_is_now(tmp_path: Path) -> None:
    server, file = Server(), tmp_path / "password"
    async with listening(server) as port:
        for content in ("hush\n", "changed"):
            file.write_text(content)
            transport = transport_to(port, mail_user="amends", mail_password_file=file)
            await send(transport)
            await transport.close()
        file.unlink()
        with pytest.raises(MailUnavailable):
            await send(transport)
    assert server.logins == [b"hush", b"changed"]


async def test_the_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_NOTIFY_MAIL_PASSWORD", "hush")
    server = Server()
    async with listening(server) as port:
        transport = transport_to(port, mail_user="amends")
        await send(transport)
        await transport.close()
    assert server.logins == [b"hush"]


@pytest.mark.parametrize("password", ["hush", ""])
def test_two_passwords_or_a_file_that_is_not_there_are_refused_without_showing_one(
    monkeypatch: pytest.MonkeyPatch, password: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("AMENDS_NOTIFY_MAIL_PASSWORD", password)
    monkeypatch.setenv("AMENDS_NOTIFY_MAIL_PASSWORD_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ValidationError, match="not both" if password else "cannot be read") as no:
        NotifySettings()
    assert "hush" not in str(no.value)
