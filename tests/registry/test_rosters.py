"""Duty rosters (PSER art. 14): day and night without a gap, taken over by the post itself, and told when it was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.registry.clocks import due
from services.registry.deciders.rosters import ROSTER, AcknowledgeHandOver, EscalateHandOver, PublishRoster, Shift
from services.registry.events.rosters import HandOverAcknowledged, HandOverMissed, RosterPublished
from services.registry.projections.rosters import duty, missed
from services.registry.service import REGISTRY
from shared.handling.declare import Start
from shared.handling.pending import Answer
from shared.kernel.commands import Signature
from shared.kernel.decider import Decided
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken
from shared.testing.spec import given
from tests.handling.desk import Desk, dry
from tests.hosts.alert_work import AlertsWork, directory

AREA = "150722"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OFFICER = Signature("B.OFF", ("EMD.officer",), AREA, 3)
TIMER = Signature("SYS.TIMER", ("SYS",), AREA)
RULES = directory().rules_for(AREA, NOON, None)
A, B, C = "B.DUTY1", "B.DUTY2", "B.DUTY3"


def hours(first, last):
    return NOON + timedelta(hours=first), NOON + timedelta(hours=last)


def publish(*posts, first=0, length=8, now=NOON, **said):
    shifts = tuple(Shift(post, *hours(first + n * length, first + (n + 1) * length)) for n, post in enumerate(posts))
    return PublishRoster(**({"by": OFFICER, "now": now, "roster": "RO-1", "division": AREA, "shifts": shifts} | said))


def published(*commands):
    past = []
    for command in commands or (publish(A, B),):
        past += ROSTER.decide(command, ROSTER.fold(past), RULES)
    return past


def take(post=A, at=NOON, shift=None):
    return AcknowledgeHandOver(by=Signature(post, ("EMD.duty",), AREA, 3), now=at, roster="RO-1", shift=shift)


def escalate(shift, at):
    return EscalateHandOver(by=TIMER, now=at, roster="RO-1", shift=shift)


FIRST, SECOND = "20260301T1200Z", "20260301T2000Z"


def test_a_roster_says_who_has_the_duty_and_until_when_it_is_taken_over():
    (fact,) = published()
    assert [(shift.shift, shift.post, shift.due_at) for shift in fact.shifts] == [
        (FIRST, A, NOON + timedelta(minutes=15)),
        (SECOND, B, NOON + timedelta(hours=8, minutes=15)),
    ]
    given(ROSTER, fact, rules=RULES).when(publish(A, B)).then()


def test_a_roster_that_comes_late_asks_for_what_is_still_to_come():
    (fact,) = published(publish(A, B, first=-12))
    assert [shift.due_at for shift in fact.shifts] == [None, NOON + timedelta(minutes=15)]


@pytest.mark.parametrize(
    ("shifts", "cure"),
    [
        ((), "at least one shift"),
        ((Shift(A, *hours(0, 8)), Shift(B, *hours(9, 16))), "nobody has the duty from 2026-03-01T20:00:00+00:00"),
        ((Shift(A, *hours(0, 8)), Shift(B, *hours(7, 16))), "both have the duty"),
        ((Shift(A, *hours(8, 0)),), "ends after it starts"),
        ((Shift("Mr Wang", *hours(0, 8)),), "never a person's name"),
        ((Shift(A, NOON.replace(tzinfo=None), NOON),), "offset"),
    ],
)
def test_duty_is_day_and_night_with_one_post_at_a_time(shifts, cure):
    refusal = given(ROSTER, rules=RULES).when(publish(shifts=shifts)).refused(RuleBroken)
    assert cure in refusal.cure


def test_a_roster_goes_on_without_a_gap_and_changes_only_what_lies_ahead():
    past = published()
    given(ROSTER, *past, rules=RULES).when(publish(C, first=17)).refused(RuleBroken, "PSER-14")
    longer = published(publish(A, B), publish(C, first=16))
    assert [shift.post for shift in ROSTER.fold(longer).shifts.values()] == [A, B, C]
    changed = published(publish(A, B), publish(C, A, first=4))
    assert [(shift.post, shift.ends) for shift in ROSTER.fold(changed).shifts.values()] == [
        (A, NOON + timedelta(hours=4)),
        (C, NOON + timedelta(hours=12)),
        (A, NOON + timedelta(hours=20)),
    ]
    given(ROSTER, *past, rules=RULES).when(publish(A, division="150721")).refused(RuleBroken, "PSER-14")


def test_the_post_itself_takes_over_once():
    past = published()
    fact = HandOverAcknowledged("RO-1", FIRST, A, NOON)
    given(ROSTER, *past, rules=RULES).when(take()).then(fact)
    given(ROSTER, *past, fact, rules=RULES).when(take()).then()
    given(ROSTER, *past, rules=RULES).when(take(B)).refused(NotAllowed, "PSER-14")


def facts(decided: Sequence[Any] | Decided) -> Sequence[Any]:
    return decided.events if isinstance(decided, Decided) else decided


def test_late_is_taken_and_marked_and_an_hour_early_is_early_enough():
    past = published()
    (late,) = facts(ROSTER.decide(take(at=NOON + timedelta(minutes=15, seconds=1)), ROSTER.fold(past), RULES))
    assert late.late
    (exact,) = facts(ROSTER.decide(take(at=NOON + timedelta(minutes=15)), ROSTER.fold(past), RULES))
    assert not exact.late
    (early,) = facts(ROSTER.decide(take(B, NOON + timedelta(hours=7)), ROSTER.fold(past), RULES))
    assert (early.shift, early.late) == (SECOND, False)
    too_early = take(B, NOON + timedelta(hours=6, minutes=59), SECOND)
    given(ROSTER, *past, rules=RULES).when(too_early).refused(RuleBroken, "PSER-14")
    given(ROSTER, *past, rules=RULES).when(take(shift="20260302T0000Z")).refused(NotFound, "reference")
    given(ROSTER, *past, rules=RULES).when(take(at=NOON + timedelta(days=3))).refused(NotFound, "reference")


def test_a_missed_take_over_is_told_once_with_who_stands_in():
    past = [*published(), HandOverAcknowledged("RO-1", FIRST, A, NOON)]
    limit = NOON + timedelta(hours=8, minutes=15)
    missed = HandOverMissed("RO-1", SECOND, B, limit, A, limit)
    given(ROSTER, *past, rules=RULES).when(escalate(SECOND, limit - timedelta(seconds=1))).then()
    given(ROSTER, *past, rules=RULES).when(escalate(SECOND, limit)).then(missed)
    given(ROSTER, *past, missed, rules=RULES).when(escalate(SECOND, limit)).then()
    given(ROSTER, *past, rules=RULES).when(escalate(FIRST, limit)).then()
    given(ROSTER, *past, rules=RULES).when(escalate("none", limit)).then()
    (late,) = facts(ROSTER.decide(take(B, limit + timedelta(minutes=1)), ROSTER.fold([*past, missed]), RULES))
    assert late.late


def test_another_post_in_a_shift_takes_over_anew():
    past = [*published(), HandOverAcknowledged("RO-1", FIRST, A, NOON), *published(publish(C, B, now=NOON))]
    given(ROSTER, *past, rules=RULES).when(take(C)).then(HandOverAcknowledged("RO-1", FIRST, C, NOON))


def test_a_roster_published_again_leaves_the_deadline_of_an_unchanged_shift():
    later = publish(A, C, now=NOON + timedelta(minutes=14))
    (first, second) = published(publish(A, B), later)[-1].shifts
    assert (first.due_at, second.post) == (NOON + timedelta(minutes=15), C)


def test_every_shift_that_is_still_to_come_has_its_deadline():
    (fact,) = published(publish(A, B, first=-12))
    assert [(one.key, one.due_at) for one in due(fact, None) if isinstance(one, Start)] == [
        ("20260301T0800Z", NOON + timedelta(minutes=15))
    ]


def test_the_timer_tells_and_the_duty_shows_it(tmp_path):
    work = AlertsWork()
    desk = Desk(tmp_path, REGISTRY, rules_for=work.rules_for, may=work.may)
    desk.now = NOON
    reader = desk.reader()
    timers = desk.timers(reader)
    for n, command in enumerate((publish(A, B), take()), 1):
        assert isinstance(desk.do(command, id=UUID(int=n)), Answer)
    dry(reader.step, timers.step, desk.writer.step)
    held = duty(reader.database.look(), AREA, NOON)
    assert [(row["post"], row["on_duty"], row["late"]) for row in held] == [(A, A, False)]
    desk.now = NOON + timedelta(hours=8, minutes=15)
    dry(reader.step, timers.step, desk.writer.step)
    assert [event.type for event in desk.events if "missed" in event.type] == ["registry.handover.missed.v1"]
    (row,) = duty(reader.database.look(), AREA, desk.now)
    assert (row["post"], row["on_duty"], row["missed_at"] is not None) == (B, A, True)
    assert [(one["division"], one["post"]) for one in missed(reader.database.look(), desk.now)] == [(AREA, B)]
    assert isinstance(desk.do(take(B, desk.now), id=UUID(int=9)), Answer)
    dry(reader.step)
    (row,) = duty(reader.database.look(), AREA, desk.now)
    assert (row["on_duty"], row["late"]) == (B, False)
    assert missed(reader.database.look(), desk.now) == []
    assert duty(reader.database.look(), AREA, NOON + timedelta(days=2)) == []
    assert duty(reader.database.look(), "150721", NOON) == []


def test_only_the_timer_says_that_a_take_over_was_missed():
    work = AlertsWork()
    with pytest.raises(NotAllowed):
        work.may("EscalateHandOver", OFFICER, (AREA,))
    with pytest.raises(NotAllowed):
        work.may("PublishRoster", replace(OFFICER, roles=("EMD.duty",)), (AREA,))
    work.may("PublishRoster", OFFICER, (AREA,))


def test_a_published_roster_names_posts_and_hours_only():
    assert set(RosterPublished.__slots__) == {"roster", "division", "organ", "shifts", "by", "at"}
