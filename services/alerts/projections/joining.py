"""How the messages of a series come together in whatever order they arrive."""

from __future__ import annotations

from typing import Any

import msgspec

from services.alerts.events.message import MessageIssued, ReceivedMessage
from services.alerts.projections.tables import ALIAS, MESSAGE, MOVED, SERIES
from shared.handling.declare import Rows
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope

NAMED = 500  # divisions that a message names, at the most
PRIVATE = "Private"  # CAP 1.2: for the addresses it gives, whatever areas it names
Row = dict[str, Any]
Home = tuple[str, int]
"""Id of a series, and 1 when it is one of our own warnings."""


def text(value: object) -> str:
    """JSON for a column."""
    return msgspec.json.encode(value).decode()


def codes_of(message: ReceivedMessage) -> tuple[str, ...]:
    """The divisions that a message names: codes as they stand, and of a twelve-digit one its township and county; none of a private one."""
    if message.scope == PRIVATE:
        return ()
    areas = (area for info in message.infos for area in info.areas)
    said = (code for area in areas for _, codes in area.geocodes for code in codes.replace(",", " ").split())
    codes = dict.fromkeys(code for one in said for code in ((one, one[:9], one[:6]) if len(one) == 12 and one.isdigit() else (one,)))
    return tuple(codes)[:NAMED]


def add_issued(rows: Rows, issued: MessageIssued, at: Envelope) -> None:
    """One of our own public messages goes to its warning."""
    sent, public = utc(issued.sent), int(issued.scope == "Public")
    row = _message(issued, sent, issued.alert, issued, at)
    rows.put(MESSAGE, **row | {"own": 1, "member_of_own": 1, "public": public})
    series = rows.get(SERIES, issued.alert, 1)
    early = rows.get(SERIES, issued.identifier, 0)  # it came back from elsewhere before we had noted that it is ours
    if early is not None:
        _join(rows, early, (issued.alert, 1))
    if series is not None:
        members = _members(series) + (_members(early) if early else [])
        members = [*members, [at.position, issued.identifier, issued.sender, sent, public]]
        due = None if (series["due"] or "") <= sent else series["due"]
        rows.change(SERIES, issued.alert, 1, public=1, latest=issued.identifier, sent=sent, members=text(members), due=due)
    rows.put(MOVED, id=issued.series, series=issued.alert, own=1)


def add_received(rows: Rows, named: str, message: ReceivedMessage, at: Envelope, *, conflicting: bool) -> None:
    """A message goes to the series it continues; what waited for it comes along."""
    series, own = home = _home(rows, named, message)
    sent, public = utc(message.sent), int(message.scope == "Public" and at.visibility not in ("restricted", "confidential"))
    row = _message(message, sent, series, {"infos": message.infos, "faults": message.faults}, at)
    codes = () if public else codes_of(message)
    more = {"digest": message.digest, "conflicting": int(conflicting), "member_of_own": own, "public": public, "named": text(codes)}
    rows.put(MESSAGE, **row | more)
    waiting = rows.get(SERIES, message.identifier, 0) if (message.identifier, 0) != home else None
    if waiting is not None and _waits_for(rows, waiting, message):
        _join(rows, waiting, home)
    else:
        waiting = None
    rows.put(ALIAS, id=message.identifier, sender=message.sender, series=series)
    known = rows.get(SERIES, series, own)
    held = [(row, _members(row)) for row in (known, waiting) if row is not None]
    members = [*(member for _, part in held for member in part), [at.position, message.identifier, message.sender, sent, public]]
    if known and own:
        rows.change(SERIES, series, 1, members=text(members))
        return
    shown = max(members, key=lambda member: (member[4], member[3]))  # the newest public one, else the newest
    named_by_any = dict.fromkeys(code for said in (*(msgspec.json.decode(row["named"]) for row, _ in held), codes) for code in said)
    changed: Row = {"id": series, "own": 0, "members": text(members), "named": text(() if shown[4] else tuple(named_by_any))}
    if public >= shown[4]:  # else nothing public happened
        changed |= {"updated": utc(at.time), "position": at.position}
    whole = _shown(message, sent, public, at) if shown[0] == at.position else next(row for row, part in held if shown in part)
    rows.put(SERIES, **whole | changed)


