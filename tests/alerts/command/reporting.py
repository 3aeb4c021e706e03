"""What the tests of reports speak of: posts over the levels, a report as its sender writes it, and a room where policies and clocks run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.alerts.clocks import due
from services.alerts.deciders import DECIDERS
from services.alerts.deciders.reports.commands import CorrectReport, ReceiveReport, SubmitReport
from services.alerts.deciders.reports.report import REPORT
from services.alerts.events.incident import IncidentRegistered, IncidentType
from services.alerts.events.report import Figure, ReportKind, ReportSubmitted
from services.alerts.policies.awaited import AWAITED
from services.alerts.policies.reports import REPORTS
from shared.handling.declare import Policy, Start
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Decided
from shared.kernel.envelope import Envelope
from shared.kernel.errors import DomainError
from shared.kernel.events import family, type_of
from tests.alerts.world import DUTY, RULES, Streams, at, facts

CITY_DUTY = Signature("C.DUTY", ("EMD.duty",), "150700", 2)
REGION_DUTY = Signature("R.DUTY", ("EMD.duty",), "150000", 1)
WATER = Signature("B.WATER", ("SECT.water",), "150722", 3)
FINDER = Signature("PUBLIC", ("PUBLIC",))
CITIZEN = Signature("CIT.1", ("CIT",), "150722106", 4)
TIMER = Signature("SYS.TIMER", ("SYS",), "150722")
LINES = {
    "150722106": (("150722106", 4), ("150722", 3), ("150700", 2), ("150000", 1)),
    "150722": (("150722", 3), ("150700", 2), ("150000", 1)),
    "150700": (("150700", 2), ("150000", 1)),
    "150000": (("150000", 1),),
}
NUMBERS = {"dead": 0, "missing": 0}


def figures(said: Mapping[str, object], **reasons: str) -> tuple[Figure, ...]:
    """Figures as the edge reads them: numbers, or None with a reason."""
    return tuple(
        Figure(metric, None if value is None else Decimal(str(value)), reason=reasons.get(metric, "")) for metric, value in said.items()
    )


def submit(report: str = "RP-1", clock: str = "14:05", day: int = 18, **said: Any) -> SubmitReport:
    """A whole first report of the county's duty room to the city, of a natural disaster."""
    by = said.pop("by", DUTY)
    numbers = said.pop("numbers", NUMBERS)
    body: dict[str, Any] = {
        "kind": ReportKind.FIRST,
        "to": "150700",
        "known_at": at("13:50"),
        "type": "NAT.DAM",
        "figures": figures(numbers, **said.pop("reasons", {})),
        "line": LINES.get(by.division or "", ()),
        "over": (by.level or 3) < 3,
    }
    return SubmitReport(by=by, now=at(clock, day), report=report, **(body | said))


def submitted(command: SubmitReport | None = None, **others: Any) -> ReportSubmitted:
    """The fact that a submission is."""
    command = command or submit()
    states = {stream: others.get(stream) for stream in REPORT.handles[SubmitReport].streams(command)[1:]}
    states[f"report-{command.report}"] = others.get(f"report-{command.report}", REPORT.initial)
    (fact,) = facts(REPORT.decide(command, states, RULES))
    assert isinstance(fact, ReportSubmitted)
    return fact


def received(report: str = "RP-0", clock: str = "13:50", **said: Any) -> ReceiveReport:
    body: dict[str, Any] = {"by": FINDER, "ref": "r-1", "size": 30, "division": "150722106", "place": "150722106"}
    return ReceiveReport(**({"now": at(clock), "report": report} | body | said))


def corrected(set: Mapping[str, Any], reason: str | None = "counted again", report: str = "RP-1", clock: str = "15:00") -> CorrectReport:
    return CorrectReport(by=DUTY, now=at(clock), report=report, set=set, reason=reason)


def incident(type: IncidentType = IncidentType.DAM, **more: Any) -> IncidentRegistered:
    """INC-1 in Morin Dawa."""
    return IncidentRegistered(
        "INC-1", type, "150722", ("150722",), (), "B.DUTY", at("13:52"), **({"known_at": at("13:50"), "occurred_at": at("13:48")} | more)
    )


class Room(Streams):
    """Streams with the policies of reports and the clocks, settled after every command."""

    policies: Sequence[Policy] = (*REPORTS, *AWAITED)

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.running: dict[tuple[str, str], Start] = {}
        self.refused: list[DomainError] = []

    def do(self, command: Command) -> Decided:
        decided = self.handle(command)
        self.settle(command.now)
        return decided

    def keep(self, stream: str, *past: Any) -> None:
        """A past that others wrote."""
        self.past[stream] = [*self.past.get(stream, ()), *past]

    def settle(self, now: datetime) -> None:
        while self.seen < len(self.log):
            stream, event = self.log[self.seen]
            self.seen += 1
            envelope = self.envelope(stream, type_of(event), now)
            for change in due(event, envelope):
                if isinstance(change, Start):
                    self.running[stream, change.key] = change
                else:
                    self.running.pop((stream, change.key), None)
            for policy in self.policies:
                if family(envelope.type) in policy.listens:
                    self._follow(policy.react(event, envelope))

    def until(self, now: datetime) -> None:
        """The clock moves; what fell due by then is sent."""
        commands = {cls.__name__: cls for decider in DECIDERS for cls in decider.handles}
        for key, start in sorted(self.running.items(), key=lambda item: item[1].due_at):
            if start.due_at <= now:
                del self.running[key]
                self.do(commands[start.command](by=TIMER, now=now, **start.args))

    def facts(self, kind: type) -> list[Any]:
        return [event for _, event in self.log if isinstance(event, kind)]

    def _follow(self, commands: Iterable[Command]) -> None:
        for command in commands:
            try:
                self.handle(command)
            except DomainError as refusal:
                self.refused.append(refusal)

    def envelope(self, stream: str, kind: str, now: datetime) -> Envelope:
        about = self.deciders[stream.partition("-")[0]].about(self.state(stream))
        return Envelope(
            specversion="1.0",
            id=f"150000.alerts:{self.seen}",
            source="",
            type=kind,
            time=now,
            log="150000.alerts",
            position=self.seen,
            streamid=stream,
            streamversion=1,
            partitionkey=stream,
            division=about.division,
            visibility=about.visibility,
            correlationid=about.incident,
        )


def signed(by: Signature, **changed: Any) -> Signature:
    return replace(by, **changed)
