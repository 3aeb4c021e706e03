"""Mail over SMTP (RFC 5321): sent means that the server took it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from email.message import EmailMessage

from services.alerts.channels.contacts import Contacts
from services.alerts.channels.ports import NO_ADDRESS, Bulletin
from services.alerts.channels.words import TIME, WORDS
from shared.reach.mail import NO_SERVER, MailServer, addressed, hand_in
from shared.reach.ports import Delivery, Letter, Outcome


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
        message = composed(bulletin, self._zone)
        return hand_in(self._server, addressed(message, letter, self._server, contact.mail, self._clock()))


def composed(bulletin: Bulletin, zone: tzinfo) -> EmailMessage:
    """The mail without its addresses."""
    zh, en = bulletin.info("zh"), bulletin.info("en")
    message = EmailMessage()
    kind = bulletin.issued.msg_type
    message["Subject"] = " ".join(f"[{WORDS['zh'][kind]}] {zh.headline} / {WORDS['en'][kind]}: {en.headline}".split())
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
