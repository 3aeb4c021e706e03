"""What the person corrected is what is read wherever it was copied to (PIPL art. 8, 46)."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from services.privacy.deciders.records.commands import (
    CorrectPersonalData,
    LockPersonalData,
    NoteTaskBegan,
    ReadPersonalData,
    RestrictPersonalData,
)
from services.privacy.events.record import PersonalDataCorrected
from services.privacy.projections.records import of_subject
from shared.vault.personal import Personal
from shared.vault.scope import Scope
from tests.handling.desk import Desk
from tests.privacy.test_anew import do
from tests.privacy.test_following import NOW, dry, hold, kept, value
from tests.privacy.world import LEAD, LEGAL, OFFICER, SYS, Streams, at, called, collect, over

OLD, NEW = "13800138000", "13900139000"
STANDING = Scope("V-A", "register", "register")
OWN_PAGE = {"subject": "V-A", "purpose": "register", "fields": ("phone",), "reason": "by the person"}
__all__ = ["kept"]


@pytest.fixture
def streams() -> Streams:
    """V-A is called for two incidents; a leader noted another name of theirs in the second."""
    made = Streams()
    called(made)
    collect(made, "V-A", "callup.contact", "INC-2")
    said = {"subject": "V-A", "purpose": "callup.contact", "incident": "INC-2", "fields": ("name",), "ref": "by-lead"}
    made.do(CorrectPersonalData, LEAD, **said, reason="misspelt")
    return made


def copies(streams: Streams, **said: Any) -> list[PersonalDataCorrected]:
    """What was corrected in copies."""
    facts = [fact for _, fact in streams.do(CorrectPersonalData, SYS, **OWN_PAGE | said).events]
    return [one for one in facts if one.copied_from is not None]


def test_a_correction_reaches_every_copy(streams: Streams) -> None:
    before = {one.register: one for one in streams.state("person-V-A").live() if one.purpose == "callup.contact"}
    first, second = copies(streams, fields=("phone", "name"))
    assert (first.incident, first.fields, first.replaced) == ("INC-1", ("phone", "name"), before["INC-1"].refs)
    assert (second.incident, second.fields) == ("INC-2", ("phone",)), "what was corrected there itself stays"
    read = streams.do(ReadPersonalData, LEAD, subjects=("V-A",), purpose="callup.contact", incident="INC-2")
    assert read.answer["records"]["V-A"] == {"name": "by-lead", "phone": second.ref}
    assert {one.ref for one in copies(streams)}.isdisjoint({first.ref, second.ref}), "once more, under other references"


def test_nothing_is_copied_of_what_is_given_up_or_locked(streams: Streams) -> None:
    until = {"reason": "lawsuit", "basis": "PIPL-47", "until": at("07:00", 30)}
    streams.do(LockPersonalData, LEGAL, subject="V-A", lock="LK-1", **until)
    assert not copies(streams)
    given_up = Streams()
    called(given_up)
    given_up.do(RestrictPersonalData, SYS, subject="V-A", request="RR-1")
    assert not copies(given_up)


def test_what_is_only_kept_after_the_response_stays_but_of_who_is_still_out_there(streams: Streams) -> None:
    for incident in ("INC-1", "INC-2"):
        over(streams, incident=incident)
    streams.do(NoteTaskBegan, SYS, subject="V-A", incident="INC-2", task="CU-2", holder="V-A")
    assert [one.incident for one in copies(streams)] == ["INC-2"]


def test_a_correction_for_one_incident_stays_there(streams: Streams) -> None:
    said = {"subject": "V-A", "purpose": "callup.contact", "incident": "INC-1", "fields": ("phone",), "ref": "there", "reason": "slip"}
    assert len(streams.do(CorrectPersonalData, LEAD, **said).events) == 1


@pytest.mark.parametrize("in_place", [True, False])
def test_who_rings_gets_the_new_number_and_the_old_one_is_gone(kept: Any, in_place: bool) -> None:
    """On the own page in the place of the old, or by an officer under a reference of its own."""
    desk, vault, made = kept
    ref = hold(desk, vault)
    dry(desk, made())
    if in_place:
        vault.correct("ref-V-A", {"phone": Personal(NEW)})
        do(desk, "CorrectPersonalData", SYS, **OWN_PAGE)
    else:
        vault.keep(STANDING, "corrected", {"phone": Personal(NEW)}, NOW)
        do(desk, "CorrectPersonalData", OFFICER, **OWN_PAGE, ref="corrected")
    dry(desk, made())
    copy = [one.event for one in desk.events if isinstance(one.event, PersonalDataCorrected)][-1]
    assert (copy.incident, copy.replaced) == ("INC-1", (ref,))
    assert value(vault, copy.ref) == NEW
    assert not vault.read([ref], ["phone"])[ref], "the old number lies nowhere any more"
    custodian = made()
    with custodian._cursors.pool.use() as db:
        db.execute("DELETE FROM custodian")  # as after a restore of an older vault: all is followed again
    dry(desk, custodian)
    assert value(vault, copy.ref) == NEW
    assert corrected_at(desk) == {"register", "INC-1"}


def corrected_at(desk: Desk) -> set[str]:
    """Of which records the list says that they were corrected."""
    reader = desk.reader(others=())
    while reader.step():
        pass
    with closing(reader.database.look()) as db:
        found = {row["register"] for row in of_subject(db, "V-A") if row["corrected_at"] is not None}
    reader.close()
    return found