def _home(rows: Rows, named: str, message: ReceivedMessage) -> Home:
    """The series that the decider named. It knows identifiers; which of several senders of the same one is meant, is seen here."""
    hits = [hit for ref in message.references if (hit := _of(rows, ref.identifier, ref.sender)) is not None]
    own = _of(rows, named, message.sender)
    if not hits and own is None and named == message.identifier:
        return _begun(rows, message)
    plain = own or _followed(rows, named)
    if hits:
        return plain if plain in hits else hits[0]
    if rows.get(SERIES, *plain) is None:  # it comes before what it refers to, which will be its sender's alone
        for ref in message.references:
            if ref.identifier == named:
                rows.put(ALIAS, id=named, sender=ref.sender, series=plain[0])
    return plain


def _begun(rows: Rows, message: ReceivedMessage) -> Home:
    """A series of its own, or the one that waits for this message. Where another sender took the identifier, under both names."""
    plain = _followed(rows, message.identifier)
    row = rows.get(SERIES, message.identifier, 0)
    if plain[1] or (plain[0] == message.identifier and (row is None or _waits_for(rows, row, message))):
        return plain
    return f"{message.sender},{message.identifier}", 0  # CAP 1.2: neither may hold a comma


def _waits_for(rows: Rows, series: Row, message: ReceivedMessage) -> bool:
    """Whether a series of this identifier is that of this sender: it was said so, or it holds the sender's own messages."""
    if _of(rows, message.identifier, message.sender) == (series["id"], 0):
        return True
    members = _members(series)
    bearing = {sender for _, identifier, sender, *_ in members if identifier == message.identifier}
    return message.sender in (bearing or {sender for _, _, sender, *_ in members})


def _of(rows: Rows, identifier: str, sender: str) -> Home | None:
    alias = rows.get(ALIAS, identifier, sender)
    return _followed(rows, alias["series"]) if alias is not None else None


def _followed(rows: Rows, series: str) -> Home:
    """The series that it went into, or itself."""
    seen = {series}
    while (moved := rows.get(MOVED, series)) is not None:
        if moved["own"]:
            return moved["series"], 1
        if moved["series"] in seen:
            break
        series = moved["series"]
        seen.add(series)
    return series, 0


def _join(rows: Rows, waiting: Row, home: Home) -> None:
    """An update came before what it refers to: its series goes into the one it belongs to."""
    series, own = home
    for member in _members(waiting):
        rows.change(MESSAGE, member[0], series=series, member_of_own=own)
    rows.delete(SERIES, waiting["id"], 0)
    rows.put(MOVED, id=waiting["id"], series=series, own=own)


def _members(series: Row) -> list[list[Any]]:
    """Position, identifier, sender and time of each message, and whether it is public."""
    found: list[list[Any]] = msgspec.json.decode(series["members"])
    return found


def _message(message: MessageIssued | ReceivedMessage, sent: str, series: str, fact: object, at: Envelope) -> Row:
    return {
        "position": at.position,
        "identifier": message.identifier,
        "sender": message.sender,
        "sent": sent,
        "digest": "",  # of our own: written anew from the fact each time it is asked for
        "series": series,
        "msg_type": message.msg_type,
        "own": 0,
        "conflicting": 0,
        "member_of_own": 0,
        "public": 1,
        "named": "[]",
        "division": at.division,
        "fact": text(fact),
        "recorded": utc(at.time),
    }


def _shown(message: ReceivedMessage, sent: str, public: int, at: Envelope) -> Row:
    info = message.infos[0] if message.infos else None
    expires = max((i.expires for i in message.infos if i.expires), default=None)
    areas = [area.desc for i in message.infos[:1] for area in i.areas]
    return {
        "public": public,
        "state": "cancelled" if message.msg_type == "Cancel" else "active",
        "hazard": (info.event_code or None) if info else None,
        "event": info.event if info else None,
        "colour": None,
        "severity": info.severity if info else None,
        "headline": info.headline if info else None,
        "sender": (info.sender_name if info else "") or message.sender,
        "division": at.division,
        "areas": text(areas),
        "starts": utc(info.onset) if info and info.onset else None,
        "expires": utc(expires) if expires else None,
        "status": message.status,
        "sent": sent,
        "due": None,
        "latest": message.identifier,
        "approval": None,
    }
