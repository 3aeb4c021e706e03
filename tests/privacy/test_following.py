"""What follows: policies, the custodian over a real vault, every command twice, and read models that a rebuild shows the same."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.alerts.events.incident import IncidentAfterCareStarted, IncidentDismissed
from services.alerts.events.report import ReportReceived
from services.alerts.events.response import ExternalActivationEnded
from services.privacy.custodian import Custodian
from services.privacy.deciders.activity import NoteResponseOver
from services.privacy.events.activity import ResponseBegan, ResponseEnded
from services.privacy.policies import POLICIES
from services.privacy.policies.collecting import (
    when_filing_applied_then_hold_the_roster,
    when_force_accepts_then_hold_its_members,
    when_report_received_then_hold_the_contact,
    when_somebody_arrives_uncalled_then_hold_what_is_known,
    when_volunteer_offered_then_hold_the_contact,
)
from services.privacy.policies.retaining import (
    when_after_care_started_then_open_the_assessment,
    when_another_response_began_then_the_data_are_in_use,
    when_external_response_ended_then_note_that_it_is_over,
    when_incident_dismissed_then_open_the_assessment,
    when_last_response_ended_then_open_the_assessment,
)
from services.privacy.searching.looking import persons, readable
from services.privacy.service import PRIVACY
from services.volunteers.events.callup import AnswerVia, CallUpAccepted, CallUpOffered
from services.volunteers.events.force import ForceFilingApplied
from services.volunteers.events.validity import Member
from services.volunteers.events.volunteer import SelfArrivalRegistered
from shared.eventlog.verify import verify
from shared.handling.pending import Answer
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope
from shared.kernel.errors import Destroyed
from shared.sql.sqlite import Files
from shared.vault.personal import Personal
from shared.vault.scope import Scope
from shared.vault.vault import CONTENT, open_vault
from tests.handling.desk import Desk
from tests.handling.tour_privacy import privacy_tour
from tests.privacy.world import DPO, GOV, LEGAL, RULES, SYS, at

NOW = at("08:00")


def sent(commands: Iterable[Command]) -> list[Any]:
    """What a policy yields, with the fields of each."""
    return list(commands)


def told(division: str = "150722", incident: str | None = None) -> Envelope:
    said: dict[str, Any] = {"specversion": "1.0", "id": "x:1", "source": "x", "type": "t", "log": "x", "partitionkey": "s"}
    return Envelope(**said, time=NOW, position=1, streamid="s-1", streamversion=1, division=division, correlationid=incident)


def test_facts_of_neighbours_are_held_for_what_they_are_for():
    report = ReportReceived("RP-0", "c", "d", 1, "150722106", NOW, subject="CIT-1", purpose="report.contact")
    (one,) = sent(when_report_received_then_hold_the_contact(report, told()))
    assert (one.subject, one.purpose, one.incident, one.division) == ("CIT-1", "report.contact", None, "150722106")
    assert not list(when_report_received_then_hold_the_contact(ReportReceived("RP-1", "c", "d", 1, "150722", NOW), told()))
    arrival = SelfArrivalRegistered("V-K", "INC-1", "150722", None, ("phone",), "B.LEAD", NOW)
    (one,) = sent(when_somebody_arrives_uncalled_then_hold_what_is_known(arrival, told()))
    assert (one.subject, one.purpose, one.incident, one.ref) == ("V-K", "callup.contact", "INC-1", None)


def test_a_volunteer_is_held_when_asked_and_a_member_when_the_force_comes():
    asked = {"wave": 1, "quota": 1, "from_": NOW, "to": NOW, "task": "t", "risk_text": 1, "place": None, "line": (), "host_needed": False}
    offer = CallUpOffered(call_up="CU-1", incident="INC-1", volunteer=None, force="SF-1", **asked, by="B.HQ", division="150722", at=NOW)
    assert not list(when_volunteer_offered_then_hold_the_contact(offer, told()))
    came = CallUpAccepted("CU-1", "INC-1", None, "SF-1", ("M-11", "M-12"), 1, None, AnswerVia.TASK, "TL.1", NOW)
    assert [one.subject for one in sent(when_force_accepts_then_hold_its_members(came, told()))] == ["M-11", "M-12"]
    alone = CallUpAccepted("CU-3", "INC-1", "V-A", None, (), 1, None, AnswerVia.TASK, "V-A", NOW)
    assert not list(when_force_accepts_then_hold_its_members(alone, told()))
    roster = (Member("M-11", "ref-1"), Member("M-12"))
    filing = ForceFilingApplied("SF-1", "Team", "social", (), "150721", False, None, "TL.1", roster, None, None, None, True, "TL.1", NOW)
    (one,) = sent(when_filing_applied_then_hold_the_roster(filing, told()))
    assert (one.subject, one.ref, one.fields, one.purpose) == ("M-11", None, (), "register")


def test_responses_are_counted_and_three_parts_opened_with_the_last():
    over = when_external_response_ended_then_note_that_it_is_over(ExternalActivationEnded("ACT-N", "INC-1", "PLAN-N", "SYS", NOW), told())
    assert [type(one) for one in over] == [NoteResponseOver]
    last = sent(when_last_response_ended_then_open_the_assessment(ResponseEnded("INC-1", "ACT-C", True, NOW), told()))
    assert [one.register for one in last] == ["volunteers", "resources", "alerts"]
    assert not list(when_last_response_ended_then_open_the_assessment(ResponseEnded("INC-1", "ACT-B", False, NOW), told()))
    began = ResponseBegan("INC-1", "ACT-D", "150722", NOW)
    assert len(list(when_another_response_began_then_the_data_are_in_use(began, told()))) == 3
    assert len({one.name for one in POLICIES}) == len(POLICIES)


def test_what_nobody_responded_to_is_assessed_too():
    cared = sent(when_after_care_started_then_open_the_assessment(IncidentAfterCareStarted("INC-1", "B.GOV", NOW), told()))
    dismissed = sent(when_incident_dismissed_then_open_the_assessment(IncidentDismissed("INC-2", "false", "B.GOV", NOW), told()))
    assert [(one.incident, one.register) for one in (*cared, *dismissed)] == [
        (incident, register) for incident in ("INC-1", "INC-2") for register in ("volunteers", "resources", "alerts")
    ]


def desk_at(folder) -> Desk:
    return Desk(folder, PRIVACY, rules_for=lambda *_: RULES, may=lambda *_: "test")


def test_every_command_twice_is_one_answer_and_one_effect(tmp_path):
    desk, seen = desk_at(tmp_path), set()
    for n, command in enumerate(privacy_tour(desk), 1):
        first = desk.do(command, id=UUID(int=n))
        assert isinstance(first, Answer), f"{type(command).__name__}: {first!r}"
        assert first.events, type(command).__name__
        head = desk.log.head()
        assert desk.do(command, id=UUID(int=n)).repeated and desk.log.head() == head
        seen.add(type(command).__name__)
    assert seen == set(PRIVACY.commands)
    assert verify(desk.log).fault is None


def test_read_models_take_every_fact(tmp_path):
    desk = desk_at(tmp_path)
    for n, command in enumerate(privacy_tour(desk), 1):
        desk.do(command, id=UUID(int=n))
    reader = desk.reader(others=())
    while reader.step():
        pass
    with closing(reader.database.look()) as db:
        assert db.execute("SELECT count(*) FROM stopped").fetchone()[0] == 0
        assert {row["state"] for row in db.execute("SELECT state FROM certificate")} == {"begun", "complete"}
        rows = db.execute("SELECT register, state, retained, destroyed FROM retention_part").fetchall()
        assert sorted(map(tuple, rows)) == [("alerts", "verified", 0, 2), ("volunteers", "collecting", 0, 0)]
        assert {row["state"] for row in db.execute("SELECT state FROM privacy_duty WHERE kind = 'assessment'")} == {"valid", "expired"}
    reader.close()


@pytest.fixture
def kept(tmp_path):
    """A desk, a vault, and a custodian between them."""
    desk = desk_at(tmp_path / "desk")
    stores = Files(tmp_path / "desk")
    vault = open_vault(stores, tmp_path / "root.key")
    for module in ("register", "callup"):
        said = {"module": module, "assessment": "PIA-1"}
        parts = {"lawfulness": "a", "risks": "b", "protection": "c"}
        desk.do(_signed("DraftImpactAssessment", DPO, **said, **parts))
        desk.do(_signed("ApproveImpactAssessment", GOV, **said))
    yield desk, vault, lambda clock=lambda: NOW: Custodian(desk.log, vault, stores.at(CONTENT), desk.writer.submit, clock)
    vault.close()


def _signed(name: str, by: Any, **said: Any) -> Any:
    kind = PRIVACY.handler(name)[0]
    return kind(by=by, now=said.pop("now", NOW), cosigner=said.pop("cosigner", None), **said)


def dry(desk: Desk, custodian: Custodian) -> None:
    for _ in range(50):
        if not custodian.step() and not desk.writer.step():
            return
    raise AssertionError("did not run dry")


def hold(desk: Desk, vault: Any, subject: str = "V-A") -> str:
    """Registered and called up; the reference of the call-up's copy."""
    vault.keep(Scope(subject, "register", "register"), f"ref-{subject}", {"phone": Personal("13800138000")}, NOW)
    for said in (
        {"purpose": "register", "ref": f"ref-{subject}", "fields": ("phone",), "consent": "form"},
        {"purpose": "callup.contact", "incident": "INC-1"},
    ):
        answer = desk.do(_signed("CollectPersonalData", SYS, subject=subject, **said))
        assert isinstance(answer, Answer), answer
    return str([one.event for one in desk.events if one.type.startswith("privacy.personal_data.collected")][-1].ref)


