"""Which command fits which status, as a table: one place to read, to enforce and to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.commands import Command
from shared.kernel.errors import Failure, WrongState


@dataclass(frozen=True, slots=True)
class Flow:
    """`table` maps (status, command) to the status that follows; what is not in it is refused under `rule`."""

    rule: str
    table: Mapping[tuple[str, type[Command]], str]

    def require(self, status: str, command: Command) -> str:
        """The status that follows; WrongState, naming the statuses in which the command fits, when there is none."""
        kind = type(command)
        after = self.table.get((status, kind))
        if after is None:
            fits = ", ".join(sorted({before or "new" for before, cls in self.table if cls is kind})) or "never"
            raise WrongState(Failure(self.rule, f"{kind.__name__} is for: {fits}; this is {status or 'new'}"))
        return after

    def allows(self, status: str, command: type[Command]) -> bool:
        """Whether `require` would let the command pass."""
        return (status, command) in self.table
