"""The resources service as a host runs it."""

from __future__ import annotations

from services.alerts.events.leading import IncidentMerged
from services.resources.clocks import DUE_FAMILIES, due
from services.resources.deciders import DECIDERS
from services.resources.policies import POLICIES
from services.resources.projections.agreements import AGREEMENTS, CALL_OFFS, PROCUREMENTS
from services.resources.projections.assessments import Assessments
from services.resources.projections.availability import Availability
from services.resources.projections.callable import Callable
from services.resources.projections.catalogue import Catalogue
from services.resources.projections.donations import Donations
from services.resources.projections.files import StockFiles
from services.resources.projections.loans import Loans
from services.resources.projections.movements import Movements
from services.resources.projections.notices import Notices
from services.resources.projections.readings import Readings
from services.resources.projections.relief import Relief
from services.resources.projections.requests import Requests
from services.resources.projections.requisitions import PROPERTIES, REQUISITIONS
from services.resources.projections.shipments import Shipments
from services.resources.projections.stock import StockLots
from services.resources.projections.stocktakes import Stocktakes
from services.resources.projections.tasks import SupplyTasks
from services.resources.projections.warehouses import Warehouses
from shared.handling.declare import Projection, Service
from shared.handling.merging import Mergers

PROJECTIONS: tuple[Projection, ...] = (
    Catalogue(),
    Warehouses(),
    Availability(),
    Callable(),
    Notices(),
    StockLots(),
    Movements(),
    Loans(),
    Stocktakes(),
    StockFiles(),
    Requests(),
    Shipments(),
    SupplyTasks(),
    AGREEMENTS,
    CALL_OFFS,
    PROCUREMENTS,
    REQUISITIONS,
    PROPERTIES,
    Relief(),
    Donations(),
    Assessments(),
    Readings(),
    Mergers(IncidentMerged),
)

RESOURCES = Service(
    name="resources",
    letter="s",
    deciders=DECIDERS,
    projections=PROJECTIONS,
    policies=POLICIES,
    due=due,
    due_families=DUE_FAMILIES,
)
