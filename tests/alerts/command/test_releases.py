"""What is told to the public: figures of a named report, three reviews, two persons, the organ that may; and rumours."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.alerts.deciders.incidents.state import RESPONDING, Incident
from services.alerts.deciders.releases.commands import (
    ApproveRelease,
    CheckRumour,
    Clarify,
    DraftRelease,
    EscalateRumourClock,
    HoldBriefing,
    OpenRumourCase,
    PublishRelease,
    ReferRumour,
    ReviewRelease,
    UpdateRelease,
    WithdrawRelease,
)
from services.alerts.deciders.releases.release import RELEASE
from services.alerts.deciders.releases.rumour import RUMOUR
from services.alerts.deciders.releases.state import Release
from services.alerts.deciders.reports.state import Report
from services.alerts.events.clock import ClockMissed
from services.alerts.events.incident import IncidentType
from services.alerts.events.release import (
    PressBriefingHeld,
    ReleaseApproved,
    ReleaseDrafted,
    ReleaseKind,
    ReleasePublished,
    ReleaseReviewed,
    ReleaseUpdateDrafted,
    ReleaseWithdrawn,
)
from services.alerts.events.report import Figure
from services.alerts.events.rumour import ReferredTo, RumourChecked, RumourClarified, RumourFinding, RumourOpened, RumourReferred
from services.alerts.events.scales import EventGrade
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.alerts.world import DUTY, GOV, HQ, RULES, SYS, at

PIO = Signature("B.PIO", ("PIO",), "150722", 3)
OFF = Signature("B.OFF", ("EMD.officer",), "150722", 3)
FIGURES = {"dead": Decimal(0), "dams_failed": Decimal(2)}
RP2 = Report(
    status="submitted",
    incident="INC-1",
    division="150722",
    type="NAT.DAM",
    figures={
        "dead": Figure("dead", Decimal(0), "person"),
        "dams_failed": Figure("dams_failed", Decimal(2)),
        "evacuated": Figure("evacuated", None, reason="still being counted"),
        "missing": Figure("missing", Decimal(3)),
    },
    held=frozenset({"missing"}),
)


def scene(**more: Any) -> dict[str, Any]:
    incident = Incident("INC-1", RESPONDING, type=IncidentType.DAM, division="150722", grade=EventGrade.MAJOR)
    return {"report-RP-2": RP2, "report-RP-404": Report(), "incident-INC-1": incident, **more}


def signed(kind: type, by: Signature = PIO, clock: str = "17:30", **said: Any) -> Any:
    return kind(by=by, now=at(clock), release="RL-1", **said)


def draft(**changed: Any) -> DraftRelease:
    return signed(DraftRelease, **({"figures": FIGURES, "from_report": "RP-2", "incident": "INC-1"} | changed))  # type: ignore[no-any-return]


def drafted(**changed: Any) -> ReleaseDrafted:
    event = given(RELEASE, rules=RULES, others=scene()).when(draft(**changed)).then_types(ReleaseDrafted).events[0][1]
    assert isinstance(event, ReleaseDrafted)
    return event


REVIEWED = ReleaseReviewed("RL-1", "none", "none", "RP-2", True, "B.OFF", at("17:40"), "INC-1")
APPROVED = ReleaseApproved("RL-1", "B.GOV", at("17:50"), "INC-1")


def past(*further: Any, **others: Any) -> Given:
    return given(RELEASE, drafted(), *further, rules=RULES, others=scene(**others))


def published(by: Signature = PIO) -> ReleasePublished:
    event = past(REVIEWED, APPROVED).when(signed(PublishRelease, by, "18:00")).then_types(ReleasePublished).events[0]
    assert isinstance(event, ReleasePublished)
    return event


def test_figures_come_from_a_report_that_gives_them():
    refused = given(RELEASE, rules=RULES, others=scene()).when(draft(figures={"bridges": Decimal(99)})).refused(RuleBroken, "fact.source")
    assert "RP-2 gives no number of bridges" in refused.cure
    wrong = {"dead": Decimal(1), "evacuated": Decimal(900), "missing": Decimal(3)}
    error = given(RELEASE, rules=RULES, others=scene()).when(draft(figures=wrong)).refused(RuleBroken, "fact.source", times=3)
    assert [failure.cure for failure in error.failures] == [
        "RP-2 gives 0 for dead",
        "RP-2 gives no number of evacuated",
        "the number of missing in RP-2 waits for a person to look at it",
    ]
    given(RELEASE, rules=RULES, others=scene()).when(draft(from_report=None)).refused(RuleBroken, "fact.source")
    given(RELEASE, rules=RULES, others=scene()).when(draft(from_report="RP-404")).refused(NotFound)


def test_a_draft_has_the_figures_the_incident_and_what_kind_it_is():
    event = drafted()
    assert [(figure.metric, figure.value, figure.unit) for figure in event.content.figures] == [
        ("dead", Decimal(0), "person"),
        ("dams_failed", Decimal(2), ""),
    ]
    assert (event.content.hazard, event.content.grade, event.incident) == ("NAT.DAM", EventGrade.MAJOR, "INC-1")
    inherited = drafted(incident=None)
    assert (inherited.incident, inherited.content.hazard) == ("INC-1", "NAT.DAM")
    given(RELEASE, rules=RULES, others=scene()).when(draft(figures={})).refused(RuleBroken, "ERL-7")
    others = scene(**{"incident-INC-9": replace_id("INC-9")})
    given(RELEASE, rules=RULES, others=others).when(draft(incident="INC-9")).refused(RuleBroken, "fact.source")
    given(RELEASE, rules=RULES, others=scene(**{"incident-INC-9": Incident()})).when(draft(incident="INC-9")).refused(NotFound)


def replace_id(name: str) -> Incident:
    return Incident(name, RESPONDING, division="150722")


def test_a_report_that_was_superseded_is_said_to_be():
    old = Report(status="submitted", incident="INC-1", figures=RP2.figures, superseded_by="RP-3")
    decided = given(RELEASE, rules=RULES, others=scene(**{"report-RP-2": old})).when(draft()).then_types(ReleaseDrafted)
    assert decided.answer == {"superseded_by": "RP-3"}


def test_what_comes_from_a_restricted_report_stays_restricted():
    narrow = Report(status="submitted", incident="INC-1", figures=RP2.figures, restricted=True)
    first = given(RELEASE, rules=RULES, others=scene(**{"report-RP-2": narrow})).when(draft()).then_types(ReleaseDrafted).events[0][1]
    again = given(RELEASE, first, rules=RULES, others=scene()).when(draft()).then_types(ReleaseDrafted).events[0][1]
    assert (first.visibility, again.visibility) == ("restricted", "restricted")


def test_another_reviews_and_compares_the_facts_again():
    review = signed(ReviewRelease, OFF, "17:40", secret="none", privacy="none", facts="RP-2")
    past().when(review).then(REVIEWED)
    past().when(replace(review, by=PIO)).refused(NotAllowed, "release.second_person")
    past().when(replace(review, facts="RP-404")).refused(NotFound)
    past(**{"report-RP-1": RP2}).when(replace(review, facts="RP-1")).refused(RuleBroken, "fact.source")
    corrected = Report(status="submitted", incident="INC-1", figures={**RP2.figures, "dead": Figure("dead", Decimal(1))})
    past(**{"report-RP-2": corrected}).when(review).refused(RuleBroken, "fact.source")
    past().when(replace(review, secret=None, privacy=None, facts=None)).refused(RuleBroken, "GIR-14", times=3)


def test_nothing_goes_out_that_was_not_looked_at_or_holds_personal_data():
    approve = signed(ApproveRelease, GOV, "17:50")
    past().when(approve).refused(WrongState, "release.life")
    secrecy = ReleaseReviewed("RL-1", "none", None, None, True, "B.OFF", at("17:40"), "INC-1")
    past(secrecy).when(approve).refused(WrongState)
    privacy = ReleaseReviewed("RL-1", None, "none", "RP-2", True, "B.DPO", at("17:41"), "INC-1")
    past(secrecy, privacy).when(approve).then(APPROVED)
    found = ReleaseReviewed("RL-1", "none", "a household can be told", "RP-2", False, "B.DPO", at("17:41"), "INC-1")
    past(found).when(approve).refused(RuleBroken, "PIPL-25")
    past(found, drafted(), REVIEWED).when(approve).then(APPROVED)


def test_the_author_does_not_approve():
    both = Signature("B.PIO", ("PIO", "GOV"), "150722", 3)
    past(REVIEWED).when(signed(ApproveRelease, both)).refused(NotAllowed, "release.second_person")


def competent(by: Signature, hazard: str, kind: ReleaseKind = ReleaseKind.SITUATION, grade: EventGrade | None = None, **said: Any) -> Any:
    event = drafted()
    content = replace(event.content, hazard=hazard, kind=kind, grade=grade)
    return given(RELEASE, replace(event, content=content), REVIEWED, rules=RULES).when(signed(ApproveRelease, by, **said))


@pytest.mark.parametrize(
    ("role", "level", "hazard", "kind", "grade", "rule"),
    [
        ("GOV", 3, "NAT.DAM", ReleaseKind.SITUATION, EventGrade.MAJOR, None),
        ("HQ", 2, "", ReleaseKind.MEASURE, None, None),
        ("GOV", 4, "NAT.DAM", ReleaseKind.SITUATION, None, "ERL-7"),
        ("SECT.water", 3, "NAT.DAM", ReleaseKind.SITUATION, None, "ERL-7"),
        ("SECT.grassland", 1, "NAT.GRASS_FIRE", ReleaseKind.SITUATION, EventGrade.LARGER, None),
        ("SECT.grassland", 1, "NAT.GRASS_FIRE", ReleaseKind.SITUATION, EventGrade.MAJOR, "GFR-34"),
        ("SECT.grassland", 3, "NAT.GRASS_FIRE", ReleaseKind.SITUATION, None, "GFR-34"),
        ("GOV", 1, "NAT.GRASS_FIRE", ReleaseKind.SITUATION, None, "GFR-34"),
        ("GOV", 1, "NAT.GRASS_FIRE", ReleaseKind.LOSSES, None, "GFR-34"),  # no kind gets round the hazard's organ
        ("HQ", 3, "NAT.FOREST_FIRE", ReleaseKind.SITUATION, EventGrade.ORDINARY, None),
        ("HQ", 3, "NAT.FOREST_FIRE", ReleaseKind.SITUATION, EventGrade.SPECIAL_MAJOR, "FFR-43"),
        ("SECT.health", 1, "PH.EPIDEMIC", ReleaseKind.SITUATION, None, None),
        ("GOV", 1, "PH.EPIDEMIC", ReleaseKind.SITUATION, None, "IDL-38"),
        ("GOV", 1, "PH.ANIMAL", ReleaseKind.SITUATION, None, "ADR-20"),
        ("EMD.approver", 3, "NAT.DAM", ReleaseKind.LOSSES, None, None),
        ("HQ", 3, "NAT.DAM", ReleaseKind.LOSSES, None, "NDR-17"),
    ],
)
def test_each_hazard_and_kind_has_its_organ(role, level, hazard, kind, grade, rule):
    when = competent(Signature("X.1", (role,), "150722", level), hazard, kind, grade)
    if rule is None:
        when.then_types(ReleaseApproved)
    else:
        when.refused(NotAllowed, rule)


def test_facts_of_an_investigation_are_told_with_leave_of_its_head():
    competent(GOV, "ACC.MINE", ReleaseKind.INVESTIGATION).refused(RuleBroken, "PSIR-34")
    competent(GOV, "ACC.MINE", ReleaseKind.INVESTIGATION, leave="LEAVE-1").then_types(ReleaseApproved)


def test_what_was_approved_is_published_and_a_drill_carries_its_mark():
    event = published()
    assert (event.incident, event.version, event.refers_to, event.exercise, event.mark) == ("INC-1", 1, None, False, "")
    drill = published(replace(PIO, realm="drill-1"))
    assert drill.exercise and "演练" in drill.mark
    past(REVIEWED).when(signed(PublishRelease)).refused(WrongState, "release.life")


def test_an_update_refers_to_the_former_and_goes_the_whole_way():
    done = published()
    update = signed(UpdateRelease, clock="20:00", figures=FIGURES, from_report="RP-2", reason="second dam")
    event = past(REVIEWED, APPROVED, done).when(update).then_types(ReleaseUpdateDrafted).events[0][1]
    assert (event.version, event.refers_to) == (2, 1)
    past(REVIEWED, APPROVED, done, event).when(signed(ApproveRelease, GOV)).refused(WrongState)
    again = past(REVIEWED, APPROVED, done, event, REVIEWED, APPROVED).when(signed(PublishRelease)).then_types(ReleasePublished).events[0]
    assert (again.version, again.refers_to) == (2, 1)
    past(REVIEWED, APPROVED, done).when(replace(update, reason=None)).refused(RuleBroken, "ERL-7")
    past(REVIEWED).when(update).refused(WrongState)


def test_it_is_withdrawn_with_a_reason():
    gone = ReleaseWithdrawn("RL-1", "wrong place", "B.PIO", at("17:30"), True, "INC-1")
    past(REVIEWED, APPROVED, published()).when(signed(WithdrawRelease, reason="wrong place")).then(gone)
    past().when(signed(WithdrawRelease)).refused(RuleBroken, "ERL-7")
    past(gone).when(signed(WithdrawRelease, reason="x")).refused(WrongState)


def test_the_press_is_briefed_on_what_is_public():
    held = PressBriefingHeld("RL-1", "INC-1", "banner hall", "B.PIO", at("17:30"))
    past(REVIEWED, APPROVED, published()).when(signed(HoldBriefing, place="banner hall")).then(held)
    past().when(signed(HoldBriefing)).refused(WrongState)


def rumour(kind: type, by: Signature = PIO, clock: str = "19:00", day: int = 18, **said: Any) -> Any:
    return kind(by=by, now=at(clock, day), rumour="RU-1", **said)


def opened() -> RumourOpened:
    event = given(RUMOUR, rules=RULES).when(rumour(OpenRumourCase, text="a third dam failed")).then_types(RumourOpened).events[0][1]
    assert isinstance(event, RumourOpened)
    return event


FALSE = RumourChecked("RU-1", RumourFinding.FALSE, "the register has two dams", "B.DUTY", at("19:10"))


def about(*further: Any, **others: Any) -> Given:
    return given(RUMOUR, opened(), *further, rules=RULES, others={"release-RL-1": Release("published"), **others})


def test_a_rumour_is_opened_with_its_words_and_answered_within_two_days():
    assert [due.due_at for due in opened().clocks] == [at("19:00", 20)]
    given(RUMOUR, rules=RULES).when(rumour(OpenRumourCase)).refused(RuleBroken, "ERL-97")
    about().when(rumour(OpenRumourCase, text="again")).refused(WrongState)
    missed = rumour(EscalateRumourClock, SYS, day=20, key="answer")
    about().when(missed).then_types(ClockMissed)
    about(FALSE, RumourClarified("RU-1", "RL-1", False, "B.PIO", at("20:00"), None, ("answer",))).when(missed).then()


def test_what_is_false_is_put_right_by_a_release():
    check = rumour(CheckRumour, DUTY, "19:10", finding=RumourFinding.FALSE, note="the register has two dams")
    about().when(check).then(FALSE)
    about().when(replace(check, finding=None, note=None)).refused(RuleBroken, "ERL-97", times=2)
    clarify = rumour(Clarify, release="RL-1")
    about(FALSE).when(clarify).then(RumourClarified("RU-1", "RL-1", False, "B.PIO", at("19:00"), None, ("answer",)))
    assert about(FALSE).when(replace(clarify, now=at("19:01", 20))).then_types(RumourClarified).flags == ("A-LATE",)
    about(FALSE).when(replace(clarify, release=None)).refused(RuleBroken, "ERL-7")
    about(FALSE, **{"release-RL-1": Release("approved")}).when(clarify).refused(RuleBroken, "ERL-7")
    about(FALSE, **{"release-RL-1": Release()}).when(clarify).refused(NotFound)
    about().when(clarify).refused(WrongState)


def test_what_is_not_false_needs_no_answer():
    check = rumour(CheckRumour, DUTY, finding=RumourFinding.NOT_FALSE, note="it did")
    event = about().when(check).then_types(RumourChecked).events[0]
    assert event.met == ("answer",)
    about(event).when(rumour(Clarify, release="RL-1")).refused(WrongState)


def test_who_may_act_against_it_gets_it_with_the_evidence():
    refer = rumour(ReferRumour, HQ, to=ReferredTo.POLICE, evidence=("blob-1",), reason="fabricated")
    about(FALSE).when(refer).then(RumourReferred("RU-1", ReferredTo.POLICE, ("blob-1",), "fabricated", "B.HQ", at("19:00")))
    about(FALSE).when(replace(refer, to=None, evidence=(), reason=None)).refused(RuleBroken, "ERL-97", times=3)
    about().when(refer).refused(WrongState)
