"""The judge of a broken cluster is no friend of it: each kind of loss is named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.kernel.envelope import Envelope, Recorded, seal
from tests.faults.judge import answered_is_stored
from tests.faults.load import Asked
from tests.support import AUTHOR

LOG = "150000.alerts"


def stored(position: int, command: str, type: str = "alerts.alert.drafted.v1") -> Recorded:
    """One event of a command."""
    told = {
        "specversion": "1.0",
        "id": f"{LOG}:{position}",
        "source": f"urn:ortoo:{LOG}",
        "type": type,
        "time": datetime(2026, 7, 18, tzinfo=UTC),
    }
    place = {"log": LOG, "position": position, "streamid": command, "streamversion": 1, "partitionkey": command}
    return Recorded(position, command, 1, type, seal(Envelope(**told, **place, causationid=command)), bytes(32))


def answer(position: int, command: str, **changed):
    """What the client of that command is told."""
    whole = {"outcome": "accepted", "command": command, "stream": command, "version": 1, "position": position}
    return {**whole, "events": ["alerts.alert.drafted.v1"], **changed}


def asked(*answers) -> Asked:
    return Asked("key", AUTHOR, "/api/alerts/alerts", None, [*answers])


LOG_OF_TWO = [stored(1, "one"), stored(2, "two")]
AGAIN = answer(2, "two", outcome="repeated")


def test_one_answer_however_often_it_was_asked_for_is_no_fault():
    assert not [*answered_is_stored([asked(answer(1, "one")), asked(answer(2, "two"), AGAIN, AGAIN)], LOG_OF_TWO)]


@pytest.mark.parametrize(
    ("one", "log", "named"),
    [
        (asked(), LOG_OF_TWO, "never answered"),
        (asked(answer(2, "two")), LOG_OF_TWO[:1], "stored is []"),
        (asked(answer(2, "two")), [*LOG_OF_TWO, stored(3, "two")], "was answered"),
        (asked(answer(1, "two")), LOG_OF_TWO, "was answered"),
        (asked(answer(2, "two", events=["alerts.alert.approved.v1"])), LOG_OF_TWO, "was answered"),
        (asked(answer(2, "two"), answer(2, "two")), LOG_OF_TWO, "accepted twice"),
        (asked(answer(2, "two"), answer(3, "three", outcome="repeated")), LOG_OF_TWO, "was told"),
    ],
    ids=["unanswered", "lost", "doubled", "elsewhere", "changed", "accepted twice", "answered otherwise"],
)
def test_what_clients_were_told_against_what_is_stored(one, log, named):
    found = " ".join(answered_is_stored([one], log))
    assert named in found, found
