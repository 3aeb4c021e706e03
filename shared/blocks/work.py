"""A piece of work: given once to whoever has one of its roles, done once by one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.blocks.clocks import STILL, Clocks, Due
from shared.kernel.commands import Signature
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState


@dataclass(frozen=True, slots=True)
class Work:
    """No roles: nobody gave it. Refusals of both questions are under rules that begin with `rule`."""

    roles: tuple[str, ...] = ()
    division: str | None = None
    incident: str | None = None
    done: bool = False
    clocks: Clocks = STILL

    def may_be_given(self, task: str, roles: tuple[str, ...], by: Signature, rule: str) -> bool:
        """Whether it is new. Said again by a policy nothing follows; WrongState, RuleBroken for anybody else."""
        if self.roles:
            if by.has("SYS"):
                return False
            raise WrongState(Failure(f"{rule}.life", f"{task} is given already: use another number"))
        if not roles:
            raise RuleBroken(Failure(f"{rule}.roles", "name the roles whose work it is", "roles"))
        return True

    def may_be_done(self, task: str, outcome: str | None, by: Signature, rule: str) -> bool:
        """Whether it is still to be done. Nothing follows when a policy says so of what is done, or of what nobody gave."""
        if by.has("SYS") and (self.done or not self.roles):
            return False
        if not self.roles:
            raise NotFound(Failure("reference", f"task {task} is unknown: check the id", "task"))
        if not by.has(*self.roles, "SYS"):
            raise NotAllowed(Failure("matrix.3.27", f"this is the work of {', '.join(self.roles)}"))
        if self.done:
            raise WrongState(Failure(f"{rule}.life", f"{task} is done already"))
        if not outcome:
            raise RuleBroken(Failure(f"{rule}.outcome", "say what came of it", "outcome"))
        return True

    @property
    def open(self) -> tuple[str, ...]:
        """The keys of its deadlines that run: met once it is done."""
        return tuple(due.key for due in self.clocks.open())

    def ended(self, at: datetime, met: tuple[str, ...]) -> Work:
        """It is done."""
        return replace(self, done=True, clocks=self.clocks.end(at, *met))

    def missed(self, key: str) -> Work:
        """Somebody was told that it is late."""
        return replace(self, clocks=self.clocks.miss(key))


def given(roles: tuple[str, ...], division: str | None, incident: str | None, clocks: tuple[Due, ...]) -> Work:
    """It is given."""
    return Work(roles, division, incident, clocks=STILL.start(*clocks))
