"""What clients of resources ask in a simulated history: goods received, asked for, promised, carried, handed out, taken back."""

from __future__ import annotations

from datetime import timedelta

from services.resources.deciders.allocations.commands import Allocate, CancelAllocation
from services.resources.deciders.distributions.distribution import RecordDistribution, ReverseDistribution
from services.resources.deciders.incident import NoteSupplyIncident
from services.resources.deciders.masters.item import RegisterItem
from services.resources.deciders.masters.warehouse import CloseWarehouse, RegisterWarehouse
from services.resources.deciders.requests import commands as requests
from services.resources.deciders.shipments import commands as shipments
from services.resources.deciders.stock import commands as stock
from services.resources.events.goods import Source
from services.resources.events.shipment import Rest
from services.resources.service import RESOURCES
from shared.kernel.commands import Signature
from tests.hosts.alert_work import AREA, directory
from tests.hosts.resources_books import check_books

OFFICER = Signature("B.OFF", ("EMD.officer",), AREA, 3)
APPROVER = Signature("B.APP", ("EMD.approver",), AREA, 3)
OTHER = Signature("B.APP2", ("EMD.approver",), AREA, 3)
KEEPER = Signature("W.A", ("WHK",), AREA, 3)
RECEIVER = Signature("W.B", ("WHK",), AREA, 3)
SYSTEM = Signature("SYS.POLICY", ("SYS",), AREA)
ITEMS, STORES = ("WATER", "TENT"), ("WH-A", "WH-B", "WH-C")
LOTS = tuple(f"{item}-{n}" for item in ITEMS for n in range(2))
MANY = (1, 3, 10, 40)
REASON = "at hand"


def _opened(now):
    """The first commands of every history: an incident, the catalogue, three stores, something in the first of them."""
    yield NoteSupplyIncident(by=SYSTEM, now=now, incident="INC-0", division=AREA, type="flood")
    for n, item in enumerate(ITEMS):
        yield RegisterItem(by=OFFICER, now=now, item=item, code=f"199990{n}", unit="piece", zh="水", en=item, reusable=n == 1)
    said = {"owner": AREA, "place": AREA, "custodian": KEEPER.actor, "keepers": (RECEIVER.actor,), "level": 3, "placed": True}
    for store in STORES:
        yield RegisterWarehouse(by=OFFICER, now=now, store=store, **said)
    for lot in LOTS[:3]:
        yield stock.ReceiveLot(by=KEEPER, now=now, store="WH-A", item=lot[:-2], lot=lot, qty=200, source=Source.OPENING)


def _life(random):
    """From the request to its end; some of it comes twice, as clients do who hear nothing."""
    sent = ["allocate", "order", "pick", "load", "depart", "arrive", "receipt", "resolve"]
    ended = random.choice((["hand out", "close"], ["close"], ["hand out", "take back"], ["cancel request"]))
    life = ["submit", "assess", *sent[: random.choice((1, 2, 4, 8, 8, 8, 8))], *ended]
    return [step for step in life for _ in range(1 + (random.random() < 0.1))]


ODD = (
    *("receive", "receive", "issue", "bring back", "transfer", "transfer", "lend", "lent", "write off", "lose", "set apart", "reverse"),
    *("reverse", "allocate", "allocate", "cancel allocation", "cancel allocation", "cancel dispatch", "turn back", "lose all"),
    *("load", "receipt", "arrive", "hand out", "take back", "cancel request", "close", "close store", "empty", "recall"),
)


