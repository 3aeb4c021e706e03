"""What must be settled before an incident is closed: kept current by policies, so that closing is decided on streams, never on a list
somebody read (domain 3.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never

import msgspec
from msgspec.structs import replace

from services.alerts.deciders.clock import escalate
from services.alerts.deciders.incidents.commands import EscalateClosureClock, OpenClosureItem, SettleClosureItem
from services.alerts.deciders.incidents.state import CLOSED, DISMISSED, RESPOND, Incident
from services.alerts.deciders.reports.figures import Book
from services.alerts.deciders.streams import closure_stream, incident_stream
from services.alerts.events.clock import ClockMissed
from services.alerts.events.closure import (
    ClosureEvent,
    ClosureItemForwarded,
    ClosureItemOpened,
    ClosureItemsCarried,
    ClosureItemSettled,
    EvaluationDue,
)
from services.alerts.events.incident import IncidentReopened
from shared.blocks.clocks import STILL, Clocks, Due
from shared.blocks.deadlines import deadline
from shared.blocks.open_items import NOTHING, OpenItems
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure

RULE = "close.checklist"
ACTIVATION, EVALUATION = "activation", "evaluation"
AFTERWARDS = "K-22"
_OF = "/"  # `order/OR-1`: in no kind and no id


class Closure(msgspec.Struct, frozen=True):
    """The items of one incident; of a merged one `into` is where they went."""

    items: OpenItems = NOTHING
    incident: str | None = None
    division: str | None = None
    visibility: str = "internal"
    into: str | None = None
    clocks: Clocks = STILL
    begun: Mapping[str, datetime] = {}  # by kind, when one of it was last opened, or told of once it was over

    def unsettled(self) -> Iterator[tuple[str, str]]:
        """The open items with their kinds, oldest first. Different parts of the system may use one id."""
        for key in self.items.unsettled():
            kind, _, item = key.partition(_OF)
            yield item, kind

    def open(self, *kinds: str) -> tuple[str, ...]:
        """The open items of these kinds."""
        return tuple(item for item, kind in self.unsettled() if kind in kinds)


def in_the_way(closure: Closure, incident: Incident, rules: Rules) -> list[Failure]:
    """One failure for each open item and for whatever is asked for and was not begun since the incident was last reopened. A secondary
    incident that nobody responded to by itself is evaluated and reported with the one it followed from."""
    asked = rules.value(RULE)
    needed = {each["kind"]: each for each in asked["needed"]}
    if incident.main is not None and ACTIVATION not in closure.begun:
        needed = {}
    passing = {*asked["carried"], *(each["kind"] for each in asked["needed"] if each["until"] == "opened")}
    still = [(item, kind) for item, kind in closure.unsettled() if kind not in passing]
    begun = {kind for kind, at in closure.begun.items() if incident.reopened is None or at > incident.reopened}
    said = [f"{item} open" for item, kind in still if kind == ACTIVATION]
    said += [f"no {each['en']}" for kind, each in needed.items() if kind not in begun]
    said += [f"{item} open" for item, kind in still if kind != ACTIVATION]
    return [Failure(RULE, cure, "incident") for cure in said]


def carried(closure: Closure, rules: Rules) -> tuple[str, ...]:
    """The open items that do not stand in the way and go on."""
    return closure.open(*rules.value(RULE)["carried"])


def untold(closure: Closure, rules: Rules, note: str) -> list[Failure]:
    """People out of their homes are nobody's oversight: who closes says who looks after them (ERL art. 76, 86)."""
    if note.strip():
        return []
    goes_on = ((item, kind) for item, kind in closure.unsettled() if kind in rules.value(RULE)["carried"])
    return [Failure(RULE, f"{kind} {item} goes on: say in `note` who looks after its people", "note") for item, kind in goes_on]


def unsure(book: Book) -> list[Failure]:
    """Figures that nobody has looked at: as long as one is in doubt, what happened is not known."""
    waiting = [(report, metric) for metric, of in book.entries.items() for report, entry in of.items() if entry.waits]
    return [Failure(RULE, f"{metric} of {report} in doubt: resolve its triage", "incident") for report, metric in sorted(waiting)]


