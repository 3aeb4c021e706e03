"""The vault: personal values by reference, each under a key that can be destroyed (PIPL art. 47; ERL art. 85)."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.kernel.errors import Destroyed, Failure, RuleBroken
from shared.sql.ports import Database, Databases, LogBusy
from shared.vault.content import SCHEMA, Content, Keeping, Sealing, Value, Values, opened
from shared.vault.erasing import Erasing, Progress
from shared.vault.gathering import Gathering
from shared.vault.index import Kind, macs
from shared.vault.keyring import Keyring, RootReplaced
from shared.vault.personal import Personal
from shared.vault.root import RootFile, RootRefused
from shared.vault.scope import Scope

READ = 200  # references to one read (own default)
LARGEST = 8 * 1024 * 1024  # bytes of one value: a photo, a certificate (own default)
UNKNOWN_S, REMEMBERED = 1.0, 10_000  # of words, and of the keys they were looked for by: two seconds in all
CONTENT, KEYRING = "vault", "keyring"


@dataclass(frozen=True, slots=True)
class _Keep:
    scope: Scope
    keeping: Keeping


class Vault:
    """What it keeps is durable when the call returns. From any thread; several processes may use the same one."""

    def __init__(self, content: Content, keyring: Keyring, erasing: Erasing, database: Database) -> None:
        """`database` holds the content; who follows a log with the vault keeps the cursor there."""
        self.database = database
        self._content, self._keyring, self._erasing = content, keyring, erasing
        self._gathering = Gathering(self._write)
        self._destroying = threading.Lock()
        self._unknown: dict[str, float] = {}  # words that are nobody's, until when: the same codes stand in every command

    def keep(self, scope: Scope, ref: str, values: Values, now: datetime) -> None:
        """Store content before the event that names it; pending until `confirm`. The same reference again changes nothing.

        Calls of several threads share their commits. Fields that end in `id_number` or `phone` go into the index.
        """
        self._gathering.put(_keep(scope, ref, values, now))

    def keep_all(self, items: Sequence[tuple[Scope, str, Values]], now: datetime) -> None:
        """`keep` for a whole import: all of it or nothing."""
        if items:
            self._write([_keep(scope, ref, values, now) for scope, ref, values in items])

    def confirm(self, refs: Sequence[str] | Mapping[str, str]) -> None:
        """An event names these references: they are content, and no orphans any more. What is not here is passed over, and so is what
        lies of another subject than a mapping says."""
        self._content.confirm(refs)

    def copy(self, source: Scope, target: Scope, ref: str, fields: Sequence[str], now: datetime) -> tuple[str, ...]:
        """Keep under the new reference `ref`, confirmed at once, what the source scope holds in these fields (the latest of each, and
        only what an event names).

        Returns the fields that were there. Destroyed when the source holds nothing. The same reference again changes nothing.
        """
        if there := self._content.held([ref], fields):
            return tuple(sorted(there[ref].sealed))
        refs = self._content.refs_of(source)
        if not refs:
            raise Destroyed(Failure("vault.destroyed", f"nothing is kept of {source.subject} for {source.purpose}: collect it anew"))
        values: dict[str, Value] = {}
        shut = self.shut(refs)
        for held in self._opened([ref for ref in refs if ref not in shut] or refs, fields).values():
            values |= held
        self._gathering.put(_keep(target, ref, values, now, confirmed=True))
        return tuple(sorted(values))

    def correct(self, ref: str, values: Values) -> None:
        """Put these values in the place of what the named fields held, and leave the others. Destroyed when it is gone."""
        _fit(values)
        held = self._content.held([ref], ()).get(ref)
        key = self._keyring.opened([held.data_key]).get(held.data_key) if held else None
        if held is None or key is None:
            raise _gone([ref])
        *_, index = self._keyring.index_keys().items()
        if not self._content.correct(ref, values, Sealing(held.scope, held.data_key, key, index)):
            raise _gone([ref])
        self._unknown.clear()

    def forget(self, refs: Mapping[str, Sequence[str]]) -> None:
        """These fields of these references are held elsewhere now: remove what they hold here. What is not here is passed over."""
        self._content.forget([(ref, field) for ref, fields in refs.items() for field in fields])

    def read(self, refs: Sequence[str] | Mapping[str, str], fields: Sequence[str]) -> dict[str, dict[str, Value]]:
        """The named fields of at most 200 references; a field that was never kept is left out. Destroyed when one of them is gone,
        with a failure for each of those (`field` is the reference); what lies of another subject than a mapping says is as gone.
        Whoever calls has recorded the access before."""
        if len(set(refs)) > READ:
            raise RuleBroken(Failure("limit.read", f"one read names at most {READ} people: read them in parts"))
        return self._opened(refs, fields)

    def shut(self, refs: Sequence[str]) -> set[str]:
        """Those of these that lie here under a key of another root: they came back with a backup from before a destruction, and open
        nowhere any more."""
        held = self._content.held(refs, ())
        keys = self._keyring.opened([one.data_key for one in held.values()])
        return {ref for ref, one in held.items() if one.data_key not in keys}

    def find(self, kind: Kind, value: Personal[str]) -> tuple[Scope, ...]:
        """The scopes that hold this identity number (`id_number`) or phone (`phone`), however it is written."""
        digests = macs(self._keyring.index_keys().values(), value.reveal())
        return tuple(self._content.found(digests, kind)) if digests else ()

    def find_all(self, values: Sequence[tuple[Kind, Personal[str]]]) -> list[tuple[Scope, ...]]:
        """`find` for several, in their order."""
        keys = list(self._keyring.index_keys().values())
        digests = [(kind, macs(keys, value.reveal())) for kind, value in values]
        found = self._content.found_all([digest for _, some in digests for digest in some])
        return [tuple(sorted({scope for digest in some for scope in found.get((digest, kind), ())})) for kind, some in digests]

    def known(self, words: Collection[str]) -> frozenset[str]:
        """Which of these whole words are an identity number or a phone of anybody here; what another process kept counts within two
        seconds."""
        now = time.monotonic()
        new = [word for word in words if self._unknown.get(word, now) <= now]
        keys = self._keyring.index_keys(UNKNOWN_S).values() if new else ()
        asked = {word: macs(keys, word) for word in new}
        there = self._content.known([digest for some in asked.values() for digest in some])
        found = frozenset(word for word, some in asked.items() if not there.isdisjoint(some))
        if len(self._unknown) > REMEMBERED:
            self._unknown.clear()
        self._unknown.update(dict.fromkeys(asked.keys() - found, now + UNKNOWN_S))
        return found

    def lying(self, refs: Sequence[str]) -> int:
        """Of how many of these references anything still lies here, whether or not a key opens it: a sealed value, or a digest of the
        index by which somebody could be found again. Of none after a destruction."""
        return self._content.lying(refs)

    def root(self) -> str:
        """The id of the root in force; it is public."""
        return self._keyring.root()

    def destroy(self, scopes: Sequence[Scope], progress: Progress = lambda done, of: None, since: Sequence[str] = ()) -> RootReplaced:
        """Destroy the keys of these scopes and all that lies under them, and replace the root: no older keyring opens from then on.

        Unreadable from the first moment; what a crash leaves undone is finished when the vault is opened. Destroyed before: all the
        same, the root is replaced once more, unless that was done since all of these (`since`, from which on it was to be destroyed):
        then only what LogBusy left is. `progress` is told keys (done, of how many).
        """
        with self._destroying:
            self._erasing.doom(scopes)
            replaced = self._erasing.finish(progress)
            if replaced is None:
                done = bool(since) and (root := self._keyring.root()) not in since
                replaced = RootReplaced(since[0], root, 0) if done else self._keyring.replace_root()
                self._erasing.scrub()
            return replaced

    def finish(self) -> RootReplaced | None:
        """Finish a destruction that a crash broke off; None when there is none."""
        with self._destroying:
            return self._erasing.finish()

    def replace_root(self) -> RootReplaced:
        """Wrap every key by a new root: copies of the keyring made before are dead."""
        with self._destroying:
            replaced = self._keyring.replace_root()
            self._erasing.scrub()
            return replaced

    def sweep(self, before: datetime) -> tuple[str, ...]:
        """Destroy content that no event named since before then, and keys without content. Returns its references.

        The root stays: these were never collected, and copies of their keys die with the next destruction.
        """
        with self._destroying:
            return self._erasing.sweep(_ms(before))

    def counts(self) -> Mapping[str, int]:
        """refs, pending, quarantined, destroying, keys, foreign (keys of another root: an older backup, shut for good)."""
        return {**self._content.counts(), **self._keyring.counts()}

    def close(self) -> None:
        """Give back the connections."""
        self._content.close()
        self._keyring.close()

    def _write(self, items: Sequence[_Keep]) -> None:
        """Two commits, keys first: without its key no content is ever stored."""
        keys = self._keyring.data_keys([item.scope for item in items], max(item.keeping.kept for item in items))
        *_, index = self._keyring.index_keys().items()
        self._content.keep([(item.keeping, Sealing(item.scope, *keys[item.scope], index)) for item in items])
        used = [id for id, _ in keys.values()]
        if dead := set(used) - self._keyring.there(used):  # destroyed from its first step to its last since we were given it
            self._content.drop(sorted(dead))
            raise LogBusy("what was kept under this purpose was being destroyed just now: send it again")
        self._unknown.clear()

    def _opened(self, refs: Sequence[str] | Mapping[str, str], fields: Sequence[str]) -> dict[str, dict[str, Value]]:
        held = self._content.held(list(refs), fields)
        if isinstance(refs, Mapping):
            held = {ref: one for ref, one in held.items() if one.scope.subject == refs[ref]}
        keys = self._keyring.opened([one.data_key for one in held.values()])
        found = {
            ref: values for ref, one in held.items() if one.data_key in keys if (values := opened(ref, one, keys[one.data_key])) is not None
        }
        if gone := [ref for ref in dict.fromkeys(refs) if ref not in found]:
            raise _gone(gone)
        return {ref: found[ref] for ref in dict.fromkeys(refs)}


def open_vault(stores: Databases, root: Path, *, folder: Path | None = None) -> Vault:
    """The vault in the databases `vault` and `keyring`, under the root key in this file, made when there is no keyring yet.

    A destruction or a replacement of the root that was broken off is finished first. RootRefused when the root key is missing, can
    be read by others, or lies inside `folder`, the data folder, which backups take.
    """
    if folder is not None and root.resolve().is_relative_to(folder.resolve()):
        raise RootRefused(f"{root} lies in the data folder, which backups take: ORTOO_ROOT_KEY names a file outside of {folder}")
    return open_with(stores, RootFile(root))


def open_with(stores: Databases, file: RootFile) -> Vault:
    """`open_vault` over a root file of one's own."""
    databases = stores.at(CONTENT), stores.at(KEYRING)
    keyring = Keyring(databases[1], file)
    content = Content(databases[0])
    vault = Vault(content, keyring, Erasing(content, keyring, databases), databases[0])
    vault.finish()
    return vault


def quarantine(database: Database) -> None:
    """After a restore: what no event was seen for may belong to events that are still to be healed. It is left to a person."""
    with closing(database.connect(private=True)) as db:
        db.executescript(SCHEMA)
        db.execute("UPDATE reference SET quarantined = 1 WHERE pending IS NOT NULL")


def _gone(refs: Sequence[str]) -> Destroyed:
    cure = "what was kept under this reference was destroyed: there is nothing to read; collect it anew if there is a basis for it"
    return Destroyed(*[Failure("vault.destroyed", cure, ref) for ref in refs])


def _keep(scope: Scope, ref: str, values: Values, now: datetime, *, confirmed: bool = False) -> _Keep:
    if not ref:
        raise ValueError("content is kept under a reference")
    _fit(values)
    return _Keep(scope, Keeping(ref, values, _ms(now), None if confirmed else _ms(now)))


def _fit(values: Values) -> None:
    for field, value in values.items():
        plain = value.reveal()
        if not field or len(plain.encode() if isinstance(plain, str) else plain) > LARGEST:
            raise RuleBroken(Failure("limit.vault", f"one value holds at most {LARGEST // 2**20} MB: make it smaller", field))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
