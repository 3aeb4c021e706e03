"""What the edge needs of the host that runs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shared.blobs.store import Blobs
from shared.handling.declare import Service
from shared.handling.guard import Knows
from shared.handling.pending import Pending
from shared.kernel.commands import Signature
from shared.kernel.envelope import Recorded
from shared.sql.ports import Connection
from shared.vault.vault import Vault
from shared.web.directory import Directory
from shared.web.principals import Principals


class Host(Protocol):
    """A running node, as its routes see it."""

    principals: Principals
    services: Mapping[str, Service]
    directory: Directory

    blobs: Blobs
    province: str

    @property
    def vault(self) -> Vault | None:
        """Where personal values lie; None in a process that has nothing to do with them."""
        ...

    @property
    def knows(self) -> Knows:
        """Which words are personal values that the vault keeps, for texts that are masked."""
        ...

    def now(self) -> datetime: ...
    def log(self, service: str) -> str:
        """The name of a service's log."""
        ...

    def history(self, service: str, stream: str) -> Sequence[Recorded]:
        """Every event of one stream."""
        ...

    def nudge(self, service: str) -> None:
        """Something beside the log may have become due, such as a new reading."""
        ...

    def submit(self, service: str, pending: Pending) -> None:
        """Queue a command for a service's writer. Busy when it is full."""
        ...

    def read(self, service: str) -> Connection:
        """A read-only connection of this thread to the service's current read models."""
        ...

    def positions(self) -> Mapping[str, int]:
        """How far the read models have applied each log, by log name."""
        ...

    def heads(self) -> Mapping[str, int]:
        """The last position of each log, by log name."""
        ...

    async def move_clock(self, to: datetime) -> None:
        """Story clock only: move the time, let timers fire and readers and policies run dry."""
        ...

    @property
    def story(self) -> bool: ...
    def require(self, query: str, by: Signature) -> None:
        """Raises NotAllowed unless the signature may ask this query."""
        ...

    def sees(self, by: Signature) -> Callable[[str | None, str], bool]:
        """A test (division, visibility) -> bool of what a signature may see."""
        ...


class Waiter:
    """The callback of one HTTP command: results of a batch are handed to the loop in one wake-up."""

    __slots__ = ("future", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.future: asyncio.Future[object] = loop.create_future()

    def __call__(self, result: object) -> None:
        self.loop.call_soon_threadsafe(self.settle, result)

    def settle(self, result: object) -> None:
        if not self.future.done():  # the caller may have hung up
            self.future.set_result(result)
