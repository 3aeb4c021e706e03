"""Mail over SMTP (RFC 5321): sent means that the server took it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from services.alerts.channels.contacts import Contacts
from services.alerts.channels.ports import NO_ADDRESS, Bulletin, Letter, Outcome
from services.alerts.channels.words import TIME, WORDS
from services.alerts.events.reach import Delivery
from shared.kernel.commands import derived_id

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


class Mail:
    """Carries warnings as plain text in Chinese and English."""

    def __init__(self, server: MailServer | None, contacts: Contacts, zone: tzinfo, clock: Callable[[], datetime]) -> None:
        self._server, self._contacts, self._zone, self._clock = server, contacts, zone, clock

    def deliver(self, letter: Letter, bulletin: Bulletin) -> Outcome:
        """One attempt. What the server says for good fails; what may pass is tried again."""
        contact = self._contacts.find(letter.recipient)
        if self._server is None:
            return Outcome(Delivery.FAILED, NO_SERVER)
        if contact is None or contact.mail is None:
            return Outcome(Delivery.FAILED, NO_ADDRESS)
        message = composed(letter, bulletin, self._zone)
        message["From"], message["To"], message["Date"] = self._server.sender, contact.mail, format_datetime(self._clock())
        try:
            self._send(self._server, message)
        except smtplib.SMTPRecipientsRefused as refused:
            return _refused(next(code for code, _ in refused.recipients.values()))
        except smtplib.SMTPResponseException as refused:
            return _refused(refused.smtp_code)
        except smtplib.SMTPNotSupportedError:
            return Outcome(Delivery.FAILED, f"the mail server does not offer {self._server.security}: see ORTOO_SMTP_SECURITY")
        except (smtplib.SMTPException, OSError) as trouble:
            return Outcome(Delivery.QUEUED, f"mail server not reached ({type(trouble).__name__})")
        return Outcome(Delivery.SENT)

    def _send(self, server: MailServer, message: EmailMessage) -> None:
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


def composed(letter: Letter, bulletin: Bulletin, zone: tzinfo) -> EmailMessage:
    """The mail without its addresses. Its id follows from the event, so that a second copy is known as one."""
    zh, en = bulletin.info("zh"), bulletin.info("en")
    message = EmailMessage()
    kind = bulletin.issued.msg_type
    message["Subject"] = " ".join(f"[{WORDS['zh'][kind]}] {zh.headline} / {WORDS['en'][kind]}: {en.headline}".split())
    message["Message-ID"] = f"<{derived_id('mail', letter.event)}@ortoo>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content("\n\n".join((_text(bulletin, "zh", zone), _text(bulletin, "en", zone))) + "\n")
    return message


def _text(bulletin: Bulletin, language: str, zone: tzinfo) -> str:
    words, info, issued = WORDS[language], bulletin.info(language), bulletin.issued
    lines = [f"{words[issued.msg_type]}{words['colon']}{info.headline}", ""]
    for name, value in (
        ("level", words[issued.content.colour.value] if issued.content.colour else ""),
        ("areas", words["and"].join(area.desc for area in info.areas)),
        ("starts", f"{info.onset.astimezone(zone):{TIME}}" if info.onset else ""),
        ("until", f"{info.expires.astimezone(zone):{TIME}}" if info.expires else ""),
        ("cautions", info.description),
        ("measures", info.instruction),
        ("reason", issued.note),
        ("issuer", info.sender_name),
        ("issued", f"{issued.sent.astimezone(zone):{TIME}}"),
        ("identifier", issued.identifier),
    ):
        if value:
            lines.append(f"{words[name]}{words['colon']}{value}")
    lines += ["", f"{words['answer_here']}{words['colon']}{bulletin.answer}" if bulletin.answer else words["answer_elsewhere"]]
    return "\n".join(lines)


def _refused(code: int) -> Outcome:
    if code == 535:
        return Outcome(Delivery.FAILED, "the mail server refused the sign-in (535): see ORTOO_SMTP_USER and ORTOO_SMTP_PASSWORD")
    for_good = code >= 500
    return Outcome(Delivery.FAILED if for_good else Delivery.QUEUED, f"mail server answered {code}")
