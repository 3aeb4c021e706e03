"""What is asked of whom, as the certificate will say it: every fault of it at once (RQ-01, RQ-03, RQ-08)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.resources.deciders.purposes import unknown_purpose
from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.basis import row_of
from services.resources.deciders.requisitions.register import Property, property_of
from services.resources.events.wanted import Wanted
from shared.blocks.money import cents, unfit, unreferenced
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

KINDS = "requisition.kinds"
LENT_BASIS = "RQ-07"


def wanted_of(command: c.Described, states: Mapping[str, Any], rules: Rules, more: list[Failure] | None = None) -> Wanted:
    """As the command says it, or the register where it names property of it. RuleBroken with every fault."""
    registered = property_of(command.property, states)
    faults = [*(more or ()), *_not_as_registered(command, registered)]
    subject = command.subject or (registered.owner if registered else None)
    item = command.item or (registered.name if registered else None)
    basis = LENT_BASIS if isinstance(command, c.BorrowProperty) else command.basis
    told, row_told = kind_of(f"{item or ''} {command.model}", rules)
    kind = command.kind or told
    row = rules.value(KINDS).get(kind)
    if not isinstance(command, c.BorrowProperty):
        faults += row_of(basis, rules)[1]
    for name, value in (("subject", subject), ("item", item), ("value", command.value), ("purpose", command.purpose)):
        if not value:
            faults.append(Failure("RQ-03", f"name {name}: the owner's certificate says it", name))
    faults += unknown_purpose(command.purpose, "requisition", rules)  # else nothing would say why the owner's data are held
    if row is None:
        faults.append(Failure("requisition.kind", f"{command.kind} is no kind: {', '.join(rules.value(KINDS))}", "kind"))
    elif row.get("outside") or row_told.get("outside"):
        faults.append(Failure("RQ-01", "property of the troops is not requisitioned: ask the troops for help", "item"))
    if command.quantity < 1:
        faults.append(Failure("stock.quantity", "quantity is a whole number, one at least", "quantity"))
    if command.until is not None and command.until <= command.now:
        faults.append(Failure("RQ-03", "until has passed", "until"))
    refuse_all(RuleBroken, [*faults, *unfit(command.value, "value")])
    assert subject and item and basis and command.value is not None and command.purpose and row is not None
    return Wanted(
        subject=subject,
        item=item,
        kind=kind,
        quantity=command.quantity,
        model=command.model or (registered.model if registered else ""),
        value=cents(command.value),
        basis=basis,
        purpose=command.purpose,
        use=command.use,
        necessity="" if isinstance(command, c.BorrowProperty) else command.necessity,
        until=command.until,
        executor=command.executor or command.by.actor,
        exempt=bool(row.get("exempt") or row_told.get("exempt")),  # a kind that is named takes no protection away
        tariff=row["tariff"],
        property=command.property,
        line=command.line or ((command.by.division,) if command.by.division else ()),
    )


def _not_as_registered(command: c.Described, registered: Property | None) -> list[Failure]:
    """Property of the register is its owner's, and under one name: else another would be paid, or it would be taken twice."""
    if registered is None:
        return []
    kept = {"subject": registered.owner, "item": registered.name}
    faults = [
        Failure("property.registered", f"{command.property} is {registered.name} of {registered.owner}: leave {name} out", name)
        for name, value in kept.items()
        if getattr(command, name) not in (None, value)
    ]
    if command.quantity > registered.quantity:
        faults.append(Failure("stock.quantity", f"{registered.quantity} are registered as {command.property}", "quantity"))
    return faults


def kind_of(described: str, rules: Rules) -> tuple[str, Mapping[str, Any]]:
    """The first kind whose words the description has, in the plural too; else the last row."""
    kinds: Mapping[str, Mapping[str, Any]] = rules.value(KINDS)
    text = described.casefold()
    words = {form for word in re.findall(r"[a-z]+", text) for form in (word, word.removesuffix("s"))}
    for name, row in kinds.items():
        if any(word in words if word.isascii() else word in text for word in row["words"]):
            return name, row
    return list(kinds.items())[-1]


def condition_of(command: Any) -> list[Failure]:
    """What is missing of a report on the condition of something."""
    faults = [fault for one in command.photos for fault in unreferenced(one, "photos")]
    if not command.condition:
        faults.append(Failure("RQ-04", "say in which condition it is: what is damaged later rests on it", "condition"))
    return faults
