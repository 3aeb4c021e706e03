"""Broken bodies: whatever comes, the reader answers with items and never with an exception."""

from __future__ import annotations

import os
import random
import re

from services.alerts.formats.model import Message
from services.alerts.formats.read import read_messages
from services.alerts.formats.write import CannotWrite, write
from tests.alerts.formats.examples import SQUARE, alert, area, info, update
from tests.alerts.formats.test_chinese import ACTIVE, CAIYUN, CMA, LIST_12379, PLAIN, V1, V7, body
from tests.alerts.formats.test_feeds import LATER, feed
from tests.alerts.formats.test_traps import signed
from tests.alerts.formats.test_write import OWN

BODIES = int(os.environ.get("ORTOO_FUZZ", "5000"))
SEEDS = [
    alert(info(area(f"<polygon>{SQUARE}</polygon><circle>49.2,119.7 12.5</circle><altitude>3.5</altitude>"))),
    alert(info("<headline>大风</headline><expires>2026-01-06T08:00:00+08:00</expires>")),
    update("duty@example.org,W-1,2026-01-05T08:00:00+08:00 relay,W-0,2026-01-04T08:00:00Z", "Cancel"),
    signed(alert()), write(OWN), feed(OWN, LATER), b"<alerts>" + alert() + update("") + b"</alerts>",
    alert(info("<eventCode>same=SVR</eventCode>"), space=' xmlns="http://www.incident.com/cap/1.0"'),
    b'<?xml version="1.0" encoding="GBK"?>' + alert(info("<headline>大风</headline>")).decode().encode("gbk"),
    alert().decode().encode("utf-16"),
    body({"data": [CMA]}), body({"alertData": [LIST_12379]}), body({"warning": [V7]}), body({"alerts": [V1]}), body({"content": [CAIYUN]}),
    body(PLAIN), body({"warnings": {"150785": [ACTIVE]}}),
]  # fmt: skip
SPLINTERS = [
    b"<", b">", b"/>", b"&#0;", b"&x;", b"<!DOCTYPE a>",
    b"]]>", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"<?xml version='1.0' encoding='utf-16'?>", b"null",
    b"-1e999", b"99999999999999999999",
    b"[", b"{", b'"', b",", b"2569-02-29T24:61:61+99:99", b"0000-00-00", b"nan", b"\xf0\x9f\x8c\xaa", b"\xed\xa0\x80",
    b"<alert>", b"<info>", b"</info>", b"xmlns=''", b"<!--", b"-->",
    b"<![CDATA[", b"&amp;", b" ", b"1767571200", b"1e400", b"9999-12-31T23:59:59-14:00",
]  # fmt: skip
VALUES = [
    b" ", b"0", b"2569-02-29T08:00:00+07:00", b"2026-01-05", b"119,49 119,50 120,50", b"200,300 1", b"-1", b"1e400", b"nan", b"a,b,c d",
    b"\xef\xbc\x91",
    b"en_US", b"Very Likely", b"ACTUAL", b"cancel",
    b"http://[", b"null", b"[]", b"{}", b'"0502"', b"&#10;", b"&lt;alert&gt;", b"999999999999999999999999",
]  # fmt: skip


def broken(dice: random.Random) -> bytes:
    """One of the seeds, damaged: every second time only in its values and elements, so that it stays well-formed."""
    text = bytearray(dice.choice(SEEDS))
    if dice.random() < 0.5:
        return _rearranged(bytes(text), dice)
    for _ in range(dice.randint(1, 4)):
        at, length = dice.randrange(len(text) + 1), min(dice.randint(1, 40), len(text))
        match dice.randrange(7):
            case 0:
                del text[at : at + length]
            case 1:
                text[at:at] = dice.choice(SPLINTERS)
            case 2 if at < len(text):
                text[at] = dice.randrange(256)
            case 3:
                text[at:at] = text[at : at + length] * dice.randint(1, 5)
            case 4:
                other = dice.choice(SEEDS)
                text[at : at + length] = other[at : at + dice.randint(1, 200)]
            case 5:
                text[at : at + length] = dice.choice(SPLINTERS)
            case _:
                words = [b"Actual", b"Alert", b"2026", b"08:00", b"119.0", b"W-1", b"xmlns", b"Met", b"zh-CN", b"+", b"type", b"code"]
                text = text.replace(dice.choice(words), dice.choice(SPLINTERS))
    return bytes(text)


def _rearranged(text: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.randint(1, 5)):
        whole = rb"<(\w+)>[^<>]*</\1>" if dice.random() < 0.5 else rb"(?<=>)[^<>]+(?=<)"
        places = [match.span() for match in re.finditer(whole if text[:1] == b"<" else rb'(?<=":)("[^"]*"|[\d.]+|null)', text)]
        if not places:
            break
        (at, end), (start, stop) = dice.choice(places), dice.choice(places)
        text = text[:at] + dice.choice([b"", text[start:stop], text[at:end] * 2, *VALUES]) + text[end:]
    return text


def test_no_broken_body_raises_and_none_disappears():
    seen: dict[str, int] = {}
    for seed in range(BODIES):
        text = broken(random.Random(seed))
        try:
            reading = read_messages(text)
            for item in reading.items:
                if isinstance(item, Message):
                    write(item.alert)
        except CannotWrite:
            seen["not writable"] = seen.get("not writable", 0) + 1
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}: {text!r}") from error
        assert reading.items or reading.form in ("atom", "rss", "edxl-de", "json"), f"seed {seed} disappeared"
        kinds = {"read" if isinstance(item, Message) else item.code for item in reading.items}
        for kind in kinds:
            seen[kind] = seen.get(kind, 0) + 1
    assert seen.get("read", 0) > BODIES / 5 and seen.get("xml.broken", 0) > BODIES / 10, seen  # the damage is of both kinds
