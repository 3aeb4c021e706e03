"""Readiness, stand-by, covers and what expires (domain 3.16; ERL-40.1, ERL-67): an expired cover or grade is no readiness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.volunteers.deciders.forces import commands as ask
from services.volunteers.deciders.forces.filing import reason
from services.volunteers.deciders.forces.state import DEREGISTERED, READY, STANDING_BY, Force
from services.volunteers.deciders.streams import force_stream, standby_stream
from services.volunteers.events import force as said
from shared.blocks.clocks import Due
from shared.kernel.decider import Decided
from shared.kernel.errors import Failure, NotFound, RuleBroken

STAND_BY = "standby"


def missing(force: Force, at: datetime) -> list[Failure]:
    """What stands against being ready at a moment; grade and cover by their dates."""
    found = []
    if not any(cover.since <= at <= cover.until for cover in force.covers):
        found.append(Failure("ERL-40.1", "no insurance holds: record or extend a policy"))
    if not any(valid.at(at) for _, _, valid in force.grades):
        found.append(Failure("force.grade", "no discipline is graded, or every grade expired: have it assessed"))
    trained = [one for one in force.members if one.trained and (one.trained_until is None or one.trained_until > at)]
    if len(trained) < len(force.members) or not force.members:
        untrained = ", ".join(one.member for one in force.members if one not in trained)[:200]
        found.append(Failure("PSER-11", f"train them first: {untrained}" if untrained else "nobody is on the roster"))
    return found


def report(command: ask.ReportReadiness, force: Force) -> Decided:
    """Kept in any case; ready is who has nothing against it."""
    if command.people < 0 or command.within_minutes < 0:
        raise RuleBroken(Failure("force.numbers", "numbers of people and minutes are not below zero", "people"))
    found = missing(force, command.now) if command.ready else []
    if command.people > len(force.members):
        here = f"the roster names {len(force.members)}: put the others on it first (UpdateRoster), or report those who are"
        found.append(Failure("force.roster", here, "people"))
    rules = tuple(dict.fromkeys(fault.rule for fault in found))
    ready = command.ready and not found and command.people > 0
    made = said.ReadinessReported(command.force, ready, command.people, command.within_minutes, rules, command.by.actor, command.now)
    told = [{"rule": fault.rule, "cure": fault.cure} for fault in found]
    return Decided([made], answer={"ready": ready, "missing": told}, flags=("A-INCOMPLETE",) if found else ())


def stand_by(command: ask.SetStandBy, states: Mapping[str, Any]) -> Decided:
    """A ready force holds itself ready; for a measure, the measure knows it."""
    own = force_stream(command.force)
    if command.until is not None and command.until <= command.now:
        raise RuleBroken(Failure("force.stand_by", "until a time to come", "until"))
    if (command.alert is None) != (command.measure is None):
        raise RuleBroken(Failure("force.stand_by", "name the warning and its measure, or neither", "measure"))
    clocks = (Due(STAND_BY, "force.stand_by", command.now, command.until),) if command.until else ()
    stood = said.ForceStoodBy(command.force, command.alert, command.measure, command.until, command.by.actor, command.now, clocks)
    facts: list[tuple[str, Any]] = [(own, stood)]
    if command.alert is not None and command.measure is not None:
        request = standby_stream(command.alert, command.measure)
        if not states[request].open:
            raise NotFound(Failure("reference", f"no stand-by is asked for by {command.measure} of {command.alert}", "measure"))
        facts.append((request, said.StandByJoined(command.alert, command.measure, command.force, command.now)))
    return Decided(facts, basis="ERL-67.1")


def end_stand_by(command: ask.EndStandBy, force: Force) -> Sequence[said.ForceStandByEnded]:
    """Ready as before."""
    given = command.reason if command.by.has("SYS") else reason(command.reason)
    stopped = (STAND_BY,) if force.clocks.runs(STAND_BY) else ()
    return [said.ForceStandByEnded(command.force, given, command.by.actor, command.now, stopped)]


def note_cover(command: ask.NoteForceCover, force: Force) -> Sequence[said.ForceCoverNoted]:
    """Once; its end runs as a clock."""
    if command.cover in force.covers or force.status == DEREGISTERED:
        return []
    due = Due(f"cover.{command.cover.policy}", "ERL-40.1", command.cover.since, command.cover.until)
    return [said.ForceCoverNoted(command.force, command.cover, command.now, (due,))]


def end_cover(command: ask.EndForceCover, force: Force) -> Sequence[said.ForceCoverEnded | said.ForceLapsed]:
    """The cover is gone; without another the force is not ready."""
    ended = next((cover for cover in force.covers if cover.policy == command.policy), None)
    if ended is None:
        return []
    key = f"cover.{command.policy}"
    return [said.ForceCoverEnded(command.force, command.policy, command.now, (key,)), *_lapse(force, "cover", ended.policy, command.now)]


def escalate(command: ask.EscalateForceClock, force: Force) -> Sequence[said.ForceLapsed | said.ForceStandByEnded]:
    """Once, when what expires was not renewed."""
    due = force.clocks.passed(command.key, command.now)
    if due is None:
        return []
    if command.key == STAND_BY:
        held = force.status == STANDING_BY
        return [said.ForceStandByEnded(command.force, "its time is over", command.by.actor, command.now, (STAND_BY,))] if held else []
    kind, _, code = command.key.partition(".")
    still = _holds_without(force, kind, code, command.now)
    return [said.ForceLapsed(command.force, kind, code, due.due_at, still, command.now, (command.key,))]


def _lapse(force: Force, kind: str, code: str, now: datetime) -> Sequence[said.ForceLapsed]:
    if force.status not in (READY, STANDING_BY) or _holds_without(force, kind, code, now):
        return []
    return [said.ForceLapsed(force.force, kind, code, now, False, now)]


def _holds_without(force: Force, kind: str, code: str, now: datetime) -> bool:
    """Whether another cover, or another grade, holds."""
    if kind == "cover":
        return any(cover.policy != code and cover.since <= now < cover.until for cover in force.covers)
    return any(discipline != code and valid.at(now) for discipline, _, valid in force.grades)
