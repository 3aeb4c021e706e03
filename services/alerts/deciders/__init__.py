"""What the alerts service decides: one decider per aggregate."""

from services.alerts.deciders.drills.drill import DRILL
from services.alerts.deciders.evacuations.evacuation import EVACUATION
from services.alerts.deciders.evacuations.shelter import SHELTER
from services.alerts.deciders.guard import GUARD
from services.alerts.deciders.incidents.closure import CLOSURE
from services.alerts.deciders.incidents.incident import INCIDENT
from services.alerts.deciders.monitoring.crossing import CROSSING
from services.alerts.deciders.monitoring.hazard import HAZARD
from services.alerts.deciders.monitoring.recipients import RECIPIENTS
from services.alerts.deciders.monitoring.station import STATION
from services.alerts.deciders.orders.flight import FLIGHT
from services.alerts.deciders.orders.military import MILITARY
from services.alerts.deciders.orders.order import ORDER
from services.alerts.deciders.orders.withdrawal import WITHDRAWAL
from services.alerts.deciders.orders.work import TASK
from services.alerts.deciders.plans.plan import PLAN
from services.alerts.deciders.plans.triggers import TRIGGERS
from services.alerts.deciders.releases.bulletin import BULLETIN
from services.alerts.deciders.releases.release import RELEASE
from services.alerts.deciders.releases.rumour import RUMOUR
from services.alerts.deciders.reports.figures import FIGURES
from services.alerts.deciders.reports.report import REPORT
from services.alerts.deciders.reports.triage import TRIAGE
from services.alerts.deciders.responses.evaluation import EVALUATION
from services.alerts.deciders.responses.response import RESPONSE
from services.alerts.deciders.responses.urgent import URGENT
from services.alerts.deciders.warnings.alert import ALERT
from services.alerts.deciders.warnings.checklist import CHECKLIST
from services.alerts.deciders.warnings.message import MESSAGE
from services.alerts.deciders.warnings.quarantine import QUARANTINE

DECIDERS = (
    INCIDENT,
    CLOSURE,
    ALERT,
    MESSAGE,
    QUARANTINE,
    CHECKLIST,
    TASK,
    RECIPIENTS,
    HAZARD,
    STATION,
    CROSSING,
    REPORT,
    TRIAGE,
    FIGURES,
    ORDER,
    WITHDRAWAL,
    MILITARY,
    FLIGHT,
    EVACUATION,
    SHELTER,
    RELEASE,
    BULLETIN,
    RUMOUR,
    PLAN,
    DRILL,
    TRIGGERS,
    RESPONSE,
    URGENT,
    EVALUATION,
    GUARD,
)
