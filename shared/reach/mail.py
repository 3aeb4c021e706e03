"""Mail handed in at a server of the installation's own choice."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from shared.kernel.commands import derived_id
from shared.reach.ports import Delivery, Letter, Outcome

TIMEOUT_S = 10
SECURITY = ("starttls", "tls", "none")
PORTS = {"starttls": 587, "tls": 465, "none": 25}
NO_SERVER = "no mail server: set ORTOO_SMTP_HOST and ORTOO_SMTP_FROM and start the node again"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and in whose name."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> MailServer | None:
        """`ORTOO_SMTP_HOST`, `_PORT`, `_FROM`, `_SECURITY` (starttls, tls, none), `_USER`, `_PASSWORD` or `_PASSWORD_FILE`.

        None without a host."""
        host = environment.get("ORTOO_SMTP_HOST")
        if not host:
            return None
        security = environment.get("ORTOO_SMTP_SECURITY", "starttls")
        if security not in SECURITY:
            raise ValueError(f"ORTOO_SMTP_SECURITY is one of {', '.join(SECURITY)}")
        port, sender = environment.get("ORTOO_SMTP_PORT", str(PORTS[security])), environment.get("ORTOO_SMTP_FROM")
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError("ORTOO_SMTP_PORT is a port, such as 587")
        if not sender:
            raise ValueError("set ORTOO_SMTP_FROM to the address that warnings are sent from")
        return cls(host, int(port), sender, security, environment.get("ORTOO_SMTP_USER") or None, _password(environment))


def _password(environment: Mapping[str, str]) -> str | None:
    file = environment.get("ORTOO_SMTP_PASSWORD_FILE")
    if not file:
        return environment.get("ORTOO_SMTP_PASSWORD")
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise ValueError(f"ORTOO_SMTP_PASSWORD_FILE cannot be read: {error.strerror}") from error


def addressed(message: EmailMessage, letter: Letter, server: MailServer, to: str, now: datetime) -> EmailMessage:
    """Ready to be handed in. Its id follows from the event, so that a second copy is known as one."""
    message["From"], message["To"], message["Date"] = server.sender, to, format_datetime(now)
    message["Message-ID"] = f"<{derived_id('mail', letter.event)}@ortoo>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    return message


def hand_in(server: MailServer, message: EmailMessage) -> Outcome:
    """One attempt. What the server says for good fails; what may pass is tried again."""
    try:
        _send(server, message)
    except smtplib.SMTPRecipientsRefused as refused:
        return _refused(next(code for code, _ in refused.recipients.values()))
    except smtplib.SMTPResponseException as refused:
        return _refused(refused.smtp_code)
    except smtplib.SMTPNotSupportedError:
        return Outcome(Delivery.FAILED, f"the mail server does not offer {server.security} (ORTOO_SMTP_SECURITY), or takes no such address")
    except (smtplib.SMTPException, OSError) as trouble:
        return Outcome(Delivery.QUEUED, f"mail server not reached ({type(trouble).__name__})")
    return Outcome(Delivery.SENT)


def _send(server: MailServer, message: EmailMessage) -> None:
    context = ssl.create_default_context()
    connection: smtplib.SMTP
    if server.security == "tls":
        connection = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    with connection:
        if server.security == "starttls":
            connection.starttls(context=context)
        if server.user is not None:
            connection.login(server.user, server.password or "")
        connection.send_message(message)


def _refused(code: int) -> Outcome:
    if code == 535:
        return Outcome(Delivery.FAILED, "the mail server refused the sign-in (535): see ORTOO_SMTP_USER and ORTOO_SMTP_PASSWORD")
    for_good = code >= 500
    return Outcome(Delivery.FAILED if for_good else Delivery.QUEUED, f"mail server answered {code}")
