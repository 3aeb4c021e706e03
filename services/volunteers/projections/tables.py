"""Tables of volunteers, forces, insurance and engagements. No personal value and no reference into the vault is in any of them."""

from __future__ import annotations

from shared.handling.declare import Table

VOLUNTEER = Table(
    "volunteer",
    key=("volunteer",),
    columns={
        "volunteer": "TEXT NOT NULL",
        "status": "TEXT NOT NULL",
        "division": "TEXT",
        "township": "TEXT",
        "adult": "INTEGER",
        "guardian": "INTEGER NOT NULL",
        "fit": "INTEGER",
        "excluded": "TEXT NOT NULL",  # codes between blanks: ' GRASS_FIRE '
        "too_old": "TEXT NOT NULL",
        "languages": "TEXT NOT NULL",
        "declared": "TEXT NOT NULL",  # skills as declared
        "certified": "TEXT NOT NULL",  # skills that were ever certified: what expired of them is not declared either
        "weekly": "INTEGER NOT NULL",  # bit 0 is Monday
        "spans": "INTEGER NOT NULL",
        "organised": "INTEGER NOT NULL",
        "trained_until": "TEXT NOT NULL",  # the last of the trainings; '' without one
        "duplicates": "TEXT NOT NULL",  # registrations with the same number or phone
        "kept": "TEXT",  # of a merged one: the registration that is kept
        "incident": "TEXT",
        "registered_at": "TEXT NOT NULL",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),  # none by status: nearly all are approved, and candidates are looked for in all of them
)
VALID = Table(
    "volunteer_valid",
    key=("volunteer", "kind", "code"),
    columns={
        "volunteer": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",  # training | skill
        "code": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "until": "TEXT NOT NULL",  # FOREVER when it does not expire
    },
)
SPAN = Table(
    "volunteer_span",
    key=("volunteer", "n"),
    columns={
        "volunteer": "TEXT NOT NULL",
        "n": "INTEGER NOT NULL",
        "since": "TEXT NOT NULL",
        "until": "TEXT NOT NULL",
        "available": "INTEGER NOT NULL",
    },
)
COVER = Table(
    "cover",
    key=("holder", "policy"),
    columns={
        "holder": "TEXT NOT NULL",
        "policy": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "until": "TEXT NOT NULL",
        "territory": "TEXT NOT NULL",
        "risk": "TEXT NOT NULL",
    },
)
ENGAGED = Table(
    "engaged",
    key=("holder", "call_up"),
    columns={
        "holder": "TEXT NOT NULL",
        "call_up": "TEXT NOT NULL",
        "incident": "TEXT",
        "since": "TEXT NOT NULL",
        "until": "TEXT NOT NULL",
    },
)
FORCE = Table(
    "force",
    key=("force",),
    columns={
        "force": "TEXT NOT NULL",
        "status": "TEXT NOT NULL",
        "name": "TEXT NOT NULL",
        "kind": "TEXT NOT NULL",
        "disciplines": "TEXT NOT NULL",
        "grades": "TEXT NOT NULL",
        "home": "TEXT",
        "contract": "INTEGER NOT NULL",
        "contract_with": "TEXT",
        "registration": "TEXT",
        "host_unit": "TEXT",
        "self_sufficiency_days": "INTEGER",
        "contact_24h": "INTEGER NOT NULL",
        "leader": "TEXT NOT NULL",
        "members": "TEXT NOT NULL",
        "gear": "TEXT NOT NULL",
        "number": "TEXT",
        "readiness": "TEXT",
        "stand_by": "TEXT",
        "reason": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("status", "position")),
)
STANDBY = Table(
    "stand_by_request",
    key=("alert", "measure"),
    columns={
        "alert": "TEXT NOT NULL",
        "measure": "TEXT NOT NULL",
        "division": "TEXT",
        "forces": "TEXT NOT NULL",
        "asked_at": "TEXT NOT NULL",
        "ended_at": "TEXT",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
POLICY = Table(
    "insurance_policy",
    key=("policy",),
    columns={
        "policy": "TEXT NOT NULL",
        "status": "TEXT NOT NULL",
        "insurer": "TEXT NOT NULL",
        "number": "TEXT NOT NULL",
        "risk": "TEXT NOT NULL",
        "amount": "TEXT NOT NULL",
        "since": "TEXT NOT NULL",
        "until": "TEXT NOT NULL",
        "territory": "TEXT NOT NULL",
        "payer": "TEXT NOT NULL",
        "covered": "TEXT NOT NULL",  # public ids
        "forces": "TEXT NOT NULL",
        "claims": "TEXT NOT NULL",
        "division": "TEXT",
        "visibility": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
FOREVER = "9999"


def codes(values: tuple[str, ...]) -> str:
    """Codes such that one of them is found by `LIKE '% code %'`."""
    return f" {' '.join(values)} " if values else ""


def mask(weekly: tuple[int, ...]) -> int:
    """Weekdays 1 to 7 as bits."""
    return sum(1 << day - 1 for day in set(weekly))
