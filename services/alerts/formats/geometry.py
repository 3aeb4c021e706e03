"""Polygons and circles of CAP (`lat,lon` in WGS 84): read with repair, measured, turned into numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import msgspec

from services.alerts.formats.model import CapArea
from shared.kernel.decoding import decoder

Box = tuple[float, float, float, float]
"""South, west, north, east."""
Say = Callable[[str, str], None]
"""Takes the code and the message of a fault."""

EARTH_KM = 6371.0088  # mean radius (IUGG)
_NUMBERS = re.compile(r"[-+0-9.eE,\s]*", re.ASCII)  # what `float` takes beyond this (nan, 1_000) is not for us
_PAIRS = re.compile(r"[-+0-9.eE]++,[-+0-9.eE]++(?: [-+0-9.eE]++,[-+0-9.eE]++)*+", re.ASCII)  # just as the standard writes it
_json = decoder(list[float]).decode  # reads a number in a third of the time `float` takes
_CIRCLE = re.compile(r"\s*([-+0-9.]+)\s*,\s*([-+0-9.]+)[\s,]+([-+0-9.eE]+)\s*", re.ASCII)


def read_polygon(text: str, say: Say) -> str | None:
    """The polygon, closed and in `lat,lon` order; None when it means nothing. Every repair is said."""
    numbers, well_formed = _floats(text), _PAIRS.fullmatch(text) is not None
    if not well_formed and not text.replace(",", " ").split():
        say("polygon.empty", "the polygon is empty")
        return None
    if numbers is None or len(numbers) % 2:
        say("polygon.syntax", "the polygon is no list of lat,lon pairs")
        return None
    if not well_formed and (text.count(",") * 2 != len(numbers) or len(text.split()) * 2 != len(numbers)):
        say("polygon.syntax", "pairs are not written lat,lon with a blank between them; numbers were taken in turn")
    lats, lons = numbers[0::2], numbers[1::2]
    order = _order(min(lats), max(lats), min(lons), max(lons))
    if order is None:
        say("polygon.range", "a point lies outside -90..90, -180..180")
        return None
    closed = lats[0] == lats[-1] and lons[0] == lons[-1] and len(lats) > 1
    if well_formed and closed and order == "lat,lon" and len(lats) >= 4:
        return text
    tokens = text.replace(",", " ").split()
    pairs = list(zip(tokens[0::2], tokens[1::2], strict=True))
    if order == "lon,lat":
        say("polygon.order", "points are written lon,lat; swapped")
        pairs = [(lat, lon) for lon, lat in pairs]
    if not closed:
        say("polygon.open", "the last point is not the first; closed")
        pairs.append(pairs[0])
    if len(pairs) < 4:
        say("polygon.short", "fewer than four points")
        return None
    return " ".join([f"{lat},{lon}" for lat, lon in pairs])


def read_circle(text: str, say: Say) -> str | None:
    """The circle as `lat,lon km`; None when it means nothing. Every repair is said."""
    parts = _CIRCLE.fullmatch(text)
    try:
        values = [float(part) for part in parts.groups()] if parts else []
    except ValueError:
        values = []
    if parts is None or not values or not 0 <= values[2] <= math.pi * EARTH_KM:
        say("circle.syntax", "the circle is not `lat,lon radius`")
        return None
    order = _order(values[0], values[0], values[1], values[1])
    if order is None:
        say("circle.range", "the centre lies outside -90..90, -180..180")
        return None
    lat, lon, radius = parts.groups()
    if order == "lon,lat":
        say("circle.order", "the centre is written lon,lat; swapped")
        lat, lon = lon, lat
    return f"{lat},{lon} {radius}"


def _floats(text: str) -> list[float] | None:
    """Every number of a list of points, whatever stands between them; None when there is something else."""
    if _NUMBERS.fullmatch(text) is None:
        return None
    try:
        return _json(f"[{text.replace(' ', ',')}]")
    except msgspec.DecodeError:
        pass  # +1, .5, 007 or more than one blank: no JSON, yet numbers
    try:
        return [float(token) for token in text.replace(",", " ").split()]
    except ValueError:
        return None


def _order(lat_min: float, lat_max: float, lon_min: float, lon_max: float) -> str | None:
    """Which axis comes first. Swapped points show only where the longitude is beyond 90 degrees; China's mostly is."""
    lats, lons = max(-lat_min, lat_max), max(-lon_min, lon_max)
    if lats <= 90 and lons <= 180:
        return "lat,lon"
    return "lon,lat" if lats <= 180 and lons <= 90 else None


def points(polygon: str) -> list[tuple[float, float]]:
    """The (lat, lon) points of a polygon of the model."""
    return [(float(lat), float(lon)) for lat, _, lon in (pair.partition(",") for pair in polygon.split())]


def centre(circle: str) -> tuple[float, float, float]:
    """Latitude, longitude and radius in kilometres of a circle of the model."""
    place, _, radius = circle.partition(" ")
    lat, _, lon = place.partition(",")
    return float(lat), float(lon), float(radius)


def ring(circle: str, corners: int = 64) -> list[tuple[float, float]]:
    """A circle as a closed polygon of (lat, lon) points on the sphere."""
    lat, lon, radius = centre(circle)
    angle, phi = radius / EARTH_KM, math.radians(lat)
    found = []
    for n in range(corners):
        bearing = -2 * math.pi * n / corners  # anticlockwise, as RFC 7946 wants an outer ring
        sine = math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing)
        to_lat = math.asin(max(-1.0, min(1.0, sine)))
        east = math.atan2(math.sin(bearing) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(to_lat))
        found.append((round(math.degrees(to_lat), 6), round((lon + math.degrees(east) + 540) % 360 - 180, 6)))
    return [*found, found[0]]


def _around(circle: str) -> Box:
    """The box of a circle; all longitudes where it holds a pole or crosses the 180th meridian."""
    lat, lon, radius = centre(circle)
    angle = radius / EARTH_KM
    high = math.degrees(angle)
    south, north = max(lat - high, -90.0), min(lat + high, 90.0)
    wide = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(lat)))) if south > -90 and north < 90 else 360.0
    if abs(lon) + wide > 180:
        return south, -180.0, north, 180.0
    return south, lon - wide, north, lon + wide


def bbox(area: CapArea) -> Box | None:
    """The box around all geometry of an area, withheld geometry included."""
    boxes = [] if area.withheld is None else [area.withheld.bbox]
    for polygon in area.polygons:
        numbers = _floats(polygon) or []
        lats, lons = numbers[0::2], numbers[1::2]
        boxes.append((min(lats), min(lons), max(lats), max(lons)))
    boxes += map(_around, area.circles)
    if len(boxes) < 2:
        return boxes[0] if boxes else None
    south, west, north, east = zip(*boxes, strict=True)
    return min(south), min(west), max(north), max(east)
