"""The volunteers service as privacy hears it: facts of its own types, said by a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from services.start.part import Part
from shared.handling.declare import Service
from shared.kernel.commands import Command
from shared.kernel.decider import About, Decider, Handles


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Command):
    """This happened there."""

    fact: Any
    division: str = "150722"


HEARD = Decider(
    category="said",
    initial=About(division="150722"),
    decide=lambda command, state, rules: [command.fact],
    evolve=lambda state, event: state,
    about=lambda state: state,
    handles={Say: Handles(lambda command: ("said-all",), areas=lambda command: (command.division,), creates=True)},
)
PART = Part(Service("volunteers", "v", (HEARD,)), lambda host, directory, beside: APIRouter())
