"""That somebody corrected their registration: the fact, never the value; and what privacy makes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.privacy.deciders.duties.rights import ReceiveRightsRequest
from services.privacy.deciders.records.commands import CollectPersonalData, CorrectPersonalData, WithdrawConsent
from services.privacy.events.duties import Right
from services.privacy.policies import asking
from services.volunteers.deciders.people.commands import Contact, CorrectContact
from services.volunteers.deciders.people.volunteer import VOLUNTEER
from services.volunteers.events.volunteer import ContactCorrected, VolunteerErased, VolunteerRegistered, VolunteerWithdrawn
from services.volunteers.pages import own
from services.volunteers.pages.rendering import shown
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState
from shared.web.posting import Posted
from tests.volunteers.people_world import BANNER, LATER, NOW, RULES, VOL_A, VOL_B

REGISTERED = VolunteerRegistered("V-A", "ref", BANNER, None, True, False, (), (), None, (), 1, "register/1", "V-A", NOW)


def decide(command, *facts):
    return VOLUNTEER.decide(command, VOLUNTEER.fold(facts), RULES)


def corrected(by=VOL_A, fields=(Contact.PHONE,), added=(Contact.EMAIL,)):
    return CorrectContact(by=by, now=LATER, volunteer="V-A", fields=fields, added=added)


def test_a_correction_names_fields_and_reference_only():
    assert decide(corrected(), REGISTERED) == [ContactCorrected("V-A", "ref", ("phone",), ("email",), "V-A", LATER)]
    assert decide(corrected(fields=(), added=()), REGISTERED) == []


def test_a_health_note_that_is_new_needs_a_consent_of_its_own():
    new = corrected(fields=(), added=(Contact.HEALTH_NOTE,))
    with pytest.raises(RuleBroken, match=r"PIPL-29"):
        decide(new, REGISTERED)
    (fact,) = decide(replace(new, separate_consent=True), REGISTERED)
    assert fact.separate_consent and fact.added == ("health_note",)


def test_nobody_corrects_for_another():
    with pytest.raises(NotAllowed, match=r"volunteer\.self"):
        decide(corrected(by=VOL_B), REGISTERED)


def test_who_left_or_left_nothing_corrects_nothing():
    with pytest.raises(WrongState, match=r"volunteer\.life"):
        decide(corrected(), REGISTERED, VolunteerWithdrawn("V-A", "V-A", LATER))
    nothing = VolunteerRegistered("V-A", None, BANNER, None, True, False, (), (), None, (), 1, "1", "V-A", NOW)
    with pytest.raises(WrongState, match="nothing is kept"):
        decide(corrected(), nothing)


def test_privacy_notes_what_was_replaced_holds_what_is_new_and_takes_the_request_to_delete(envelope):
    fact = ContactCorrected("V-A", "ref", ("phone",), ("email",), "V-A", LATER)
    noted, held = asking.when_volunteer_corrected_then_note_what_was_replaced(fact, envelope)
    assert isinstance(noted, CorrectPersonalData) and (noted.subject, noted.purpose, noted.fields) == ("V-A", "register", ("phone",))
    assert isinstance(held, CollectPersonalData) and (held.ref, held.fields) == ("ref", ("email",))
    erased = VolunteerErased("V-A", "ref", "V-A", LATER)
    request, _, withdrawn = asking.when_volunteer_erased_then_receive_the_request_to_delete(erased, envelope)
    assert isinstance(withdrawn, WithdrawConsent) and withdrawn.purpose == "register"
    assert isinstance(request, ReceiveRightsRequest) and (request.subject, request.right) == ("V-A", Right.DELETION)
    after = replace(erased, by="SYS.POLICY")  # since the data were destroyed
    assert not list(asking.when_volunteer_erased_then_receive_the_request_to_delete(after, envelope))


@pytest.fixture
def envelope():
    return SimpleNamespace(division=BANNER, time=LATER, position=7, log="150000.volunteers", causationid=None)


def test_a_page_of_a_drill_says_so_first():
    page = bytes(shown("said.html", "en", "DR-1", title="T", said="S", back="/volunteer").body).decode()
    assert "<title>【演练 EXERCISE DR-1】" in page and page.index('role="note"') < page.index("<main>")


@pytest.mark.parametrize("refused", [True, False])
def test_a_value_is_there_when_the_fact_says_so_and_is_put_back_when_that_is_refused(monkeypatch, refused):
    """The copies of those who call follow the fact at once: it never comes before the value."""
    done: list[str] = []

    class Page(own.OwnPage):
        def __init__(self) -> None:
            vault = SimpleNamespace(correct=lambda ref, values: done.append(f"{ref}: {values['phone'].reveal()}"))
            self.host, self.desk = cast(Any, None), cast(Any, SimpleNamespace(vault=vault))

        async def _say(self, *of: object) -> None:
            if refused:
                raise WrongState(Failure("volunteer.life", "left meanwhile"))
            done.append("the fact")

        def page(self, *of: object, **more: object) -> Any:
            return None

    state = SimpleNamespace(person="ref", division=BANNER)
    monkeypatch.setattr(own, "own_of", lambda *of: SimpleNamespace(values={"phone": "138 0013 8000"}, state=state, open=True, held=False))
    monkeypatch.setattr(own, "caller_of", lambda *of: None)
    monkeypatch.setattr(own, "asking_of", lambda *of: None)
    monkeypatch.setattr(own, "contact_faults", lambda *of: [])
    sent = Posted({"phone": ["138 0013 8001"]})
    if refused:
        with pytest.raises(WrongState):
            asyncio.run(Page().correction(cast(Any, None), sent, "V-A"))
    else:
        asyncio.run(Page().correction(cast(Any, None), sent, "V-A"))
    new, old = "ref: 138 0013 8001", "ref: 138 0013 8000"
    assert done == ([new, old] if refused else [new, "the fact"])
