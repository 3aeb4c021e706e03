"""What follows from facts of privacy and of its neighbours."""

from __future__ import annotations

from services.privacy.policies.asking import ASKING
from services.privacy.policies.auditing import AUDITING
from services.privacy.policies.collecting import COLLECTING
from services.privacy.policies.retaining import RETAINING
from services.privacy.policies.supplying import SUPPLYING
from services.privacy.policies.tasks import TASKS
from services.privacy.policies.telling import TELLING
from shared.handling.declare import Policy

POLICIES: tuple[Policy, ...] = (*COLLECTING, *RETAINING, *ASKING, *SUPPLYING, *AUDITING, *TASKS, *TELLING)
