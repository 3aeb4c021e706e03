"""A destroyed scope stays empty: nothing can be collected into it again, so a custodian that comes late destroys nobody's new data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.privacy.custodian import Custodian
from services.privacy.events.record import PersonalDataCollected
from services.privacy.service import PRIVACY
from shared.handling.pending import Answer
from shared.kernel.errors import Destroyed, WrongState
from shared.sql.ports import LogBusy
from shared.sql.sqlite import Files
from shared.vault.personal import Personal
from shared.vault.scope import Scope
from shared.vault.vault import CONTENT, Vault, open_vault
from tests.handling.desk import Desk
from tests.privacy.test_following import NOW, desk_at, dry, hold
from tests.privacy.world import DPO, GOV, LEGAL, SYS

SCOPE = Scope("V-A", "INC-1", "callup.contact")
STANDING = Scope("V-A", "register", "register")
LATER = NOW + timedelta(hours=2)
PHONE = {"phone": Personal("13900139000")}
Made = Callable[..., Custodian]


def do(desk: Desk, name: str, by: Any, **said: Any) -> Any:
    kind = PRIVACY.handler(name)[0]
    return desk.do(kind(by=by, now=said.pop("now", NOW), cosigner=said.pop("cosigner", None), **said))


@pytest.fixture
def kept(tmp_path: Any) -> Iterator[tuple[Desk, Vault, Made]]:
    """A desk, a vault and custodians between them; one person registered, called up, and ordered destroyed for the call-up."""
    desk, stores = desk_at(tmp_path / "desk"), Files(tmp_path / "desk")
    vault = open_vault(stores, tmp_path / "root.key")
    for module in ("register", "callup"):
        said = {"module": module, "assessment": "PIA-1"}
        do(desk, "DraftImpactAssessment", DPO, **said, lawfulness="a", risks="b", protection="c")
        do(desk, "ApproveImpactAssessment", GOV, **said)
    hold(desk, vault)

    def made(now: Any = NOW) -> Custodian:
        return Custodian(desk.log, vault, stores.at(CONTENT), desk.writer.submit, lambda: now)

    dry(desk, made())
    part = {"incident": "INC-1", "register": "volunteers"}
    do(desk, "OpenRetentionAssessment", SYS, **part)
    do(desk, "AssessRetention", DPO, **part, legality="legal", necessity="needed", safety="safe")
    do(desk, "DecideRetention", DPO, cosigner=LEGAL, **part)
    assert isinstance(do(desk, "DestroyPersonalData", DPO, **part, subjects=("V-A",), certificate="DC-1"), Answer)
    yield desk, vault, made
    vault.close()


def collected_anew(desk: Desk, ref: str, **said: Any) -> Any:
    return do(desk, "CollectPersonalData", SYS, subject="V-A", ref=ref, fields=("phone",), **said)


CALLED = {"purpose": "callup.contact", "incident": "INC-1"}


def test_before_the_custodian_came_it_is_refused_and_what_was_kept_for_it_goes_with_the_rest(kept: Any) -> None:
    desk, vault, made = kept
    vault.keep(SCOPE, "anew", PHONE, NOW)
    assert isinstance(collected_anew(desk, "anew", **CALLED), Destroyed)
    dry(desk, made())
    with pytest.raises(Destroyed):
        vault.read(["anew"], ["phone"])
    assert vault.counts()["pending"] == 0


def test_after_the_custodian_came_it_is_refused_and_what_was_kept_for_it_is_swept(kept: Any) -> None:
    desk, vault, made = kept
    dry(desk, made())
    vault.keep(SCOPE, "anew", PHONE, NOW)
    assert isinstance(collected_anew(desk, "anew", **CALLED), Destroyed)
    keys = vault.counts()["keys"]
    dry(desk, made(LATER))
    assert (vault.counts()["pending"], vault.counts()["keys"]) == (0, keys - 1)
    with pytest.raises(Destroyed):
        vault.read(["anew"], ["phone"])


def test_while_it_is_being_destroyed_nothing_is_added(kept: Any) -> None:
    _, vault, _ = kept
    vault._erasing.doom([SCOPE])
    with pytest.raises(LogBusy):
        vault.keep(SCOPE, "anew", PHONE, NOW)


def test_no_purpose_of_the_response_is_open_for_a_person_who_was_not_yet_in_it(kept: Any) -> None:
    desk, _, _ = kept
    refused = do(desk, "CollectPersonalData", SYS, subject="V-N", ref="new", fields=("phone",), **CALLED)
    assert isinstance(refused, WrongState)


def test_an_erased_registration_is_not_held_again_either(kept: Any) -> None:
    desk, vault, made = kept
    erased = do(desk, "ErasePersonalData", DPO, cosigner=LEGAL, subject="V-A", certificate="DC-2", reason="asked for it")
    assert isinstance(erased, Answer)
    vault.keep(STANDING, "anew", PHONE, NOW)
    assert isinstance(collected_anew(desk, "anew", purpose="register"), Destroyed)
    dry(desk, made(LATER))
    assert vault.counts()["refs"] == vault.counts()["keys"] == 0


def test_replayed_over_a_vault_that_was_restored_it_takes_nothing_but_what_was_destroyed(kept: Any) -> None:
    desk, vault, made = kept
    dry(desk, made())
    other = Scope("V-A", "INC-2", "callup.contact")
    vault.keep(other, "second", PHONE, NOW)
    assert isinstance(collected_anew(desk, "second", purpose="callup.contact", incident="INC-2"), Answer)
    dry(desk, made())
    custodian = made()
    with custodian._cursors.pool.use() as db:
        db.execute("DELETE FROM custodian")
    dry(desk, custodian)
    live = [
        one.event.ref
        for one in desk.events
        if isinstance(one.event, PersonalDataCollected) and (one.event.register, one.event.purpose) != (SCOPE.register, SCOPE.purpose)
    ]
    assert len(live) == 2 and set(vault.read(live, ["phone"])) == set(live)
