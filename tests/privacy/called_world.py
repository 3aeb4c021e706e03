"""Call-ups and what is held for them: both services in memory, so that a test says who may then read whom."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import structs

from services.privacy.deciders.records.commands import (
    ReadPersonalData,
)
from services.privacy.policies.collecting import COLLECTING
from services.privacy.policies.tasks import TASKS
from services.volunteers.deciders.callups.arriving import RegisterSelfArrival
from services.volunteers.deciders.callups.commands import (
    AcceptHostCommand,
    AnswerCallUp,
    DepartForHost,
    OfferCallUp,
    OrderCallUp,
)
from services.volunteers.events.callup import Answer, AnswerVia
from shared.kernel.commands import Command
from shared.kernel.errors import NotAllowed
from shared.kernel.events import family, type_of
from tests.privacy.test_following import told
from tests.privacy.world import LEAD, RULES, Streams, at, registered
from tests.volunteers.callup_world import DISTRICT, HQ, ICP, LEADER2, LINES, OFF, Stage, force, vol, volunteer

NAMES = ("V-A", "V-B", "V-C", "V-D")
MEMBERS = ("M-21", "M-22")
BEGINS, ENDS = at("08:00", 20), at("20:00", 20)
HOME, SECOND = RULES.value("privacy.after_task"), timedelta(seconds=1)


class Called:
    """Both services in memory: what happens to a call-up, and who may then read whom."""

    def __init__(self) -> None:
        self.stage, self.streams, self.heard = Stage(), Streams(), 0
        for name in NAMES:
            volunteer(self.stage, name)
            registered(self.streams, name)
        force(self.stage, "SF-2", DISTRICT, "TL.2", MEMBERS, "2021-12-31T23:59:59+08:00", contract_with="150722")
        for name in MEMBERS:
            registered(self.streams, name)

    def do(self, command: Command) -> None:
        self.stage.do(command)
        for _, fact in self.stage.log[self.heard :]:
            for policy in (*COLLECTING, *TASKS):
                if family(type_of(fact)) in policy.listens:
                    for follows in policy.react(fact, structs.replace(told(), time=command.now)):
                        self.streams.handle(follows)
        self.heard = len(self.stage.log)

    def offer(self, *names: str, call_up: str = "CU-1", quota: int = 4) -> None:
        said = {"task": "unloading", "risk_text": 1, "lines": LINES, "quota": quota}
        period = {"from_": BEGINS, "to": ENDS}
        self.do(OfferCallUp(by=OFF, now=at("19:00", 18), call_up=call_up, incident="INC-1", volunteers=names, **period, **said))

    def says(self, name: str, said: Answer = Answer.ACCEPT) -> None:
        self.do(AnswerCallUp(by=vol(name), now=at("19:05", 18), call_up="CU-1", answer=said, risk_text=1))

    def depart(self, name: str) -> None:
        self.says(name)
        self.do(DepartForHost(by=vol(name), now=at("07:00", 19), call_up="CU-1", eta=at("08:00", 19)))

    def force_comes(self) -> None:
        """Ordered, and its leader says so."""
        period = {"from_": BEGINS, "to": ENDS, "task": "pumping", "lines": LINES}
        self.do(OrderCallUp(by=HQ, now=at("19:00", 18), call_up="CU-1", incident="INC-1", force="SF-2", **period))
        self.do(AcceptHostCommand(by=ICP, now=at("19:01", 18), call_up="CU-1"))
        self.accepts(1)

    def accepts(self, risk_text: int) -> None:
        said = {"risk_text": risk_text, "answer": Answer.ACCEPT, "channel": AnswerVia.TASK}
        self.do(AnswerCallUp(by=LEADER2, now=at("19:05", 18), call_up="CU-1", **said))

    def uncalled(self, name: str, now: datetime) -> None:
        self.do(RegisterSelfArrival(by=ICP, now=now, volunteer=name, incident="INC-1"))

    def readable(self, now: datetime) -> list[str]:
        """Whom the task leader reads one by one."""
        return [name for name in (*NAMES, *MEMBERS) if self._read(name, now)]

    def _read(self, name: str, now: datetime) -> bool:
        if ("INC-1", "callup.contact") not in self.streams.state(f"person-{name}").records:
            return False
        try:
            self.streams.do(ReadPersonalData, LEAD, subjects=(name,), purpose="callup.contact", now=now)
        except NotAllowed as refusal:
            assert refusal.rule == "PIPL-6" and name in refusal.cure
            return False
        return True
