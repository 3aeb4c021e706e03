"""What was carried of a log is read whatever else lies there."""

from __future__ import annotations

import msgspec
import pytest

from shared.handling.carried import Carried, Export
from shared.handling.healing import heal
from shared.kernel.envelope import Recorded, seal
from shared.testing.facts import all_of
from tests.handling.desk import NAME, same


class Records:
    """Records of a topic: some twice, and some of nobody's."""

    def __init__(self, *values) -> None:
        self.name, self.values = NAME, values

    def bounds(self):
        return 5, 5 + len(self.values)

    def read(self, offset, limit):
        return list(enumerate(self.values, 5))[max(0, offset - 5) : offset - 5 + limit]


def test_a_topic_is_read_by_position_whatever_lies_between(lost, monkeypatch):
    went_on, restored = lost
    monkeypatch.setattr("shared.handling.carried.CHUNK", 3)
    sent = [recorded.cloud_event() for recorded in all_of(went_on.log)]
    twice = Carried(Records(*sent[:4], b"not ours", *sent[2:6], b"{}", sent[0], *sent[6:]))
    assert [[recorded.position for recorded in batch] for batch in twice.walk(2)][:3] == [[3], [4, 3], [4, 5, 6]]
    assert heal(restored.log, twice).events == 5 and same(went_on, restored)


def test_an_export_is_read_line_by_line_from_any_place(lost, tmp_path, monkeypatch):
    went_on, restored = lost
    monkeypatch.setattr("shared.handling.carried.CHUNK", 3)
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"".join(recorded.cloud_event() + b"\n" for recorded in all_of(went_on.log)))
    assert heal(restored.log, Carried(Export(path, NAME))).events == 5 and same(went_on, restored)


@pytest.mark.parametrize("where", [0, 2, 4])
@pytest.mark.parametrize("position", [1_000, 4, 3, 2, 1])
def test_records_that_follow_from_nothing_do_not_keep_the_true_ones_away(lost, where, position):
    went_on, restored = lost
    events = all_of(went_on.log)
    record = seal(msgspec.structs.replace(events[2].envelope, id=f"{NAME}:{position}", position=position))
    unchained = Recorded(position, "item-tent", 3, events[2].type, record, bytes(32))
    carried = [recorded.cloud_event() for recorded in (*events[:where], unchained, *events[where:])]
    assert heal(restored.log, Carried(Records(*carried))).cut is None
    assert same(went_on, restored)
