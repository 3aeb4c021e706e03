"""Writing: what is written passes the schema, reads back the same, and is read by a library that is not ours."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.alerts.formats import model as m
from services.alerts.formats.model import CapAlert, CapArea, CapInfo, CapResource, Named, Reference
from services.alerts.formats.read import read_messages
from services.alerts.formats.schema import faults as schema_faults
from services.alerts.formats.write import CannotWrite, element, write
from tests.alerts.formats.examples import SQUARE, message, read

SENT = datetime(2026, 1, 5, 8, tzinfo=timezone(timedelta(hours=8)))
OWN = CapAlert(
    "150700-2026-001", "duty@example.org", SENT, msg_type="Update",
    references=(Reference("duty@example.org", "150700-2026-000", SENT - timedelta(hours=1)),),
    infos=(
        CapInfo(
            language="zh-CN", categories=("Met", "Transport"), event="暴雪", response_types=("Prepare",), urgency="Expected",
            severity="Severe",
            certainty="Likely", event_codes=(Named("GB/T 35965.1 eventType", "11B04"),), effective=SENT, expires=SENT + timedelta(hours=12),
            headline="呼伦贝尔市发布暴雪橙色预警", description="风雪 < 12 h & 降温", web="https://example.org/a?b=雪",
            areas=(
                CapArea("海拉尔区", (SQUARE,), ("49.2,119.7 12.5",), (Named("CPEAS Geographic Code", "150702000000"),), Decimal("100")),
            ),
        ),
    ),
)  # fmt: skip

words = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=12)
names = words.map(lambda text: text.replace(",", "").replace("<", "").replace("&", "") or "n")
times = st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)).map(lambda time: time.replace(microsecond=0))
moments = st.builds(lambda time, minutes: time.replace(tzinfo=timezone(timedelta(minutes=minutes))), times, st.integers(-720, 840))
pairs = st.lists(st.builds(Named, words, words), max_size=2).map(tuple)
corners = st.tuples(st.integers(-89, 88), st.integers(-179, 178))
squares = corners.map(lambda at: "{0},{1} {0},{3} {2},{3} {0},{1}".format(*at, at[0] + 1, at[1] + 1))
areas = st.builds(
    CapArea, words, st.lists(squares, max_size=2).map(tuple), st.just(("1.5,2.5 3",)), pairs, st.none() | st.decimals(-400, 9000, places=2)
)
infos = st.builds(
    CapInfo, language=st.sampled_from(("zh-CN", "en-US", "mn")), categories=st.sampled_from(m.CATEGORIES).map(lambda one: (one,)),
    event=words,
    response_types=st.sampled_from(m.RESPONSES).map(lambda one: (one,)), urgency=st.sampled_from(m.URGENCIES),
    severity=st.sampled_from(m.SEVERITIES), certainty=st.sampled_from(m.CERTAINTIES), event_codes=pairs, effective=st.none() | moments,
    expires=st.none() | moments, headline=st.just("") | words, description=st.just("") | words, parameters=pairs,
    resources=st.lists(st.builds(CapResource, words, words, st.none() | st.integers(0, 10**9)), max_size=1).map(tuple),
    areas=st.lists(areas, max_size=2).map(tuple),
)  # fmt: skip
alerts = st.builds(
    CapAlert, names, names, moments, status=st.sampled_from(m.STATUSES), msg_type=st.sampled_from(m.MESSAGE_TYPES),
    scope=st.sampled_from(m.SCOPES), source=st.just("") | words, note=st.just("") | words, code=st.lists(words, max_size=2).map(tuple),
    references=st.lists(st.builds(Reference, names, names, moments), max_size=2).map(tuple), infos=st.lists(infos, max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(alerts)
def test_what_is_written_reads_back_the_same(alert):
    (item,) = read_messages(write(alert)).items
    assert isinstance(item, m.Message) and item.alert == alert
    assert not {"schema", "encoding.wrong", "time.form"} & {fault.code for fault in item.faults}


def test_an_own_warning_has_no_fault():
    told, faults = read(write(OWN))
    assert faults == [] and told == replace(OWN, infos=(replace(OWN.infos[0], web="https://example.org/a?b=%E9%9B%AA"),))


def test_utc_is_written_as_minus_zero():
    assert b"<sent>2026-01-05T00:00:00-00:00</sent>" in write(replace(OWN, sent=SENT.astimezone(UTC)))


def test_an_offset_with_seconds_is_written_in_utc():
    odd = timezone(timedelta(hours=8, minutes=5, seconds=43))
    assert b"<sent>2026-01-04T23:54:17-00:00</sent>" in write(replace(OWN, sent=SENT.replace(tzinfo=odd)))


def test_a_time_without_zone_cannot_be_written():
    with pytest.raises(CannotWrite) as refusal:
        write(replace(OWN, sent=SENT.replace(tzinfo=None)))
    assert [(fault.code, fault.path) for fault in refusal.value.faults] == [("time.zone_missing", "sent")]


@pytest.mark.parametrize("wrong", [{"status": "Real"}, {"msg_type": "Warning"}, {"scope": "Everybody"}])
def test_what_has_no_neutral_value_cannot_be_written_and_says_where(wrong):
    with pytest.raises(CannotWrite) as refusal:
        write(replace(OWN, **wrong))
    assert [fault.code for fault in refusal.value.faults] == ["schema"] and next(iter(wrong.values())) in str(refusal.value)


def test_what_is_missing_is_written_neutral_and_named_in_the_note():
    bare = CapAlert("X-1", "", SENT, note="seen", infos=(CapInfo(areas=(CapArea(),), resources=(CapResource(),)),))
    told, _ = read(write(bare))
    (said,) = told.infos
    assert (said.categories, said.event, said.urgency, said.areas[0].desc) == (("Other",), "Unknown", "Unknown", "Unknown")
    assert told.sender == "Unknown" and said.resources[0].mime_type == "application/octet-stream"
    assert told.note.startswith("seen [")
    for name in ("sender", "info[1]/category=Other", "info[1]/event", "info[1]/area[1]/areaDesc", "info[1]/resource[1]/mimeType"):
        assert name in told.note


def test_a_reference_that_is_no_triple_is_left_out_and_named():
    told, faults = read(write(replace(OWN, references=(Reference("a b", "X-1", SENT), Reference("a", "X-2"), OWN.references[0]))))
    assert told.references == OWN.references and "X-1 X-2" in told.note and faults == []


def test_letters_xml_forbids_do_not_get_out():
    told, faults = read(write(replace(OWN, infos=(replace(OWN.infos[0], headline="a\x00b\ud800c\x0bd\ufffe"),))))
    assert told.infos[0].headline == "abcd" and faults == []


def test_markup_in_a_text_stays_text():
    text = "</headline><identifier>X</identifier> &amp; ]]>"
    assert read(write(replace(OWN, infos=(replace(OWN.infos[0], headline=text),))))[0].infos[0].headline == text


@pytest.mark.parametrize("web", ["http://[::1", "http://a:b:c/", "a#b#c", "%zz", "http://x/ y", ":", "风", "x" * 5_000])
def test_an_address_that_is_none_does_not_stop_a_warning(web):
    told, faults = read(write(replace(OWN, infos=(replace(OWN.infos[0], web=web),))))
    assert faults == [] and (told.infos[0].web or "web addresses left out" in told.note)


def test_elements_stand_in_the_order_of_the_schema():
    assert schema_faults(element(OWN)) == []


def test_an_independent_reader_reads_what_is_written():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from capparselib.parsers import CAPParser

        (read_there,) = CAPParser(write(OWN).decode().split("?>", 1)[1]).as_dict()
    (said,) = read_there["cap_info"]
    assert read_there["cap_id"] == OWN.identifier and read_there["cap_sender"] == OWN.sender
    assert said["cap_headline"] == OWN.infos[0].headline and said["cap_description"] == OWN.infos[0].description
    assert said["cap_area"][0]["area_description"] == "海拉尔区" and str(said["cap_area"][0]["polygons"][0]) == SQUARE


def test_a_message_read_whole_can_be_written_whole():
    big = replace(OWN.infos[0], resources=(CapResource("r", "audio/mpeg", 3, "", "", "QUJD" * 30_000, 120_000),))
    body = write(replace(OWN, infos=(big,)))
    assert message(body).alert.infos[0].resources[0].deref_uri == ""
    assert message(body, whole=True).alert.infos[0].resources == big.resources
