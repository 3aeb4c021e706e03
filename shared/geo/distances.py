"""How far divisions lie from each other, as the crow flies between the points that stand for them."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from shared.geo.divisions import Divisions

EARTH_KM = 6371.0
Point = tuple[float, float]
"""Longitude and latitude (WGS84)."""


def above(tree: Divisions, division: str) -> tuple[str, ...]:
    """The division and all above it, nearest first."""
    found: list[str] = []
    at: str | None = division
    while at is not None and (unit := tree.units.get(at)) is not None and at not in found:
        found.append(at)
        at = unit.parent
    return tuple(found)


def point_of(tree: Divisions, division: str | None) -> Point | None:
    """The point of a division; of one without a point, that of the nearest above it. None where there is none."""
    for code in above(tree, division) if division else ():
        unit = tree.units[code]
        if unit.lon is not None and unit.lat is not None:
            return float(unit.lon), float(unit.lat)
    return None


def kilometres(one: Point, other: Point) -> float:
    """Between two points."""
    (lon, lat), (lon2, lat2) = (tuple(map(radians, point)) for point in (one, other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))
