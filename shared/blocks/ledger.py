"""Double-entry bookkeeping in whole units: what enters one account leaves another; the accounts kept inside are never below zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Leg:
    """So much of a unit (a lot of goods, cents of a fund) into an account, or out of it when negative.

    `reserved:AC-1` is the account `reserved` under the key `AC-1`: each key has a balance of its own.
    """

    account: str
    unit: str
    amount: int


class Unbalanced(ValueError):
    """What enters is not what leaves: a defect of who posts, never an answer to a caller."""


class Overdrawn(ValueError):
    """An inside account would be below zero."""


def move(unit: str, amount: int, source: str, target: str) -> tuple[Leg, ...]:
    """The usual entry: so much from one account to another; nothing has no legs."""
    return (Leg(source, unit, -amount), Leg(target, unit, amount)) if amount else ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """Balances inside by account and unit, zero left out; balances outside (supplier, people, lost ...) by account alone, of any sign."""

    accounts: frozenset[str]  # names, without keys, of the accounts kept inside
    inside: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # unit -> account -> amount above zero
    outside: Mapping[str, int] = field(default_factory=dict)

    def post(self, legs: Iterable[Leg]) -> Ledger:
        """The ledger with one entry more. Unbalanced, Overdrawn: then nothing was posted."""
        sums: dict[str, int] = {}
        touched: dict[str, dict[str, int]] = {}
        outside: dict[str, int] | None = None  # copied when it changes: streams are long
        for leg in legs:
            unit, amount, name = leg.unit, leg.amount, leg.account.partition(":")[0]
            sums[unit] = sums.get(unit, 0) + amount
            if name in self.accounts:
                held = touched.get(unit)
                if held is None:
                    held = touched[unit] = dict(self.inside.get(unit, {}))
                held[leg.account] = held.get(leg.account, 0) + amount
            elif amount:
                outside = dict(self.outside) if outside is None else outside
                outside[name] = outside.get(name, 0) + amount
        for unit, total in sums.items():
            if total:
                raise Unbalanced(f"{unit}: {total} more enters than leaves")
        inside: dict[str, Mapping[str, int]] = {**self.inside, **touched}
        for unit, held in touched.items():
            if min(held.values()) <= 0:
                if short := {account: amount for account, amount in held.items() if amount < 0}:
                    raise Overdrawn(f"{unit}: {short}")
                inside[unit] = held = {account: amount for account, amount in held.items() if amount}
            if not held:
                del inside[unit]
        return Ledger(self.accounts, inside, self.outside if outside is None else outside)

    def balance(self, account: str, unit: str) -> int:
        """What an inside account holds of a unit; without a key, under all its keys together."""
        held = self.inside.get(unit, {})
        if ":" in account:
            return held.get(account, 0)
        return sum(amount for name, amount in held.items() if name.partition(":")[0] == account)

    def total(self, account: str) -> int:
        """What an account holds of all units together."""
        if account.partition(":")[0] not in self.accounts:
            return self.outside.get(account, 0)
        return sum(self.balance(account, unit) for unit in self.inside)

    def units(self, account: str) -> dict[str, int]:
        """What an inside account holds, by unit, zero left out."""
        if ":" in account:
            return {unit: held[account] for unit, held in self.inside.items() if account in held}
        found = {unit: self.balance(account, unit) for unit in self.inside}
        return {unit: amount for unit, amount in found.items() if amount}

    def keys(self, account: str) -> frozenset[str]:
        """The keys under which an inside account holds anything."""
        named = (name.partition(":") for held in self.inside.values() for name in held)
        return frozenset(key for name, mark, key in named if mark and name == account)

    @property
    def empty(self) -> bool:
        """Whether nothing is inside."""
        return not self.inside
