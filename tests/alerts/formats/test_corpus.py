"""Real messages, read from the folder named by ORTOO_CORPUS: everything valid is accepted, nothing invalid disappears."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path

import msgspec

from services.alerts.formats.model import Message
from services.alerts.formats.read import read_messages
from services.alerts.formats.schema import faults as schema_faults
from services.alerts.formats.slim import MOST_BYTES
from services.alerts.formats.write import element, write
from shared.handling.guard import COVER, masked
from tools.cap_corpus_table import files


def corpus(*kinds: str) -> list[Path]:
    """The files of the corpus; none, and a warning that is printed, where there is no corpus."""
    folder = os.environ.get("ORTOO_CORPUS")
    if not folder:
        text = f"ORTOO_CORPUS is not set: the check against real messages ({', '.join(kinds)}) did not run"
        print(text)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(text, stacklevel=2)
        return []
    found = [path for kind in kinds for path in files(Path(folder), kind)]
    assert found, f"nothing of {kinds} in {folder}"
    return found


def test_every_valid_message_is_accepted_fits_an_event_and_is_written_again():
    for path in corpus("valid"):
        for whole in (False, True):
            (item,) = read_messages(path.read_bytes(), whole=whole).items
            assert isinstance(item, Message), f"{path.name}: {item.reason}"
            assert not [fault for fault in item.faults if fault.code == "schema"], path.name
            again = read_messages(write(item.alert), whole=whole).items[0]
            assert isinstance(again, Message) and again.alert.identifier == item.alert.identifier, path.name
            assert whole or len(msgspec.json.encode(item.alert)) <= MOST_BYTES, path.name


def test_nothing_invalid_crashes_or_disappears():
    for path in corpus("invalid"):
        body = path.read_bytes()
        (item,) = read_messages(body).items
        assert item.raw == body, path.name
        if isinstance(item, Message):
            assert schema_faults(element(item.alert)) == [], path.name


def test_every_sample_of_chinese_feeds_is_understood():
    for path in corpus("cn-warnings"):
        items = read_messages(path.read_bytes()).items
        assert items and all(isinstance(item, Message) and write(item.alert) for item in items), path.name


def test_the_guard_covers_no_more_of_them_than_stands_there_digit_by_digit():
    for path in corpus("valid"):
        text = path.read_text(encoding="utf-8", errors="replace")
        plain = re.findall(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx])(?!\d)", text)
        assert masked(text).count(COVER) <= len(plain), path
