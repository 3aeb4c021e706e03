"""What the alerts service decides: one decider per aggregate."""

from services.alerts.deciders.monitoring.crossing import CROSSING
from services.alerts.deciders.monitoring.hazard import HAZARD
from services.alerts.deciders.monitoring.recipients import RECIPIENTS
from services.alerts.deciders.monitoring.station import STATION
from services.alerts.deciders.orders.task import TASK
from services.alerts.deciders.warnings.alert import ALERT
from services.alerts.deciders.warnings.checklist import CHECKLIST
from services.alerts.deciders.warnings.message import MESSAGE
from services.alerts.deciders.warnings.quarantine import QUARANTINE

DECIDERS = (ALERT, MESSAGE, QUARANTINE, CHECKLIST, TASK, RECIPIENTS, HAZARD, STATION, CROSSING)
