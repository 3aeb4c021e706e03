"""What the law wants in an order, and what it refuses whoever signs (domain 3.5). Required fields and measures are rule data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.alerts.deciders.orders.commands import AmendOrder, IssueOrder
from services.alerts.deciders.orders.executor import unfit
from services.alerts.deciders.orders.legal import canonical, within
from services.alerts.events.order import OrderContent
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure

_POSITION = re.compile(r"[\w.-]{1,80}:\d{1,15}")


def faults(said: IssueOrder | OrderContent, now: datetime, rules: Rules) -> list[Failure]:
    """Everything that is missing or forbidden in it, the legal basis first."""
    found = [Failure(row["rule"], row["cure"], row["field"]) for row in rules.value("order.required") if not getattr(said, row["field"])]
    if said.basis and canonical(said.basis, rules) is None:
        known = ", ".join(rules.value("order.laws"))
        found.append(Failure("basis", f"name the legal basis as law and article, such as ERL-73; the laws are {known}", "basis"))
    if said.due is not None and said.due <= now:
        found.append(Failure("SEED-9", "the time limit lies ahead", "due"))
    found += unfit(said.executor, rules)
    if said.measure_type:
        found += _of_measure(said, said.measure_type, rules)
    return found


def measure(kind: str, rules: Rules) -> Mapping[str, Any] | None:
    """A row of the catalogue of measures."""
    rows: Sequence[Mapping[str, Any]] = rules.value("order.measures")
    return next((row for row in rows if row["type"] == kind), None)


def content_of(command: IssueOrder, rules: Rules) -> OrderContent:
    """The text of an order without faults; the rights that its measure touches are named with those the issuer adds."""
    assert command.measure_type and command.basis and command.executor and command.due and command.feedback and command.end_condition
    own = (command.by.division,) if command.by.division else ()
    return OrderContent(
        measure_type=command.measure_type,
        basis=canonical(command.basis, rules) or command.basis,
        executor=command.executor,
        due=command.due,
        feedback=command.feedback,
        end_condition=command.end_condition,
        areas=command.areas or own,
        rights=_rights(command.measure_type, command.rights, rules),
        text=command.text or "",
        remedy=command.remedy or "",
        alternatives=command.alternatives or "",
    )


def amended(command: AmendOrder, before: OrderContent, rules: Rules) -> OrderContent:
    """The text with what the command names in the place of what it said."""

    def said(name: str) -> Any:
        value = getattr(command, name)
        return getattr(before, name) if value is None else value

    return OrderContent(
        measure_type=before.measure_type,
        basis=canonical(said("basis"), rules) or said("basis"),
        executor=said("executor"),
        due=said("due"),
        feedback=said("feedback"),
        end_condition=said("end_condition"),
        areas=said("areas") or before.areas,
        rights=_rights(before.measure_type, said("rights"), rules),
        text=said("text"),
        remedy=said("remedy"),
        alternatives=said("alternatives"),
    )


def restricts(content: OrderContent, rules: Rules) -> bool:
    """Whether persons or property are restricted: by the catalogue, or because rights are named."""
    row = measure(content.measure_type, rules)
    return bool(content.rights) or (row is not None and row["restricts"])


def on_screen(positions: Sequence[str], heads: Mapping[str, int]) -> list[Failure]:
    """Positions are `<log>:<position>`, as answers give them: of logs there are, and no further than they went."""
    wrong = [position for position in positions if not _POSITION.fullmatch(position)]
    if heads and not wrong:
        said = (position.rpartition(":") for position in positions)
        wrong = [log for log, _, number in said if int(number) > heads.get(log, -1)]
    return [Failure("position", "name each as <log>:<position>, as the board gave it", "on_screen")] if wrong else []


def _of_measure(said: IssueOrder | OrderContent, kind: str, rules: Rules) -> list[Failure]:
    row = measure(kind, rules)
    if row is None:
        known = ", ".join(each["type"] for each in rules.value("order.measures"))
        return [Failure("ERL-73", f"the catalogue has: {known}", "measure_type")]
    found = []
    if not said.remedy and (row["restricts"] or said.rights):
        found.append(Failure("SEED-14", "say how those it restricts can appeal, and until when", "remedy"))
    if row["explicit"] and (basis := canonical(said.basis or "", rules)) and any(within(basis, law) for law in _catalogued(rules)):
        found.append(Failure("SEED-12", f"name the provision that allows it ({kind}): the catalogue as a whole is no basis", "basis"))
    if row["explicit"] and not said.alternatives:
        found.append(Failure("SEED-12", "say what milder means were weighed", "alternatives"))
    return found


def _catalogued(rules: Rules) -> frozenset[str]:
    """The articles the catalogue is made of."""
    return frozenset(law for row in rules.value("order.measures") for law in row["law"])


def _rights(kind: str, named: Sequence[str], rules: Rules) -> tuple[str, ...]:
    row = measure(kind, rules)
    return tuple(dict.fromkeys((*(row["rights"] if row else ()), *named)))
