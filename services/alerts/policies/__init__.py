"""What follows from a fact: sentences without memory. Each command's id follows from the event, so it counts once."""

from services.alerts.policies.awaited import AWAITED
from services.alerts.policies.drills import DRILLS
from services.alerts.policies.incidents import INCIDENTS
from services.alerts.policies.mergers import MERGERS
from services.alerts.policies.neighbours import NEIGHBOURS
from services.alerts.policies.orders import ORDERS
from services.alerts.policies.plans import PLANS
from services.alerts.policies.releases import RELEASES
from services.alerts.policies.reports import REPORTS
from services.alerts.policies.responses import RESPONSES
from services.alerts.policies.supplies import SUPPLIES
from services.alerts.policies.warnings import WARNINGS

POLICIES = WARNINGS + INCIDENTS + NEIGHBOURS + SUPPLIES + MERGERS + REPORTS + AWAITED + PLANS + RESPONSES + ORDERS + RELEASES + DRILLS
