"""The JSON of Chinese feeds: each shape, what the headline says, and what is assumed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.alerts.formats import hazards
from services.alerts.formats.model import Message, Named, Unreadable
from services.alerts.formats.read import read_messages
from services.alerts.formats.write import write
from tests.alerts.formats.examples import read, unreadable

CMA = {
    "id": "15070041600000_20260105080012", "headline": "呼伦贝尔市气象台发布寒潮橙色预警[Ⅱ级/严重]", "effective": "2026/01/05 08:00",
    "description": "未来24小时降温12度以上。", "longitude": 119.76, "latitude": 49.21, "type": "p0004002",
    "title": "内蒙古自治区呼伦贝尔市发布寒潮橙色预警",
}  # fmt: skip
LIST_12379 = {
    "identifier": "15072641600000_20260105081500", "headline": "新巴尔虎左旗气象台解除大雾黄色预警", "description": "雾已消散。",
    "sendTime": "2026-01-05 08:15:00",
}  # fmt: skip
V7 = {
    "id": "1010810", "sender": "海拉尔区气象台", "pubTime": "2026-01-05T08:00+08:00", "title": "海拉尔区气象台更新暴雪红色预警",
    "status": "update",
    "startTime": "2026-01-05T08:00+08:00", "endTime": "2026-01-06T08:00+08:00", "severity": "Extreme", "severityColor": "Red", "level": "",
    "type": "1004", "typeName": "暴雪", "urgency": "", "certainty": "", "text": "暴雪持续。", "related": "1010809",
}  # fmt: skip
V1 = {
    "id": "2026010508", "senderName": "满洲里市气象台", "issuedTime": "2026-01-05T08:00+08:00",
    "headline": "满洲里市气象台发布道路结冰黄色预警信号",
    "messageType": {"code": "update", "supersedes": ["2026010501"]}, "eventType": {"name": "道路结冰", "code": "1021"},
    "severity": "moderate",
    "color": {"code": "yellow"}, "effectiveTime": "2026-01-05T08:00+08:00", "expireTime": "2026-01-05T20:00+08:00",
    "description": "路面湿滑。",
    "instruction": "慢行。", "criteria": "路面温度低于0℃。", "urgency": None, "certainty": None,
}  # fmt: skip
CAIYUN = {
    "alertId": "15010241600000_20260105080000", "pubtimestamp": 1767571200, "code": "0502",
    "title": "新城区气象台发布大风黄色预警[III/较重]",
    "description": "阵风9级。", "adcode": "150102", "location": "内蒙古自治区呼和浩特市新城区", "status": "预警中",
    "source": "国家预警信息发布中心",
}  # fmt: skip
PLAIN = {"title": "通辽市气象台发布沙尘暴黄色预警[III级/较重]", "date": "2026-04-05T08:00:00", "content": "能见度小于1000米。"}
ACTIVE = {"type": "雷暴大风", "color": "蓝色", "level": "Ⅳ", "issued": "2026-01-05T00:00:00Z", "expires": None, "name": "根河市"}


def body(value: Any) -> bytes:
    return msgspec.json.encode(value)


@pytest.mark.parametrize(
    ("feed", "event", "severity", "kind", "code"),
    [
        ({"data": [CMA]}, "寒潮", "Severe", "Alert", "11B05"),
        (CMA, "寒潮", "Severe", "Alert", "11B05"),
        ({"alertData": [LIST_12379]}, "大雾", "Moderate", "Cancel", "11B17"),
        ({"code": "200", "warning": [V7]}, "暴雪", "Extreme", "Update", "11B04"),
        ({"metadata": {}, "alerts": [V1]}, "道路结冰", "Moderate", "Update", "11B21"),
        ({"status": "ok", "content": [CAIYUN]}, "大风", "Moderate", "Alert", "11B06"),
        ({"result": {"alert": {"status": "ok", "content": [CAIYUN]}}}, "大风", "Moderate", "Alert", "11B06"),
        (PLAIN, "沙尘暴", "Moderate", "Alert", "11B07"),
        ({"source": "relay", "warnings": {"150785": [ACTIVE]}}, "雷暴大风", "Minor", "Alert", None),
    ],
    ids=["cma", "cma alone", "12379", "qweather v7", "qweather v1", "caiyun", "caiyun nested", "plain", "active set"],
)
def test_every_shape_becomes_a_cap_message_that_can_be_written(feed, event, severity, kind, code):
    told, _ = read(body(feed))
    (said,) = told.infos
    assert (said.event, said.severity, told.msg_type, said.language) == (event, severity, kind, "zh-CN")
    assert [c.value for c in said.event_codes if c.name.startswith("GB/T")] == ([code] if code else [])
    assert read(write(told))[0].identifier == told.identifier


def test_what_is_not_said_is_assumed_and_listed():
    told, faults = read(body(CMA))
    (said,) = told.infos
    assert told.sent.isoformat() == "2026-01-05T08:00:00+08:00" and told.sender == "呼伦贝尔市气象台"
    assert said.expires == told.sent + timedelta(hours=24) and said.urgency == said.certainty == "Unknown"
    assert said.areas[0].geocodes == (Named("CPEAS Geographic Code", "150700000000"),) and said.areas[0].desc == "内蒙古自治区呼伦贝尔市"
    assert faults == ["expires.assumed", "area.assumed"]


def test_an_area_that_is_named_is_not_assumed():
    told, faults = read(body(CAIYUN))
    assert told.infos[0].areas[0].geocodes[0].value == "150102000000" and faults == ["expires.assumed"]


def test_an_all_clear_has_no_end_to_assume():
    told, faults = read(body(LIST_12379))
    assert told.infos[0].expires is None and told.infos[0].response_types == ("AllClear",) and "references.missing" in faults


def test_what_a_feed_supersedes_is_referred_to():
    assert [r.identifier for r in read(body({"alerts": [V1]}))[0].references] == ["2026010501"]
    assert [r.identifier for r in read(body(V7))[0].references] == ["1010809"]


def test_a_time_at_the_end_of_the_calendar_is_refused_not_added_to():
    assert unreadable(body({**PLAIN, "date": "9999-12-31T23:00:00"})).code == "sent.unknown"
    assert unreadable(body({**CAIYUN, "pubtimestamp": -(10**12)})).code == "sent.unknown"


def test_the_same_warning_of_a_feed_without_ids_gets_the_same_identifier():
    one = {"warnings": {"150785": [ACTIVE], "150784": [ACTIVE]}}
    first, second = [item.alert.identifier for item in read_messages(body(one)).items if isinstance(item, Message)]
    again = read(body({"warnings": {"150785": [{**ACTIVE}]}}))[0].identifier
    assert first == again != second


def test_each_warning_of_a_list_keeps_bytes_that_read_the_same_alone():
    reading = read_messages(body({"data": [CMA, {**CMA, "id": "15078541600000_20260105090000"}]}))
    assert len(reading.items) == 2
    for item in [*reading.items, *read_messages(body({"warnings": {"150785": [ACTIVE]}})).items]:
        assert isinstance(item, Message)
        (again,) = read_messages(item.raw).items
        assert isinstance(again, Message) and again.alert == item.alert


def test_an_element_of_no_known_shape_is_named_beside_the_good_ones():
    good, bad, worse = read_messages(body({"data": [CMA, {"x": 1}, 7]})).items
    assert isinstance(good, Message)
    assert isinstance(bad, Unreadable) and bad.code == "json.unknown" and bad.raw == b'{"x":1}'
    assert isinstance(worse, Unreadable) and worse.raw == b"7"


@pytest.mark.parametrize("text", ["{}", '{"a":1}', '{"data":"x"}', "{", '{"a":NaN}', "[1"])
def test_json_that_is_no_warning_says_so(text):
    assert unreadable(text.encode()).code in ("json.unknown", "json.broken")


def test_a_feed_with_nothing_in_force_is_no_fault():
    assert read_messages(b'{"code":"200","warning":[]}').items == () and read_messages(b'{"warnings":{}}').items == ()


@pytest.mark.parametrize("wrong", [None, [], {}, True, "", -(10**30), "\x00\ud7ff", 1.5])
@pytest.mark.parametrize("shape", [CMA, LIST_12379, V7, V1, CAIYUN, PLAIN, {"warnings": {"150785": [ACTIVE]}}])
def test_any_field_may_hold_anything(shape, wrong):
    for key in shape:
        for item in read_messages(body({**shape, key: wrong})).items:
            assert isinstance(item, Unreadable) or write(item.alert)


@pytest.mark.parametrize(
    ("text", "issuer", "kind", "hazard", "colour"),
    [
        ("扎兰屯市气象台发布雷暴大风蓝色预警[Ⅳ级/一般]", "扎兰屯市气象台", "Alert", "雷暴大风", "blue"),
        ("内蒙古预警信息发布中心发布暴雨红色预警", "内蒙古预警信息发布中心", "Alert", "暴雨", "red"),
        ("通辽市气象台继续发布高温橙色预警", "通辽市气象台", "Update", "高温", "orange"),
        ("通辽市气象台变更发布高温黄色预警", "通辽市气象台", "Update", "高温", "yellow"),
        ("通辽市气象台将高温黄色预警升级为橙色预警", "通辽市气象台", "Update", "高温", "orange"),
        ("通辽市气象台高温预警由红色降级为黄色", "通辽市气象台高温预警", "Update", "", "yellow"),
        ("通辽市气象台解除霜冻蓝色预警", "通辽市气象台", "Cancel", "霜冻", "blue"),
        ("红山区气象台更新黄色沙尘预警", "红山区气象台", "Update", "", "yellow"),
        ("Gale warning", "", "Alert", "", None),
    ],
)
def test_the_headline_says_who_what_and_which_colour(text, issuer, kind, hazard, colour):
    said = hazards.headline(text)
    assert (said.issuer, said.msg_type, said.hazard, said.colour.en if said.colour else None) == (issuer, kind, hazard, colour)


def test_the_longer_hazard_is_the_one_meant():
    assert [row.zh for row in map(hazards.by_name, ("雷暴大风", "雷雨大风", "大风", "沙尘暴", "沙尘", "道路冰雪", "强降温")) if row] == [
        "雷暴大风", "雷雨大风", "大风", "沙尘暴", "沙尘", "道路冰雪", "强降温",
    ]  # fmt: skip


def test_a_colour_only_number_leaves_the_hazard_to_the_headline():
    told, _ = read(body({**CMA, "type": "p0000003", "headline": "根河市气象台发布寒潮预警"}))
    assert told.infos[0].event == "寒潮" and told.infos[0].severity == "Moderate"


def test_an_unknown_hazard_keeps_its_name_and_is_listed():
    told, faults = read(body({**CMA, "headline": "根河市气象台发布火山灰黄色预警", "type": "p9999003"}))
    assert told.infos[0].event == "火山灰" and told.infos[0].categories == ("Met",) and "event.unknown" in faults


def test_an_unknown_colour_is_no_severity():
    told, faults = read(body({**CMA, "headline": "根河市气象台发布寒潮预警", "type": "p0004009"}))
    assert told.infos[0].severity == "Unknown" and "severity.unknown" in faults


def test_no_number_or_name_of_the_table_means_two_hazards():
    rows, colours = hazards.tables()
    for key in ("code", "qweather", "caiyun", "cma", "zh", "en"):
        values = [value for row in rows if (value := getattr(row, key))]
        assert len(values) == len(set(values)), key
    assert [colour.severity for colour in colours] == ["Minor", "Moderate", "Severe", "Extreme"]
    assert all((row.confidence == "none") == (not row.code) for row in rows)
