"""Where recipients are reached. Addresses may be a person's: they lie in a database of their own, never in the log."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from shared.kernel.errors import Failure
from shared.sql.ports import Connection, Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS contact (
    recipient TEXT PRIMARY KEY, division TEXT, mail TEXT, webhook TEXT, set_by TEXT NOT NULL, set_at TEXT NOT NULL)
"""
_KEEP = """INSERT INTO contact VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (recipient) DO UPDATE SET division = excluded.division,
    mail = excluded.mail, webhook = excluded.webhook, set_by = excluded.set_by, set_at = excluded.set_at"""
LONGEST = 500
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Contact:
    """The addresses of one recipient, and the division whose officers keep them."""

    recipient: str
    division: str | None
    mail: str | None = None
    webhook: str | None = None


class Contacts:
    """Readable by the node's own user only. Safe from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with self._db() as db:
            db.executescript(SCHEMA)

    def find(self, recipient: str) -> Contact | None:
        """What is known of a recipient."""
        with self._db() as db:
            row = db.execute("SELECT recipient, division, mail, webhook FROM contact WHERE recipient = ?", (recipient,)).fetchone()
        return Contact(*row) if row else None

    def keep(self, contact: Contact, by: str, at: datetime) -> None:
        """Replace what is known; a contact without any address is forgotten."""
        with self._db() as db:
            if contact.mail is None and contact.webhook is None:
                db.execute("DELETE FROM contact WHERE recipient = ?", (contact.recipient,))
            else:
                db.execute(_KEEP, (contact.recipient, contact.division, contact.mail, contact.webhook, by, at.isoformat()))

    def _db(self) -> closing[Connection]:
        """A connection for one use: senders come and go with their threads, and what a closed one deleted is gone from the disk."""
        return closing(self._database.connect(private=True))


def faults(contact: Contact) -> list[Failure]:
    """What is wrong with the addresses, without repeating them."""
    found = []
    if contact.mail is not None and (len(contact.mail) > LONGEST or not _MAIL.fullmatch(contact.mail)):
        found.append(Failure("channel.mail", "one mail address, such as duty@example.org", "mail"))
    if contact.webhook is not None and not _good(contact.webhook):
        found.append(Failure("channel.webhook", "an https address without user, password or #; http only to this machine", "webhook"))
    return found


def _good(url: str) -> bool:
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or port == 0 or parts.username is not None or parts.password is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _here(host))


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
