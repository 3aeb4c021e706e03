"""Engines of which one process at a time has one: whoever's turn it is makes it anew from what is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from shared.kernel.errors import TooNew, TopicFork
from shared.sql.ports import Turn


class Step(Protocol):
    """An engine."""

    def step(self) -> bool: ...


E = TypeVar("E", bound=Step)


class InTurn(Generic[E]):
    """Steps an engine while the turn is ours. What another process did meanwhile is in the database, so nothing is kept from before."""

    def __init__(
        self, turn: Turn, make: Callable[[], E], leave: Callable[[E], None] = lambda _: None, able: Callable[[], None] | None = None
    ) -> None:
        """`leave` gives back what an engine holds. With `able`, who fails lets another process have the turn, and asks for it again
        only once `able` does not raise any more. Not so at a topic that holds another history: it does so for all, and who has the turn
        says it, alone. What is too new for this process may be read by one that was upgraded: that one may have the turn.
        """
        self._turn, self._make, self._leave, self._able = turn, make, leave, able
        self._failed = False
        self._term: int | None = None
        self._engine: E | None = None

    @property
    def engine(self) -> E | None:
        """None while it is another process's turn."""
        return self._engine

    def step(self) -> bool:
        """False when there was nothing to do, or it is not our turn."""
        if self._failed and self._able is not None:
            self._able()
        self._failed = False
        if not self._held():
            return False
        try:
            if self._engine is None:
                self._engine, self._term = self._make(), self._turn.term
            return self._engine.step()
        except TopicFork:
            raise
        except TooNew:
            self.close()
            raise
        except Exception:
            if self._able is not None:
                self._failed = True
                self.close()
            raise

    def close(self) -> None:
        """Let another process have the turn."""
        self._drop()
        self._turn.close()

    def _held(self) -> bool:
        held = False
        try:
            held = self._turn.held()
        finally:
            if not held or self._term != self._turn.term:
                self._drop()
        return held

    def _drop(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            self._leave(engine)
