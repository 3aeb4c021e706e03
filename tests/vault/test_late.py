"""What goes on while the vault is away, and what comes back with it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from shared.handling.guard import unfit_texts
from shared.kernel.commands import Command, Signature
from shared.runtime.guarded import Guarded
from shared.runtime.late_vault import LateVault
from shared.sql.ports import LogBusy, StorageFailed
from shared.vault.root import RootRefused
from tests.vault.vaults import NOW, A, kept

LANDLINE, MOBILE = "0470-8223344", "13800138000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Command):
    """Something said."""

    text: str


def refused(late: LateVault, text: str) -> bool:
    """It holds a personal value, as far as can be told now."""
    return bool(unfit_texts(Note(by=Signature("B.DUTY"), now=NOW, text=text), late.known))


class Away:
    """Stands before a vault: fails with what is said, and counts how often it was asked."""

    def __init__(self, vault) -> None:
        self.vault, self.fault, self.asked = vault, None, 0

    def known(self, words):
        self.ask()
        return self.vault.known(words)

    def counts(self):
        self.ask()
        return self.vault.counts()

    def ask(self) -> None:
        self.asked += 1
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def away(vault):
    kept(vault, A, phone=LANDLINE)
    return Away(vault)


@pytest.mark.parametrize("fault", [StorageFailed("gone"), LogBusy("held")])
def test_while_the_vault_is_away_a_number_is_told_by_its_form_alone(away, fault):
    late, of, woken = LateVault(lambda: away), Guarded("alerts"), []
    late.wake = lambda: woken.append(1)
    of.guarded("vault", late.step)
    assert refused(late, LANDLINE) and refused(late, MOBILE) and not of.faults and not woken
    away.fault, away.asked = fault, 0
    assert [refused(late, said) for said in (LANDLINE, "0471-1234567", MOBILE)] == [False, False, True]
    assert (away.asked, woken) == (1, [1])  # no word waits a second time for what is away
    of.guarded("vault", late.step)
    assert of.faults == {"vault": type(fault).__name__} and not refused(late, LANDLINE)
    away.fault = None
    of.guarded("vault", late.step)
    assert not of.faults and refused(late, LANDLINE)


def test_a_process_begins_without_the_vault_and_opens_it_when_it_can(away):
    found: list[Exception] = [RootRefused("no root key")]

    def opening():
        if found:
            raise found.pop()
        return away

    late, of = LateVault(opening), Guarded("alerts")
    of.guarded("vault", late.step)
    assert late.vault is None and of.faults == {"vault": "RootRefused"}
    assert not refused(late, LANDLINE) and refused(late, MOBILE)
    of.guarded("vault", late.step)
    assert late.vault is away and not of.faults and refused(late, LANDLINE)
