"""Whose content it is, from which moment it counts, and what a destruction in between leaves of it."""

from __future__ import annotations

import pytest

from shared.kernel.errors import Destroyed
from shared.sql.ports import LogBusy
from shared.vault.personal import Personal
from shared.vault.scope import REGISTER, Scope
from shared.vault.vault import open_vault
from tests.vault.vaults import CALLED, HOUR, NOW, PHONE, A, B, kept, person, ref, values


def test_what_lies_of_another_is_neither_read_nor_confirmed(vault):
    made, waiting = kept(vault), ref()
    vault.keep(B, waiting, person(), NOW)
    with pytest.raises(Destroyed):
        vault.read({made: "V-B"}, ["phone"])
    assert vault.read({made: "V-A"}, ["phone"])[made]["phone"].reveal() == PHONE
    vault.confirm({waiting: "V-A"})
    assert vault.counts()["pending"] == 1
    vault.confirm({waiting: "V-B"})
    assert vault.counts()["pending"] == 0


def test_what_no_event_names_is_neither_copied_nor_found(vault):
    made, called = kept(vault), ref()
    vault.keep(A, ref(), {"phone": Personal("13900139000")}, NOW + HOUR)
    assert vault.copy(A, CALLED, called, ["phone"], NOW) == ("phone",)
    assert values(vault, called, "phone") == values(vault, made, "phone") == {"phone": PHONE}
    assert vault.find("phone", Personal("13900139000")) == ()


def test_after_a_destruction_not_even_the_index_knows_of_it(vault):
    gone, stays = kept(vault), ref()
    vault.keep(B, stays, person(), NOW)
    assert vault.lying([gone, stays, "nobody"]) == 2
    vault.destroy([A])
    assert vault.lying([gone]) == 0 and vault.lying([stays]) == 1
    with vault._content.pool.use() as db:  # as a destruction that forgot the index would leave it
        db.execute("INSERT INTO lookup SELECT ?, field, index_key, kind, mac FROM lookup WHERE ref = ? AND field = 'phone'", (gone, stays))
    assert vault.lying([gone]) == 1


def test_find_for_many_is_find_for_each(vault):
    made = kept(vault)
    vault.confirm([made])
    asked = [("phone", Personal(PHONE)), ("id", Personal(PHONE)), ("phone", Personal("13900139000")), ("phone", Personal("1"))]
    assert vault.find_all(asked) == [vault.find(kind, value) for kind, value in asked] == [(A,), (), (), ()]


def test_fields_that_are_held_elsewhere_are_forgotten(vault):
    made = kept(vault)
    vault.forget({made: ("phone",), "nobody": ("phone",)})
    assert set(values(vault, made, "phone", "name")) == {"name"} and not vault.known([PHONE])


def test_what_was_kept_while_its_key_was_destroyed_is_not_said_to_be_kept(vault, databases, root, monkeypatch):
    kept(vault)
    other, made, given = open_vault(databases, root), ref(), vault._keyring.data_keys

    def destroyed_meanwhile(*asked):
        keys = given(*asked)
        other.destroy([A])
        return keys

    monkeypatch.setattr(vault._keyring, "data_keys", destroyed_meanwhile)
    with pytest.raises(LogBusy):
        vault.keep(A, made, person(), NOW)
    monkeypatch.undo()
    vault.keep(A, made, person(), NOW)
    assert values(vault, made, "phone") == {"phone": PHONE} and vault.counts()["refs"] == 1
    other.close()


def test_a_sweep_asks_once_for_many_keys(vault, monkeypatch):
    items = [(Scope(f"V-{n}", REGISTER, "register"), ref(), person()) for n in range(30)]
    vault.keep_all(items, NOW)
    vault.confirm([made for _, made, _ in items])
    asked, used = [], vault._erasing._used

    def counted(keys):
        asked.append(len(keys))
        return used(keys)

    monkeypatch.setattr(vault._erasing, "_used", counted)
    assert vault.sweep(NOW + HOUR) == () and asked == [30]