class ResourcesWork:
    """Three clients, three stores, four lots of two items, a few requests. What is asked follows a request's life, and now and then not."""

    service, log_name = RESOURCES, "150000.resources"

    def __init__(self) -> None:
        self._opening = 0
        self._left: dict[str, list[str]] = {}  # of each request: what is still to be asked for in its turn
        self._made: dict[str, int] = {}  # of each request: how many allocations were asked for
        self._wanted: dict[str, dict[str, int]] = {}  # of each request
        self._serial = 0

    def rules_for(self, division, at, pack):
        return directory().rules_for(division, at, pack)

    def may(self, command, by, areas) -> None:
        directory().may(command, by, areas)

    def command(self, random, now):
        opening = [*_opened(now)]
        if self._opening < len(opening):
            self._opening += 1
            return opening[self._opening - 1], {}
        if len(self._left) < 3 and (not self._left or random.random() < 0.06):
            self._left[f"SR-{len(self._left)}"] = _life(random)
        request = random.choice(list(self._left))
        left = self._left[request]
        step = left.pop(0) if left and random.random() < 0.8 else random.choice(ODD)
        self._made[request] = self._made.get(request, 0) + (step == "allocate")
        self._serial += 1
        made = self._asked(random, now, request) | self._sent(random, now, request) | self._kept(random, now, request)
        return made[step], {}

    def check(self, events, read, asks) -> None:
        """The books of an own, plain count agree with the log's ledgers, with what is under way and promised, and with what is shown."""
        check_books(events, read, asks)

    def _asked(self, random, now, request):
        signed, goods = {"now": now, "request": request}, self._wanted.setdefault(request, {item: random.choice(MANY) for item in ITEMS})
        wanted = {"place": AREA, "receiver": RECEIVER.actor, "to_store": "WH-B", "people": 9, "items": goods, "line": (AREA, "150700")}
        until, allocation = now + timedelta(hours=9), f"AC-{request}.{self._made[request]}"
        store, lots = random.choice(("WH-A", "WH-A", "WH-B")), _lots(random)
        unmet = random.choice(({}, goods, goods, {"WATER": 10}))
        return {
            "submit": requests.SubmitRequest(by=OFFICER, **signed, incident="INC-0", needed_by=until, **wanted),
            "assess": requests.AssessRequest(by=OFFICER, **signed, vulnerable={"elderly": "few"}),
            "allocate": Allocate(by=APPROVER, **signed, allocation=allocation, store=store, lots=lots, reason=REASON),
            "cancel allocation": CancelAllocation(by=APPROVER, now=now, allocation=allocation, reason=REASON),
            "cancel request": requests.CancelRequest(by=OFFICER, **signed, reason=REASON),
            "close": requests.CloseRequest(by=OFFICER, **signed, unmet=unmet, reason=REASON),
        }

    def _sent(self, random, now, request):
        shipment = f"SP-{request}.{self._made[request]}"
        by_keeper = {"by": KEEPER, "now": now, "shipment": shipment}
        by_approver = {"by": APPROVER, "now": now, "shipment": shipment, "reason": REASON}
        some = random.choice((None, None, {random.choice(LOTS): random.randrange(4)}))
        one = {random.choice(LOTS): 1}
        counted = random.choice(({}, {}, {"short": one}, {"short": one, "damaged": {random.choice(LOTS): 1}}))
        found = random.choice(({"lost": one}, {"found": one}, {"not_loaded": one}))
        return {
            "order": shipments.OrderDispatch(by=APPROVER, now=now, shipment=shipment, allocation=shipment.replace("SP", "AC", 1)),
            "pick": shipments.ConfirmPick(**by_keeper),
            "load": shipments.ConfirmLoad(**by_keeper, lots=some, rest=random.choice(tuple(Rest)), reason=REASON),
            "depart": shipments.Depart(**by_keeper),
            "arrive": shipments.Arrive(**by_keeper),
            "receipt": shipments.ConfirmReceipt(by=RECEIVER, now=now, shipment=shipment, **counted),
            "resolve": shipments.ResolveDiscrepancy(by=OTHER, cosigner=KEEPER, now=now, shipment=shipment, reason=REASON, **found),
            "cancel dispatch": shipments.CancelDispatch(**by_approver),
            "turn back": shipments.TurnBack(**by_approver),
            "lose all": shipments.LoseShipment(**by_approver, cosigner=KEEPER),
        }

    def _kept(self, random, now, request):
        lot, store, qty = random.choice(LOTS), random.choice(STORES), random.choice(MANY)
        signed = {"by": KEEPER, "now": now, "store": store}
        of_lot, item = {**signed, "lot": lot}, lot[:-2]
        two = {**of_lot, "qty": qty, "reason": REASON, "cosigner": RECEIVER}
        handed = f"DI-{request}.{self._serial % 4}"
        moved = {"by": KEEPER, "now": now, "from_store": store, "receiver": RECEIVER.actor}
        loan = f"LN-{self._serial % 5}"
        where = random.choice(({"store": "WH-A", "item": "WATER"}, {"store": store, "item": item}))
        taken_back = {"by": KEEPER, "now": now, **where, "version": random.randrange(1, 5)}
        return {
            "receive": stock.ReceiveLot(**of_lot, item=item, qty=qty, cause="D-1", damaged=random.randrange(2)),
            "issue": stock.IssueStock(**signed, item=item, qty=qty, cause="INC-0"),
            "bring back": stock.ReturnStock(**of_lot, item=item, good=qty, damaged=1, lost=random.randrange(2), cosigner=RECEIVER),
            "transfer": stock.TransferStock(**moved, to_store=random.choice(STORES), lots=_lots(random)),
            "empty": stock.WriteOff(**{**two, "store": "WH-C"}),
            "lend": stock.LendStock(
                **signed, loan=loan, lots={lot: qty}, to="150721", due_at=now + timedelta(hours=2), cause="INC-0", reason=REASON
            ),
            "lent": stock.ReturnLoan(by=KEEPER, now=now, loan=loan, lot=lot, good=1, lost=random.randrange(2), cosigner=RECEIVER),
            "write off": stock.WriteOff(**two),
            "lose": stock.RecordLoss(**two, cause="INC-0"),
            "set apart": stock.QuarantineLot(**of_lot, reason=REASON),
            "recall": stock.RecallLot(by=APPROVER, now=now, lot=lot, reason=REASON),
            "reverse": stock.ReverseMovement(**taken_back, reason=REASON, cosigner=RECEIVER),
            "hand out": RecordDistribution(
                by=RECEIVER, now=now, distribution=handed, store=random.choice(STORES[:2]), people=3, items={item: qty}
            ),
            "take back": ReverseDistribution(by=RECEIVER, now=now, distribution=handed, reason=REASON),
            "close store": CloseWarehouse(by=APPROVER, now=now, store=random.choice(STORES[1:]), reason=REASON),
        }


def _lots(random):
    return {lot: random.choice(MANY) for lot in random.sample(LOTS, random.randrange(1, 3))}
