"""The engine that does the vault's part of what was decided: confirm, copy, destroy, and certify that it was destroyed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from services.privacy.deciders.retention.commands import CertifyDestruction
from services.privacy.deciders.streams import STANDING, request_scope, standing_of
from services.privacy.events.certificate import DestructionBegun
from services.privacy.events.duties import RightsRequestReceived, RightsWordsDestroyed
from services.privacy.events.record import PersonalDataCollected, PersonalDataCorrected, PersonalDataDestroyed
from services.privacy.hearing import CHUNK, Cursors, Ending, Heard
from shared.eventlog.chain import Cursor
from shared.eventlog.ports import EventFeed, EventStore
from shared.handling.pending import Busy, Pending, Result, fingerprint
from shared.kernel.commands import Signature, derived_id
from shared.kernel.envelope import Recorded, genesis
from shared.kernel.errors import Destroyed, DomainError, LogFork, LogGap
from shared.sql.ports import Database, LogBusy, StorageFailed
from shared.vault.scope import Scope
from shared.vault.vault import Vault

ORPHANED = timedelta(hours=1)  # content that no event has named since (own default)
MOST = 60_000  # records of destructions that are handled as one
DESTROYING = ("privacy.personal_data.destroyed.", "privacy.destruction.begun.")
SWEEP_EVERY = timedelta(minutes=10)
LATER = timedelta(minutes=10)  # than its time the day's run begins: whatever is due by then was followed (own default)
REST = timedelta(minutes=1)  # after somebody was reading the files of the vault: each try waits for seconds (own default)


class Custodian:
    """Follows the log of privacy in order. Everything it does may be done twice: a crash, or a restored backup, begins again.

    Its cursor lies with the content, so that a restored vault is brought up to the log that came with it. One step handles a chunk and
    submits its certificates; the next, once all are decided, moves on.
    """

    def __init__(
        self,
        log: EventStore,
        vault: Vault,
        store: Database,
        submit: Callable[[Pending], None],
        now: Callable[[], datetime],
        others: Sequence[EventFeed] = (),
        received: bool = False,
    ) -> None:
        """`others`: the neighbours' logs, whose facts name content too."""
        self._log, self._vault, self._submit, self._now = log, vault, submit, now
        self._cursors = Cursors(store)
        self._ending = Ending(self._cursors)
        self._heard = [Heard(feed, vault, self._cursors, received) for feed in others]
        self._cursor: Cursor | None = None
        self._scopes: list[Scope] = []  # ordered destroyed, their certificate not read yet
        self._next: Cursor | None = None
        self._waiting: dict[str, Pending] = {}
        self._unsent: list[Pending] = []
        self._again = False
        self._swept: datetime | None = None
        self._began: str | None = None  # the root at the first try of the destructions that are handled now
        self._busy: tuple[str, datetime] | None = None  # why the last try came to nothing, and until when there is no other
        self._level = False  # with the log, as of the last batch

    def step(self) -> bool:
        """False when idle, or waiting for what was submitted."""
        if self._next is not None:
            return self._settle()
        if any([heard.step() for heard in self._heard]):
            return True
        if self._began is not None:
            self._rest()
        cursor = self._cursor or self._cursors.of(self._log.name)
        moved = Cursor(cursor.position, cursor.chain)
        try:
            if self._cursor is None and cursor.position > self._log.head().position:
                raise LogGap(f"{self._log.name} is shorter than what was followed of it")
            batch = list(self._following(moved))
        except (LogFork, LogGap):  # the log is another than the one the vault was left with
            self._anew()
            return True
        self._cursor, self._level = cursor, len(batch) < CHUNK
        if not batch:
            if self._runs():
                return True
            self._sweep()
            return False
        self._handle(batch)
        self._next, self._again = moved, False
        self._push()
        return True

    def close(self) -> None:
        """Nothing is held open; another process begins where the cursor lies."""
        self._cursor = self._next = self._began = None
        self._scopes, self._unsent, self._waiting = [], [], {}
        self._cursors.close()

    def _anew(self) -> None:
        """From the log's beginning: what waits is what that log says."""
        self._ending.forget()
        self._cursors.save(self._log.name, Cursor(0, genesis(self._log.name)))
        self._cursor, self._began, self._scopes = None, None, []

    def _following(self, moved: Cursor) -> Iterator[Recorded]:
        """What is next in the log. Where people are destroyed, with what follows it: each destruction wraps every key that stays anew,
        so those that wait are done as one."""
        left, destroying = MOST, bool(self._scopes)
        while left > 0 and (batch := moved.follow(self._log.read(moved.position, CHUNK))):
            yield from batch
            left -= len(batch)
            destroying = destroying or any(one.type.startswith(DESTROYING) for one in batch)
            if not destroying:
                return

    def _handle(self, batch: Sequence[Recorded]) -> None:
        """Destructions come last, all at once: each replaces the root, and nothing that follows one needs what it destroyed. Words of
        requests, which nothing certifies, wait for the run of their day, or go with what is destroyed before."""
        named: dict[str, str] = {}
        words: dict[str, datetime] = {}
        doomed: list[Scope] = []
        begun: list[DestructionBegun] = []
        for recorded in batch:
            if not recorded.type.startswith(("privacy.personal_data.", "privacy.destruction.", "privacy.rights.")):
                continue
            match recorded.event:
                case PersonalDataCollected(copied_from=None, ref=str() as ref, subject=subject):
                    named[ref] = subject
                case PersonalDataCollected(copied_from=str()) | PersonalDataCorrected(copied_from=str()) as event:
                    self._confirm(named)
                    self._copy(event)
                case PersonalDataCorrected(replaced=replaced) as event if replaced:
                    self._confirm({**named, event.ref: event.subject})
                    named = {}
                    self._vault.forget(dict.fromkeys(replaced, event.fields))
                case RightsRequestReceived(digest=ref, request=request) if ref:
                    named[ref] = request
                case RightsWordsDestroyed(request=request, ref=ref) as event if ref:  # also where nothing lies here: a backup may hold it
                    words[request] = event.run or event.at
                case PersonalDataDestroyed() as event:
                    self._scopes += [Scope(event.subject, *key) for key in zip(event.registers, event.purposes, strict=True)]
                case DestructionBegun() as event:
                    doomed, self._scopes = [*doomed, *self._scopes], []
                    begun.append(event)
        self._confirm(named)
        if words:
            self._ending.wait(words, self._vault.root())
        if doomed or begun:
            self._destroy(doomed, begun)

    def _confirm(self, named: dict[str, str]) -> None:
        if named:
            self._vault.confirm(named)
            named.clear()

    def _copy(self, event: PersonalDataCollected | PersonalDataCorrected) -> None:
        source = Scope(event.subject, STANDING, standing_of(event.purpose))
        with suppress(Destroyed):  # the standing record went meanwhile: there is nothing to copy
            target = Scope(event.subject, event.register, event.purpose)
            self._vault.copy(source, target, str(event.ref), event.fields, event.at)
            if isinstance(event, PersonalDataCorrected):
                self._vault.forget(dict.fromkeys(event.replaced, event.fields))

    def _destroy(self, scopes: Sequence[Scope], begun: Sequence[DestructionBegun]) -> None:
        """Once for what is handled together, however often it is tried: what was done of it before is not begun anew."""
        words = self._ending.waiting()
        if begun:
            self._began = self._began or self._vault.root()
        since = [*((self._began,) if self._began else ()), *(one.root for one in words.values())]
        try:
            replaced = self._vault.destroy([*scopes, *(Scope(*request_scope(request)) for request in words)], since=since)
        except (LogBusy, StorageFailed) as trouble:
            self._scopes, self._cursor = [], None  # a destruction that lies over two chunks is begun again with its first
            self._busy = str(trouble), self._now() + REST
            raise
        self._busy = None
        self._ending.done(words)
        head = self._log.head()
        for event in begun:
            command = CertifyDestruction(
                by=Signature("SYS.CUSTODIAN", ("SYS",), event.division),
                now=max(self._now(), event.at),
                certificate=event.certificate,
                position=head.position,
                chain=head.chain.hex(),
                root=replaced.before,
            )
            self._unsent.append(self._pending(command))

    def _runs(self) -> bool:
        """Destroy what waits once the day's run has come, and everything was followed that it may be of."""
        first = next(iter(self._ending.waiting().values()), None)
        if not self._level or first is None or first.run + LATER > self._now():
            return False
        self._rest()
        self._destroy((), ())
        return True

    def _rest(self) -> None:
        """LogBusy, as it was said, until it is time for the next try."""
        if self._busy is not None and self._now() < self._busy[1]:
            raise LogBusy(self._busy[0])

    def _pending(self, command: CertifyDestruction) -> Pending:
        made = Pending(
            id=derived_id("custodian", self._log.name, command.certificate),
            command=command,
            fingerprint=fingerprint("CertifyDestruction", b""),
            done=lambda result: self._decided(command.certificate, result),
            derived=True,
        )
        self._waiting[command.certificate] = made
        return made

    def _decided(self, certificate: str, result: Result) -> None:
        """On the writer's thread: only notes."""
        if isinstance(result, BaseException) and not isinstance(result, DomainError):
            self._again = True
        self._waiting.pop(certificate, None)

    def _push(self) -> None:
        with suppress(Busy):
            while self._unsent:
                self._submit(self._unsent[0])
                self._unsent.pop(0)

    def _settle(self) -> bool:
        self._push()
        if self._waiting:
            return False
        following, self._next = self._next, None
        assert following is not None
        if self._again:
            self._scopes, self._cursor = [], None
            return False  # handled once more: nothing of it was decided
        if not self._scopes:  # a destruction that lies over two chunks is begun again with its first
            self._cursors.save(self._log.name, following)
        self._cursor, self._began = following, None
        self._runs()  # also where the log never comes to rest
        return True

    def _sweep(self) -> None:
        """What was kept and never named by an event, as far as every log was heard."""
        now = self._now()
        heard = [heard.until(now) for heard in self._heard]
        if None not in heard and (self._swept is None or now - self._swept >= SWEEP_EVERY):
            self._swept = now
            self._vault.sweep(min(now, *[until for until in heard if until is not None], now) - ORPHANED)
