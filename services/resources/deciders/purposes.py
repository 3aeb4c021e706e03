"""For what resources may hold data of a person: the purposes of its own register (PIPL art. 6)."""

from __future__ import annotations

from shared.kernel.decider import Rules
from shared.kernel.errors import Failure


def unknown_purpose(purpose: str | None, module: str, rules: Rules) -> list[Failure]:
    """The fault of a purpose that is none of this module's; left out it is no fault."""
    own = [row["purpose"] for row in rules.value("privacy.purposes") if str(row["purpose"]).partition(".")[0] == module]
    if purpose is None or purpose in own:
        return []
    cure = f"{purpose} is nothing for which data of a person are held: name {' or '.join(own)}"
    return [Failure("PIPL-6", f"{cure}; what goods or things are for is said elsewhere, of a requisition in `use`", "purpose")]
