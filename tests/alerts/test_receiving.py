"""The short form of a received message: small, placed in the tree, and without a personal value."""

from __future__ import annotations

import pytest

from services.alerts.api.receiving import media_type, received
from services.alerts.formats.model import Message
from services.alerts.formats.read import read_messages
from services.registry.provinces import province
from shared.geo.divisions import Divisions
from shared.kernel.events import encode
from tests.alerts.formats.examples import alert, area, info

TREE = Divisions(province("150000").units)
PHONE, RESIDENT = "13800138000", "11010519491231002X"  # both from the standards' own examples


def read(*infos: str) -> Message:
    (item,) = read_messages(alert(*infos)).items
    assert isinstance(item, Message)
    return item


def test_what_names_a_person_stays_in_the_raw_bytes() -> None:
    item = read(info(f"<headline>call {PHONE}, {RESIDENT}</headline>"))
    short = received(item, "0" * 64, TREE)
    stored = encode(short)
    assert PHONE.encode() in item.raw and PHONE.encode() not in stored and RESIDENT.encode() not in stored
    assert any(each.headline == "call •••, •••" for each in short.infos)


def test_no_text_of_a_received_message_names_a_person_but_its_identifier_and_sender() -> None:
    codes = f"<geocode><valueName>{PHONE}</valueName><value>{PHONE}</value></geocode>"
    sly = info(f"<language>{PHONE}</language><category>{PHONE}</category><headline>x</headline>").replace(
        "<urgency>", f"<eventCode><valueName>{PHONE}</valueName><value>{PHONE}</value></eventCode><urgency>"
    )
    for item in (read(info(area(codes))), read(sly), read(info(area(codes)).replace("Severe", PHONE).replace("Immediate", PHONE))):
        assert PHONE.encode() in item.raw
        assert PHONE.encode() not in encode(received(item, "0" * 64, TREE))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (f"application/xml; x={PHONE}", "application/xml"),
        ("Text/XML;charset=utf-8", "text/xml"),
        (f"application/{PHONE}", "application/•••"),
        (f"call {PHONE}", ""),
        (None, ""),
    ],
)
def test_of_a_content_type_only_the_media_type_is_kept(sent: str | None, kept: str) -> None:
    assert media_type(sent) == kept


def test_a_number_that_is_no_persons_is_left_as_it_is() -> None:
    item = read(info("<headline>gauge 15072241600000 at 110105194912310021</headline>"))
    assert received(item, "0" * 64, TREE).infos[0].headline == "gauge 15072241600000 at 110105194912310021"


def test_a_message_belongs_to_the_smallest_division_that_covers_its_codes() -> None:
    def code(value: str) -> str:
        return area(f"<geocode><valueName>CPEAS Geographic Code</valueName><value>{value}</value></geocode>")

    assert received(read(info(code("150722000000"))), "", TREE).division == "150722"
    assert received(read(info(code("150722000000") + code("150721"))), "", TREE).division == "150700"
    assert received(read(info(code("999999"))), "", TREE).division is None