def value(vault: Any, ref: str) -> str:
    return str(vault.read([ref], ["phone"])[ref]["phone"].reveal())


def test_what_an_event_names_is_confirmed_and_copied_and_orphans_go(kept):
    desk, vault, made = kept
    ref = hold(desk, vault)
    vault.keep(Scope("V-Z", "register", "register"), "orphan", {"phone": Personal("13900139000")}, NOW)
    later = NOW + timedelta(hours=2)
    dry(desk, made(lambda: later))
    assert value(vault, ref) == value(vault, "ref-V-A") == "13800138000"
    with pytest.raises(Destroyed):
        vault.read(["orphan"], ["phone"])


def test_destroyed_certified_once_also_when_everything_is_handled_again(kept):
    desk, vault, made = kept
    ref = hold(desk, vault)
    dry(desk, made())
    part = {"incident": "INC-1", "register": "volunteers"}
    desk.do(_signed("OpenRetentionAssessment", SYS, **part))
    desk.do(_signed("AssessRetention", DPO, **part, legality="legal", necessity="needed", safety="safe"))
    desk.do(_signed("DecideRetention", DPO, cosigner=LEGAL, **part))
    assert isinstance(desk.do(_signed("DestroyPersonalData", DPO, **part, subjects=("V-A",), certificate="DC-1")), Answer)
    dry(desk, made())
    certified = [one.event for one in desk.events if one.type == "privacy.destruction.certified.v1"]
    assert len(certified) == 1 and certified[0].what == "1 subjects of INC-1, register volunteers"
    assert readable(vault, [ref]) == 0 and value(vault, "ref-V-A") == "13800138000"
    root = vault.counts()
    again = made()
    again._cursor = None
    with again._cursors.pool.use() as db:
        db.execute("DELETE FROM custodian")  # as after a restore of an older vault
    dry(desk, again)
    assert len([one for one in desk.events if one.type == "privacy.destruction.certified.v1"]) == 1
    assert readable(vault, [ref]) == 0 and vault.counts()["keys"] == root["keys"]


