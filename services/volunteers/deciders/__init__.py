"""What the volunteers service decides: one decider per aggregate."""

from __future__ import annotations

from typing import Any

from services.volunteers.deciders.callups.callup import CALLUP, ENGAGEMENT
from services.volunteers.deciders.callups.zone import ZONE
from services.volunteers.deciders.forces.force import FORCE
from services.volunteers.deciders.forces.standby import STANDBY
from services.volunteers.deciders.honours.honour import HONOUR
from services.volunteers.deciders.honours.injury import INJURY
from services.volunteers.deciders.honours.nominee import NOMINEE
from services.volunteers.deciders.hours.certificate import CERTIFICATE
from services.volunteers.deciders.hours.service import SERVICE
from services.volunteers.deciders.insurance.policy import POLICY
from services.volunteers.deciders.people.volunteer import VOLUNTEER
from services.volunteers.deciders.tasks.task import TASK
from shared.kernel.decider import Decider

DECIDERS: tuple[Decider[Any], ...] = (
    VOLUNTEER,
    FORCE,
    STANDBY,
    POLICY,
    CALLUP,
    ENGAGEMENT,
    ZONE,
    SERVICE,
    CERTIFICATE,
    HONOUR,
    NOMINEE,
    INJURY,
    TASK,
)
