"""Words that no incident has: found wrong, known already, or found true too late. Somebody decides about them by a deadline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.alerts.events.report import ReportReceived
from services.alerts.events.triage import Finding, TriageResolved
from services.privacy.deciders.records.commands import AttachPersonalData, ErasePersonalData, EscalateRecordClock
from services.privacy.events.record import PersonalDataUnclaimed
from services.privacy.policies.collecting import (
    when_report_received_then_hold_its_words,
    when_reports_are_no_incidents_then_somebody_decides_about_their_words,
    when_reports_found_true_then_their_words_belong_to_the_incident,
)
from tests.privacy import world
from tests.privacy.node import Node, running
from tests.privacy.test_following import NOW, sent, told
from tests.privacy.test_words import DPO, DUTY, LEGAL, WORDS, report
from tests.privacy.world import OFFICER, RULES, SYS, Streams, collect, decided
from tests.support import Post, problem


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    with running(tmp_path / "data", monkeypatch) as made:
        yield made


def _reported(streams: Streams, name: str = "RP-1") -> None:
    fact = ReportReceived(name, "c", "", 9, "150722", NOW, ref=f"r-{name}")
    for command in sent(when_report_received_then_hold_its_words(fact, told())):
        streams.handle(command)


def _resolved(streams: Streams, finding: Finding, incident: str | None) -> list[Any]:
    fact = TriageResolved("public.1", 1, "public_report", ("RP-1",), finding, "B.DUTY", NOW, incident=incident)
    following = (
        when_reports_found_true_then_their_words_belong_to_the_incident,
        when_reports_are_no_incidents_then_somebody_decides_about_their_words,
    )
    return [said for policy in following for command in sent(policy(fact, told())) for _, said in streams.handle(command).events]


@pytest.mark.parametrize("finding", [Finding.REFUTED, Finding.DUPLICATE])
def test_of_words_that_no_incident_has_somebody_decides_by_a_deadline(finding: Finding) -> None:
    streams = Streams()
    _reported(streams)
    (fact,) = _resolved(streams, finding, None)
    assert isinstance(fact, PersonalDataUnclaimed) and fact.why == finding.value
    (clock,) = fact.clocks
    assert clock.due_at - clock.since == RULES.value("privacy.unclaimed_decided")
    assert _resolved(streams, finding, None) == [], "asked once"
    late = {"subject": "RP-1", "key": clock.key, "now": clock.due_at}
    assert streams.types(streams.do(EscalateRecordClock, SYS, **late)) == ["ClockMissed"]
    ((_, gone), *_) = streams.do(ErasePersonalData, world.DPO, world.LEGAL, subject="RP-1", certificate="DC-1", reason="wrong").events
    assert gone.met == (clock.key,) and not streams.state("person-RP-1").clocks.open()


def test_words_found_true_after_the_decision_are_asked_about_and_not_lost() -> None:
    streams = Streams()
    _reported(streams)
    collect(streams, "P-1")
    decided(streams, "alerts")
    (fact,) = _resolved(streams, Finding.CONFIRMED, "INC-1")
    assert isinstance(fact, PersonalDataUnclaimed) and (fact.why, fact.incident) == ("decided", "INC-1")
    said = {"subject": "RP-1", "incident": "INC-2", **WORDS}
    ((_, attached), *_) = streams.do(AttachPersonalData, OFFICER, **said).events
    assert attached.met and not streams.state("person-RP-1").clocks.open()


def test_the_officer_sees_what_no_incident_has_until_it_is_settled(node: Node) -> None:
    report(node, report="RP-1")
    (open_,) = node.client.request("GET", "/api/alerts/triage", headers=node.headers(DUTY)).json()["items"]
    path = f"/api/alerts/triage/{open_['triage']}/resolution"
    found = node.client.request("POST", path, json={"finding": "refuted", "reason": "nothing there"}, headers=node.headers(DUTY))
    assert found.status_code == 201, found.text
    node.settle()
    (row,) = node.get("unclaimed", DPO)["items"]
    assert (row["subject"], row["why"], row["state"], len(row["due"])) == ("RP-1", "refuted", "waiting", 1)
    node.done("people/RP-1/erasure", DPO, {"certificate": "DC-1", "reason": "wrong"}, cosigner=LEGAL)
    assert [(one["state"], one["due"]) for one in node.get("unclaimed", DPO)["items"]] == [("settled", {})]
    refused = node.client.request("GET", "/api/privacy/unclaimed", headers=node.headers(Post("B.WHK", "WHK", "150722")))
    problem(refused, 403, "not_allowed")
