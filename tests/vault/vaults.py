"""What a vault promises, as one suite: run against ours on either database, and against one that honours nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from uuid import UUID

from shared.kernel.errors import Destroyed, RuleBroken
from shared.vault.personal import Personal
from shared.vault.scope import REGISTER, Scope, person_ref

NOW = datetime(2021, 7, 19, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ID, PHONE = "15070019900307123X", "13800138000"
A, B = Scope("V-A", REGISTER, "register"), Scope("V-B", REGISTER, "register")
CALLED = Scope("V-A", "INC-1", "callup.contact")
_numbers = count()


def ref() -> str:
    """A reference nobody used."""
    return person_ref(UUID(int=next(_numbers)), 0)


def person(**more: str | bytes) -> dict[str, Personal]:
    """What is kept of somebody."""
    return {field: Personal(value) for field, value in {"name": "张三", "id_number": ID, "phone": PHONE, **more}.items()}


def kept(vault, scope: Scope = A, now: datetime = NOW, **more: str | bytes) -> str:
    """Kept and confirmed."""
    made = ref()
    vault.keep(scope, made, person(**more), now)
    vault.confirm([made])
    return made


def values(vault, of: str, *fields: str) -> dict[str, str | bytes]:
    """What a read shows."""
    return {field: value.reveal() for field, value in vault.read([of], fields)[of].items()}


def gone(vault, of: str) -> bool:
    """Reading is refused because it was destroyed."""
    try:
        vault.read([of], ["name"])
    except Destroyed as refused:
        return [failure.field for failure in refused.failures] == [of]
    return False


def reads_back(vault) -> None:
    made = kept(vault, photo=b"\xff\xd8" + bytes(range(256)) * 4_000)
    assert values(vault, made, "name", "phone", "blood") == {"name": "张三", "phone": PHONE}
    assert values(vault, made, "photo")["photo"][:2] == b"\xff\xd8" and len(values(vault, made, "photo")["photo"]) == 1_024_002


def the_same_again_changes_nothing(vault) -> None:
    made = kept(vault)
    vault.keep(A, made, person(name="another"), NOW + HOUR)
    assert values(vault, made, "name") == {"name": "张三"} and vault.counts()["pending"] == 0


def an_import_is_kept_together(vault) -> None:
    items = [(Scope(f"V-{n}", REGISTER, "register"), ref(), person(name=f"n{n}")) for n in range(5)]
    vault.keep_all(items, NOW)
    assert [values(vault, made, "name")["name"] for _, made, _ in items] == [f"n{n}" for n in range(5)]


def copies_the_fields_named(vault) -> None:
    kept(vault, now=NOW, phone="13900139000"), kept(vault, now=NOW + HOUR)
    made = ref()
    assert vault.copy(A, CALLED, made, ["phone", "blood"], NOW) == ("phone",) == vault.copy(A, CALLED, made, ["phone", "name"], NOW)
    assert values(vault, made, "phone", "name") == {"phone": PHONE} and vault.counts()["pending"] == 0
    assert set(vault.find("phone", Personal(PHONE))) == {A, CALLED}


def nothing_is_copied_from_what_is_gone(vault) -> None:
    kept(vault), vault.destroy([A])
    try:
        vault.copy(A, CALLED, ref(), ["phone"], NOW)
    except Destroyed:
        return
    raise AssertionError


def corrects_the_fields_named(vault) -> None:
    made = kept(vault)
    vault.correct(made, {"phone": Personal("13900139000"), "blood": Personal("A")})
    assert values(vault, made, "name", "phone", "blood") == {"name": "张三", "phone": "13900139000", "blood": "A"}
    assert (vault.find("phone", Personal(PHONE)), vault.find("phone", Personal("13900139000"))) == ((), (A,))


def finds_a_number_however_it_is_written(vault) -> None:
    kept(vault), kept(vault, B, id_number="x" + ID, phone="0470-8223344", kin_phone=PHONE)
    for written in (PHONE, "+86 138 0013 8000", "138-0013-8000", "１３８００１３８０００", "008613800138000"):
        assert vault.find("phone", Personal(written)) == (A,), written
    assert vault.find("id", Personal(ID.lower())) == (A,) and vault.find("phone", Personal(ID)) == () == vault.find("id", Personal(PHONE))
    assert vault.find("phone", Personal("(0470) 8223344")) == (B,)


def knows_whole_numbers(vault) -> None:
    assert not vault.known([PHONE])
    kept(vault, kin_phone="13911112222", name="1234567")
    every = (PHONE, ID, "13911112222", "13800138001", "1234567", "", "张三")
    assert vault.known(every) == vault.known(every) == {PHONE, ID, "13911112222"}


def what_is_destroyed_is_gone_and_nothing_else(vault) -> None:
    first, second, other, called = kept(vault), kept(vault), kept(vault, B, id_number="", phone="13900139000"), ref()
    vault.copy(A, CALLED, called, ["phone"], NOW)
    told = []
    replaced = vault.destroy([A], lambda done, of: told.append((done, of)))
    assert gone(vault, first) and gone(vault, second) and told == [(1, 1)] and replaced.before != replaced.after
    assert values(vault, other, "name") == {"name": "张三"} and values(vault, called, "phone") == {"phone": PHONE}
    assert vault.find("phone", Personal(PHONE)) == (CALLED,) and vault.find("id", Personal(ID)) == () and not vault.known([ID])


def destroyed_twice_is_destroyed(vault) -> None:
    made, other = kept(vault), kept(vault, B)
    ids = [vault.destroy([A]).after for _ in range(3)]
    assert len(set(ids)) == 3 and gone(vault, made) and values(vault, other, "phone") == {"phone": PHONE}


def what_was_destroyed_may_be_kept_anew(vault) -> None:
    kept(vault), vault.destroy([A])
    again = kept(vault)
    assert values(vault, again, "name") == {"name": "张三"} and vault.counts()["keys"] == 1


def a_new_root_changes_nothing_else(vault) -> None:
    made = kept(vault)
    assert vault.replace_root().keys >= 1
    assert values(vault, made, "name") == {"name": "张三"} and vault.find("id", Personal(ID)) == (A,)


def orphans_are_swept_and_nothing_else(vault) -> None:
    held, orphan, young = kept(vault), ref(), ref()
    vault.keep(B, orphan, person(phone="13900139000"), NOW), vault.keep(CALLED, young, person(), NOW + HOUR)
    assert vault.sweep(NOW + HOUR) == (orphan,) and gone(vault, orphan) and not vault.known(["13900139000"])
    assert values(vault, held, "name") and values(vault, young, "name") and vault.counts()["keys"] == 2
    assert vault.sweep(NOW + HOUR) == ()


def kept_again_is_as_new(vault) -> None:
    made = ref()
    vault.keep(A, made, person(), NOW), vault.keep(A, made, person(), NOW + HOUR)
    assert vault.sweep(NOW + HOUR) == () and values(vault, made, "name")


def one_of_many_gone_is_named(vault) -> None:
    held, lost = kept(vault), ref()
    try:
        vault.read([held, lost], ["name"])
    except Destroyed as refused:
        assert [failure.field for failure in refused.failures] == [lost]
        return
    raise AssertionError


def at_most_200_are_read_at_once(vault) -> None:
    many = [kept(vault) for _ in range(3)]
    assert len(vault.read(many * 70, ["name"])) == 3
    try:
        vault.read([ref() for _ in range(201)], ["name"])
    except RuleBroken as refused:
        assert refused.rule == "limit.read"
        return
    raise AssertionError


def too_large_is_refused(vault) -> None:
    large = {"photo": Personal(bytes(8 * 1024 * 1024 + 1))}
    made = kept(vault)
    for put in (lambda: vault.keep(A, ref(), large, NOW), lambda: vault.correct(made, large)):
        try:
            put()
        except RuleBroken as refused:
            assert refused.rule == "limit.vault"
        else:
            raise AssertionError


def what_is_shown_is_covered(vault) -> None:
    made = kept(vault)
    told = f"{vault.read([made], ['name', 'phone'])} {vault.read([made], ['phone'])[made]['phone']:>20}"
    assert PHONE not in told and "张三" not in told and "•••" in told


def counts_what_is_there(vault) -> None:
    kept(vault), kept(vault), vault.keep(B, ref(), person(), NOW)
    assert vault.counts() == {"refs": 3, "pending": 1, "quarantined": 0, "destroying": 0, "keys": 2, "foreign": 0}


SUITE: tuple[Callable, ...] = (
    reads_back,
    the_same_again_changes_nothing,
    an_import_is_kept_together,
    copies_the_fields_named,
    nothing_is_copied_from_what_is_gone,
    corrects_the_fields_named,
    finds_a_number_however_it_is_written,
    knows_whole_numbers,
    what_is_destroyed_is_gone_and_nothing_else,
    destroyed_twice_is_destroyed,
    what_was_destroyed_may_be_kept_anew,
    a_new_root_changes_nothing_else,
    orphans_are_swept_and_nothing_else,
    kept_again_is_as_new,
    one_of_many_gone_is_named,
    at_most_200_are_read_at_once,
    too_large_is_refused,
    what_is_shown_is_covered,
    counts_what_is_there,
)


class Honours:
    """Takes everything and keeps no promise."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, Personal]] = {}

    def keep(self, scope, ref, values, now):
        self._values.setdefault(ref, {}).update({name: Personal(str(value.reveal())[:1]) for name, value in values.items()})

    def keep_all(self, items, now):
        for scope, made, values in items[:-1]:
            self.keep(scope, made, values, now)

    def confirm(self, refs): ...

    def copy(self, source, target, ref, fields, now):
        return tuple(fields)

    def correct(self, ref, values): ...

    def read(self, refs, fields):
        return {made: {name: _Bare(value.reveal()) for name, value in self._values.get(made, {}).items()} for made in refs}

    def find(self, kind, value):
        return ()

    def known(self, words):
        return words

    def destroy(self, scopes, progress=None):
        return SimpleNamespace(before="1", after="1", keys=0)

    def replace_root(self):
        return SimpleNamespace(before="1", after="1", keys=0)

    def sweep(self, before):
        with suppress(KeyError):
            self._values.popitem()
        return ()

    def counts(self):
        return {"refs": len(self._values), "pending": 1, "keys": 0}


class _Bare(str):
    def reveal(self):
        return str(self)
