"""A volunteer through its life: who may, what follows (domain 3.17). People register once, are asked and never ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.volunteers.deciders.callups.engagement import engaged
from services.volunteers.deciders.forces.state import not_a_force
from services.volunteers.deciders.people import changing, merging, registering
from services.volunteers.deciders.people import commands as ask
from services.volunteers.deciders.people.folding import TABLE, evolve
from services.volunteers.deciders.people.state import Volunteer, about
from services.volunteers.deciders.streams import engagement_stream, force_stream, volunteer_stream
from services.volunteers.events import volunteer as said
from shared.blocks.flow import Flow
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed

FLOW = Flow("volunteer.life", TABLE)
SELF = "volunteer.self"

Deciding = ask.RegisterVolunteer | ask.VerifyIdentity | ask.ReviewVolunteer | ask.ReissueCode
Noting = (
    ask.ConfirmMembership
    | ask.RecordTraining
    | ask.RecordSkillCertificate
    | ask.SetAvailability
    | ask.SetLanguages
    | ask.SetSkills
    | ask.SetFitness
    | ask.CorrectContact
)
Leaving = ask.PauseVolunteer | ask.ResumeVolunteer | ask.WithdrawVolunteer | ask.EraseVolunteer
Joint = ask.MergeVolunteers | ask.NoteVolunteerCover | ask.EndVolunteerCover


def decide(command: Deciding | Noting | Leaving | Joint | ask.EscalateVolunteerClock, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal. `state` is a volunteer; of joint commands the states by stream."""
    _for_oneself(command)
    match command:
        case ask.EscalateVolunteerClock():
            return changing.lapsed(command, state)
        case ask.NoteVolunteerCover() | ask.EndVolunteerCover():
            return changing.covered(command, state)
        case ask.MergeVolunteers():
            FLOW.require(state[volunteer_stream(command.volunteer)].status, command)
            return changing.merge(command, state)
        case ask.RegisterVolunteer():
            before = state[volunteer_stream(command.volunteer)]
            FLOW.require(before.status, command)
            not_a_force(command.volunteer, state)
            return registering.register(command, before, rules)
        case ask.VerifyIdentity():
            FLOW.require(state.status, command)
            return registering.verify(command, state, rules)
        case ask.ReviewVolunteer():
            FLOW.require(state.status, command)
            return registering.review(command, state)
        case ask.ReissueCode():
            FLOW.require(state.status, command)
            return registering.reissue(command, state)
        case ask.PauseVolunteer() | ask.ResumeVolunteer():
            return _rest(command, state)
        case ask.WithdrawVolunteer() | ask.EraseVolunteer():
            return _leave(command, state)
        case _:
            return _note(command, state, rules)


def _note(command: Noting, volunteer: Volunteer, rules: Rules) -> Sequence[Any]:
    FLOW.require(volunteer.status, command)
    match command:
        case ask.RecordTraining() | ask.RecordSkillCertificate():
            return changing.qualified(command, volunteer, rules)
        case ask.ConfirmMembership():
            return changing.belongs(command, volunteer)
        case ask.SetAvailability():
            return changing.available(command, volunteer)
        case ask.SetLanguages() | ask.SetSkills():
            return changing.declared(command, volunteer, rules)
        case ask.SetFitness():
            return changing.fitness(command, volunteer)
        case ask.CorrectContact():
            return changing.contact(command, volunteer, rules)
        case _:
            assert_never(command)


def _rest(command: ask.PauseVolunteer | ask.ResumeVolunteer, volunteer: Volunteer) -> Sequence[Any]:
    FLOW.require(volunteer.status, command)
    made = said.VolunteerPaused if isinstance(command, ask.PauseVolunteer) else said.VolunteerResumed
    return [made(command.volunteer, command.by.actor, command.now)]


def _leave(command: ask.WithdrawVolunteer | ask.EraseVolunteer, states: Mapping[str, Any]) -> Decided:
    """Going needs no reason and has no consequence (VSR art. 22, 25); whoever counts on them is told."""
    name, by, now = command.volunteer, command.by.actor, command.now
    own = volunteer_stream(name)
    volunteer: Volunteer = states[own]
    if command.by.has("SYS") and not FLOW.allows(volunteer.status, type(command)):
        return Decided([])
    FLOW.require(volunteer.status, command)
    stopped = tuple(due.key for due in volunteer.clocks.open())
    call_ups, asked = engaged(states, name).call_ups, engaged(states, name).asked_at(now)
    if isinstance(command, ask.WithdrawVolunteer):
        return Decided([(own, said.VolunteerWithdrawn(name, by, now, stopped, call_ups, asked))], basis="VSR-22")
    return Decided([(own, said.VolunteerErased(name, volunteer.person, by, now, stopped, call_ups, asked))], basis="PIPL-47")


def _for_oneself(command: Any) -> None:
    """A volunteer acts for themself only; organs act for those of their area."""
    if command.by.has("VOL") and command.by.actor != command.volunteer:
        raise NotAllowed(Failure(SELF, f"{command.by.actor} acts for {command.by.actor} only"))


def _own(command: Any) -> tuple[str, ...]:
    return (volunteer_stream(command.volunteer),)


def _alone(command: Any) -> tuple[str, ...]:
    return (volunteer_stream(command.volunteer), force_stream(command.volunteer))


def _promised(command: Any) -> tuple[str, ...]:
    return (volunteer_stream(command.volunteer), engagement_stream(command.volunteer))


def _two(command: ask.MergeVolunteers) -> tuple[str, ...]:
    return (volunteer_stream(command.volunteer), volunteer_stream(command.into), engagement_stream(command.volunteer))


def _places(command: ask.RegisterVolunteer) -> tuple[str, ...]:
    return (command.division, *((command.township,) if command.township else ()))


def _kept(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    return changing.way_to_kept(command.volunteer, states)


def _both(command: ask.MergeVolunteers, states: Mapping[str, Any]) -> tuple[str, ...]:
    found = (states[volunteer_stream(name)].division for name in (command.volunteer, command.into))
    return tuple(division for division in found if division)


_PLAIN: tuple[type[Command], ...] = (
    ask.ConfirmMembership,
    ask.VerifyIdentity,
    ask.ReissueCode,
    ask.ReviewVolunteer,
    ask.RecordTraining,
    ask.RecordSkillCertificate,
    ask.SetAvailability,
    ask.SetLanguages,
    ask.SetSkills,
    ask.SetFitness,
    ask.CorrectContact,
    ask.PauseVolunteer,
    ask.ResumeVolunteer,
    ask.EscalateVolunteerClock,
)
_GOING: tuple[type[Command], ...] = (ask.WithdrawVolunteer, ask.EraseVolunteer)
VOLUNTEER = Decider(
    category="volunteer",
    initial=Volunteer(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        ask.RegisterVolunteer: Handles(_alone, areas=_places, creates=True),
        **{kind: Handles(_own) for kind in _PLAIN},
        ask.MergeVolunteers: Handles(_two, state_areas=_both, further=merging.ledgers),
        **{kind: Handles(_promised) for kind in _GOING},
        ask.NoteVolunteerCover: Handles(_own, further=_kept),
        ask.EndVolunteerCover: Handles(_own, further=_kept),
    },
    joint=frozenset({ask.RegisterVolunteer, ask.MergeVolunteers, ask.NoteVolunteerCover, ask.EndVolunteerCover, *_GOING}),
)
