"""How long name, contact and words of a rights request are kept, and when the vault destroys them (PIPL art. 19, 47)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from services.privacy.events.duties import RightsOutcome
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Rules

KEPT, REFUSED, RUN = "privacy.rights_words", "privacy.rights_refused", "privacy.rights_words_run"


def kept(outcome: RightsOutcome | None, done: bool, since: datetime, rules: Rules) -> Due:
    """One clock: of what was granted the time in which it is carried out, then that in which its words are kept; what was refused, in
    whole or in part, can still be contested."""
    granted = outcome == RightsOutcome.GRANTED or (outcome == RightsOutcome.PARTLY and not done)
    return deadline(rules, KEPT if granted else REFUSED, since, KEPT)


def run_after(now: datetime, rules: Rules) -> datetime:
    """When the vault destroys whatever is due by then: once a day, since each destruction replaces the root."""
    day = rules.value(RUN)
    local = now.astimezone(timezone(timedelta(hours=day["utc_offset_hours"])))
    today = local.replace(hour=day["hour"], minute=0, second=0, microsecond=0)
    return today if local < today else today + timedelta(days=1)
