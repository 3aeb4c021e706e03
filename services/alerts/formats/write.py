"""A CAP 1.2 message that passes the OASIS schema, or a refusal that says why. What is missing gets a neutral value, named in `note`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from lxml import etree
from msgspec.structs import replace

from services.alerts.formats.model import NAMESPACE, CapAlert, CapArea, CapInfo, CapResource, Fault, Named, Reference
from services.alerts.formats.schema import faults as schema_faults
from services.alerts.formats.times import write_time
from services.alerts.formats.upgrade import NS

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_URI_LETTERS = "%/:=&?~#+!$,;'@()*._-"
_SPLITTERS = re.compile(r"[\s,]")
_PLAIN: Any = {None: NAMESPACE}  # the stubs know no default namespace
UNKNOWN = "Unknown"
FILLED = "缺项按标准中性值补写 / filled with neutral values"
NO_ADDRESS = "网址无效而未写 / web addresses left out, invalid"
LEFT_OUT = "引用不全而未写 / references left out, incomplete"


class CannotWrite(ValueError):
    """The message cannot be expressed in the schema; the faults say where."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in self.faults))


def write(alert: CapAlert) -> bytes:
    """The message as UTF-8 XML. CannotWrite when even neutral values do not make it valid."""
    return etree.tostring(element(alert), encoding="UTF-8", xml_declaration=True, pretty_print=True)


def element(alert: CapAlert) -> etree._Element:
    """The message as a valid element tree. CannotWrite when even neutral values do not make it valid."""
    root = _alert(alert)
    wrong = schema_faults(root)
    if any("anyURI" in fault.message for fault in wrong):
        root = _alert(_without_addresses(alert))
        wrong = schema_faults(root)
    if wrong:
        raise CannotWrite(wrong)
    return root


def _without_addresses(alert: CapAlert) -> CapAlert:
    infos = tuple(replace(info, web="", resources=tuple(replace(one, uri="") for one in info.resources)) for info in alert.infos)
    return replace(alert, note=f"{alert.note} [{NO_ADDRESS}]".strip(), infos=infos)


def _alert(alert: CapAlert) -> etree._Element:
    filled: list[str] = []
    out = _Out(etree.Element(NS + "alert", nsmap=_PLAIN), filled)
    out.needed("identifier", alert.identifier).needed("sender", alert.sender).time("sent", alert.sent)
    out.text("status", alert.status).text("msgType", alert.msg_type).text("source", alert.source).text("scope", alert.scope)
    out.text("restriction", alert.restriction).text("addresses", alert.addresses)
    for code in alert.code:
        out.text("code", code)
    note = out.text("note", " ").last  # filled at the end, when it is known what was missing
    whole = [reference for reference in alert.references if _complete(reference)]
    out.text("references", " ".join(f"{r.sender},{r.identifier},{write_time(r.sent)}" for r in whole if r.sent is not None))
    out.text("incidents", alert.incidents)
    for n, info in enumerate(alert.infos, 1):
        _info(out.child("info", f"info[{n}]"), info)
    left = [reference.identifier for reference in alert.references if not _complete(reference)]
    parts = [alert.note, f"[{FILLED}: {', '.join(filled)}]" if filled else "", f"[{LEFT_OUT}: {' '.join(left)}]" if left else ""]
    text = clean(" ".join(filter(None, parts)))
    if text:
        note.text = text
    else:
        out.root.remove(note)
    return out.root


def _complete(reference: Reference) -> bool:
    return bool(
        reference.sent and reference.sender and not _SPLITTERS.search(reference.sender) and not _SPLITTERS.search(reference.identifier)
    )


def _info(out: _Out, info: CapInfo) -> None:
    out.text("language", info.language)
    out.each("category", info.categories or (out.fill("category", "Other"),)).needed("event", info.event)
    out.each("responseType", info.response_types).text("urgency", info.urgency).text("severity", info.severity)
    out.text("certainty", info.certainty).text("audience", info.audience).pairs("eventCode", info.event_codes)
    out.time("effective", info.effective).time("onset", info.onset).time("expires", info.expires)
    out.text("senderName", info.sender_name).text("headline", info.headline).text("description", info.description)
    out.text("instruction", info.instruction).text("web", _uri(info.web)).text("contact", info.contact)
    out.pairs("parameter", info.parameters)
    for n, resource in enumerate(info.resources, 1):
        _resource(out.child("resource", f"{out.path}/resource[{n}]"), resource)
    for n, area in enumerate(info.areas, 1):
        _area(out.child("area", f"{out.path}/area[{n}]"), area)


def _resource(out: _Out, resource: CapResource) -> None:
    out.needed("resourceDesc", resource.desc)
    out.text("mimeType", resource.mime_type or out.fill("mimeType", "application/octet-stream"))
    out.text("size", "" if resource.size is None else str(resource.size)).text("uri", _uri(resource.uri))
    out.text("derefUri", resource.deref_uri).text("digest", resource.digest)


def _area(out: _Out, area: CapArea) -> None:
    out.needed("areaDesc", area.desc).each("polygon", area.polygons).each("circle", area.circles).pairs("geocode", area.geocodes)
    out.text("altitude", "" if area.altitude is None else f"{area.altitude:f}")
    out.text("ceiling", "" if area.ceiling is None else f"{area.ceiling:f}")


def _uri(text: str) -> str:
    return quote(clean(text), safe=_URI_LETTERS)


def clean(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return _NOT_XML.sub("", text).strip()


class _Out:
    """One element being written; empty texts are left out."""

    __slots__ = ("filled", "last", "path", "root")

    def __init__(self, root: etree._Element, filled: list[str], path: str = "") -> None:
        self.root, self.filled, self.path, self.last = root, filled, path, root

    def text(self, name: str, text: str) -> _Out:
        if text:
            self.last = etree.SubElement(self.root, NS + name)
            self.last.text = clean(text)
        return self

    def needed(self, name: str, text: str) -> _Out:
        return self.text(name, clean(text) or self.fill(name, UNKNOWN))

    def each(self, name: str, texts: Iterable[str]) -> _Out:
        for text in texts:
            self.text(name, text)
        return self

    def time(self, name: str, time: datetime | None) -> _Out:
        if time is not None:
            try:
                self.text(name, write_time(time))
            except ValueError as error:
                raise CannotWrite([Fault("time.zone_missing", str(error), f"{self.path}/{name}".lstrip("/"))]) from error
        return self

    def pairs(self, name: str, pairs: Iterable[Named]) -> _Out:
        for pair in pairs:
            out = self.child(name, self.path)
            for part, text in (("valueName", pair.name), ("value", pair.value)):
                etree.SubElement(out.root, NS + part).text = clean(text)
        return self

    def child(self, name: str, path: str) -> _Out:
        return _Out(etree.SubElement(self.root, NS + name), self.filled, path)

    def fill(self, name: str, value: str) -> str:
        """Note that a required element got a neutral value."""
        self.filled.append(f"{self.path}/{name}={value}".lstrip("/"))
        return value
