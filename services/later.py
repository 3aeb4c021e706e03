"""Commands that are imported when they are asked for: a process pays for what it does, not for all that `ortoo` can do."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group


def group(places: Mapping[str, str], about: str, **more: Any) -> typer.Typer:
    """A group of commands by name, each `module:attribute` of a function or of a group."""

    class Commands(TyperGroup):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.commands = Later(places)

    return typer.Typer(cls=Commands, help=about, no_args_is_help=True, **more)


class Later(MutableMapping[str, Any]):
    """The commands of a group by name, each imported when it is first looked up."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._found: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._found:
            self._found[name] = _command(name, self._places[name])
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __setitem__(self, name: str, command: Any) -> None:
        self._found[name] = command

    def __delitem__(self, name: str) -> None:
        del self._found[name]


def _command(name: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    with _not_collecting():
        found: typer.Typer | Callable[..., None] = getattr(import_module(module), attribute)
    outer = typer.Typer()
    if isinstance(found, typer.Typer):
        outer.add_typer(found, name=name)
    else:
        outer.command(name)(found)
    return get_group(outer).commands[name]


@contextmanager
def _not_collecting() -> Iterator[None]:
    """What is imported stays: searching it for rubbish over and over would be a sixth of the time that importing takes."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
