"""Engines and stores with one bug each, of every kind the simulator must find."""

from __future__ import annotations

from contextlib import contextmanager
from uuid import UUID

from shared.eventlog.chain import Cursor
from shared.eventlog.inbox import SqliteInbox
from shared.eventlog.ports import Head
from shared.eventlog.sqlite import SqliteLog, SqlitePen
from shared.handling.policies import PolicyRunner
from shared.handling.reader import Reader
from shared.handling.relay import Relay
from shared.handling.timers import Timers
from shared.handling.writer import Writer
from shared.kernel.envelope import genesis
from shared.kernel.errors import LogGap
from shared.runtime.simulated import Simulated


class HastyWriter(Writer):
    """Lost: a command is answered when it is decided, not when it is stored."""

    def __init__(self, *args, **parts):
        super().__init__(*args, **{**parts, "deliver": lambda results: None})

    def _one(self, pending, known, work):
        result = super()._one(pending, known, work)
        pending.done(result)
        return result


class ForgettingPen(SqlitePen):
    """Doubled: commands are not remembered."""

    def append(self, events, handled=(), attempts=(), time=None):
        return super().append(events, (), attempts, time)


class ReversingPen(SqlitePen):
    """Reordered: the events of a batch get their positions backwards."""

    def append(self, events, handled=(), attempts=(), time=None):
        return super().append(list(reversed(events)), handled, attempts, time)


class UnchainedPen(SqlitePen):
    """Unchained: each batch starts a chain of its own."""

    def __init__(self, db, name):
        super().__init__(db, name)
        self._head = Head(self._head.position, genesis(name), self._head.time)


class BlobsLater(Writer):
    """Lost: the blobs are stored after the events that name them."""

    def _write(self, batch):
        blobs, self._blobs = self._blobs, None
        results = super()._write(batch)
        self._blobs = blobs
        for pending in batch:
            if pending.blobs:
                blobs.put_many(pending.blobs)
        return results


class HastyRunner(PolicyRunner):
    """Forgotten cursor: it moves on before the commands are decided."""

    def _send(self, commands, then):
        then()
        super()._send(commands, lambda: None)


class NumberingRunner(PolicyRunner):
    """Doubled: command ids are drawn, not derived."""

    drawn = 0

    def _commands(self, policy, recorded):
        made = super()._commands(policy, recorded)
        for pending in made:
            NumberingRunner.drawn += 1
            pending.id = UUID(int=NumberingRunner.drawn)
        return made


class CountingTimers(Timers):
    """Doubled: a deadline's command id depends on when it was sent."""

    def _pending(self, row, key, now):
        pending = super()._pending(row, key, now)
        pending.id = UUID(int=int(now.timestamp() * 1e6))
        return pending


class ForgettingReader(Reader):
    """Forgotten cursor: it begins again from the start, over rows that are there already, and does not look where it was."""

    def _remember(self):
        super()._remember()
        self._cursors = {log: Cursor(0, genesis(log)) for log in self._cursors}

    def _advance(self, log, after, cursor):
        self._db.execute("UPDATE reader_cursor SET position = ?, chain = ? WHERE log = ?", (cursor.position, cursor.chain, log))


class HastyRelay(Relay):
    """Lost: it begins where the log ends, instead of asking the topic."""

    def _asked(self):
        self._topic.last()
        head = self._log.head().position
        return head, self._log.chain_at(head)


class UncheckedInbox(SqliteInbox):
    """Lost: what does not follow is passed over."""

    def store(self, records):
        try:
            return super().store(records)
        except LogGap:
            self._log.save_cursor("topic", self.name, records[-1][0] + 1, b"")
            return 0


def with_pen(kind: type[SqlitePen]) -> type[Simulated]:
    class Log(SqliteLog):
        @contextmanager
        def pen(self):
            with super().pen():
                yield kind(self._db, self.name)

    return type(kind.__name__, (Simulated,), {"make_log": lambda self, path: Log(path, self.log_name, self._connect)})


def with_writer(kind: type[Writer]) -> type[Simulated]:
    return type(kind.__name__, (Simulated,), {"make_writer": lambda self: kind(self.log, self.service, **self.writer_parts())})


def with_policies(kind: type[PolicyRunner]) -> type[Simulated]:
    return type(kind.__name__, (Simulated,), {"make_policies": lambda self: kind(self.service, self.log, self.log, self._submit)})


class WithTimers(Simulated):
    def make_timers(self):
        return CountingTimers(self.service, self.models.look, self._submit, lambda: self.now)


class WithModels(Simulated):
    def make_models(self):
        models = super().make_models()
        models.reader.close()
        models.reader = ForgettingReader(self.service, self.log, (), models.reader.database)
        return models


def with_relay(kind: type[Relay]) -> type[Simulated]:
    return type(kind.__name__, (Simulated,), {"make_relay": lambda self: kind(self.log, self.topic)})


def with_inbox(kind: type[SqliteInbox], host: type[Simulated]) -> type[Simulated]:
    return type(kind.__name__, (host,), {"make_inbox": lambda self, path: kind(path, self.log_name, self._connect)})


PLANTED = {
    "lost: answered before the commit": (with_writer(HastyWriter), "was accepted and is not stored"),
    "lost: blob after its event": (with_writer(BlobsLater), "its blob is not"),
    "doubled: commands are forgotten": (with_pen(ForgettingPen), "is not stored|belong to no command|accepted twice"),
    "doubled: a policy draws its ids": (with_policies(NumberingRunner), "sent by nobody|did not happen"),
    "doubled: a timer counts by the clock": (WithTimers, "sent by nobody|never fired"),
    "lost: the relay begins at the head": (with_relay(HastyRelay), "after .* came"),
    "lost: the inbox passes over a gap": (with_inbox(UncheckedInbox, with_relay(HastyRelay)), "the inbox holds|did not run dry"),
    "reordered": (with_pen(ReversingPen), "goes from version|log says otherwise|decided for position"),
    "unchained": (with_pen(UnchainedPen), "does not follow|was put back"),
    "forgotten cursor: of the policies": (with_policies(HastyRunner), "did not happen"),
    "forgotten cursor: of the reader": (WithModels, "is not what the log says"),
}
"""Kind of bug: the host that has it, and what the simulator says when it finds it."""
