"""What registrations leave behind beside the log, for all that arrive together: values in the vault, codes that open them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.volunteers.deciders.people.state import ERASED
from services.volunteers.projections.assessments import assessed
from services.volunteers.projections.volunteers import statuses
from services.volunteers.reception.codes import Codes
from shared.kernel.errors import Failure, RuleBroken
from shared.vault.content import Value
from shared.vault.index import Kind
from shared.vault.personal import Personal
from shared.vault.scope import REGISTER, Scope
from shared.vault.vault import Vault
from shared.web.host import Host
from shared.web.together import Together

SERVICE = "volunteers"
ASSESSMENT = "PIPL-55"
CLOSED = (
    "registration is not open yet: module register has no valid impact assessment; whoever answers for personal data drafts one "
    "(DraftImpactAssessment), another person approves it (ApproveImpactAssessment)"
)


@dataclass(frozen=True, slots=True)
class Arriving:
    """A registration without fault, before its command."""

    host: Host
    volunteer: str
    ref: str
    values: Mapping[str, Value]
    numbers: tuple[tuple[Kind, Personal[str]], ...]  # by which somebody may be known already
    code: str  # that opens it from now on
    now: datetime


class Intake:
    """Over the vault and the codes of a process."""

    def __init__(self, vault: Vault, codes: Codes) -> None:
        self._vault, self._codes = vault, codes
        self.kept = Together(self._kept)
        """Keep the values, before anything names them, and for who has none yet the code that opens them: of a registration that is
        refused it opens nothing. Answers who else has this number or phone, and whether the code opens. RuleBroken while the register
        is closed: privacy would refuse to hold it afterwards."""
        self.given = Together(self._given)
        """Another code (volunteer, code, moment) for who is registered."""

    def _kept(self, items: Sequence[Arriving]) -> list[tuple[tuple[str, ...], bool]]:
        db = items[0].host.read(SERVICE)
        if not assessed(db, max(item.now for item in items)):
            raise RuleBroken(Failure(ASSESSMENT, CLOSED))
        known = statuses(db, [item.volunteer for item in items])
        # Of who was erased nothing is kept again: the command that follows is refused, or is the repeat of one that came before.
        live = [item for item in items if known.get(item.volunteer) != ERASED]
        found = iter(self._vault.find_all([number for item in live for number in item.numbers]))
        same = {
            id(item): sorted({scope.subject for _ in item.numbers for scope in next(found) if _of_another(scope, item)}) for item in live
        }
        keeping = [(Scope(item.volunteer, REGISTER, REGISTER), item.ref, item.values) for item in live]
        self._vault.keep_all(keeping, max(item.now for item in items))
        begun = dict(zip(map(id, live), self._codes.begin_all([(item.volunteer, item.code, item.now) for item in live]), strict=True))
        return [(tuple(same.get(id(item), ())), begun.get(id(item), False)) for item in items]

    def _given(self, items: Sequence[tuple[str, str, datetime]]) -> list[None]:
        self._codes.give_all(items)
        return [None] * len(items)


def _of_another(scope: Scope, item: Arriving) -> bool:
    return scope.register == REGISTER and scope.subject != item.volunteer
