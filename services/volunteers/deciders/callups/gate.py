"""The gate before a departure: which checks, under which articles, is rule data (`callup.gate`); here is how each of them looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from services.volunteers.deciders.callups.state import CallUp, Party
from services.volunteers.deciders.forces.state import Force
from services.volunteers.deciders.insurance.cover import NEXT, RISK, ending, gap, insures
from services.volunteers.deciders.people.state import Volunteer
from services.volunteers.deciders.streams import force_stream, volunteer_stream
from services.volunteers.events.validity import Cover
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure

GATE, HAZARD = "callup.gate", "callup.hazard"
NUMBERS = ("no", "one", "both", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Case:
    """What the gate looks at: the call-up, who was called, and what is known of them."""

    callup: CallUp
    party: Party
    who: Volunteer | Force
    hazard: str = ""  # of the row
    wanted: Mapping[str, Any] = field(default_factory=dict)  # of the row: what is asked of whom
    members: tuple[Volunteer, ...] = ()  # members of a force who are registered volunteers
    covers: tuple[Cover, ...] = ()  # those that insure this task


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands against a departure. `waits` is for others to cure; `gap` the first day without cover."""

    failures: tuple[Failure, ...]
    waits: tuple[Failure, ...]
    shorts: tuple[str, ...]
    gap: date | None

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules of what is theirs to cure."""
        return tuple(dict.fromkeys(failure.rule for failure in self.failures))

    def told(self) -> dict[str, Any]:
        """As an answer tells it."""
        answer: dict[str, Any] = {
            "failures": list(self.rules),
            "cures": [failure.cure for failure in self.failures],
            "waits_for": [failure.rule for failure in self.waits],
        }
        return answer | ({"gap": self.gap.isoformat()} if self.gap else {})

    def refusal(self) -> list[Failure]:
        """Every failure; the first of several says in short what all of them are."""
        found = [*self.failures, *self.waits]
        if len(found) < 2:
            return found
        many = NUMBERS[len(found)] if len(found) < len(NUMBERS) else str(len(found))
        short = ", ".join(f"{short} ({failure.rule})" for short, failure in zip(self.shorts, found, strict=True))
        first, *rest = found
        return [Failure(first.rule, f"{many} failures listed: {short}; {first.cure}", first.field), *rest]


def known(party: Party, states: Mapping[str, Any]) -> Volunteer | Force:
    """What is known of whoever was called."""
    found: Volunteer | Force = states[force_stream(party.holder) if party.force else volunteer_stream(party.holder)]
    return found


def as_known(callup: CallUp, type: str, rules: Rules) -> CallUp:
    """The call-up with the hazard that its incident is known to be by now."""
    hazard = rules.value(HAZARD).get(type)
    return replace(callup, hazard=hazard) if hazard else callup


def verdict(callup: CallUp, party: Party, states: Mapping[str, Any], rules: Rules) -> Verdict:
    """Every check of the table that is of them, in its order."""
    who = known(party, states)
    kind = "force" if party.force else "volunteer"
    registered = tuple(one for name in party.members if isinstance(one := states.get(volunteer_stream(name)), Volunteer) and one.volunteer)
    covers = insuring(callup, who, rules)
    failures, waits, shorts, later = [], [], [], []
    for row in rules.value(GATE):
        if kind not in row["of"] or row.get("hazard", callup.hazard) != callup.hazard:
            continue
        found = CHECKS[row["check"]](Case(callup, party, who, row.get("hazard", ""), row.get("wanted", {}), registered, covers))
        if found is None:
            continue
        failure = Failure(row["rule"], f"{found}; {row['cure']}" if found else row["cure"])
        if row.get("waits"):
            waits.append(failure)
            later.append(row["short"])
        else:
            failures.append(failure)
            shorts.append(row["short"])
    return Verdict(tuple(failures), tuple(waits), (*shorts, *later), first_uncovered(callup, covers))


def insuring(callup: CallUp, who: Volunteer | Force, rules: Rules) -> tuple[Cover, ...]:
    """The covers whose class of risk has this task in it (domain SV-05)."""
    classes = rules.value(RISK)
    return tuple(one for one in who.covers if insures(one.risk, classes, callup.hazard, callup.skills))


def first_uncovered(callup: CallUp, covers: tuple[Cover, ...]) -> date | None:
    """The first day of the call-up that no cover of its task and place reaches."""
    assert callup.since and callup.until
    at = gap(covers, callup.since, callup.until, callup.line)
    if at is None:
        return None
    return at.astimezone(callup.until.tzinfo).date() if at == callup.since else (at + NEXT).astimezone(callup.until.tzinfo).date()


def _callable(case: Case) -> str | None:
    name = case.who.force if isinstance(case.who, Force) else case.who.volunteer
    return None if case.who.callable else f"{name} is {case.who.status}"


def _roster(case: Case) -> str | None:
    assert isinstance(case.who, Force)
    known = {one.member for one in case.who.members}
    gone = [name for name in case.party.members if name not in known]
    if gone:
        return f"{', '.join(gone)} not on the roster any more"
    return None if case.party.members else "nobody comes"


def _adult(case: Case) -> str | None:
    who = case.who
    if isinstance(who, Volunteer):
        return None if who.adult else f"{who.volunteer} is {'a minor' if who.adult is False else 'of unknown age'}"
    minors = {one.volunteer for one in case.members if one.adult is False}  # the register's word, whatever their force says
    young = [one.member for one in who.members if one.member in case.party.members and (one.member in minors or not one.adult)]
    return f"{', '.join(young)} not known to be of age" if young else None


def _insured(case: Case) -> str | None:
    callup, covers = case.callup, case.covers
    assert callup.since and callup.until
    at = gap(covers, callup.since, callup.until, callup.line)
    if at is None:
        return None
    last = ending(covers, at) if at > callup.since else None
    if last is not None:
        return f"{last.policy} ends on {_day(case, last.until)}, the deployment on {_day(case, callup.until)}"
    if gap(case.who.covers, callup.since, callup.until, callup.line) is None:
        others = sorted({f"{one.policy} is for {one.risk}" for one in case.who.covers if one not in covers})
        return f"no policy covers this task ({', '.join(filter(None, (callup.hazard, *callup.skills)))}): {', '.join(others)}"
    return f"no policy covers {callup.place or 'the place'} from {_day(case, callup.since)} to {_day(case, callup.until)}"


def _trained(case: Case) -> str | None:
    who, callup = case.who, case.callup
    assert callup.since and callup.until
    if isinstance(who, Volunteer):
        return None if who.trained(callup.since, callup.until) else ""
    until = callup.until
    untrained = [
        one.member
        for one in who.members
        if one.member in case.party.members and not (one.trained and (one.trained_until is None or one.trained_until >= until))
    ]
    return ", ".join(untrained) if untrained else None


def _fit(case: Case) -> str | None:
    """Of members of a force only a no counts: their leader brings nobody of whom one was said."""
    if isinstance(case.who, Force):
        unfit = {one.member for one in case.who.members if one.fit is False} | {one.volunteer for one in case.members if one.fit is False}
        return ", ".join(name for name in case.party.members if name in unfit) or None
    return None if case.who.fit else ("they say they are not fit" if case.who.fit is False else "they did not say whether they are fit")


def _geared(case: Case) -> str | None:
    """What the row asks for each who goes, of the kinds of force it names."""
    assert isinstance(case.who, Force)
    if case.who.kind not in case.wanted["kinds"]:
        return None
    had = {one.code: one.quantity for one in case.who.gear}
    asked = {code: count * len(case.party.members) for code, count in case.wanted.get("each", {}).items()}
    short = [f"{code} {had.get(code, 0)} of {count}" for code, count in asked.items() if had.get(code, 0) < count]
    return ", ".join(short) or None


def _skilled(case: Case) -> str | None:
    callup, who = case.callup, case.who
    assert callup.since and callup.until
    certified = who.skills if isinstance(who, Volunteer) else ()
    had = {one.code for one in certified if one.over(callup.since, callup.until)}
    if isinstance(who, Force):
        graded = {name for name, _, valid in who.grades if valid.over(callup.since, callup.until)}
        had |= set(who.disciplines) if who.ordered else graded  # own default: who is ordered is graded by whom they serve
    lacking = [skill for skill in callup.skills if skill not in had]
    return ", ".join(lacking) if lacking else None


def _not_excluded(case: Case) -> str | None:
    if isinstance(case.who, Volunteer):
        return "" if case.who.excluded_from(case.hazard) else None
    out = [one.volunteer for one in case.members if one.excluded_from(case.hazard)]
    return ", ".join(out) if out else None


def _willing(case: Case) -> str | None:
    wanted, accepted = case.callup.risk_text, case.party.risk_text
    if case.party.ordered and wanted is None:
        return None
    if accepted is None or (wanted is not None and accepted != wanted):
        return f"version {wanted} is the one that holds" if wanted is not None else ""
    return None


def _host(case: Case) -> str | None:
    return "" if case.party.host_needed and not case.callup.host_accepted else None


def _day(case: Case, moment: Any) -> str:
    assert case.callup.until
    return str(moment.astimezone(case.callup.until.tzinfo).date())


CHECKS: Mapping[str, Callable[[Case], str | None]] = {
    "callable": _callable,
    "roster": _roster,
    "adult": _adult,
    "insured": _insured,
    "trained": _trained,
    "fit": _fit,
    "geared": _geared,
    "skilled": _skilled,
    "not_excluded": _not_excluded,
    "willing": _willing,
    "host": _host,
}
"""By the name the table calls them: None when it holds, else what is wrong (empty: the table says it all)."""
