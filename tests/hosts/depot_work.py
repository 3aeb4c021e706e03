"""What clients of the depot ask in a simulated history, and what must be true of it in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from shared.testing.invariants import Broken
from tests.hosts.depot import CLERK, DEPOT, ITEMS, Freed, Issue, Issued, Move, Receive, Received, Release, Reserve, Reserved, Written


class Rules:
    pack = "test@0"

    def value(self, rule):
        raise KeyError(rule)


class DepotWork:
    """What the clients of the depot ask."""

    service, log_name = DEPOT, "150722.depot"

    def __init__(self) -> None:
        self._refs = ["R-0"]

    def rules_for(self, division, at, pack):
        return Rules()

    def may(self, command, by, areas) -> None:
        """Permission is not what is proved here."""

    def command(self, random, now):
        signed = {"by": CLERK, "now": now, "item": random.choice(ITEMS)}
        quantity = random.randrange(1, 10)
        kind = random.choice((Receive, Receive, Issue, Move, Reserve, Reserve, Release))
        if kind is Receive and random.random() < 0.5:
            paper = f"note {random.getrandbits(64)}".encode()
            digest = sha256(paper).hexdigest()
            return Receive(**signed, quantity=quantity, paper=digest), {digest: paper}
        if kind is Reserve:
            self._refs.append(f"R-{len(self._refs)}-{signed['item']}")
        ref = random.choice(self._refs[-6:])
        more = {
            Receive: {"quantity": quantity},
            Issue: {"quantity": quantity},
            Move: {"quantity": quantity, "to": random.choice(ITEMS) + ".spare"},
            Reserve: {"quantity": quantity, "ref": self._refs[-1], "until": now + timedelta(seconds=random.randrange(900))},
            Release: {"ref": ref},
        }
        if kind is Release and "-" in ref[2:]:
            signed["item"] = ref.split("-")[2]
        return kind(**signed, **more[kind]), {}

    def check(self, events, read, asks) -> None:
        """Every promise ended once, every movement has its line, and the tables are what plain counting gives."""
        facts = [recorded.event for recorded in events]
        promised = Counter(fact.ref for fact in facts if isinstance(fact, Reserved))
        ended = Counter(fact.ref for fact in facts if isinstance(fact, Freed))
        if promised != ended or any(n > 1 for n in promised.values()):
            raise Broken(f"promised {promised - ended}, ended {ended - promised}")
        lines = Counter(fact.line for fact in facts if isinstance(fact, Written))
        if any(n > 1 for n in lines.values()):
            raise Broken(f"written twice: {[line for line, n in lines.items() if n > 1]}")
        self._lines_follow(events, lines)
        on_hand = Counter()
        for fact in facts:
            if isinstance(fact, Received | Issued):
                on_hand[fact.item] += fact.quantity if isinstance(fact, Received) else -fact.quantity
        table = {row["item"]: row["on_hand"] for row in read.look().execute("SELECT item, on_hand FROM stock")}
        if table != dict(on_hand) or any(n < 0 for n in on_hand.values()):
            raise Broken(f"the stock table says {table}, the log {dict(on_hand)}")

    def _lines_follow(self, events: Sequence, lines: Counter) -> None:
        due = {f"freed {r.id}" for r in events if isinstance(r.event, Freed)}
        due |= {f"much {r.id}" for r in events if isinstance(r.event, Received | Issued) and r.event.quantity >= 8}
        missing = due - lines.keys()  # "moved" lines may be refused
        if missing:
            raise Broken(f"not written: {sorted(missing)}")
