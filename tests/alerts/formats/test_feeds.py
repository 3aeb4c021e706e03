"""Own warnings for others: an Atom feed our own reader takes back, and GeoJSON by its standard."""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest
from lxml import etree
from msgspec.structs import replace

from services.alerts.formats.feeds import atom, geojson
from services.alerts.formats.geometry import EARTH_KM, bbox, ring
from services.alerts.formats.model import CapArea, CapInfo, Message, Named, Unreadable, Withheld
from services.alerts.formats.read import read_messages
from tests.alerts.formats.examples import SQUARE
from tests.alerts.formats.test_write import OWN

ATOM = "{http://www.w3.org/2005/Atom}"
LATER = replace(OWN, identifier="150700-2026-002", sent=OWN.sent + timedelta(hours=1), msg_type="Alert", references=())


def feed(*alerts):
    return atom(
        alerts, "https://example.org/cap.atom", title="预警", author="呼伦贝尔市", link=lambda a: f"https://example.org/cap/{a.identifier}"
    )


def collection(*alerts, **options):
    return msgspec.json.decode(geojson(alerts, **options))


def test_a_feed_is_read_back_newest_first():
    items = read_messages(feed(OWN, LATER)).items
    assert [item.alert.identifier for item in items if isinstance(item, Message)] == [LATER.identifier, OWN.identifier]
    assert all(isinstance(item, Message) and item.faults == () for item in items)


def test_a_feed_has_what_rfc_4287_requires():
    root = etree.fromstring(feed(OWN, LATER))
    for name in ("id", "title", "updated", "author"):
        assert root.find(ATOM + name) is not None
    assert root.findtext(ATOM + "updated") == "2026-01-05T09:00:00+08:00"
    for entry in root.findall(ATOM + "entry"):
        assert [entry.find(ATOM + name) is not None for name in ("id", "title", "updated", "author")] == [True] * 4
        assert entry.xpath("*[local-name() = 'link']/@type") == ["application/cap+xml"]
    assert len({entry.findtext(ATOM + "id") for entry in root.findall(ATOM + "entry")}) == 2


def test_a_warning_that_cannot_be_written_does_not_stop_the_feed():
    first, second = read_messages(feed(replace(LATER, status="Real"), OWN)).items
    assert isinstance(first, Unreadable) and first.code == "feed.link_only" and isinstance(second, Message)


def test_a_feed_of_nothing_is_a_feed():
    assert read_messages(feed()).items == ()


def test_a_warning_without_info_is_in_the_feed_and_on_the_map():
    bare = replace(OWN, infos=())
    assert len(read_messages(feed(bare)).items) == 1
    (feature,) = collection(bare)["features"]
    assert feature["geometry"] is None and feature["properties"]["identifier"] == OWN.identifier


def test_a_polygon_is_lon_lat_closed_and_anticlockwise():
    clockwise = " ".join(reversed(SQUARE.split()))
    shapes = []
    for polygon in (SQUARE, clockwise):
        alert = replace(OWN, infos=(CapInfo(areas=(CapArea("x", (polygon,)),)),))
        (outer,) = collection(alert)["features"][0]["geometry"]["coordinates"]
        assert outer[0] == outer[-1] == [119.0, 49.0]
        assert sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(outer)) > 0
        shapes.append(sorted(outer))
    assert shapes[0] == shapes[1]


def test_a_circle_becomes_64_corners_at_its_radius_and_keeps_itself_as_property():
    corners = ring("49.2,119.7 12.5")
    assert len(corners) == 65 and corners[0] == corners[-1]
    for lat, lon in corners:
        half = math.sin(math.radians(lat - 49.2) / 2) ** 2
        half += math.cos(math.radians(lat)) * math.cos(math.radians(49.2)) * math.sin(math.radians(lon - 119.7) / 2) ** 2
        assert 2 * EARTH_KM * math.asin(math.sqrt(half)) == pytest.approx(12.5, abs=0.001)
    (feature,) = collection(OWN)["features"]
    assert feature["geometry"]["type"] == "MultiPolygon" and feature["properties"]["circles"] == ["49.2,119.7 12.5"]


def test_the_language_asked_for_is_the_one_told():
    both = replace(OWN, infos=(OWN.infos[0], replace(OWN.infos[0], language="en-GB", headline="Snowstorm")))
    assert collection(both, language="en-US")["features"][0]["properties"]["headline"] == "Snowstorm"
    assert collection(both, language="mn")["features"][0]["properties"]["headline"] == OWN.infos[0].headline


def test_geometry_kept_in_the_raw_message_leaves_its_box():
    area = CapArea("x", withheld=Withheld("0" * 64, 70_000, (40.0, 110.0, 50.0, 120.0)))
    (feature,) = collection(replace(OWN, infos=(CapInfo(areas=(area,)),)))["features"]
    assert feature["geometry"] is None and feature["properties"]["bbox"] == [110.0, 40.0, 120.0, 50.0]
    assert bbox(area) == (40.0, 110.0, 50.0, 120.0)


@pytest.mark.parametrize("circle", ["49.2,119.7 12.5", "-60,10 900", "0,0 0", "75,20 1000"])
def test_the_box_of_a_circle_touches_its_corners(circle):
    box = bbox(CapArea("x", circles=(circle,)))
    lats, lons = [lat for lat, _ in ring(circle, 720)], [lon for _, lon in ring(circle, 720)]
    assert (min(lats), min(lons), max(lats), max(lons)) == pytest.approx(box, abs=0.01)


@pytest.mark.parametrize("circle", ["89,0 200", "10,179.9 50", "-90,0 1", "10,-180 1", "0,0 20000"])
def test_a_circle_over_a_pole_or_the_180th_meridian_has_every_longitude(circle):
    box = bbox(CapArea("x", circles=(circle,)))
    assert box is not None
    south, west, north, east = box
    assert (west, east) == (-180.0, 180.0) and -90 <= south < north <= 90


def test_the_box_holds_all_shapes():
    assert bbox(OWN.infos[0].areas[0]) == (49.0, 119.0, 50.0, 120.0) and bbox(CapArea("nowhere")) is None


def test_an_area_known_by_its_code_alone_stands_at_its_point():
    coded = replace(OWN, infos=(replace(OWN.infos[0], areas=(CapArea(desc="Hailar", geocodes=(Named("GB/T 2260", "150702"),)),)),))
    (shown,) = collection(coded, place={"150702": (119.7, 49.2)}.get)["features"]
    assert shown["geometry"] == {"type": "Point", "coordinates": [119.7, 49.2]}
    (nowhere,) = collection(coded)["features"]
    assert nowhere["geometry"] is None
