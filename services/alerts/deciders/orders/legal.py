"""The basis of an order: an article of a law that is known, and the period that opens it where one must (ERL art. 10; SEED-12)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import normalize

from services.alerts.deciders.orders.commands import IssueOrder
from services.alerts.deciders.responses.urgent import DROUGHT, FLOOD, UrgentPeriod
from services.alerts.deciders.streams import urgent_stream
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
