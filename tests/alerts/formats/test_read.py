"""Reading: what the schema cannot say, what is not understood, and what stays."""

from __future__ import annotations

import re

import msgspec
import pytest

from services.alerts.formats.geometry import bbox
from services.alerts.formats.model import Message, Unreadable
from services.alerts.formats.read import read_messages
from services.alerts.formats.slim import MOST_BYTES
from tests.alerts.formats.examples import HEAD, KIND, NEEDED, SQUARE, alert, area, info, message, read, unreadable, update


def test_a_correct_message_has_no_faults_and_keeps_its_bytes():
    body = alert(info(area(f"<polygon>{SQUARE}</polygon><circle>49.2,119.7 12.5</circle>")))
    item = message(body)
    assert item.faults == () and item.notes == () and item.raw == body


def test_an_unknown_urgency_becomes_unknown():
    told, faults = read(alert(info(needed=NEEDED.replace("Expected", "Soonish"))))
    assert told.infos[0].urgency == "Unknown" and set(faults) == {"schema", "value.unknown"}


def test_a_slip_of_case_is_mended():
    told, faults = read(alert(kind=KIND.replace("Actual", "actual")))
    assert told.status == "Actual" and "value.case" in faults


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (KIND.replace("Actual", "real"), "status.unknown"),
        (KIND.replace(">Alert<", ">Warning<"), "msgtype.unknown"),
        (KIND.replace("<scope>Public</scope>", ""), "scope.unknown"),
    ],
)
def test_what_the_schema_has_no_neutral_value_for_is_left_to_a_person(wrong, code):
    assert unreadable(alert(kind=wrong)).code == code


def test_a_message_without_identifier_gets_one_from_its_bytes():
    body = alert(head=HEAD.replace("<identifier>W-1</identifier>", ""))
    told, faults = read(body)
    assert told.identifier.startswith("derived-") and "identifier.derived" in faults
    assert read(body)[0].identifier == told.identifier


def test_a_message_without_sender_is_understood():
    told, faults = read(alert(head=HEAD.replace("<sender>duty@example.org</sender>", "")))
    assert told.sender == "" and "sender.missing" in faults


def test_a_message_with_neither_is_not():
    assert unreadable(alert(head="<sent>2026-01-05T08:00:00+08:00</sent>")).code == "identifier.missing"


def test_a_message_of_no_time_is_not_understood():
    assert unreadable(alert(head=HEAD.replace("2026-01-05T08:00:00+08:00", "tomorrow"))).code == "sent.unknown"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (alert(head=HEAD.replace("W-1", "W 1")), "identifier.characters"),
        (alert(head=HEAD.replace("duty@", "duty,")), "sender.characters"),
        (update(""), "references.missing"),
        (update("", "Cancel"), "references.missing"),
        (update("W-1"), "references.triple"),
        (update("duty@example.org,W-2,2026-01-05T08:00:00+08:00"), "references.self"),
        (alert(kind=KIND.replace("Public", "Restricted")), "restriction.missing"),
        (alert(kind=KIND.replace("Public", "Private")), "addresses.missing"),
        (alert(info("<headline></headline>")), "element.empty"),
        (alert(info("<onset>2026-01-05T09:00:00+08:00</onset><expires>2026-01-05T08:30:00+08:00</expires>")), "expires.before_onset"),
        (alert(info(area("<circle>49.2 119.7 12.5</circle>"))), "circle.syntax"),
        (alert(info(area("<circle>119.7,49.2 12.5</circle>"))), "circle.order"),
        (alert(info(area("<circle>190.0,149.2 12.5</circle>"))), "circle.range"),
        (alert(info(area("<polygon>49,119 49,120 50,120</polygon>"))), "polygon.open"),
        (alert(info(area("<polygon>49,119 49,120 49,119</polygon>"))), "polygon.short"),
        (alert(info(area("<polygon>190,119 49,120 50,120 190,119</polygon>"))), "polygon.range"),
        (alert(info(area("<polygon>here and there</polygon>"))), "polygon.syntax"),
        (alert(info(area("<polygon>49 119 49 120 50 120 49 119</polygon>"))), "polygon.syntax"),
        (alert(info(area("<altitude>high</altitude>"))), "number.form"),
    ],
)
def test_every_fault_the_schema_cannot_state_is_named(body, fault):
    assert fault in read(body)[1]


@pytest.mark.parametrize("odd", ["+49.0,119. 049,120 50,.12e3 +49.0,119.", "49.0,119.0\n49.0,120.0\n50.0,120.0\n49.0,119.0"])
def test_numbers_json_does_not_know_and_other_blanks_are_the_same_polygon(odd):
    told, faults = read(alert(info(area(f"<polygon>{odd}</polygon>"))))
    assert told.infos[0].areas[0].polygons == (" ".join(odd.split()),) and not faults
    assert bbox(told.infos[0].areas[0]) == (49.0, 119.0, 50.0, 120.0)


