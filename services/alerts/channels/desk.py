"""What reaching recipients needs beside the log, opened once for a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from services.alerts.channels.contacts import Contacts
from services.alerts.channels.keys import ChannelKeys
from services.alerts.channels.links import AnswerLinks
from services.alerts.channels.mail import Mail
from services.alerts.channels.ports import Bulletin, Carrier
from services.alerts.channels.webhook import Webhook
from services.alerts.events.reach import Channel
from shared.reach.mail import MailServer
from shared.reach.ports import Delivery, Letter, Outcome


class Nowhere:
    """The carrier of a drill, and of a node that plays a story: nobody outside is to be warned by it."""

    def __init__(self, who: str) -> None:
        self._who = who

    def deliver(self, letter: Letter, bulletin: Bulletin) -> Outcome:
        return Outcome(Delivery.FAILED, f"{self._who} sends nothing out")


@dataclass(frozen=True, slots=True)
class Desk:
    """Addresses, secrets and the carriers that use them."""

    contacts: Contacts
    keys: ChannelKeys
    links: AnswerLinks
    carriers: Mapping[Channel, Carrier]
    zone: tzinfo
    public_url: str | None = None  # where recipients reach this node; without it no link is put into mails
    exercise: bool = False  # of a drill: no link is handed out either

    @classmethod
    def open(
        cls,
        contacts: Contacts,
        keys: ChannelKeys,
        zone: tzinfo,
        mail: MailServer | None,
        public_url: str | None,
        wall: Callable[[], datetime],
        sends: bool = True,
        exercise: bool = False,
    ) -> Desk:
        """Nothing leaves a node that plays a story (`sends` is False), and nothing a drill."""
        carriers: dict[Channel, Carrier]
        if exercise or not sends:
            carriers = dict.fromkeys((Channel.MAIL, Channel.WEBHOOK), Nowhere("a drill" if exercise else "a node on story time"))
        else:
            carriers = {Channel.MAIL: Mail(mail, contacts, zone, wall), Channel.WEBHOOK: Webhook(contacts, keys, wall)}
        return cls(contacts, keys, AnswerLinks(keys.link()), carriers, zone, public_url.rstrip("/") if public_url else None, exercise)
