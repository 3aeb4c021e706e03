"""What real senders do to the standard: each trap is read, and named."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

import msgspec
import pytest
from lxml import etree

from services.alerts.formats.geometry import points
from services.alerts.formats.model import Message, Unreadable
from services.alerts.formats.read import read_messages
from services.alerts.formats.series import parent
from services.alerts.formats.write import write
from tests.alerts.formats.examples import CAP, HEAD, KIND, NEEDED, SQUARE, alert, area, info, message, read, update


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_polygon_in_lon_lat_order_is_swapped_and_named():
    told, faults = read(alert(info(area("<polygon>119.0,49.0 120.0,49.0 120.0,50.0 119.0,49.0</polygon>"))))
    assert told.infos[0].areas[0].polygons == (SQUARE,)
    assert faults == ["polygon.order"]


def test_a_buddhist_year_becomes_the_common_one():
    told, faults = read(alert(head=HEAD.replace("2026", "2569")))
    assert told.sent == at("2026-01-05T08:00:00+08:00") and faults == ["year.buddhist"]


def test_the_29_of_february_of_a_buddhist_year_is_a_day():
    told, faults = read(alert(head=HEAD.replace("2026-01-05", "2567-02-29")))
    assert told.sent == at("2024-02-29T08:00:00+08:00") and "year.buddhist" in faults


@pytest.mark.parametrize(
    ("reference", "by"),
    [
        ("duty@example.org,W-1,2026-01-05T08:00:00+08:00", "triple"),
        ("duty@example.org,W-1,2026-01-05T09:00:00+08:00", "sender"),  # the new message's own time
        ("relay@example.net,W-1,2026-01-05T09:00:00+08:00", "identifier"),
    ],
)
def test_an_update_finds_its_parent_when_the_reference_carries_its_own_time(reference, by):
    told, faults = read(update(reference))
    known = {"W-1": [("duty@example.org", at("2026-01-05T08:00:00+08:00"), "series-1")]}
    match = parent(told.references, lambda identifier: known.get(identifier, ()))
    assert match is not None and (match.series, match.by) == ("series-1", by)
    assert faults == ([] if by == "triple" else ["references.own_time"])


def test_a_cancel_needs_no_info():
    body = alert("<references>duty@example.org,W-0,2026-01-05T07:00:00+08:00</references>", kind=KIND.replace(">Alert<", ">Cancel<"))
    told, faults = read(body)
    assert told.msg_type == "Cancel" and told.infos == () and faults == []


def test_an_empty_polygon_beside_good_geocodes_costs_only_itself():
    code = "<geocode><valueName>CPEAS Geographic Code</valueName><value>150702000000</value></geocode>"
    told, faults = read(alert(info(area("<polygon/>" + code))))
    assert told.infos[0].areas[0].polygons == () and told.infos[0].areas[0].geocodes[0].value == "150702000000"
    assert faults == ["polygon.empty"]


def test_a_megabyte_of_audio_stays_in_the_raw_message():
    audio = base64.b64encode(b"\1\2\3" * 300_000).decode()
    resource = f"<resource><resourceDesc>Broadcast</resourceDesc><mimeType>audio/mpeg</mimeType><derefUri>{audio}</derefUri></resource>"
    body = alert(info(resource))
    item = message(body)
    (kept,) = item.alert.infos[0].resources
    assert kept.deref_uri == "" and kept.deref_size == len(audio) and item.raw == body
    assert item.faults == () and [note.code for note in item.notes] == ["content.in_raw"]
    assert len(msgspec.json.encode(item.alert)) < 2_000
    assert message(body, whole=True).alert.infos[0].resources[0].deref_uri == audio


def test_a_polygon_of_half_a_megabyte_stays_in_the_raw_message_and_leaves_box_and_digest():
    ring = " ".join(f"{40 + n % 1000 / 100:.6f},{110 + n / 4000:.6f}" for n in range(25_000)) + " 40.000000,110.000000"
    body = alert(info(area(f"<polygon>{ring}</polygon>")))
    item = message(body)
    (place,) = item.alert.infos[0].areas
    assert place.polygons == () and place.withheld is not None and place.withheld.size > 400_000
    assert place.withheld.bbox == (40.0, 110.0, 49.99, 116.24975)
    assert item.faults == () and [note.code for note in item.notes] == ["geometry.in_raw"]
    (whole,) = message(body, whole=True).alert.infos[0].areas
    assert hashlib.sha256((whole.polygons[0] + "\n").encode()).hexdigest() == place.withheld.digest


def test_a_polygon_after_the_geocode_is_still_read():
    code = "<geocode><valueName>SAME</valueName><value>006109</value></geocode>"
    told, faults = read(alert(info(area(f"{code}<polygon>{SQUARE}</polygon>"))))
    assert told.infos[0].areas[0].polygons == (SQUARE,) and len(told.infos[0].areas[0].geocodes) == 1
    assert faults == ["schema"]


def test_an_info_without_category_is_understood_and_written_as_other():
    told, faults = read(alert(info(needed=NEEDED.replace("<category>Met</category>", ""))))
    assert told.infos[0].categories == () and "category.missing" in faults and "schema" in faults
    again, none = read(write(told))
    assert again.infos[0].categories == ("Other",) and "info[1]/category=Other" in again.note and none == []


def test_a_namespace_on_the_wrapper_reaches_every_alert_in_it():
    two = alert(space="").decode() + alert(head=HEAD.replace("W-1", "W-2"), space="").decode()
    reading = read_messages(f'<alerts xmlns="{CAP}">{two}</alerts>'.encode())
    assert [item.alert.identifier for item in reading.items if isinstance(item, Message)] == ["W-1", "W-2"]
    assert all(isinstance(item, Message) and item.faults == () for item in reading.items)
    assert read_messages(reading.items[0].raw).items[0] == reading.items[0]  # its own bytes stand alone


def test_cap_inside_the_content_of_an_atom_feed_is_read():
    entry = f'<entry><id>1</id><content type="application/cap+xml">{alert().decode()}</content></entry>'
    reading = read_messages(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{entry}{entry}</feed>'.encode())
    assert reading.form == "atom" and len(reading.items) == 2
    assert all(isinstance(item, Message) and item.faults == () for item in reading.items)


def test_an_atom_entry_that_only_links_elsewhere_says_so():
    entry = '<entry><id>1</id><link rel="alternate" href="https://example.org/cap/1.xml"/></entry>'
    (item,) = read_messages(f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>'.encode()).items
    assert isinstance(item, Unreadable) and item.code == "feed.link_only" and "https://example.org/cap/1.xml" in item.reason


def test_cap_inside_edxl_de_is_read_and_what_else_it_carries_is_not_lost():
    inside = f"<xmlContent><embeddedXMLContent>{alert().decode()}</embeddedXMLContent></xmlContent>"
    body = (
        '<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"><distributionID>d</distributionID>'
        f"<contentObject>{inside}</contentObject><contentObject><nonXMLContent/></contentObject></EDXLDistribution>"
    )
    reading = read_messages(body.encode())
    first, second = reading.items
    assert reading.form == "edxl-de" and isinstance(first, Message) and first.alert.identifier == "W-1" and first.faults == ()
    assert isinstance(second, Unreadable) and second.code == "feed.no_cap"


def test_cap_1_1_is_converted():
    told, faults = read(alert(space=' xmlns="urn:oasis:names:tc:emergency:cap:1.1"'))
    assert told.identifier == "W-1" and told.infos[0].event == "Gale" and faults == ["namespace.old"]


def test_cap_1_0_is_converted_with_its_codes_and_its_very_likely():
    needed = NEEDED.replace("Likely", "Very Likely") + "<eventCode>same=SVR</eventCode>"
    body = alert(info(area("<geocode>fips6=006109</geocode>"), needed=needed), space=' xmlns="http://www.incident.com/cap/1.0"')
    body = body.replace(b"<status>", b"<password>x</password><status>")
    told, faults = read(body)
    (code,) = told.infos[0].areas[0].geocodes
    assert (code.name, code.value) == ("fips6", "006109") and told.infos[0].event_codes[0].value == "SVR"
    assert told.infos[0].certainty == "Likely" and faults[0] == "namespace.old"


def test_a_message_without_namespace_is_read():
    told, faults = read(alert(space=""))
    assert told.identifier == "W-1" and faults == ["namespace.missing"]


def signed(body: bytes, digest: str | None = None) -> bytes:
    """The message with an enveloped signature whose digest is right unless given."""
    root = etree.fromstring(body)
    digest = digest or base64.b64encode(hashlib.sha256(etree.tostring(root, method="c14n")).digest()).decode()
    signature = (
        '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#" Id="not an NCName"><SignedInfo><Reference URI=""><Transforms>'
        '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/></Transforms>'
        f'<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>{digest}</DigestValue>'
        "</Reference></SignedInfo><SignatureValue>AAAA</SignatureValue></Signature>"
    )
    return body.replace(b"</alert>", signature.encode() + b"</alert>")


def test_a_signature_is_taken_off_before_the_schema_looks_and_is_not_called_verified():
    item = message(signed(alert()))
    assert item.alert.signed and item.faults == () and [note.code for note in item.notes] == ["signature.unverified"]


def test_words_changed_after_signing_are_noticed():
    item = message(signed(alert()).replace(b"Gale", b"Calm"))
    assert item.alert.signed and [fault.code for fault in item.faults] == ["signature.digest"]


def test_a_message_indented_after_signing_is_still_what_was_signed():
    item = message(signed(alert()).replace(b"<info>", b"\n  <info>\n").replace(b"</info>", b"\n</info>\n"))
    assert item.faults == ()


@pytest.mark.parametrize(
    ("sent", "read_as", "fault"),
    [
        ("2026-01-05T08:00:00Z", "2026-01-05T08:00:00+00:00", "time.zulu"),
        ("2026-01-05T08:00:00", "2026-01-05T08:00:00+08:00", "time.zone_missing"),
        ("2026-01-05", "2026-01-05T00:00:00+08:00", "time.date_only"),
        ("2026-01-05T08:00:00+2:00", "2026-01-05T08:00:00+02:00", "time.form"),
        ("2026-01-05 08:00:00.123+0200", "2026-01-05T08:00:00+02:00", "time.form"),
        ("1026-01-05T08:00:00+08:00", "1026-01-05T08:00:00+08:00", "year.odd"),
    ],
)
def test_a_sent_of_another_form_is_read_and_named(sent, read_as, fault):
    told, faults = read(alert(head=HEAD.replace("2026-01-05T08:00:00+08:00", sent)))
    assert told.sent == at(read_as) and fault in faults


def test_an_empty_sent_is_taken_from_when_it_took_effect():
    body = alert(info("<effective>2026-01-05T07:30:00+08:00</effective>"), HEAD.replace("2026-01-05T08:00:00+08:00", ""))
    told, faults = read(body)
    assert told.sent == at("2026-01-05T07:30:00+08:00") and "sent.derived" in faults and "element.empty" in faults


def test_a_language_with_an_underscore_is_mended():
    told, faults = read(alert(info(before="<language>en_US</language>")))
    assert told.infos[0].language == "en-US" and "language.underscore" in faults


@pytest.mark.parametrize(("tag", "canonical"), [("zh-tw", "zh-TW"), ("Zh-TW", "zh-TW"), ("zh-hans-cn", "zh-Hans-CN"), ("PT", "pt")])
def test_the_case_of_a_language_is_no_fault(tag, canonical):
    told, faults = read(alert(info(before=f"<language>{tag}</language>")))
    assert told.infos[0].language == canonical and faults == []


def test_a_message_without_language_is_in_american_english():
    assert read(alert())[0].infos[0].language == "en-US"


def test_points_of_a_polygon_are_lat_lon_numbers():
    assert points(SQUARE)[0] == (49.0, 119.0)
