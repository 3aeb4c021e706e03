"""The story player: sends a story's steps to a node and compares what happens with what is expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from services.client import expect
from services.client.openapi import Answer, Unfit
from services.client.script import Entry, Step, Story
from services.client.session import Session, settled

PATIENCE_S = 5.0  # how long policies and readers may take
TIMER = "SYS.TIMER"  # its steps are not sent: the clock is moved and their events expected
SELF = "VOL"  # acts for themself: the token names the volunteer or claimant


@dataclass(slots=True)
class Outcome:
    """What became of a step. Failed outweighs pending, pending outweighs shown."""

    step: Step
    faults: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        return "failed" if self.faults else "pending" if self.pending else "shown"


class Player:
    """Plays steps in order. `play` yields each outcome as soon as it is known."""

    def __init__(self, session: Session, story: Story, patience_s: float = PATIENCE_S) -> None:
        self.session, self.story, self.patience_s = session, story, patience_s
        self.types = session.published_types()
        self.happened: list[Mapping[str, Any]] = []  # since the step began, or since the last one ended

    def play(self, only: Sequence[str] = ()) -> Iterator[Outcome]:
        """Send the chosen steps; the next step's time is how far this one's consequences may take."""
        steps = [step for step in self.story.steps if step.chosen(only)]
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            outcome = Outcome(step)
            try:
                self._step(step, following.at if following else step.at, outcome)
            except Unfit as error:
                outcome.faults.append(str(error))
            yield outcome

    def _step(self, step: Step, until_at: str, outcome: Outcome) -> None:
        if step.actor == TIMER:
            self._expect_timer(step, outcome)
        elif step.do is None:
            self._shows(step, outcome)
        elif not self.session.api.knows(step.do):
            outcome.pending.append(f"no command {step.do} yet")
        else:
            self.session.drain(step.at)  # what the clock alone brings belongs to no command
            self.happened = []
            own = [self._send(step, step.do, entry, outcome) for entry in step.entries]
            self._then(step, own, until_at, outcome)

    def _send(self, step: Step, command: str, entry: Entry, outcome: Outcome) -> Answer:
        answer = self.session.command(
            command,
            entry.arguments,
            at=step.at,
            key=entry.key,
            token=self._token(entry.actor, entry.arguments, step.realm),
            cosigner=self._token(entry.cosigner, {}, step.realm) if entry.cosigner else None,
        )
        check = expect.refusal if "refused" in step.expect else expect.acceptance
        wanted = step.expect if entry.events is None else {**step.expect, "events": entry.events}
        outcome.faults += [f"{entry.key}: {fault}" for fault in check(wanted, answer)]
        outcome.told.append(expect.described(answer) if not answer.accepted else ", ".join(answer.get("events") or ["no event"]))
        return answer

    def _token(self, name: str, arguments: Mapping[str, Any], realm: str) -> str | None:
        actor = self.story.actor(name)
        if actor.role is None:
            return None
        themself = arguments.get("volunteer") or arguments.get("claimant") if actor.id == SELF else None
        return self.session.token(str(themself or actor.id), actor.role, actor.division, realm)

    def _then(self, step: Step, own: Sequence[Answer], until_at: str, outcome: Outcome) -> None:
        commands = {str(answer.get("command")) for answer in own if answer.get("command")}
        wanted, later = expect.known([*expect.counted(step.expect.get("then", ()))] * len(own), self.types)
        outcome.pending += [_later(name) for name in dict.fromkeys(later) if not expect.is_clock(name)]
        lacking = self._lacking(wanted, commands, step.at)
        self._shows(step, outcome)
        if lacking:  # not at once: what timers bring before the next step counts too
            lacking = settled(lambda: self._lacking(wanted, commands, until_at), self.patience_s)
        if lacking:
            outcome.faults.append(f"did not follow: {', '.join(lacking)}")
        if "refused" in step.expect:
            actors = {entry.actor for entry in step.entries}
            if wrote := [event["type"] for event in self.happened if event.get("actor") in actors]:
                outcome.faults.append(f"was refused and yet appended {', '.join(wrote)}")

    def _lacking(self, wanted: Sequence[str], commands: set[str], at: str) -> list[str]:
        self.happened += [event for event in self.session.drain(at) if event.get("causationid") not in commands]
        return expect.missing(wanted, (event["type"] for event in self.happened))

    def _expect_timer(self, step: Step, outcome: Outcome) -> None:
        wanted, later = expect.known(expect.counted(step.expect.get("events", ())), self.types)
        outcome.pending += [_later(name) for name in dict.fromkeys(later)]
        if lacking := settled(lambda: self._lacking(wanted, set(), step.at), self.patience_s):
            outcome.faults.append(f"the clock brought no {', '.join(lacking)}")
        outcome.told.append("the clock: " + (", ".join(wanted) or "nothing yet"))
        self._shows(step, outcome)

    def _shows(self, step: Step, outcome: Outcome) -> None:
        for name, wanted in step.shows.items():
            if self.session.api.knows(read_model(name)):
                outcome.faults += settled(partial(self._differences, step, name, wanted), self.patience_s)
            else:
                outcome.pending.append(f"no read model {name} yet")

    def _differences(self, step: Step, name: str, wanted: Mapping[str, Any]) -> list[str]:
        """Ask the query and compare; one with a key in its path is asked once per key of what is wanted."""
        operation = read_model(name)
        arguments = dict(step.entries[0].arguments) if step.read == name else {}
        keys = self.session.api.operation(operation).in_path
        if not keys:
            return self._compare(operation, arguments, wanted, step.at, name)
        asked = [(f"{name}.{key}", {**arguments, keys[0]: key}, value) for key, value in wanted.items()]
        return [fault for where, keyed, value in asked for fault in self._compare(operation, keyed, value, step.at, where)]

    def _compare(self, operation: str, arguments: Mapping[str, Any], wanted: Any, at: str, where: str) -> list[str]:
        answer = self.session.query(operation, arguments, at=at)
        return expect.differences(wanted, answer.body, where) if answer.accepted else [f"{where}: {expect.described(answer)}"]


def read_model(name: str) -> str:
    """The query of a read model: `alert_acks` is `GetAlertAcks`, `planning.needs` is `GetPlanningNeeds`."""
    return "Get" + "".join(word.capitalize() for word in name.replace(".", "_").split("_"))


def _later(name: str) -> str:
    return f"{name} belongs to a part that is not here yet"
