"""Bodies meant to hurt, and bodies whose bytes are not what they say."""

from __future__ import annotations

import time
from datetime import timedelta, timezone

import pytest

from services.alerts.formats.model import Message, Unreadable
from services.alerts.formats.read import read_messages
from services.alerts.formats.safety import Limits
from tests.alerts.formats.examples import HEAD, alert, area, info, message, read, unreadable

BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
CHINESE = alert(info("<headline>大风蓝色预警</headline>")).decode()


def test_a_billion_laughs_are_not_heard():
    body = f'<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY l0 "ha">{BOMB}]>'.encode() + alert(info("<headline>&l9;</headline>"))
    start = time.monotonic()
    assert unreadable(body).code == "xml.dtd" and time.monotonic() - start < 1


@pytest.mark.parametrize("place", ["file:///etc/hostname", "http://127.0.0.1:9/x"])
def test_an_external_entity_is_not_fetched(place):
    body = f'<!-- a --><!DOCTYPE alert [<!ENTITY x SYSTEM "{place}">]>'.encode() + alert(info("<headline>&x;</headline>"))
    assert unreadable(body).code == "xml.dtd"


def test_a_dtd_in_utf_16_is_seen_too():
    body = ('<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd">' + alert().decode()).encode("utf-16")
    assert unreadable(body).code == "xml.dtd"


def test_a_dtd_quoted_in_a_text_is_a_text():
    assert read(alert(info("<headline><![CDATA[<!DOCTYPE html>]]></headline>")))[0].infos[0].headline == "<!DOCTYPE html>"


def test_an_entity_nobody_declared_is_not_well_formed():
    assert unreadable(alert(info("<headline>a&nbsp;b</headline>"))).code == "xml.broken"


@pytest.mark.parametrize("depth", [70, 200, 300, 100_000])
def test_deep_nesting_ends_at_the_limit(depth):
    body = alert(info("<audience>" + "<a>" * depth + "</a>" * depth + "</audience>"))
    assert unreadable(body).code in ("limit.depth", "limit.elements")


@pytest.mark.parametrize("depth", [1_000, 1_000_000])
def test_deep_json_ends_at_the_limit(depth):
    assert unreadable(b"[" * depth + b"]" * depth).code in ("limit.depth", "json.unknown", "json.broken")


def test_a_body_over_the_limit_is_not_looked_at():
    item = unreadable(b"<" + b"a" * 8_000_000)
    assert item.code == "limit.size" and len(item.raw) == 8_000_001


def test_too_many_elements_are_refused_before_they_are_read(monkeypatch):
    assert unreadable(alert(info("<a/>" * 30_000))).code == "limit.elements"
    asked = []
    monkeypatch.setattr("services.alerts.formats.read.fits", asked.append)
    assert unreadable(alert(info("") * 20_000)).code == "limit.elements" and not asked, "the schema costs more than all else"
    assert unreadable(b"<alerts>" + b"<a/>" * 600_000 + b"</alerts>").code == "limit.elements"


def test_what_is_beyond_the_number_of_messages_is_named_not_dropped():
    items = read_messages(b"<alerts>" + alert() * 5 + b"</alerts>", limits=Limits(messages=3)).items
    assert [isinstance(item, Message) for item in items] == [True] * 3 + [False] * 2
    assert isinstance(items[4], Unreadable) and items[4].code == "limit.messages" and b"W-1" in items[4].raw


def test_what_is_beyond_the_time_is_named_not_dropped():
    items = read_messages(b"<alerts>" + alert() * 5 + b"</alerts>", limits=Limits(seconds=-1)).items
    assert [item.code for item in items if isinstance(item, Unreadable)] == ["limit.time"] * 5


@pytest.mark.parametrize(
    "body",
    [
        alert().replace(b"<alert ", b"<alert " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b" "),
        alert().replace(b"<alert ", b"<alert " + b" ".join(b'xmlns:a%d="u:%d"' % (n, n) for n in range(100_000)) + b" "),
        alert(info(area("<polygon>" + "49.123456,119.123456 " * 300_000 + "</polygon>"))),
        alert(info("<headline>" + "&amp;" * 1_500_000 + "</headline>")),
        b"<alerts>" + alert() * 9_000 + b"</alerts>",
        b'{"alerts": [' + b",".join([b'{"eventType":{},"issuedTime":"2026-01-05T08:00+08:00"}'] * 100_000) + b"]}",
        b"<!--" * 2_000_000,
        b"<?a " * 300_000 + b"<!DOCTYPE",
    ],
    ids=["attributes", "namespaces", "points", "references", "messages", "json", "comments", "instructions"],
)
def test_the_dearest_bodies_are_read_in_seconds(body):
    start = time.monotonic()
    assert len(body) <= 8_000_000 and read_messages(body).items
    assert time.monotonic() - start < 15  # the limit of time is 10 s between messages


@pytest.mark.parametrize("cut", [1, 20, 100, 200, 300])
def test_a_body_cut_off_is_not_well_formed(cut):
    assert unreadable(alert()[:-cut]).code == "xml.broken"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_of_any_width_is_read(encoding):
    assert read(CHINESE.encode(encoding))[0].infos[0].headline == "大风蓝色预警"


@pytest.mark.parametrize("encoding", ["GBK", "gb2312", "GB18030", "Big5"])
def test_a_declared_encoding_is_honoured(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + alert(info("<headline>大雨</headline>")).decode()
    told, faults = read(text.encode(encoding))
    assert told.infos[0].headline == "大雨" and faults == []


def test_the_transport_may_name_the_encoding():
    assert read(CHINESE.encode("gbk"), content_type="application/xml; charset=GBK")[0].infos[0].headline == "大风蓝色预警"
    assert read(CHINESE.encode(), content_type='application/cap+xml; charset="utf-8"')[1] == []


def test_utf_8_that_claims_to_be_utf_16_is_read_and_named():
    told, faults = read(f'<?xml version="1.0" encoding="utf-16"?>{CHINESE}'.encode())
    assert told.infos[0].headline == "大风蓝色预警" and faults == ["encoding.misdeclared"]


@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="Shift_JIS"?>'])
def test_bytes_that_fit_no_named_encoding_are_not_guessed(declaration):
    item = unreadable(declaration.encode() + CHINESE.encode("gbk") + (b"\xff" if "JIS" in declaration else b""))
    assert item.code == "encoding.wrong"


@pytest.mark.parametrize("encoding", ["utf-7", "rot13", "unicode_escape", "idna", "no-such"])
def test_an_encoding_that_is_none_for_texts_is_not_used(encoding):
    told, faults = read(f'<?xml version="1.0" encoding="{encoding}"?>{CHINESE}'.encode())
    assert told.infos[0].headline == "大风蓝色预警" and faults == ["encoding.misdeclared"]


def test_json_in_the_wrong_encoding_says_so():
    body = '{"title":"大风蓝色预警","content":"","date":"2026-01-05T08:00:00"}'
    assert unreadable(body.encode("gbk")).code in ("json.broken", "encoding.wrong")
    assert message(body.encode("gbk"), content_type="application/json; charset=gbk").alert.infos[0].event == "大风"


def test_blanks_before_the_declaration_are_named():
    assert read(b'\r\n <?xml version="1.0"?>' + alert())[1] == ["xml.blank"]


def test_a_zone_of_another_node_is_used_for_times_without_one():
    told, _ = read(alert(head=HEAD.replace("+08:00", "")), offset=timezone(timedelta(hours=5, minutes=30)))
    assert told.sent.isoformat() == "2026-01-05T08:00:00+05:30"
