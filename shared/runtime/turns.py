"""Engines of which one process at a time has one: whoever's turn it is makes it anew from what is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from shared.sql.ports import Turn


class Step(Protocol):
    """An engine."""

    def step(self) -> bool: ...


E = TypeVar("E", bound=Step)


class InTurn(Generic[E]):
    """Steps an engine while the turn is ours. What another process did meanwhile is in the database, so nothing is kept from before."""

    def __init__(self, turn: Turn, make: Callable[[], E], leave: Callable[[E], None] = lambda _: None) -> None:
        """`leave` gives back what an engine holds."""
        self._turn, self._make, self._leave = turn, make, leave
        self._term: int | None = None
        self._engine: E | None = None

    @property
    def engine(self) -> E | None:
        """None while it is another process's turn."""
        return self._engine

    def step(self) -> bool:
        """False when there was nothing to do, or it is not our turn."""
        held = False
        try:
            held = self._turn.held()
        finally:
            if not held or self._term != self._turn.term:
                self._drop()
        if not held:
            return False
        if self._engine is None:
            self._engine, self._term = self._make(), self._turn.term
        return self._engine.step()

    def close(self) -> None:
        """Let another process have the turn."""
        self._drop()
        self._turn.close()

    def _drop(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            self._leave(engine)
