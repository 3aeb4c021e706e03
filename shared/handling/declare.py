"""What a service declares. Nothing here knows where the service runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shared.handling.matters import AS_WRITTEN, Matters, Streams
from shared.kernel.commands import Command
from shared.kernel.decider import Decider, Handles, category
from shared.kernel.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Policy:
    """A sentence: when a fact of these families is seen, these commands follow. Keeps no memory, queries no read model.

    `newest`: its commands look at how things stand, so of several facts of a stream that are read together the last one is enough.
    `formerly`: the name under which it, or a policy it replaced, reacted to a family: what a log parked under that is its own, and what
    follows from such a fact keeps its ids, so that nothing counts twice.
    """

    name: str  # when_<event>_then_<command>
    listens: tuple[str, ...]  # event families
    react: Callable[[Any, Envelope], Iterable[Command]]
    newest: bool = False
    formerly: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Start:
    """A deadline begins: at `due_at` the timer sends the command named, with these arguments."""

    key: str
    due_at: datetime
    command: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stop:
    """A deadline was met or fell away. A key ending in `*` stops every clock of the stream that begins so."""

    key: str


@dataclass(frozen=True)
class Table:
    """A table of a read model; `columns` maps name to SQL type, `key` is the primary key."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    indexes: tuple[tuple[str, ...], ...] = ()

    def ddl(self) -> list[str]:
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        made = [f"CREATE TABLE IF NOT EXISTS {self.name} ({columns}, PRIMARY KEY ({', '.join(self.key)})) WITHOUT ROWID"]
        made += [f"CREATE INDEX IF NOT EXISTS {self.name}_{'_'.join(i)} ON {self.name} ({', '.join(i)})" for i in self.indexes]
        return made

    def upsert(self) -> str:
        """Write a row, given by its columns in order, in the place of the one with its key."""
        columns, marks, key = ", ".join(self.columns), ", ".join("?" * len(self.columns)), ", ".join(self.key)
        changed = ", ".join(f"{name} = excluded.{name}" for name in self.columns if name not in self.key)
        what = f"UPDATE SET {changed}" if changed else "NOTHING"
        return f"INSERT INTO {self.name} ({columns}) VALUES ({marks}) ON CONFLICT ({key}) DO {what}"


class Rows(Protocol):
    """The reader's unit of work: sees its own writes, flushed once per chunk."""

    def get(self, table: Table, *key: Any) -> dict[str, Any] | None: ...
    def put(self, table: Table, **row: Any) -> None: ...
    def change(self, table: Table, *key: Any, **columns: Any) -> None: ...
    def delete(self, table: Table, *key: Any) -> None: ...


class Projection(Protocol):
    """Builds one read model. `listens` names event families; an unknown version stops, never skips."""

    tables: tuple[Table, ...]
    listens: tuple[str, ...]

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None: ...


@dataclass(frozen=True)
class Service:
    """One service as data: what it decides, what it shows, what it reacts to."""

    name: str
    letter: str  # its place in position vectors: `a12.r99`
    deciders: tuple[Decider[Any], ...]
    projections: tuple[Projection, ...] = ()
    policies: tuple[Policy, ...] = ()
    due: Callable[[Any, Envelope], Iterable[Start | Stop]] | None = None
    due_families: tuple[str, ...] = ()
    matters: Callable[[Streams], Matters] | None = None  # of its log, where an envelope alone does not say who may see an event
    listens_to: tuple[str, ...] = field(init=False)  # the services whose facts its policies, projections or deadlines name
    _by_category: Mapping[str, Decider[Any]] = field(init=False, repr=False)
    _by_command: Mapping[str, tuple[type[Command], Decider[Any], Handles]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        commands = {cls.__name__: (cls, d, handles) for d in self.deciders for cls, handles in d.handles.items()}
        if len(commands) != sum(len(d.handles) for d in self.deciders):
            raise ValueError(f"{self.name}: a command has two deciders")
        names = [name for policy in self.policies for name in {policy.name, *policy.formerly.values()}]
        if len(names) != len(set(names)):
            raise ValueError(f"{self.name}: a policy has the name, or the former name, of another")
        named = (self.due_families, *(shown.listens for shown in self.projections), *(policy.listens for policy in self.policies))
        heard = {family.partition(".")[0] for families in named for family in families}
        object.__setattr__(self, "listens_to", tuple(sorted(heard - {self.name})))
        object.__setattr__(self, "_by_category", {d.category: d for d in self.deciders})
        object.__setattr__(self, "_by_command", commands)

    @property
    def commands(self) -> Sequence[str]:
        return sorted(self._by_command)

    def handler(self, command: str) -> tuple[type[Command], Decider[Any], Handles]:
        """Class, decider and handling of a command by its name. KeyError when it is not ours."""
        return self._by_command[command]

    def decider_of(self, stream: str) -> Decider[Any]:
        return self._by_category[category(stream)]


def matters_of(services: Iterable[Service], log: Callable[[Service], Streams]) -> Matters:
    """What a process knows of whose matter events are, of whatever log: as the one service has it that says so."""
    known = [service.matters(log(service)) for service in services if service.matters is not None]
    if len(known) > 1:
        raise ValueError("one service of a node says whose matter events are")
    return known[0] if known else AS_WRITTEN
