"""Warnings for others: an Atom feed with the messages inside, and GeoJSON for maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import msgspec
from lxml import etree

from services.alerts.formats.geometry import points, ring
from services.alerts.formats.model import CapAlert, CapArea, CapInfo
from services.alerts.formats.times import write_time
from services.alerts.formats.write import UNKNOWN, CannotWrite, clean, element

_ATOM = "{http://www.w3.org/2005/Atom}"
_PLAIN: Any = {None: _ATOM[1:-1]}  # the stubs know no default namespace
CAP_TYPE = "application/cap+xml"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # of a feed that holds nothing yet

Point = tuple[float, float]


def atom(
    alerts: Iterable[CapAlert], self_url: str, *, title: str, author: str, link: Callable[[CapAlert], str], language: str = "zh-CN"
) -> bytes:
    """An Atom feed (RFC 4287), newest first; each entry links to its CAP message and, where it can be written, holds it."""
    ordered = sorted(alerts, key=lambda alert: (alert.sent, alert.identifier), reverse=True)
    feed = etree.Element(_ATOM + "feed", nsmap=_PLAIN)
    _add(feed, "id", self_url)
    _add(feed, "title", title)
    _add(feed, "updated", _rfc3339(ordered[0].sent if ordered else _BEGINNING))
    _add(_add(feed, "author"), "name", author)
    _add(feed, "link").attrib.update({"rel": "self", "href": self_url, "type": "application/atom+xml"})
    for alert in ordered:
        _entry(_add(feed, "entry"), alert, _told(alert, language), link(alert))
    return etree.tostring(feed, encoding="UTF-8", xml_declaration=True)


def _entry(entry: etree._Element, alert: CapAlert, info: CapInfo, href: str) -> None:
    _add(entry, "id", f"urn:cap:{quote(alert.sender, safe='')}:{quote(alert.identifier, safe='')}")
    _add(entry, "title", info.headline or info.event or alert.identifier)
    _add(entry, "updated", _rfc3339(alert.sent))
    _add(_add(entry, "author"), "name", info.sender_name or alert.sender or UNKNOWN)
    _add(entry, "link").attrib.update({"rel": "alternate", "href": clean(href), "type": CAP_TYPE})
    if info.description:
        _add(entry, "summary", info.description)
    for term in dict.fromkeys((alert.status, alert.msg_type, *info.categories)):
        _add(entry, "category").set("term", clean(term))
    try:
        inside = element(alert)
    except CannotWrite:
        return  # the link leads to the message as it came; one warning does not stop the feed
    content = _add(entry, "content")
    content.set("type", CAP_TYPE)
    content.append(inside)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, _ATOM + name)
    child.text = None if text is None else clean(text)
    return child


def _rfc3339(time: datetime) -> str:
    return write_time(time).replace("-00:00", "Z")


def geojson(alerts: Iterable[CapAlert], language: str = "zh-CN", place: Callable[[str], Point | None] = lambda _: None) -> bytes:
    """A FeatureCollection (RFC 7946): one feature for each area of the information in the wanted language, or the first.

    An area known by its code alone is shown at `place(code)`, a (lon, lat) that stands for it; null when there is none.
    Circles become polygons of 64 corners; `circles` keeps centre and radius. Shapes across the 180th meridian are not cut.
    """
    features = [feature for alert in alerts for feature in _features(alert, _told(alert, language), place)]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _told(alert: CapAlert, language: str) -> CapInfo:
    """The information in the language, or in its main tongue, or the first, or none."""
    ranked = sorted(alert.infos, key=lambda i: (i.language.lower() != language.lower(), i.language[:2].lower() != language[:2].lower()))
    return ranked[0] if ranked else CapInfo()


def _features(alert: CapAlert, info: CapInfo, place: Callable[[str], Point | None]) -> Iterator[dict[str, Any]]:
    about = {
        "identifier": alert.identifier, "sender": alert.sender, "sent": write_time(alert.sent), "status": alert.status,
        "msgType": alert.msg_type, "language": info.language, "event": info.event, "category": info.categories, "urgency": info.urgency,
        "severity": info.severity, "certainty": info.certainty, "headline": info.headline,
        "onset": write_time(info.onset) if info.onset else None, "expires": write_time(info.expires) if info.expires else None,
    }  # fmt: skip
    for n, area in enumerate(info.areas or (CapArea(),)):
        where = {"area": area.desc, "geocode": [[code.name, code.value] for code in area.geocodes], "circles": area.circles}
        feature: dict[str, Any] = {"type": "Feature", "id": f"{alert.identifier}/{n}", "properties": {**about, **where}}
        box = area.withheld.bbox if area.withheld else None
        if box is not None:
            feature["properties"]["bbox"] = [box[1], box[0], box[3], box[2]]
        yield {**feature, "geometry": _geometry(area, place)}


def _geometry(area: CapArea, place: Callable[[str], Point | None]) -> dict[str, Any] | None:
    rings = [_outer(corners) for corners in [*map(points, area.polygons), *map(ring, area.circles)]]
    if not rings:
        known = next((point for code in area.geocodes if (point := place(code.value)) is not None), None)
        return None if known is None else {"type": "Point", "coordinates": known}
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": [rings[0]]}
    return {"type": "MultiPolygon", "coordinates": [[one] for one in rings]}


def _outer(corners: list[Point]) -> list[Point]:
    """A closed ring of (lon, lat), anticlockwise (RFC 7946, 3.1.6)."""
    around = [(lon, lat) for lat, lon in corners]
    twice_area = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(around))
    return around if twice_area >= 0 else around[::-1]
