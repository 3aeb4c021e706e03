"""The stored record is a CloudEvent: it goes through the CNCF library and comes back the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import msgspec
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.envelope import Envelope, Recorded, genesis, link, opened, seal

LOG = "150000.alerts"
CHINA = timezone(timedelta(hours=8))
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


def envelope(**changes) -> Envelope:
    told = {
        "specversion": "1.0",
        "id": f"{LOG}:7",
        "source": f"urn:ortoo:{LOG}",
        "type": "testing.thing.happened.v1",
        "time": datetime(2026, 3, 1, 8, 30, 15, 123456, UTC),
        "datacontenttype": "application/json",
        "log": LOG,
        "position": 7,
        "streamid": "alert-AL-1",
        "streamversion": 3,
        "partitionkey": "alert-AL-1",
        "division": "150722",
        "visibility": "public",
        "correlationid": "I-1",
        "causationid": f"{LOG}:6",
        "commandid": "b7ad6b71-6920-5333-8448-eb211c80319c",
        "commandevents": 2,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "actor": "EMD-1",
        "role": "EMD.officer",
        "organ": "应急管理局",
        "cosigner": "EMD-2",
        "basis": "突发事件应对法 第六十四条",
        "rulepack": "china-2024@0123456789ab",
        "occurredat": datetime(2026, 3, 1, 16, 30, tzinfo=CHINA),
        "exercise": True,
        "data": msgspec.Raw('{"名":"暴雨","colour":"red","quantity":"1.50"}'.encode()),
    }
    return Envelope(**(told | changes))


def recorded(record: bytes, before: bytes = b"") -> Recorded:
    return Recorded(7, "alert-AL-1", 3, "testing.thing.happened.v1", record, link(before or genesis(LOG), record))


def test_the_cloudevents_library_reads_it_and_writes_the_same_event():
    sent = recorded(seal(envelope())).cloud_event()
    event = JSONFormat().read(None, sent)
    assert isinstance(event, CloudEvent)
    assert json.loads(JSONFormat().write(event)) == json.loads(sent)


def test_the_cloudevents_library_sees_every_attribute():
    record = recorded(seal(envelope()))
    event = JSONFormat().read(None, record.cloud_event())
    assert (event.get_specversion(), event.get_type(), event.get_source()) == ("1.0", record.type, f"urn:ortoo:{LOG}")
    assert event.get_time() == record.envelope.time
    assert event.get_data() == {"名": "暴雨", "colour": "red", "quantity": "1.50"}
    assert event.get_extension("streamversion") == 3
    assert event.get_extension("chain") == record.chain.hex()
    assert event.get_extension("exercise") is True


def test_an_event_with_only_what_must_be_there_goes_through_the_library_too():
    bare = envelope(**dict.fromkeys(("division", "correlationid", "causationid", "traceparent", "actor", "role", "organ", "cosigner")))
    sent = recorded(seal(bare)).cloud_event()
    assert json.loads(JSONFormat().write(JSONFormat().read(None, sent))) == json.loads(sent)
    assert "division" not in json.loads(sent)


def test_every_attribute_name_is_lowercase_letters_and_digits():
    names = set(json.loads(recorded(seal(envelope())).cloud_event())) - {"data"}
    assert all(name.isascii() and name.isalnum() and name == name.lower() and len(name) <= 20 for name in names), names


def test_what_is_sealed_is_read_back():
    assert recorded(seal(envelope())).envelope == envelope()


def test_offsets_are_kept_as_they_were_given():
    assert b'"occurredat":"2026-03-01T16:30:00+08:00"' in seal(envelope())
    assert recorded(seal(envelope())).envelope.occurredat.utcoffset() == timedelta(hours=8)


@given(TEXT, TEXT, st.binary(min_size=32, max_size=32))
def test_opening_a_cloud_event_gives_record_and_chain_back(basis, said, before):
    sealed = recorded(seal(envelope(basis=basis or None, data=msgspec.Raw(msgspec.json.encode({"said": said})))), before)
    assert opened(sealed.cloud_event()) == (sealed.record, sealed.chain)
    assert sha256(before + opened(sealed.cloud_event())[0]).digest() == sealed.chain


def test_a_chain_inside_the_data_does_not_confuse_opening():
    sly = msgspec.Raw(b'{"said":",\\"chain\\":\\"' + b"0" * 64 + b'\\"}"}')
    sealed = recorded(seal(envelope(data=sly)))
    assert opened(sealed.cloud_event()) == (sealed.record, sealed.chain)


@pytest.mark.parametrize("broken", [b"", b"{}", b'{"a":1}', b'{"a":1,"chain":"' + b"g" * 64 + b'"}', b'{"chain":"00"}'])
def test_what_has_no_chain_at_its_end_is_refused(broken):
    with pytest.raises(ValueError):
        opened(broken)


def test_each_log_has_a_beginning_of_its_own():
    assert genesis("150000.alerts") != genesis("150000.registry")


def test_the_chain_covers_the_envelope_and_not_only_the_data():
    assert recorded(seal(envelope())).chain != recorded(seal(envelope(actor="EMD-3"))).chain
