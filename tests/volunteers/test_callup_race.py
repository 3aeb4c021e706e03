"""A hundred volunteers answer at once for four places, at two writers over one log: exactly four get one."""

from __future__ import annotations

from services.volunteers.deciders.callups.commands import AnswerCallUp, OfferCallUp
from services.volunteers.deciders.people.commands import (
    NoteVolunteerCover,
    RecordTraining,
    RegisterVolunteer,
    ReviewVolunteer,
    VerifyIdentity,
)
from services.volunteers.events.callup import Answer, CallUpAccepted
from services.volunteers.events.engagement import EngagementTaken
from services.volunteers.events.validity import Cover
from services.volunteers.service import VOLUNTEERS
from shared.handling.pending import Answer as Accepted
from shared.kernel.commands import Signature
from shared.kernel.errors import WrongState
from tests.handling.desk import Desk
from tests.volunteers.callup_world import BANNER, LINES, OFF, RULES, SYS, at, vol

NAMES = tuple(f"V-{n}" for n in range(100))
SECOND = Signature("B.APP", ("EMD.approver",), BANNER, 3)


def desk(folder) -> Desk:
    made = Desk(folder, VOLUNTEERS, rules_for=lambda *_: RULES, may=lambda *_: None)
    made.now = at("19:00")
    return made


def register(at_desk: Desk) -> None:
    cover = Cover("POL-3", at("00:00", 1), at("23:59", 31), BANNER, "rescue")
    for name in NAMES:
        signed = {"now": at_desk.now, "volunteer": name}
        at_desk.send(RegisterVolunteer(by=OFF, **signed, division=BANNER, adult=True, fit=True, risk_text=1, notice="1", consent=True))
        at_desk.send(VerifyIdentity(by=SECOND, **signed, adult=True))
        at_desk.send(ReviewVolunteer(by=SECOND, **signed))
        at_desk.send(RecordTraining(by=OFF, **signed, training="basic", passed_at=at("08:00", 1), to=at("08:00", 31)))
        at_desk.send(NoteVolunteerCover(by=SYS, **signed, cover=cover))
        at_desk.writer.step()


def test_a_hundred_answers_at_once_for_four_places_are_exactly_four(tmp_path):
    one, other = desk(tmp_path), desk(tmp_path)
    other.ids = 10_000
    register(one)
    said = {"incident": "INC-1", "task": "unloading", "risk_text": 1, "from_": at("08:00", 19), "to": at("20:00", 19)}
    offered = one.do(OfferCallUp(by=OFF, now=one.now, call_up="CU-1", volunteers=NAMES, quota=4, lines=LINES, **said))
    assert isinstance(offered, Accepted), offered
    sent = []
    for n, name in enumerate(NAMES):
        at_desk = (one, other)[n % 2]
        answer = AnswerCallUp(by=vol(name), now=at_desk.now, call_up="CU-1", answer=Answer.ACCEPT, risk_text=1)
        sent.append((at_desk, at_desk.send(answer)))
    for _ in range(4):  # each takes the pen in turn, with what it has waiting
        other.writer.step()
        one.writer.step()
    results = [at_desk.results[id][-1] for at_desk, id in sent]
    assert sum(isinstance(result, Accepted) for result in results) == 4
    late = [result for result in results if isinstance(result, WrongState)]
    assert len(late) == 96 and {refusal.rule for refusal in late} == {"callup.quota"}
    kept = [recorded.event for recorded in one.events]
    assert sum(isinstance(event, CallUpAccepted) for event in kept) == sum(isinstance(event, EngagementTaken) for event in kept) == 4
