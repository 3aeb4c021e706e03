"""K-53: while data of minors are held, how they are processed is audited every year (MNP art. 37; domain 2.17)."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from services.privacy.clocks import due
from services.privacy.deciders.duties.minors import EscalateMinorsClock, NoteMinorsHeld, RecordMinorsAudit
from services.privacy.events.minors import MinorsAudited, MinorsHeld
from services.privacy.policies.auditing import when_data_of_a_minor_collected_then_audit_every_year
from services.privacy.policies.collecting import when_volunteer_registered_then_hold_the_registration
from services.volunteers.events.volunteer import VolunteerRegistered
from shared.handling.declare import Start, Stop
from shared.kernel.errors import NotFound, RuleBroken
from tests.privacy.test_following import NOW, sent, told
from tests.privacy.world import DPO, RULES, SYS, Streams, collect

AUDIT = {"findings": "in order", "report": "AU-1", "reported_to": "region CAC"}
YEAR = timedelta(days=365)


@pytest.fixture
def streams() -> Streams:
    return Streams()


def test_the_row_is_that_of_the_catalogue() -> None:
    rows = tomllib.loads(Path("services/privacy/rules/retention.toml").read_text(encoding="utf-8"))["rule"]
    (row,) = [row for row in rows if row["id"] == "K-53"]
    assert (row["duration"], row["source"], row["confidence"]) == ("P365D", "MNP-37: yearly", "H")
    assert RULES.value("K-53") == YEAR


def test_the_first_minor_of_a_register_starts_the_year_and_the_next_change_nothing(streams: Streams) -> None:
    child = {"under_14": True, "guardian": "form 3", "fields": ("name",), "ref": "r-1"}
    for subject in ("P-1", "P-2"):
        ((_, fact), *_) = collect(streams, subject, **child).events
        for command in when_data_of_a_minor_collected_then_audit_every_year(fact, told()):
            streams.handle(command)
    (held,) = streams.past["minors-alerts"]
    assert isinstance(held, MinorsHeld)
    (clock,) = held.clocks
    assert (clock.key, clock.rule, clock.due_at - clock.since) == ("K-53", "K-53", RULES.value("K-53"))
    ((_, grown), *_) = collect(streams, "P-3", fields=("name",), ref="r-3").events
    assert not list(when_data_of_a_minor_collected_then_audit_every_year(grown, told()))


def test_a_volunteer_with_a_guardian_is_a_minor(streams: Streams) -> None:
    said = {"township": None, "adult": False, "languages": (), "skills": (), "organisation": None, "excluded": ()}
    where = {"person": "r-1", "division": "150722", "risk_text": 1, "notice": "register/1", "by": "V-A", "at": NOW, "fields": ("name",)}
    for guardian in (True, False):
        fact = VolunteerRegistered(volunteer="V-A", guardian=guardian, **said, **where)
        (one,) = sent(when_volunteer_registered_then_hold_the_registration(fact, told()))
        assert (one.guardian is not None) is guardian


def test_the_audit_is_whole_meets_the_clock_and_starts_the_next_year(streams: Streams) -> None:
    streams.refused(RecordMinorsAudit, DPO, NotFound, register="volunteers", **AUDIT)
    streams.do(NoteMinorsHeld, SYS, register="volunteers")
    refusal = streams.refused(RecordMinorsAudit, DPO, RuleBroken, "MNP-37", register="volunteers")
    assert [fault.field for fault in refusal.failures] == ["findings", "report", "reported_to"]
    ((_, fact),) = streams.do(RecordMinorsAudit, DPO, register="volunteers", **AUDIT, now=streams.now + YEAR / 2).events
    assert isinstance(fact, MinorsAudited) and (fact.met, fact.late) == (("K-53",), False)
    assert fact.clocks[0].due_at == streams.now + YEAR / 2 + YEAR
    assert fact.keep_until == fact.at + RULES.value("K-52")


def test_the_audit_after_the_last_minor_is_the_last_until_there_is_one_again(streams: Streams) -> None:
    streams.do(NoteMinorsHeld, SYS, register="volunteers")
    ((_, fact),) = streams.do(RecordMinorsAudit, DPO, register="volunteers", **AUDIT, none_left=True).events
    assert (fact.met, fact.clocks, fact.none_left) == (("K-53",), (), True)
    late = {"register": "volunteers", "key": "K-53", "now": streams.now + 3 * YEAR}
    assert streams.do(EscalateMinorsClock, SYS, **late).events == []
    ((_, again),) = streams.do(NoteMinorsHeld, SYS, register="volunteers", now=streams.now + 2 * YEAR).events
    assert isinstance(again, MinorsHeld) and again.clocks


def test_who_forgets_is_told_once_and_a_late_audit_says_so(streams: Streams) -> None:
    streams.do(NoteMinorsHeld, SYS, register="volunteers")
    late = {"register": "volunteers", "key": "K-53"}
    assert streams.do(EscalateMinorsClock, SYS, **late, now=streams.now + YEAR - timedelta(seconds=1)).events == []
    assert streams.types(streams.do(EscalateMinorsClock, SYS, **late, now=streams.now + YEAR)) == ["ClockMissed"]
    assert streams.do(EscalateMinorsClock, SYS, **late, now=streams.now + YEAR).events == []
    assert streams.do(NoteMinorsHeld, SYS, register="volunteers").events == [], "what is late is still owed"
    done = streams.do(RecordMinorsAudit, DPO, register="volunteers", **AUDIT, now=streams.now + 2 * YEAR)
    assert done.flags == ("A-LATE",)


def test_the_timer_hears_of_it(streams: Streams) -> None:
    ((_, held),) = streams.do(NoteMinorsHeld, SYS, register="volunteers").events
    at = replace(told(), streamid="minors-volunteers")
    (start,) = due(held, at)
    assert isinstance(start, Start)
    assert (start.key, start.command, start.args) == ("K-53", EscalateMinorsClock.__name__, {"register": "volunteers", "key": "K-53"})
    ((_, audited),) = streams.do(RecordMinorsAudit, DPO, register="volunteers", **AUDIT).events
    assert [type(one) for one in due(audited, at)] == [Stop, Start]
