"""What is told to the public: figures of a named report, three reviews, two persons, the organ that may; and rumours."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from services.alerts.deciders.incidents.state import RESPONDING, Incident
from services.alerts.deciders.releases.commands import (
    ApproveRelease,
    DraftRelease,
    HoldBriefing,
    PublishRelease,
    ReviewRelease,
    UpdateRelease,
    WithdrawRelease,
)
from services.alerts.deciders.releases.release import RELEASE
from services.alerts.deciders.reports.state import Report
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
from services.alerts.events.scales import EventGrade
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.alerts.world import GOV, HQ, RULES, at

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
    drafted = {ApproveRelease: {"from_report": "RP-2", "incident": "INC-1"}, PublishRelease: {"from_report": "RP-2"}}.get(kind, {})
    return kind(by=by, now=at(clock), release="RL-1", **drafted | said)


def draft(**changed: Any) -> DraftRelease:
    command = signed(DraftRelease, **({"figures": FIGURES, "from_report": "RP-2", "incident": "INC-1"} | changed))
    assert isinstance(command, DraftRelease)
    return command


def drafted(**changed: Any) -> ReleaseDrafted:
    event = given(RELEASE, rules=RULES, others=scene()).when(draft(**changed)).then_types(ReleaseDrafted).events[0][1]
    assert isinstance(event, ReleaseDrafted)
    return event


REVIEWED = ReleaseReviewed("RL-1", "none", "none", "RP-2", True, "B.OFF", at("17:40"), "INC-1")
APPROVED = ReleaseApproved("RL-1", "B.GOV", at("17:50"), "INC-1")


def past(*further: Any, **others: Any) -> Given:
    return given(RELEASE, drafted(), *further, rules=RULES, others=scene(**others))


def published(by: Signature = PIO) -> ReleasePublished:
    event = past(REVIEWED, APPROVED).when(signed(PublishRelease, by, "18:00")).then_types(ReleasePublished).events[0][1]
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
    of_no_incident = replace(event, content=content, incident=None)
    approve = signed(ApproveRelease, by, **{"incident": None} | said)
    return given(RELEASE, of_no_incident, REVIEWED, rules=RULES, others=scene()).when(approve)


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
    competent(HQ, "NAT.FOREST_FIRE", ReleaseKind.INVESTIGATION).refused(RuleBroken, "PSIR-34")  # whichever organ it is
    competent(HQ, "NAT.FOREST_FIRE", ReleaseKind.INVESTIGATION, leave="LEAVE-1").then_types(ReleaseApproved)


def test_whose_it_is_follows_from_what_the_incident_is_now():
    approve = signed(ApproveRelease, GOV, "17:50")
    graver = Incident("INC-1", RESPONDING, type=IncidentType.GRASS_FIRE, division="150722", grade=EventGrade.MAJOR)
    past(REVIEWED, **{"incident-INC-1": graver}).when(approve).refused(NotAllowed, "GFR-34")
    past(REVIEWED).when(replace(approve, incident=None)).refused(RuleBroken, "fact.source")


def test_what_is_about_something_says_what_it_is_about():
    alone = {"figures": {}, "from_report": None, "incident": None, "text": "it burns"}
    first = given(RELEASE, rules=RULES, others=scene())
    for kind in (ReleaseKind.SITUATION, ReleaseKind.LOSSES, ReleaseKind.INVESTIGATION):
        first.when(replace(draft(**alone), kind=kind)).refused(RuleBroken, "release.hazard")
    event = first.when(draft(**alone, hazard=IncidentType.GRASS_FIRE)).then_types(ReleaseDrafted).events[0][1]
    approve = signed(ApproveRelease, GOV, from_report=None, incident=None)
    unseen = ReleaseReviewed("RL-1", "none", "none", None, True, "B.OFF", at("17:40"))
    given(RELEASE, event, unseen, rules=RULES, others=scene()).when(approve).refused(NotAllowed, "GFR-34")
    sector = Signature("R.GRASS", ("SECT.grassland",), "150000", 1)
    given(RELEASE, event, unseen, rules=RULES, others=scene()).when(replace(approve, by=sector)).refused(RuleBroken, "fact.source")
    given(RELEASE, event, REVIEWED, rules=RULES, others=scene()).when(replace(approve, by=sector, from_report="RP-2")).then_types(
        ReleaseApproved
    )
    first.when(replace(draft(**alone), kind=ReleaseKind.MEASURE)).then_types(ReleaseDrafted)


NO_LONGER = [
    (Report(status="submitted", incident="INC-1", figures={**RP2.figures, "dead": Figure("dead", Decimal(1))}), "RP-2 gives 1 for dead"),
    (structs.replace(RP2, superseded_by="RP-3"), "RP-3 took the place of RP-2"),
    (structs.replace(RP2, held=frozenset({"dead"})), "waits for a person"),
]


@pytest.mark.parametrize(("report", "cure"), NO_LONGER)
def test_what_its_report_no_longer_says_is_neither_approved_nor_published(report, cure):
    others = {"report-RP-2": report}
    approved = past(REVIEWED, **others).when(signed(ApproveRelease, GOV, "17:50")).refused(RuleBroken, "fact.source")
    public = past(REVIEWED, APPROVED, **others).when(signed(PublishRelease)).refused(RuleBroken, "fact.source")
    assert cure in approved.cure and cure in public.cure
    past(REVIEWED, APPROVED).when(signed(PublishRelease, from_report=None)).refused(RuleBroken, "fact.source")
    past(REVIEWED, APPROVED, **{"report-RP-9": RP2}).when(signed(PublishRelease, from_report="RP-9")).refused(RuleBroken, "fact.source")


def test_an_update_stays_with_its_incident_and_as_narrow_as_its_report():
    update = signed(UpdateRelease, clock="20:00", figures=FIGURES, from_report="RP-2", reason="second dam")
    past_ = (REVIEWED, APPROVED, published())
    past(*past_, **{"report-RP-2": structs.replace(RP2, incident="INC-9")}).when(update).refused(RuleBroken, "fact.source")
    narrow = (
        past(*past_, **{"report-RP-2": structs.replace(RP2, restricted=True)}).when(update).then_types(ReleaseUpdateDrafted).events[0][1]
    )
    again = past(*past_, narrow, REVIEWED, APPROVED).when(signed(PublishRelease)).then_types(ReleasePublished).events[0][1]
    after = RELEASE.fold([drafted(), *past_, narrow, REVIEWED, APPROVED, again])
    assert (narrow.visibility, RELEASE.about(after).visibility) == ("restricted", "restricted")


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
    again = past(REVIEWED, APPROVED, done, event, REVIEWED, APPROVED).when(signed(PublishRelease)).then_types(ReleasePublished).events[0][1]
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
