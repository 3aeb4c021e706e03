"""Messages written by hand, on the pattern of what real senders send."""

from __future__ import annotations

from services.alerts.formats.model import CapAlert, Message, Unreadable
from services.alerts.formats.read import read_messages

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
HEAD = "<identifier>W-1</identifier><sender>duty@example.org</sender><sent>2026-01-05T08:00:00+08:00</sent>"
KIND = "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
NEEDED = "<category>Met</category><event>Gale</event><urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>"
SQUARE = "49.0,119.0 49.0,120.0 50.0,120.0 49.0,119.0"


def area(inside: str = "", desc: str = "Hailar") -> str:
    return f"<area><areaDesc>{desc}</areaDesc>{inside}</area>"


def info(inside: str = "", before: str = "", needed: str = NEEDED) -> str:
    return f"<info>{before}{needed}{inside}</info>"


def alert(body: str = "", head: str = HEAD, kind: str = KIND, space: str = f' xmlns="{CAP}"') -> bytes:
    return f"<alert{space}>{head}{kind}{body or info()}</alert>".encode()


def update(references: str, kind: str = "Update", sent: str = "2026-01-05T09:00:00+08:00") -> bytes:
    head = f"<identifier>W-2</identifier><sender>duty@example.org</sender><sent>{sent}</sent>"
    told = f"<references>{references}</references>" if references else ""
    return alert(told + info(), head, f"<status>Actual</status><msgType>{kind}</msgType><scope>Public</scope>")


def message(body: bytes, **options: object) -> Message:
    """The one message of a body that is understood."""
    (item,) = read_messages(body, **options).items  # type: ignore[arg-type]
    assert isinstance(item, Message), item.reason
    return item


def read(body: bytes, **options: object) -> tuple[CapAlert, list[str]]:
    """The message and the codes of its faults."""
    item = message(body, **options)
    return item.alert, [fault.code for fault in item.faults]


def unreadable(body: bytes, **options: object) -> Unreadable:
    (item,) = read_messages(body, **options).items  # type: ignore[arg-type]
    assert isinstance(item, Unreadable), item.alert.identifier
    return item
