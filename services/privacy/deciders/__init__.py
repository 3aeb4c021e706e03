"""What privacy decides: pure, one module for each aggregate."""

from __future__ import annotations

from typing import Any

from services.privacy.deciders.activity import ACTIVITY
from services.privacy.deciders.duties.assessments import ASSESSMENT
from services.privacy.deciders.duties.breaches import BREACH
from services.privacy.deciders.duties.minors import MINORS
from services.privacy.deciders.duties.processors import PROCESSOR
from services.privacy.deciders.duties.rights import RIGHTS
from services.privacy.deciders.records.record import RECORD
from services.privacy.deciders.retention.certificates import CERTIFICATE
from services.privacy.deciders.retention.holders import HOLDERS_DECIDER
from services.privacy.deciders.retention.retention import RETENTION
from shared.kernel.decider import Decider

DUTIES = (RIGHTS, BREACH, PROCESSOR, ASSESSMENT, MINORS)
DECIDERS: tuple[Decider[Any], ...] = (RECORD, RETENTION, ACTIVITY, CERTIFICATE, HOLDERS_DECIDER, *DUTIES)
