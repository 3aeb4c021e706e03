"""Who may issue which warning: hazard by level by area, as rule data (domain table 2.16), and who is a second person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.alerts.events.content import AlertContent
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

SECOND_PERSON = "alert.second_person"


def require_issuer(by: Signature, content: AlertContent, rules: Rules, *others: Failure) -> None:
    """Refuse unless the signer's organ may issue this hazard at this colour; `others` are faults of the same group."""
    refuse_all(NotAllowed, [*others, *_issuer(by, content, rules), *_colour((by,), (content,), rules)])


def require_two_issuers(command: Command, rules: Rules, *contents: AlertContent) -> None:
    """As `require_issuer` of both who sign, for the last text; the colour is asked of every text: as it stands, and as it is to be."""
    signers = (command.by, command.cosigner) if command.cosigner else (command.by,)
    wanted = contents[-1]
    faults = [*_cosigner_missing(command, wanted, rules), *_issuer(command.by, wanted, rules)]
    refuse_all(NotAllowed, [*faults, *_colour(signers, contents, rules)])


def require_lifter(by: Signature, content: AlertContent, rules: Rules) -> None:
    """Who may issue a hazard may also lift its warnings, whatever their colour."""
    refuse_all(NotAllowed, _issuer(by, content, rules))


def issuers(hazard: str, rules: Rules) -> tuple[str, ...]:
    """The roles whose work a warning of this hazard is."""
    return tuple(_row(rules, hazard)["roles"])


def author_approves(author: str, by: Signature) -> list[Failure]:
    """The author is never the approver."""
    return [Failure(SECOND_PERSON, "another approver of the issuing authority")] if by.actor == author else []


def _cosigner_missing(command: Command, content: AlertContent, rules: Rules) -> list[Failure]:
    """A second person of the issuing authority, as competent as the first, signs in the same call."""
    cosigner = command.cosigner
    if cosigner is None or cosigner.actor == command.by.actor:
        return [Failure(SECOND_PERSON, "a second person of the issuing authority signs too (Ortoo-Cosigner)")]
    row = _row(rules, content.hazard)
    return [] if _competent(cosigner, content, row, rules) else [Failure(SECOND_PERSON, f"the second person too: {row['cure']}")]


def _issuer(by: Signature, content: AlertContent, rules: Rules) -> list[Failure]:
    if not content.hazard:
        return []  # the missing field is the fault, and is named with the others (ERL-64.2)
    row = _row(rules, content.hazard)
    if _competent(by, content, row, rules):
        return []
    failure = Failure(row["rule"], row["cure"])
    if "imminent" not in row:
        return [failure]
    # An earthquake forecast by anybody else is unlawful whoever signs it: a broken rule, not a missing signature (EQF-14).
    raise RuleBroken(failure)


def _competent(by: Signature, content: AlertContent, row: Mapping[str, Any], rules: Rules) -> bool:
    if _holds(by, row):
        return True
    exception = row.get("imminent")
    return exception is not None and _holds(by, exception) and _within(content, rules.value(exception["longest"]))


def _colour(signers: Sequence[Signature], contents: Sequence[AlertContent], rules: Rules) -> list[Failure]:
    return [
        Failure("alert.colour_limit", limit["cure"])
        for limit in rules.value("alert.colour_limit")
        if any(limit["colour"] == content.colour and _longest(limit["hazards"], content.hazard) >= 0 for content in contents)
        and any(signer.level not in limit["levels"] for signer in signers)
    ]


def _row(rules: Rules, hazard: str) -> Mapping[str, Any]:
    """The row with the longest prefix of the hazard."""
    rows: Sequence[Mapping[str, Any]] = rules.value("alert.authority")
    return max(rows, key=lambda row: _longest(row["hazards"], hazard))


def _longest(prefixes: Sequence[str], hazard: str) -> int:
    return max((len(prefix) for prefix in prefixes if hazard.startswith(prefix)), default=-1)


def _holds(by: Signature, row: Mapping[str, Any]) -> bool:
    return by.has(*row["roles"]) and by.level in row["levels"]


def _within(content: AlertContent, longest: Any) -> bool:
    if content.starts is None or content.valid_to is None or not content.valid_to.tzinfo:
        return False
    return bool(content.valid_to - content.starts <= longest)
