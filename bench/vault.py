"""The vault's own part of registration, reading and destruction: values sealed, keys wrapped, every commit on the disk."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from statistics import median
from uuid import UUID

from bench.figures import Figure, Scale, folder
from shared.sql.sqlite import Files
from shared.vault.personal import Personal
from shared.vault.scope import REGISTER, Scope, person_ref
from shared.vault.vault import READ, Vault, open_vault

SUBJECTS, AT_ONCE, THREADS = 50_000, 1_000, 20
NOW = datetime(2021, 7, 19, 8, 0, tzinfo=UTC)
FIELDS = ("name", "phone")


def run(scale: Scale) -> list[Figure]:
    """One register of subjects: kept, read, one destroyed, all destroyed."""
    number, single = scale.of(SUBJECTS, 400), scale.of(2_000, 100)
    with folder() as place:
        vault = open_vault(Files(place / "data"), place / "root.key", folder=place / "data")
        for start in range(0, number, AT_ONCE):
            items = [(_scope(n), _ref(n), _person(n)) for n in range(start, min(number, start + AT_ONCE))]
            vault.keep_all(items, NOW)
            vault.confirm([ref for _, ref, _ in items])
        step = max(1, number // READ)
        reads = [_ms(lambda: vault.read([_ref(n) for n in range(0, number, step)][:READ], FIELDS)) for _ in range(max(3, scale.runs))]
        kept = _kept_together(vault, number, single)
        replaced = _ms(vault.replace_root) / 1000
        one = _ms(lambda: vault.destroy([_scope(0)])) / 1000
        every = _ms(lambda: vault.destroy([_scope(n) for n in range(number)], _told)) / 1000
        assert vault.counts()["refs"] == single
        vault.close()
    return [
        Figure(f"vault: one read of {READ} people out of {number:,}", "ms", median(reads), None, "ours <= 100"),
        Figure(f"vault: kept by {THREADS} threads, key and content committed", "people/s", kept, None, ""),
        Figure(f"vault: the root replaced over {number:,} subjects", "s", replaced, None, ""),
        Figure(f"vault: one of {number:,} subjects destroyed, root replaced, index keyed anew", "s", one, None, ""),
        Figure(f"vault: {number:,} subjects destroyed, root replaced", "s", every, None, "ours <= 60"),
    ]


def _kept_together(vault: Vault, after: int, number: int) -> float:
    def keep(n: int) -> None:
        vault.keep(_scope(n), _ref(n), _person(n), NOW)

    with ThreadPoolExecutor(THREADS) as threads:
        began = time.perf_counter()
        list(threads.map(keep, range(after, after + number)))
        return number / (time.perf_counter() - began)


def _told(done: int, of: int) -> None:
    print(f"\rdestroyed {done:,} of {of:,}", end="\n" if done == of else "", file=sys.stderr, flush=True)


def _person(n: int) -> dict[str, Personal[str] | Personal[bytes]]:
    values = {"name": f"name {n}", "id_number": f"15072219900101{n:06}", "phone": f"139{n:08}", "kin_phone": f"138{n:08}", "health": "none"}
    return {field: Personal(value) for field, value in values.items()}


def _scope(n: int) -> Scope:
    return Scope(f"V-{n}", REGISTER, "register")


def _ref(n: int) -> str:
    return person_ref(UUID(int=n))


def _ms(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return (time.perf_counter() - began) * 1000
