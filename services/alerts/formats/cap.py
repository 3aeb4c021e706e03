"""One CAP element tree into a message: parsed once, validated once, walked once. Lenient, and every leniency is listed.

Understood is what has an identifier (or a sender and a time to derive one from), a time that can be read, repaired or
taken from the information itself, and a readable status, message type and scope: for these three the schema has no
neutral value that could be written out again. Everything else may be missing or wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from hashlib import sha256

from lxml import etree

from services.alerts.formats.fields import NAMES, Fields, fields, language, one_of, pairs
from services.alerts.formats.geometry import Say, read_circle, read_polygon
from services.alerts.formats.model import CapAlert, CapArea, CapInfo, CapResource, Fault, NotUnderstood, Reference
from services.alerts.formats.schema import faults as schema_faults
from services.alerts.formats.schema import schema
from services.alerts.formats.signature import SIGNATURE, take_off
from services.alerts.formats.slim import MOST_NAME
from services.alerts.formats.times import read_time
from services.alerts.formats.upgrade import NS, rename, upgrade

_ALERT = NS + "alert"
_FORBIDDEN = frozenset(" ,<&\t\n\r")  # in identifier and sender: CAP 1.2, 3.2.1
_URI_LIMIT = 2_000  # characters; a longer address is content, not a place


class Walk:
    """What one message is read with: the zone of times without one, whether everything is kept, and the faults so far."""

    __slots__ = ("found", "notes", "offset", "valid", "whole")

    def __init__(self, offset: timezone, whole: bool, found: list[Fault], valid: bool = False) -> None:
        self.offset, self.whole, self.found = offset, whole, found
        self.notes: list[Fault] = []
        self.valid = valid  # the schema found nothing: less need be looked at

    def say(self, code: str, message: str, path: str = "") -> None:
        self.found.append(Fault(code, message, path))

    def time(self, text: str, path: str) -> datetime | None:
        if not text:
            return None
        value, repairs = read_time(text, self.offset)
        for code, message in repairs:
            self.found.append(Fault(code, message, path))
        return value


def fits(root: etree._Element) -> bool:
    """Whether this is a valid message of CAP 1.2 as it stands, unsigned."""
    return root.tag == _ALERT and root.find(SIGNATURE) is None and schema().validate(root)


def read_alert(root: etree._Element, raw: bytes, walk: Walk) -> CapAlert:
    """The message of an `alert` element. Changes a tree that is not known to be `valid`: signature off, namespace of 1.2."""
    if walk.valid:
        return _alert(root, raw, walk, signed=False)
    signed, broken, unverified = take_off(root)  # real signatures break the schema of signatures, not of CAP
    walk.found += broken + upgrade(root)
    walk.notes += unverified
    wrong = schema_faults(root)
    walk.valid = not wrong
    if wrong:
        walk.found += wrong
        if rename(root):
            walk.say("namespace.mixed", "elements outside the CAP namespace were read by their names")
    return _alert(root, raw, walk, signed)


def _alert(root: etree._Element, raw: bytes, walk: Walk, signed: bool) -> CapAlert:
    own = fields(root, "", walk.found, walk.valid)
    infos = tuple([_info(element, f"info[{n}]", walk) for n, element in enumerate(own.nested.get("info", ()), 1)])
    sender, identifier = own.text("sender"), own.text("identifier")
    sent = _sent(own, infos, walk)
    if not identifier:
        if not sender:
            raise NotUnderstood("identifier.missing", "neither identifier nor sender: nobody can refer to this message")
        identifier = "derived-" + sha256(raw).hexdigest()[:32]
        walk.say("identifier.derived", "no identifier; derived from the message's own bytes", "identifier")
    elif not _FORBIDDEN.isdisjoint(identifier):
        walk.say("identifier.characters", "blanks, commas, < and & are forbidden", "identifier")
    if not sender:
        walk.say("sender.missing", "no sender", "sender")
    elif not _FORBIDDEN.isdisjoint(sender):
        walk.say("sender.characters", "blanks, commas, < and & are forbidden", "sender")
    alert = CapAlert(
        identifier, sender, sent,
        status=_needed(own, "status", walk), msg_type=_needed(own, "msgType", walk), scope=_needed(own, "scope", walk),
        source=own.text("source"), restriction=own.text("restriction"), addresses=own.text("addresses"), code=own.all("code"),
        note=own.text("note"), references=read_references(own.text("references"), walk), incidents=own.text("incidents"),
        infos=infos, signed=signed,
    )  # fmt: skip
    _check(alert, walk)
    return alert


def _needed(own: Fields, name: str, walk: Walk) -> str:
    """Status, type or scope; a slip of case is mended, anything else leaves the message to a person."""
    text = own.text(name)
    value = text if walk.valid else one_of(name, text)
    if value is None:
        raise NotUnderstood(f"{name.lower()}.unknown", f"{name} is {text[:40]!r}; known are {', '.join(NAMES[name].values())}")
    if value != text:
        walk.say("value.case", f"{text} read as {value}", name)
    return value


def _sent(own: Fields, infos: tuple[CapInfo, ...], walk: Walk) -> datetime:
    """`sent`, or else when the information took effect."""
    sent = walk.time(own.text("sent"), "sent")
    if sent is not None:
        return sent
    for info in infos:
        for name, time in (("effective", info.effective), ("onset", info.onset)):
            if time is not None:
                walk.say("sent.derived", f"no readable time of sending; {name} taken", "sent")
                return time
    raise NotUnderstood("sent.unknown", f"sent is {own.text('sent')[:40]!r}, and nothing else tells when")


def read_references(text: str, walk: Walk) -> tuple[Reference, ...]:
    """The `sender,identifier,sent` triples; a bare identifier counts as one whose sender is not named."""
    found: list[Reference] = []
    for token in text.split():
        parts = token[: 3 * MOST_NAME].split(",")
        if len(parts) == 1 and found and token[0].isdigit() and ":" in token and token.replace(":", "").isdigit():
            continue  # the clock of a time written with a blank
        sent = walk.time(parts[2], "references") if len(parts) == 3 else None
        if len(parts) != 3 or sent is None or not all(parts):
            walk.say("references.triple", f"{token[:80]} is not sender,identifier,sent", "references")
        identifier = parts[1] if len(parts) > 1 else parts[0]
        if identifier and len(token) < 2 * MOST_NAME:
            found.append(Reference(parts[0] if len(parts) > 1 else "", identifier, sent))
    return tuple(found)


def _check(alert: CapAlert, walk: Walk) -> None:
    """What the schema cannot state (CAP 1.2, 3.2.1)."""
    if alert.msg_type != "Alert" and not alert.references:
        walk.say("references.missing", f"{alert.msg_type} must name the message it is about", "references")
    for reference in alert.references:
        if reference.identifier == alert.identifier and reference.sender in ("", alert.sender):
            walk.say("references.self", "the message refers to itself", "references")
        elif reference.sent == alert.sent:
            walk.say("references.own_time", "the reference carries the time of this message, not of the earlier one", "references")
    if alert.scope == "Restricted" and not alert.restriction:
        walk.say("restriction.missing", "scope Restricted needs a restriction", "restriction")
    if alert.scope == "Private" and not alert.addresses:
        walk.say("addresses.missing", "scope Private needs addresses", "addresses")


def _info(element: etree._Element, path: str, walk: Walk) -> CapInfo:
    own = fields(element, path, walk.found, walk.valid)
    texts, nested = own.texts, own.nested
    for name in () if walk.valid else ("category", "event", "urgency", "severity", "certainty"):
        if name not in texts:
            walk.say(f"{name.lower()}.missing", f"{name} is required", path)
    text = texts.get
    info = CapInfo(
        language=language(text("language", ""), path, walk.found),
        categories=_all_known(own, "category", path, walk),
        event=text("event", ""),
        response_types=_all_known(own, "responseType", path, walk) if "responseType" in texts else (),
        urgency=_known("urgency", text("urgency", ""), path, walk) or "Unknown",
        severity=_known("severity", text("severity", ""), path, walk) or "Unknown",
        certainty=_known("certainty", text("certainty", ""), path, walk) or "Unknown",
        audience=text("audience", ""), event_codes=pairs(own, "eventCode", path, walk.found, walk.valid),
        effective=_time(texts, "effective", path, walk), onset=_time(texts, "onset", path, walk),
        expires=_time(texts, "expires", path, walk), sender_name=text("senderName", ""),
        headline=text("headline", ""), description=text("description", ""), instruction=text("instruction", ""),
        web=text("web", "")[:_URI_LIMIT], contact=text("contact", ""), parameters=pairs(own, "parameter", path, walk.found, walk.valid),
        resources=tuple([_resource(e, f"{path}/resource[{n}]", walk) for n, e in enumerate(nested.get("resource", ()), 1)]),
        areas=tuple([_area(e, f"{path}/area[{n}]", walk) for n, e in enumerate(nested.get("area", ()), 1)]),
    )  # fmt: skip
    if info.expires is not None:
        for name, time in (("onset", info.onset), ("effective", info.effective)):
            if time is not None and info.expires < time:
                walk.say(f"expires.before_{name}", f"it expires before its {name}", path + "/expires")
    return info


def _time(texts: dict[str, str], name: str, path: str, walk: Walk) -> datetime | None:
    return walk.time(texts[name], f"{path}/{name}") if name in texts else None


def _known(name: str, text: str, path: str, walk: Walk) -> str:
    """A word of the standard, or nothing; the schema names the wrong ones, a slip of case is mended."""
    if walk.valid:
        return text
    value = one_of(name, text)
    if value is not None and value != text:
        walk.say("value.case", f"{text} read as {value}", f"{path}/{name}")
    elif value is None and text:
        walk.say("value.unknown", f"{text[:40]!r} is no {name}", f"{path}/{name}")
    return value or ""


def _all_known(own: Fields, name: str, path: str, walk: Walk) -> tuple[str, ...]:
    texts = own.all(name)
    return texts if walk.valid else tuple(filter(None, (_known(name, text, path, walk) for text in texts)))


def _area(element: etree._Element, path: str, walk: Walk) -> CapArea:
    own = fields(element, path, walk.found, walk.valid)
    texts = own.texts
    if "areaDesc" not in texts:
        walk.say("areadesc.missing", "areaDesc is required", path)
    return CapArea(
        texts.get("areaDesc", ""),
        _shapes(own, "polygon", read_polygon, path, walk) if "polygon" in texts else (),
        _shapes(own, "circle", read_circle, path, walk) if "circle" in texts else (),
        pairs(own, "geocode", path, walk.found, walk.valid),
        _decimal(own, "altitude", path, walk) if "altitude" in texts else None,
        _decimal(own, "ceiling", path, walk) if "ceiling" in texts else None,
    )


def _shapes(own: Fields, name: str, read: Callable[[str, Say], str | None], path: str, walk: Walk) -> tuple[str, ...]:
    shapes = []
    for n, text in enumerate(own.all(name), 1):
        shape = read(text, lambda code, message, n=n: walk.say(code, message, f"{path}/{name}[{n}]"))  # type: ignore[misc]
        if shape is not None:
            shapes.append(shape)
    return tuple(shapes)


def _decimal(own: Fields, name: str, path: str, walk: Walk) -> Decimal | None:
    text = own.text(name)
    digits = text.lstrip("+-").replace(".", "", 1)
    if not text:
        return None
    if len(text) > 20 or not (digits.isascii() and digits.isdigit()) or len(text) - len(text.lstrip("+-")) > 1:
        walk.say("number.form", f"{text[:40]!r} is no decimal number", f"{path}/{name}")
        return None
    return Decimal(text)


def _resource(element: etree._Element, path: str, walk: Walk) -> CapResource:
    own = fields(element, path, walk.found, walk.valid)
    size, content = own.text("size"), own.text("derefUri")
    if content and not walk.whole:
        walk.notes.append(Fault("content.in_raw", f"{len(content)} characters of derefUri stay in the raw message", path + "/derefUri"))
    return CapResource(
        own.text("resourceDesc"), own.text("mimeType"), int(size) if len(size) < 16 and size.isascii() and size.isdigit() else None,
        own.text("uri")[:_URI_LIMIT], own.text("digest"), content if walk.whole else "", len(content),
    )  # fmt: skip
