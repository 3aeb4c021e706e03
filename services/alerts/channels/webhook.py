"""Signed webhooks: the warning as a CloudEvent, signed as Standard Webhooks says (HMAC-SHA256 over id, time and body)."""

from __future__ import annotations

import hmac
import ssl
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

import httpx
import msgspec

from services.alerts.channels.contacts import Contacts
from services.alerts.channels.keys import ChannelKeys
from services.alerts.channels.ports import NO_ADDRESS, Bulletin
from services.alerts.formats.write import CannotWrite, write
from shared.reach.ports import Delivery, Letter, Outcome

TIMEOUT_S = 10
EVENT_TYPE = "alerts.warning.sent.v1"
PASSING = frozenset({408, 409, 425, 429})  # these pass, though they are 4xx


class Webhook:
    """Posts to the one address that was set for the recipient. Follows no redirect, keeps nothing of the answer but its status."""

    def __init__(self, contacts: Contacts, keys: ChannelKeys, clock: Callable[[], datetime], trust: ssl.SSLContext | None = None) -> None:
        self._contacts, self._keys, self._clock = contacts, keys, clock
        self._trust = trust or ssl.create_default_context()

    def deliver(self, letter: Letter, bulletin: Bulletin) -> Outcome:
        """One attempt. 2xx: the other end has it."""
        contact, secret = self._contacts.find(letter.recipient), self._keys.webhook(letter.recipient)
        if contact is None or contact.webhook is None or secret is None:
            return Outcome(Delivery.FAILED, NO_ADDRESS)
        now = self._clock()
        try:
            body = cloud_event(letter, bulletin, now)
        except CannotWrite as error:
            return Outcome(Delivery.FAILED, f"the warning cannot be written as CAP: {error.faults[0].path}")
        headers = {"Content-Type": "application/cloudevents+json", **signed(secret, letter.event, int(now.timestamp()), body)}
        try:
            with (
                httpx.Client(verify=self._trust, timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", contact.webhook, content=body, headers=headers) as answer,
            ):
                return _judged(answer.status_code)
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:
            return Outcome(Delivery.QUEUED, f"webhook not reached ({type(trouble).__name__})")


def cloud_event(letter: Letter, bulletin: Bulletin, now: datetime) -> bytes:
    """CloudEvents 1.0, JSON. The id is that of the event that queued it: the other end sees a repeat by it."""
    log, _, _ = letter.event.rpartition(":")
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": letter.event,
            "source": f"urn:ortoo:{log}",
            "type": EVENT_TYPE,
            "subject": letter.recipient,
            "time": now,
            "datacontenttype": "application/json",
            "data": {
                "alert": letter.about,
                "identifier": letter.identifier,
                "msg_type": bulletin.issued.msg_type,
                "recipient": letter.recipient,
                "answer": bulletin.answer,
                "cap": write(bulletin.cap).decode(),
            },
        }
    )


def signed(secret: bytes, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks 1.0."""
    mac = hmac.new(secret, f"{id}.{timestamp}.".encode() + body, sha256).digest()
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{b64encode(mac).decode()}"}


def _judged(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome(Delivery.DELIVERED)
    for_good = status < 500 and status not in PASSING
    return Outcome(Delivery.FAILED if for_good else Delivery.QUEUED, f"webhook answered {status}")