def test_an_open_polygon_is_closed_and_a_meaningless_one_left_out():
    told, _ = read(alert(info(area("<polygon>49,119 49,120 50,120</polygon><polygon>nan,nan 1_0,2 3,4 nan,nan</polygon>"))))
    assert told.infos[0].areas[0].polygons == ("49,119 49,120 50,120 49,119",)


def test_a_reference_whose_time_holds_a_blank_is_one_reference():
    told, faults = read(update("duty@example.org,W-1,2026-01-05 08:00:00"))
    assert [reference.identifier for reference in told.references] == ["W-1"] and "time.date_only" in faults


def test_a_fault_says_where():
    item = message(alert(info() + info(area() + area("<polygon>x</polygon>"))))
    assert [fault.path for fault in item.faults] == ["info[2]/area[2]/polygon[1]"]


def test_markup_inside_a_text_keeps_its_words():
    told, faults = read(alert(info("<headline>Gale <b>tonight</b></headline>")))
    assert told.infos[0].headline == "Gale tonight" and "schema" in faults


def test_a_prefix_is_as_good_as_a_default_namespace():
    body = re.sub(rb"<(/?)(\w)", rb"<\1c:\2", alert()).replace(b"xmlns=", b"xmlns:c=")
    assert b"<c:event>" in body and read(body)[1] == []


def test_a_message_escaped_inside_a_feed_is_read():
    escaped = alert().decode().replace("&", "&amp;").replace("<", "&lt;")
    reading = read_messages(f"<rss><channel><item><description>{escaped}</description></item></channel></rss>".encode())
    assert reading.form == "rss" and isinstance(reading.items[0], Message)


def test_one_broken_message_of_a_feed_spoils_only_itself():
    feed = f"<alerts>{alert().decode()}{alert(kind='').decode()}{alert().decode()}</alerts>"
    first, second, third = read_messages(feed.encode()).items
    assert isinstance(first, Message) and isinstance(third, Message)
    assert isinstance(second, Unreadable) and second.code == "status.unknown" and b"<alert" in second.raw


def test_an_empty_feed_holds_nothing_and_is_no_fault():
    assert read_messages(b'<feed xmlns="http://www.w3.org/2005/Atom"><title>none today</title></feed>').items == ()


def test_xml_that_is_no_warning_says_so():
    assert unreadable(b"<html><body>Not found</body></html>").code == "xml.no_cap"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "body.empty"),
        (b" \n\0", "body.empty"),
        (b"hello", "body.unknown"),
        (rb'{"a":"\u0000"}', "json.nul"),
        (rb'{"a":"\\u0000"}', "json.unknown"),
    ],
)
def test_what_is_neither_xml_nor_json_says_so(body, code):
    assert unreadable(body).code == code


def test_any_message_fits_an_event():
    pairs = "<parameter><valueName>n</valueName><value>%s</value></parameter>" % ("字" * 3_000) * 30
    places = area(f"<polygon>{SQUARE}</polygon>" * 3 + "<geocode><valueName>c</valueName><value>150702000000</value></geocode>" * 10) * 80
    text = f"<headline>h</headline><description>{'风' * 50_000}</description>"
    item = message(alert(info(text + pairs + places) * 5))
    assert len(msgspec.json.encode(item.alert)) <= MOST_BYTES
    assert {note.code for note in item.notes} >= {"texts.in_raw", "geometry.in_raw"} and item.alert.infos[0].headline == "h"


def test_a_name_too_long_for_a_stream_is_left_to_a_person():
    assert unreadable(alert(head=HEAD.replace("W-1", "W" * 100_000))).code == "limit.identifier"
    assert unreadable(alert(head=HEAD.replace("duty", "d" * 501))).code == "limit.identifier"


def test_thousands_of_references_fit_an_event():
    item = message(update(" ".join(f"duty@example.org,{n}{'x' * 400},2026-01-05T08:00:00+08:00" for n in range(5_000))))
    assert len(item.alert.references) == 50 and len(msgspec.json.encode(item.alert)) <= MOST_BYTES


@pytest.mark.parametrize("never", ["9999-12-31T23:59:59+08:00", "0001-01-01T00:00:00+08:00", "2026-13-01T00:00:00+08:00", "2026" * 40])
def test_an_end_outside_the_calendar_is_no_end(never):
    told, faults = read(alert(info(f"<expires>{never}</expires>")))
    assert told.infos[0].expires is None and "time.unreadable" in faults


def test_a_thousand_faults_are_told_by_the_first_ones():
    item = message(alert(info("<audience/>" * 1_000)))
    assert len(item.faults) == 50 and item.faults[-1].code == "faults.more"