def decide(command: OpenClosureItem | SettleClosureItem | EscalateClosureClock, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow; said twice changes nothing."""
    match command:
        case OpenClosureItem():
            return _open(command, state, rules)
        case SettleClosureItem():
            return _settle(command, state, rules)
        case EscalateClosureClock():
            closure: Closure = state
            return escalate(command, closure.clocks)
        case _:
            assert_never(command)


def _open(command: OpenClosureItem, states: Mapping[str, Any], rules: Rules) -> Decided:
    own, theirs = closure_stream(command.incident), incident_stream(command.incident)
    closure: Closure = states[own]
    incident: Incident = states[theirs]
    if closure.into is not None:
        forwarded = ClosureItemForwarded(command.incident, closure.into, command.item, command.kind, None, command.now)
        return Decided([(own, forwarded)])
    if closure.items.is_open(_key(command)):
        return Decided()
    stopped = (AFTERWARDS,) if command.kind == ACTIVATION and closure.clocks.runs(AFTERWARDS) else ()
    opened = ClosureItemOpened(
        command.incident,
        command.item,
        command.kind,
        incident.division or closure.division or command.by.division,
        command.now,
        incident.visibility if incident.incident else closure.visibility,
        stopped,
    )
    facts: list[tuple[str, Any]] = [(own, opened)]
    if incident.status in (CLOSED, DISMISSED) and command.kind not in _goes_on_after(rules):
        reason = f"{command.kind} {command.item} was opened"
        reopened = IncidentReopened(
            command.incident, reason, command.by.actor, command.now, incident.main, again(rules, incident, command.now)
        )
        facts.append((theirs, reopened))
    return Decided(facts)


def _goes_on_after(rules: Rules) -> set[str]:
    """The kinds that stand in no way while they are open, come afterwards, or are asked for because the incident is over."""
    asked = rules.value(RULE)
    return {*asked["carried"], *asked["after"], *(each["kind"] for each in asked["needed"])}


def again(rules: Rules, incident: Incident, now: datetime) -> tuple[Due, ...]:
    """An incident that goes on is acted on at once, as on its first day (K-01); what was owed then and not done still is."""
    at_once = Due(RESPOND, "K-01", now, now + rules.value("K-01.red"), now + rules.value("K-01.amber"))
    return tuple(due for due in (at_once, *incident.unmet) if not incident.clocks.runs(due.key))


def _settle(command: SettleClosureItem, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = closure_stream(command.incident)
    closure: Closure = states[own]
    incident: Incident = states[incident_stream(command.incident)]
    if closure.into is not None:
        forwarded = ClosureItemForwarded(command.incident, closure.into, command.item, command.kind, command.how, command.now)
        return Decided([(own, forwarded)])
    told_at_its_end = {each["kind"] for each in rules.value(RULE)["needed"] if each["until"] == "settled"}
    if not closure.items.is_open(_key(command)) and (command.kind not in told_at_its_end or closure.items.get(_key(command)) is not None):
        return Decided()
    owed = closure.clocks.runs(AFTERWARDS)
    met = (AFTERWARDS,) if command.kind == EVALUATION and owed else ()
    settled = ClosureItemSettled(
        command.incident,
        command.item,
        command.kind,
        command.how,
        command.now,
        met,
        closure.division or incident.division or command.by.division,
        incident.visibility if incident.incident else closure.visibility,
    )
    facts: list[tuple[str, Any]] = [(own, settled)]
    last = command.kind == ACTIVATION and closure.open(ACTIVATION) == (command.item,)
    if last and not owed and incident.main is None:
        facts.append((own, EvaluationDue(command.incident, command.now, (deadline(rules, AFTERWARDS, command.now),))))
    return Decided(facts)


def evolve(closure: Closure, event: ClosureEvent | ClockMissed) -> Closure:
    """The items after the event."""
    match event:
        case ClosureItemOpened():
            return replace(
                closure,
                items=closure.items.open(_key(event), event.kind),
                incident=event.incident,
                division=event.division,
                visibility=event.visibility,
                clocks=closure.clocks.end(event.at, *event.stopped),
                begun={**closure.begun, event.kind: event.at},
            )
        case ClosureItemSettled():
            return _settled(closure, event)
        case ClosureItemsCarried(into=into):
            items = closure.items
            for item, kind in event.items:
                items = items.settle(f"{kind}{_OF}{item}", f"carried to {into}")
            told = {"incident": event.incident, "division": event.division, "visibility": event.visibility}
            return replace(closure, **told, items=items, into=into, clocks=closure.clocks.end(event.at, *event.stopped))
        case EvaluationDue():
            return replace(closure, clocks=closure.clocks.start(*event.clocks))
        case ClockMissed(key=key):
            return replace(closure, clocks=closure.clocks.miss(key))
        case ClosureItemForwarded():
            return closure
        case _:
            assert_never(event)


def _settled(closure: Closure, event: ClosureItemSettled) -> Closure:
    key, clocks = _key(event), closure.clocks.end(event.at, *event.met)
    if closure.items.is_open(key):
        return replace(closure, items=closure.items.settle(key, event.how), clocks=clocks)
    first = {"incident": event.incident, "division": closure.division or event.division, "visibility": event.visibility}
    items = closure.items.open(key, event.kind).settle(key, event.how)
    return replace(closure, **first, items=items, clocks=clocks, begun={**closure.begun, event.kind: event.at})


def _key(said: OpenClosureItem | SettleClosureItem | ClosureItemOpened | ClosureItemSettled) -> str:
    return f"{said.kind}{_OF}{said.item}"


def about(closure: Closure) -> About:
    """As the incident."""
    return About(closure.division, closure.visibility, closure.incident)


def _with_incident(command: OpenClosureItem | SettleClosureItem) -> tuple[str, ...]:
    return closure_stream(command.incident), incident_stream(command.incident)


CLOSURE = Decider(
    category="closure",
    initial=Closure(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        OpenClosureItem: Handles(_with_incident, creates=True),
        SettleClosureItem: Handles(_with_incident, creates=True),
        EscalateClosureClock: Handles(lambda c: (closure_stream(c.incident),)),
    },
    joint=frozenset({OpenClosureItem, SettleClosureItem}),
)
