"""The same hours stand on one certificate that holds; two people are not merged by mistake (VSR art. 19; domain 3.17)."""

from __future__ import annotations

from typing import Any

import pytest

from services.volunteers.deciders.hours.commands import IssueCertificate, RequestCertificate
from services.volunteers.deciders.people.commands import MergeVolunteers
from shared.kernel.errors import RuleBroken
from tests.volunteers.callup_world import LEAD, OFF, Stage, at, vol
from tests.volunteers.mended_world import accept, clock_in, clock_out, offer, refused, staged


@pytest.fixture
def stage() -> Stage:
    made = staged()
    offer(made, volunteers=("V-A",), to=at("20:00", 25))
    accept(made)
    clock_in(made)
    clock_out(made)
    return made


def issue(stage: Stage, number: str, day: int = 20, incident: str | None = "INC-1") -> Any:
    now = at("10:00", day)
    return stage.do(IssueCertificate(by=OFF, now=now, certificate=number, check=f"CHECK-{number}", volunteer="V-A", incident=incident))


def test_the_same_hours_again_are_the_first_certificate(stage: Stage) -> None:
    issue(stage, "VC-1")
    again = issue(stage, "VC-2")
    assert (again.answer["certificate"], again.answer["check"], list(again.events)) == ("VC-1", "CHECK-VC-1", [])
    assert not stage.state("certificate-VC-2").person and not stage.state("certificate-VC-1").superseded
    assert issue(stage, "VC-3", incident=None).answer["certificate"] == "VC-3"  # of all service: another scope


def test_who_asked_again_is_answered_with_the_first(stage: Stage) -> None:
    issue(stage, "VC-1")
    stage.do(RequestCertificate(by=vol("V-A"), now=at("09:00", 20), volunteer="V-A", incident="INC-1"))
    issue(stage, "VC-2")
    ledger = stage.state("service-V-A")
    assert not ledger.clocks.runs("K-38") and ledger.certificates == (("VC-1", "INC-1"),)


def test_a_certificate_of_more_hours_takes_the_place_of_the_one_before(stage: Stage) -> None:
    issue(stage, "VC-1")
    clock_in(stage, now=at("08:00", 21))
    clock_out(stage, now=at("16:00", 21))
    since = len(stage.log)
    assert issue(stage, "VC-2", 22).answer["hours"] == "16.00"
    assert stage.state("certificate-VC-1").superseded and not stage.state("certificate-VC-2").superseded
    assert not any(name.startswith("task.") for name in stage.types(since))  # nobody has to issue another


def merge(**changed: Any) -> MergeVolunteers:
    said = {"by": OFF, "cosigner": LEAD, "now": at("20:00", 26), "volunteer": "V-A", "into": "V-B", "reason": "seen"}
    return MergeVolunteers(**{**said, **changed})


def test_two_numbers_are_two_people_unless_somebody_says_why_not(stage: Stage) -> None:
    freed = Stage()
    freed.states = {name: state for name, state in stage.states.items() if name.startswith("volunteer-")}
    refused(freed, merge(differ=True), RuleBroken, "volunteer.numbers")
    told = freed.do(merge(differ=True, numbers="a passport and a card"))
    assert told.flags == ("A-DIFFERENT",) and freed.log[0][1].numbers == "a passport and a card"


def test_a_merger_of_one_number_is_not_flagged(stage: Stage) -> None:
    freed = Stage()
    freed.states = {name: state for name, state in stage.states.items() if name.startswith("volunteer-")}
    assert freed.do(merge()).flags == ()
