"""Compensation at a node with a volunteers' log that only settles call-ups, so that what follows is seen through HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from services.compensation.api.routes import router
from services.compensation.deciders.entitlements.place import NoteIncident
from services.compensation.service import COMPENSATION
from services.registry.directory import Directory
from services.registry.provinces import province
from services.registry.service import REGISTRY
from services.start.registry import load_divisions
from services.volunteers.events.callup import CallUpSettled, ServiceDay
from services.volunteers.events.force import ForceFiled, RosterUpdated
from shared.handling.declare import Service
from shared.handling.pending import Pending, fingerprint
from shared.kernel.commands import Command, Signature, new_id
from shared.kernel.decider import About, Decider, Handles
from shared.rules.loading import PERMISSIONS, load_packs
from shared.runtime.app import build
from shared.runtime.clock import RealClock
from shared.runtime.embedded import Embedded
from shared.web.permissions import Grant, Permissions, Row
from tests.compensation.world import july
from tests.privacy.node import Client
from tests.support import Post
from tests.waiting import until

SERVICES = Path(__file__).parents[2] / "services"
SYS = Signature("SYS", ("SYS",), "150722")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(Command):
    """What the volunteers' service says."""

    stream: str
    fact: Any


TELLING = Decider(
    category="told",
    initial=None,
    decide=lambda command, state, rules: [command.fact],
    evolve=lambda state, event: None,
    about=lambda state: About("150722"),
    handles={Tell: Handles(lambda command: (command.stream,), creates=True)},
)
VOLUNTEERS = Service(name="volunteers", letter="v", deciders=(TELLING,))
ALERTS = Service(name="alerts", letter="a", deciders=())
RESOURCES = Service(name="resources", letter="s", deciders=())


def settled(holder: str, *days: ServiceDay, call_up: str = "CU-1") -> CallUpSettled:
    force = holder if holder.startswith("SF") else None
    minutes = sum(day.minutes for day in days)
    at = RealClock(province("150000").zone).now()
    return CallUpSettled(call_up, "INC-1", holder, None if force else holder, force, days, minutes, "150722", 1, at, payer="150722")


def day(person: str, number: int, hours: float) -> ServiceDay:
    return ServiceDay(person, july(number), int(hours * 60))


def led(force: str, leader: str) -> RosterUpdated:
    return RosterUpdated(force, (), leader, leader, RealClock(province("150000").zone).now())


def filed(force: str) -> ForceFiled:
    return ForceFiled(force, "1", "seen", "B.OFF", RealClock(province("150000").zone).now())


class Desk:
    """Posts that act at it."""

    def __init__(self, host: Embedded, client: Client) -> None:
        self.host, self.client, self.told = host, client, 0

    def tell(self, *facts: Any) -> None:
        for fact in facts:
            self.told += 1
            command = Tell(by=SYS, now=self.host.now(), stream=f"told-{self.told}", fact=fact)
            self.host.submit("volunteers", Pending(new_id(), command, fingerprint("Tell", b""), lambda _: None))

    def placed(self, incident: str) -> None:
        command = NoteIncident(by=SYS, now=self.host.now(), incident=incident, division="150722")
        self.host.submit("compensation", Pending(new_id(), command, fingerprint("NoteIncident", b""), lambda _: None))

    def head(self, who: Post) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.host.principals.mint(who.actor, (who.role,), who.division)}"}

    def post(self, path: str, who: Post, body: Any = None, second: Post | None = None) -> Any:
        cosigned = {"Ortoo-Cosigner": self.head(second)["Authorization"]} if second else {}
        return self.client.request("POST", f"/api/compensation{path}", json=body or {}, headers=self.head(who) | cosigned)

    def get(self, path: str, who: Post, **params: Any) -> Any:
        return self.client.request("GET", f"/api/compensation{path}", headers=self.head(who), params=params)

    def until(self, path: str, who: Post, fits: Any) -> Any:
        """The answer, once it fits: what a policy does follows soon."""

        def fitting() -> Any:
            answer = self.get(path, who)
            return answer if answer.status_code == 200 and fits(answer.json()) else None

        return until(fitting, lambda: self.get(path, who).text).json()


def permissions() -> Permissions:
    files = [*(SERVICES / "compensation/rules" / PERMISSIONS).glob("*.toml"), *(SERVICES / "registry/rules" / PERMISSIONS).glob("*.toml")]
    own = Permissions.load(files)
    tell = Row("Tell", "test", "test", (Grant(("SYS",), frozenset(), frozenset({"own"})),))
    return Permissions([*own.rows.values(), tell])


@contextmanager
def opened(folder: Path) -> Iterator[Desk]:
    own = province("150000")
    clock = RealClock(own.zone)
    packs = load_packs(SERVICES / "alerts/rules", SERVICES / "compensation/rules")
    directory = Directory(own.root, packs, permissions(), lambda: clock.now().date())
    host = Embedded(folder, own.root, (REGISTRY, ALERTS, RESOURCES, VOLUNTEERS, COMPENSATION), directory, clock)
    load_divisions(host, own)
    routes = {"compensation": router(host, directory), **{name: APIRouter() for name in ("registry", "alerts", "resources", "volunteers")}}
    client = Client(build(host, "test", here=lambda at: routes, beside=(), limits={}))
    try:
        yield Desk(host, client)
    finally:
        client.close()
