"""What somebody is asked for, promised to, did and claims, as their own page shows it: folded from the facts, for themself alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.volunteers.deciders.callups.callup import CALLUP, ENGAGEMENT
from services.volunteers.deciders.callups.engagement import Engagement
from services.volunteers.deciders.callups.gate import GATE, as_known, verdict
from services.volunteers.deciders.callups.state import ACCEPTED, COMING, OPEN, CallUp, Party, answer_key
from services.volunteers.deciders.hours.state import Shift
from services.volunteers.deciders.streams import callup_stream, engagement_stream, volunteer_stream
from services.volunteers.pages.certificates import named_place
from services.volunteers.pages.owndata import Own
from services.volunteers.pages.rendering import text_if_any
from services.volunteers.projections import callups, claims, incidents
from services.volunteers.reception.desk import SERVICE
from shared.web.host import Host

EARLIER = 10  # call-ups that are over, and shifts: the newest


@dataclass(frozen=True, slots=True)
class Called:
    """A call-up somebody was asked for, or comes to with a force: what it is, how they stand, what stands against setting out."""

    callup: CallUp
    party: Party
    place: str
    since: datetime
    until: datetime
    answer_by: datetime | None
    risk: Sequence[str] | None  # the statement in words; None when this page does not have that version
    theirs: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()

    @property
    def through(self) -> str | None:
        """The force they come with, whose leader answers."""
        return self.party.holder if self.party.force else None

    @property
    def reads_again(self) -> bool:
        """Another version of the risk statement holds than the one they accepted (VSR art. 12)."""
        return self.party.status == ACCEPTED and not self.party.force and self.party.risk_text != self.callup.risk_text


@dataclass(frozen=True, slots=True)
class Work:
    """Everything of it, the nearest call-up first."""

    called: tuple[Called, ...]
    earlier: tuple[Mapping[str, Any], ...]
    shifts: tuple[Shift, ...]
    claims: tuple[Mapping[str, Any], ...]


def work_of(host: Host, own: Own, volunteer: str, language: str) -> Work:
    """What there is of a registration, and of those that were merged into it."""
    db, zone = host.read(SERVICE), host.now().tzinfo
    rows = callups.of_holder(db, volunteer)
    promised: Engagement = ENGAGEMENT.fold([one.event for one in host.history(SERVICE, engagement_stream(volunteer))])
    running = dict.fromkeys((*promised.call_ups, *(row["call_up"] for row in rows if row["call_up_state"] == OPEN)))
    called = [one for name in running if (one := _called(host, own, volunteer, name, promised, language)) is not None]
    ended = [row for row in rows if row["call_up"] not in {one.callup.call_up for one in called}]
    for row in ended:
        row["since"], row["until"] = (datetime.fromisoformat(row[name]).astimezone(zone) for name in ("since", "until"))
    shifts = (shift for ledger in own.ledgers for shift in ledger.shifts.values())
    worked = sorted(shifts, key=lambda one: one.started, reverse=True)
    asked = [_decided(host, claim, language) for name in (volunteer, *own.duplicates) for claim in claims.of_claimant(db, name)]
    return Work(tuple(sorted(called, key=lambda one: one.since)), tuple(ended[:EARLIER]), tuple(worked[:EARLIER]), tuple(asked))


def _decided(host: Host, claim: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """A claim with all that is missing, the place of who decided it in words, and the last day for a review once it is served (ARC-20)."""
    decision, ended = claim["decision"], claim["state"] in ("withdrawn", "denied", "paid")
    claim = {**claim, "missing": [*claim["missing"], *(() if claim["account"] or ended or claim["paid"] else ("account",))]}
    if not decision:
        return claim
    served, zone = decision["served_at"], host.now().tzinfo
    until = datetime.fromisoformat(served).astimezone(zone) + timedelta(days=decision["remedy"]["days"]) if served else None
    more = {"place": named_place(host, decision["division"], language), "review_until": f"{until:%Y-%m-%d}" if until else None}
    return {**claim, "decision": decision | more}


def _called(host: Host, own: Own, volunteer: str, name: str, promised: Engagement, language: str) -> Called | None:
    callup = CALLUP.fold([one.event for one in host.history(SERVICE, callup_stream(name))])
    through = promised.holds[name].party if name in promised.holds else ""
    party = callup.parties.get(volunteer if through in ("", volunteer) else through)
    if callup.status != OPEN or party is None or callup.since is None or callup.until is None:
        return None
    if callup.until <= host.now() and party.status not in COMING:
        return None  # nobody is asked for work that is over
    zone = host.now().tzinfo
    theirs, waits = _against(host, own, callup, party, language) if party.status == ACCEPTED and not party.force else ((), ())
    due = callup.clocks.get(answer_key(party.holder))
    return Called(
        callup,
        party,
        named_place(host, callup.place, language),
        callup.since.astimezone(zone),
        callup.until.astimezone(zone),
        due.due_at.astimezone(zone) if due is not None else None,
        text_if_any("risk", str(callup.risk_text), language),
        theirs,
        waits,
    )


def _against(host: Host, own: Own, callup: CallUp, party: Party, language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands against setting out, in the words of the gate's own table: theirs to cure, and what is waited for."""
    rules = host.directory.rules_for(callup.division, host.now(), None)
    kind = incidents.find(host.read(SERVICE), callup.incident)[1] if callup.incident else ""
    found = verdict(as_known(callup, kind, rules), party, {volunteer_stream(party.holder): own.state}, rules)
    words = {(row["rule"], row["short"]): str(row[language]) for row in rules.value(GATE)}
    told = [words[fault.rule, short] for fault, short in zip((*found.failures, *found.waits), found.shorts, strict=True)]
    return tuple(told[: len(found.failures)]), tuple(told[len(found.failures) :])


def periods(own: Own, now: datetime) -> tuple[tuple[str, str, bool], ...]:
    """The availability calendar as far as it is not over: key, words, and whether they can come. A day is shown as a day."""
    return tuple(
        (key_of(one.since, one.until), _spoken(one.since, one.until, now), one.available) for one in own.state.spans if one.until > now
    )


def key_of(since: datetime, until: datetime) -> str:
    """What tells one period from another, however its offset is written."""
    return f"{since.timestamp():.0f}-{until.timestamp():.0f}"


def hours_of(since: datetime, until: datetime | None) -> str:
    """From when to when; of one day the day is said once."""
    if until is None:
        return f"{since:%Y-%m-%d %H:%M} –"
    return f"{since:%Y-%m-%d %H:%M} – {until:{'%H:%M' if since.date() == until.date() else '%Y-%m-%d %H:%M'}}"


def _spoken(since: datetime, until: datetime, now: datetime) -> str:
    since, until = since.astimezone(now.tzinfo), until.astimezone(now.tzinfo)
    if since.hour == since.minute == until.hour == until.minute == 0:
        first, last = since.date(), (until - timedelta(days=1)).date()
        return str(first) if first == last else f"{first} – {last}"
    return hours_of(since, until)
