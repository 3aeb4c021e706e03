"""The privacy service as a host runs it."""

from __future__ import annotations

from services.privacy.clocks import DUE_FAMILIES, due
from services.privacy.deciders import DECIDERS
from services.privacy.policies import POLICIES
from services.privacy.projections.certificates import Certificates
from services.privacy.projections.duties import Duties
from services.privacy.projections.readings import Readings
from services.privacy.projections.records import Records
from services.privacy.projections.retention import RetentionParts
from shared.handling.declare import Service

PRIVACY = Service(
    name="privacy",
    letter="p",
    deciders=DECIDERS,
    projections=(Records(), Readings(), RetentionParts(), Certificates(), Duties()),
    policies=POLICIES,
    due=due,
    due_families=DUE_FAMILIES,
)