@pytest.mark.parametrize("chunk", [1_000, 3])
def test_what_is_destroyed_together_replaces_the_root_once(kept, monkeypatch, chunk):
    monkeypatch.setattr("services.privacy.custodian.CHUNK", chunk)  # also when it lies over several
    desk, vault, made = kept
    for subject in ("V-A", "V-B"):
        hold(desk, vault, subject)
    dry(desk, made())
    for n, subject in enumerate(("V-A", "V-B")):
        told = {"subject": subject, "certificate": f"DC-{n}", "reason": "asked"}
        assert isinstance(desk.do(_signed("ErasePersonalData", DPO, cosigner=LEGAL, **told)), Answer)
    destroyed, destroy = [], vault.destroy

    def counted(scopes, since):
        destroyed.append(list(scopes))
        return destroy(scopes, since=since)

    monkeypatch.setattr(vault, "destroy", counted)
    dry(desk, made())
    assert destroyed == [[Scope(subject, "register", "register") for subject in ("V-A", "V-B")]]
    assert len([one for one in desk.events if one.type == "privacy.destruction.certified.v1"]) == 2


class Silent:
    """A neighbour's log of which nothing was received yet."""

    name = "150000.volunteers"

    def read(self, after: int, limit: int = 1000) -> list[Any]:
        return []


def test_orphans_stay_while_it_is_not_known_what_a_neighbour_said(kept):
    desk, vault, _ = kept
    vault.keep(Scope("V-Z", "register", "register"), "unheard", {"phone": Personal("13900139000")}, NOW)
    for received in (True, False):
        told = (desk.log, vault, vault.database, desk.writer.submit, lambda: NOW + timedelta(days=1), [Silent()], received)
        dry(desk, Custodian(*told))
        assert vault.counts()["pending"] == int(received)


def test_a_restored_log_is_followed_from_its_beginning(kept, tmp_path):
    desk, vault, made = kept
    ref = hold(desk, vault)
    dry(desk, made())
    with made()._cursors.pool.use() as db:
        db.execute("UPDATE custodian SET position = 9999")
    dry(desk, made())
    assert value(vault, ref) == "13800138000"


def test_numbers_are_found_as_whole_words_and_digests_are_not():
    assert persons('{"text": "call 13800138000, id 11010519491231002X"}') == 2
    assert persons("a13800138000b 0013800138000 110105194912310021 2021-07-18T08:00:00") == 0
