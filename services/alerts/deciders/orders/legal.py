"""The basis of an order: an article of a law that is known, and the period that opens it where one must (ERL art. 10; SEED-12)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import normalize

from services.alerts.deciders.orders.commands import IssueOrder
from services.alerts.deciders.responses.state import Response
from services.alerts.deciders.responses.urgent import DROUGHT, FLOOD, UrgentPeriod
from services.alerts.deciders.scene import went_into
from services.alerts.deciders.streams import response_stream, urgent_stream
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure

_ARTICLE = re.compile(r"[\s\-–—_.]*\d{1,4}(?:[\s\-–—_.()]+\d{1,3})*[\s)]*", re.ASCII)


def canonical(basis: str, rules: Rules) -> str | None:
    """`erl 73 (4)` as `ERL-73.4`; None when it is no article of a law of the table."""
    text = normalize("NFKC", basis).strip().upper()
    laws: Sequence[str] = rules.value("order.laws")
    law = next((law for law in laws if text.startswith(law) and _ARTICLE.fullmatch(text, len(law))), None)
    return f"{law}-{'.'.join(str(int(number)) for number in re.findall(r'[0-9]+', text[len(law) :]))}" if law else None


def within(basis: str, article: str) -> bool:
    """Whether it is that article or a part of it."""
    return basis == article or basis.startswith(f"{article}.")


def period_of(basis: str, rules: Rules) -> str | None:
    """The rule of the urgent period that alone opens this basis, if it is one of those."""
    return next((rule for rule in (FLOOD, DROUGHT) for power in rules.value(rule)["powers"] if within(basis, power)), None)


def of_above(basis: str, rules: Rules) -> bool:
    """Whether the government above decides on a measure with this basis (IDL art. 41)."""
    return any(within(basis, article) for article in rules.value("order.decided_above"))


def unopened(command: IssueOrder, states: Mapping[str, Any], rules: Rules) -> list[Failure]:
    """A fault when its basis is open in an urgent period only, and none that is open is named (FCL art. 45, DRT art. 47)."""
    basis = canonical(command.basis or "", rules)
    rule = period_of(basis, rules) if basis else None
    if basis is None or rule is None:
        return []
    period: UrgentPeriod | None = states[urgent_stream(command.period)] if command.period else None
    lasts = period is not None and (period.until is None or command.now < period.until)
    if period is not None and lasts and any(within(basis, power) and period.opens(power) for power in period.powers):
        return []
    return [Failure(rule, f"{basis} needs an urgent period that is open: name it", "period")]


def incident_of(command: IssueOrder, states: Mapping[str, Any]) -> str | None:
    """The incident it names, else that of its response, or what that went into."""
    if command.incident is not None or command.activation is None:
        return command.incident
    response: Response = states[response_stream(command.activation)]
    return went_into(response.incident, states) if response.incident else None


def unserved(command: IssueOrder, states: Mapping[str, Any], rules: Rules) -> list[Failure]:
    """A fault when it serves no emergency: what belongs to none is a decision of ordinary times (MDP art. 3 para. 2). On a warning some
    measures come before there is an incident (ERL art. 66, 67)."""
    if command.activation is not None:
        response: Response = states[response_stream(command.activation)]
        its = response.incident
        if command.incident in (None, its) or (its is not None and went_into(its, states) == command.incident):
            return []
        return [Failure("reference", f"{command.activation} is of {its}: name that incident, or none", "incident")]
    basis = canonical(command.basis or "", rules)
    first = basis is None or any(within(basis, article) for article in rules.value("order.before"))
    if command.incident is not None or command.period is not None or first:
        return []
    return [Failure("MDP-3.2", "name the incident it serves, its response, or the urgent period: register the incident first", "incident")]
