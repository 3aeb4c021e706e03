"""What the alerts service decides: one decider per aggregate."""

from services.alerts.deciders.alert import ALERT
from services.alerts.deciders.checklist import CHECKLIST
from services.alerts.deciders.crossing import CROSSING
from services.alerts.deciders.hazard import HAZARD
from services.alerts.deciders.message import MESSAGE
from services.alerts.deciders.quarantine import QUARANTINE
from services.alerts.deciders.recipients import RECIPIENTS
from services.alerts.deciders.station import STATION
from services.alerts.deciders.task import TASK

DECIDERS = (ALERT, MESSAGE, QUARANTINE, CHECKLIST, TASK, RECIPIENTS, HAZARD, STATION, CROSSING)
