"""A notification as the bytes of a mail. The same notification always gives the same bytes."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final

from services.notify.domain.events import NotificationQueued

_UNFOLDED: Final = SMTP.clone(max_line_length=900)


def sender_address(sender: str) -> str:
    """The bare address of `Name <address>`."""
    return parseaddr(sender)[1]


def message_id(notification_id: str, sender: str) -> str:
    """The Message-ID of a notification: the same for every attempt, whatever happens between."""
    return f"<{notification_id}@{sender_address(sender).rpartition('@')[2]}>"


def mail(queued: NotificationQueued, sender: str, recipient: str) -> bytes:
    """The message, in RFC 5322 form with CRLF line ends."""
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = recipient
    message["Subject"] = queued.subject.text
    message["Date"] = format_datetime(queued.occurred_at)
    message["Message-ID"] = message_id(queued.notification_id, sender)
    message["Content-Language"] = queued.language
    # RFC 3834: programs that answer mail by themselves leave this one alone.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(queued.text.text, cte="quoted-printable")
    # Plain subjects stay on one line (up to RFC 5322's limit) and are easier to read and filter;
    # encoded ones must be folded (RFC 2047: at most 75 characters a word).
    return message.as_bytes(policy=_UNFOLDED if queued.subject.text.isascii() else SMTP)
