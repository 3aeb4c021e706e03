"""The story's steps of the alerts service, through deciders, policies and clocks alone."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import yaml

from services.alerts.clocks import DUE_FAMILIES, due
from services.alerts.deciders import DECIDERS
from services.alerts.deciders.warnings.message import ImportAlert
from services.alerts.deciders.warnings.quarantine import QuarantineImport
from services.alerts.events.message import ReceivedMessage
from services.alerts.formats.model import Message
from services.alerts.formats.read import read_messages
from services.alerts.observations.monitor import Monitor
from services.alerts.observations.readings import Reading, check
from services.alerts.observations.store import ObservationStore
from services.alerts.policies import POLICIES
from shared.handling.declare import Start
from shared.handling.pending import Answer, Pending
from shared.kernel.commands import Signature
from shared.kernel.decider import Decided
from shared.kernel.envelope import Envelope
from shared.kernel.errors import DomainError, NotAllowed, RuleBroken
from shared.kernel.events import family, is_guard, registered, type_of
from shared.sql.sqlite import File
from tests.alerts.world import ROOT, RULES, Streams

STORY = yaml.safe_load((ROOT / "stories/hulunbuir-2021.yaml").read_text(encoding="utf-8"))
COMMANDS = {cls.__name__: cls for decider in DECIDERS for cls in decider.handles}
MISSING = {"volunteers.force.stand_by_requested.v1"}  # another service's answer
OURS = [
    step
    for step in STORY["steps"]
    if step["id"].startswith("alert-") or step["id"] in {"dam-01", "dam-02", "dam-07", "dam-08", "dam-10", "dam-11", "end-03", "end-04"}
]
LEVELS = {division["code"]: int(division["level"][1:]) for division in STORY["divisions"]}
ACTORS = {actor["id"]: actor for actor in STORY["actors"]}


class Node:
    """Streams, policies and due table, one step of the story at a time."""

    def __init__(self, store: ObservationStore) -> None:
        self.streams, self.store = Streams(), store
        self.seen = 0
        self.due: dict[tuple[str, str], Start] = {}
        self.now = datetime.fromisoformat("2021-07-17T08:00:00+08:00")
        self.monitor = Monitor(store, lambda division, now, pack: RULES, self._submit, lambda: self.now)  # type: ignore[arg-type,return-value]

    def types(self, since: int = 0) -> list[str]:
        return [type_of(event) for _, event in self.streams.log[since:]]

    def _submit(self, pending: Pending) -> None:
        self.streams.handle(pending.command)
        pending.done(Answer(command="", position=0))

    def settle(self) -> None:
        """Policies, clocks and the monitor, until nothing follows."""
        while True:
            while self.monitor.step():
                pass
            if self.seen == len(self.streams.log):
                return
            stream, event = self.streams.log[self.seen]
            self.seen += 1
            at = self._envelope(stream, type_of(event))
            for change in due(event, at):
                if isinstance(change, Start):
                    self.due[stream, change.key] = change
                else:
                    prefix = change.key.rstrip("*")
                    self.due = {k: v for k, v in self.due.items() if k[0] != stream or not k[1].startswith(prefix)}
            for policy in POLICIES:
                if family(at.type) in policy.listens:
                    for command in policy.react(event, at):
                        self.streams.handle(command)

    def until(self, now: datetime) -> None:
        """The clock moves; what fell due by then is sent."""
        self.now = now
        for (stream, key), start in sorted(self.due.items(), key=lambda item: item[1].due_at):
            if start.due_at <= now and self.due.pop((stream, key), None):
                by = Signature("SYS.TIMER", ("SYS",), "150722")
                self.streams.handle(COMMANDS[start.command](by=by, now=now, **start.args))
        self.settle()

    def _envelope(self, stream: str, kind: str) -> Envelope:
        about = self.streams.deciders[stream.partition("-")[0]].about(self.streams.state(stream))
        return Envelope(
            specversion="1.0",
            id=f"150000.alerts:{self.seen}",
            source="",
            type=kind,
            time=self.now,
            log="150000.alerts",
            position=self.seen,
            streamid=stream,
            streamversion=1,
            partitionkey=stream,
            division=about.division,
        )

    def do(self, name: str, by: Signature, cosigner: Signature | None, named: dict[str, Any]) -> Decided:
        """One command as the edge would make it."""
        signed = {"by": by, "now": self.now, "cosigner": cosigner}
        if name == "IngestObservation":
            reading = Reading(
                named["station"],
                named["property"],
                self.now,
                Decimal(named["hours"]),
                Decimal(named["mm"]),
                named["observation"],
                by.division,
            )
            assert check([reading], self.now) == []
            self.store.add([reading], self.now)
            return Decided()
        if name == "ImportAlert":
            return self.streams.handle(self._import(named["raw"].encode(), signed))
        fields = {field: hint for field, hint in COMMANDS[name].__annotations__.items()}
        assert set(named) <= set(fields), f"{name} has no {set(named) - set(fields)}"
        plain = {"by": msgspec.to_builtins(by), "now": self.now, "cosigner": msgspec.to_builtins(cosigner)}
        return self.streams.handle(msgspec.convert(plain | named, COMMANDS[name]))

    def _import(self, raw: bytes, signed: dict[str, Any]) -> ImportAlert | QuarantineImport:
        item = read_messages(raw, None).items[0]
        if not isinstance(item, Message):
            return QuarantineImport(quarantine="d" * 16, digest="d" * 64, code=item.code, reason=item.reason, size=len(raw), **signed)
        cap = item.alert
        message = ReceivedMessage(cap.identifier, cap.sender, cap.sent, cap.status, cap.msg_type, cap.scope, "digest")
        return ImportAlert(message=message, **signed)


def signature(actor: str | None) -> Signature | None:
    if actor is None:
        return None
    entry = ACTORS[actor]
    return Signature(actor, (entry["role"],), entry["division"], LEVELS[entry["division"]])


def load(node: Node) -> None:
    officer = Signature("B.OFF", ("EMD.officer",), "150722", 3)
    for source in STORY["hazard_sources"]:
        fields = {key: value for key, value in source.items() if key != "id"}
        where = ACTORS[source["manager"]]["division"]
        node.do("RegisterHazardSource", officer, None, {"hazard_source": source["id"], "division": where, **fields})
    for name, alert in (("150722", "AL-1"), ("DAM-YA", "AL-2"), ("DAM-XF", "AL-3")):
        recipients = [{"actor": actor, "channel": "in_app"} for actor in STORY["recipients"][alert]]
        node.do("SetRecipients", officer, None, {"list": name, "recipients": recipients})
    node.settle()


def play(node: Node, step: dict[str, Any]) -> None:
    when = datetime.fromisoformat(step["at"])
    expect = step["expect"]
    before = len(node.streams.log)
    node.until(when)
    if step["actor"] == "SYS.TIMER":
        assert node.types(before) == _counted(expect["events"]), step["id"]
        return
    for entry in step.get("each", [{}]):
        named: dict[str, Any] = {key: value for key, value in (step["with"] | entry).items() if key != "actor"}
        by = signature(entry.get("actor", step["actor"]))
        assert by is not None
        if "refused" in expect:
            with pytest.raises(DomainError) as refused:
                node.do(step["do"], by, signature(step.get("cosigner")), named)
            family_of = {"E403": NotAllowed, "E422": RuleBroken}[expect["refused"][:4]]
            assert isinstance(refused.value, family_of) and refused.value.rule == expect["rule"], step["id"]
            continue
        decided = node.do(step["do"], by, signature(step.get("cosigner")), named)
        told = [name for _, event in decided.events if not is_guard(name := type_of(event))]
        assert told == _counted(expect["events"]), step["id"]
        assert list(decided.flags) == expect.get("flags", []), step["id"]
        after = len(node.streams.log)
        node.settle()
        wanted = Counter(kind for kind in _counted(expect.get("then", [])) if kind not in MISSING)
        assert not wanted - Counter(node.types(after)), step["id"]


def _counted(types: list[str]) -> list[str]:
    return [name for one in types for name, _, times in [one.partition("*")] for _ in range(int(times or 1))]


@pytest.fixture
def node(tmp_path) -> Node:
    made = Node(ObservationStore(File(tmp_path / "observations.db")))
    load(made)
    return made


def test_the_story_of_the_warnings_plays(node):
    assert len(OURS) == 29
    for step in OURS:
        play(node, step)
    happened = Counter(node.types())
    expected = STORY["expected"]
    counts = {key: value for key, value in _events(expected).items() if key.startswith("alerts.alert.")}
    assert counts and {key: happened[key] for key in counts} == counts
    for alert, number in expected["acknowledgements"].items():
        asked = node.streams.state(f"alert-{alert}").asked.values()
        assert sum(one.acknowledged for one in asked) == len(asked) == number
    assert happened["alerts.alert.acknowledgement_overdue.v1"] == 1
    assert happened["alerts.checklist.opened.v1"] == 4
    assert happened["alerts.message.issued.v1"] == 7  # 3 published, 1 adjusted, 3 cancelled
    assert happened["alerts.alert.ratification_overdue.v1"] == 1  # AL-2 was ratified after 89 minutes
    assert not node.due


def _events(expected: dict[str, Any]) -> dict[str, int]:
    for value in expected.values():
        if isinstance(value, dict) and "alerts.alert.published.v1" in value:
            return value
    raise AssertionError("the story counts no events")


def test_every_message_of_a_series_refers_to_the_first(node):
    for step in OURS:
        play(node, step)
    issued = [event for _, event in node.streams.log if type_of(event) == "alerts.message.issued.v1" and event.alert == "AL-1"]
    assert [event.msg_type for event in issued] == ["Alert", "Update", "Cancel"]
    first = issued[0]
    assert {event.series for event in issued} == {"15072241600000_20210718022000"}
    for later in issued[1:]:
        (reference,) = later.references
        assert (reference.sender, reference.identifier, reference.sent) == (first.sender, first.identifier, first.sent)


def test_a_warning_nobody_cancels_expires_by_its_clock(node):
    for step in OURS:
        if step["id"] <= "alert-11":
            play(node, step)
    node.until(datetime.fromisoformat("2021-07-19T02:30:00+08:00"))
    assert node.types()[-1] == "alerts.alert.expired.v1"
    assert node.types().count("alerts.alert.acknowledgement_overdue.v1") == 4
    assert not node.due


def test_a_lifted_warning_rings_nobody(node):
    for step in OURS:
        if step["id"] <= "alert-11":
            play(node, step)
    assert len(node.due) == 5
    by = signature("B.MET2")
    assert by is not None
    node.do("CancelAlert", by, None, {"alert": "AL-1"})
    node.settle()
    assert not node.due


def test_every_family_the_clocks_and_policies_listen_to_exists():
    families = {family(name) for name, _ in registered("alerts")}
    assert set(DUE_FAMILIES) <= families
    assert {one for policy in POLICIES for one in policy.listens} <= families
    assert len({policy.name for policy in POLICIES}) == len(POLICIES)


def test_every_command_of_a_policy_or_clock_has_a_decider():
    assert {
        "EscalateSilence",
        "ExpireAlert",
        "EscalateRatification",
        "AskRecipients",
        "OpenChecklist",
        "IssueMessage",
        "AssignTask",
    } <= set(COMMANDS)
