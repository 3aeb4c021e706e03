"""given(...).when(...).then(...): one grammar for every decider test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.kernel.decider import Decided, Decider, Rules
from shared.kernel.errors import DomainError


def given(decider: Decider[Any], *past: Any, others: Mapping[str, Any] | None = None, rules: Rules | None = None) -> Given:
    """Past events of the stream; `others` are the states of further streams of a joint command."""
    return Given(decider, past, others or {}, rules)


def joint_states(decider: Decider[Any], command: Any, own: Any, get: Callable[[str], Any]) -> dict[str, Any]:
    """The states of a joint command by stream: its own, those it names, and what these name in turn."""
    handles = decider.handles[type(command)]
    first, *rest = handles.streams(command)
    states = {first: own} | {stream: get(stream) for stream in rest}
    while more := [stream for stream in (handles.further(command, states) if handles.further else ()) if stream not in states]:
        states |= {stream: get(stream) for stream in more}
    return states


class Given:
    """A decider with a past."""

    def __init__(self, decider: Decider[Any], past: Sequence[Any], others: Mapping[str, Any], rules: Rules | None) -> None:
        self.decider, self.past, self.others, self.rules = decider, past, others, rules

    def when(self, command: Any) -> When:
        state = self.decider.fold(self.past)
        if type(command) in self.decider.joint:
            state = joint_states(self.decider, command, state, self.others.get)
        try:
            result = self.decider.decide(command, state, self.rules)  # type: ignore[arg-type]
        except DomainError as error:
            return When(None, error)
        return When(result if isinstance(result, Decided) else Decided(result), None)


class When:
    """What a command came to; say what should have happened."""

    def __init__(self, decided: Decided | None, error: DomainError | None) -> None:
        self.decided, self.error = decided, error

    def then(self, *events: Any) -> Decided:
        """Exactly these facts, in this order; of a joint decider the facts without their streams."""
        if self.error is not None:
            raise AssertionError(f"refused: {self.error}") from self.error
        assert self.decided is not None
        got = [fact[1] if isinstance(fact, tuple) else fact for fact in self.decided.events]
        assert got == list(events), f"{got} != {list(events)}"
        return self.decided

    def then_types(self, *types: type) -> Decided:
        """Exactly facts of these types, in this order."""
        if self.error is not None:
            raise AssertionError(f"refused: {self.error}") from self.error
        assert self.decided is not None
        got = [type(fact[1] if isinstance(fact, tuple) else fact) for fact in self.decided.events]
        assert got == list(types), got
        return self.decided

    def refused(self, kind: type[DomainError], rule: str | None = None, times: int | None = None) -> DomainError:
        assert self.error is not None, f"accepted: {self.decided}"
        assert isinstance(self.error, kind), self.error
        assert rule is None or self.error.rule == rule, self.error.failures
        assert times is None or len(self.error.failures) == times, self.error.failures
        return self.error
