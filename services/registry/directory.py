"""Divisions and rules in memory, followed from the registry's log: asked on every command and every live event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import zip_longest

from services.registry.deciders.divisions import DIVISIONS, DivisionTable
from services.registry.deciders.packs import RULE
from services.registry.events.divisions import DivisionChanged, DivisionsLoaded
from services.registry.events.organs import OrganRegistered
from services.registry.events.packs import RulePackAdopted
from shared.eventlog.chain import Cursor
from shared.eventlog.ports import EventFeed
from shared.geo.divisions import Divisions
from shared.geo.history import DivisionHistory
from shared.kernel.commands import Signature
from shared.kernel.decider import Rules
from shared.kernel.envelope import genesis
from shared.kernel.errors import Failure
from shared.rules.book import Adoption, RuleBook
from shared.rules.packs import DIGEST_LETTERS, RulePack
from shared.web.permissions import Permissions

STAFF = ("AUD", "HQ", "GOV", "EMD", "SECT", "ICP", "ADMIN", "SYS")  # who may see restricted streams of the own division and below [D]
# The organs, who see what is internal to the own chain. Volunteers, enterprises, teams, charities, citizens and holders of links
# are none: they see what is public and what is asked of them. [D]
OFFICES = ("FIN", "RSV", "WHK", "TRN", "CIV", "POL", "MKT", "CAC", "PIO", "LEG", "DPO", "ARCH", "NPC", "INF", "TASK")
ORGANS = (*STAFF, *OFFICES, "L4", "L5")
DAM = "ENT.dam"  # raises an alarm without waiting for anybody (DAM-25), so it sees what happens at its own place


class Directory:
    """Who lies under whom, what holds where, who may do what. `step` follows the log; everything else only reads."""

    def __init__(self, root: str, packs: Iterable[RulePack], permissions: Permissions, today: Callable[[], date]) -> None:
        self._root, self._packs, self._permissions, self._today = root, tuple(packs), permissions, today
        self._table = DivisionTable()
        self._adoptions: list[Adoption] = []
        self._adopted: dict[str, list[RulePackAdopted]] = {}  # by division, in the order they begin
        self._organs: dict[str, OrganRegistered] = {}
        self._feed: EventFeed | None = None
        self._cursor: Cursor | None = None
        self._dirty = False  # something was taken that is not yet in what answers
        self._day: date | None = None
        self._of_day = Divisions()
        self._rebuild()

    def bind(self, registry: EventFeed) -> None:
        """Follow this log from its beginning."""
        self._feed, self._cursor = registry, Cursor(0, genesis(registry.name))

    def step(self) -> bool:
        """Take what is new in the registry's log. True when divisions or rules changed."""
        if self._feed is None or self._cursor is None:
            return False
        ahead = Cursor(self._cursor.position, self._cursor.chain)
        try:
            while batch := ahead.follow(self._feed.read(ahead.position)):
                for recorded in batch:
                    self._take(recorded.event)
                    self._cursor = Cursor(recorded.position, recorded.chain)
        finally:  # what was taken holds, though a later read fails
            changed = self._dirty
            if changed:
                self._rebuild()
                self._dirty = False
        return changed

    @property
    def position(self) -> int:
        """How far the log was followed."""
        return self._cursor.position if self._cursor is not None else 0

    @property
    def divisions(self) -> Divisions:
        """The tree as it stands today."""
        day = self._today()
        if day != self._day:
            self._day, self._of_day = day, self._history.on(day)
        return self._of_day

    @property
    def packs(self) -> tuple[RulePack, ...]:
        return self._packs

    def level(self, division: str | None) -> int | None:
        return self.divisions.level(division)

    def within(self, division: str | None, above: str) -> bool:
        """In the subtree of `above`; what concerns all that lies above a place concerns the place too."""
        tree = self.divisions
        return division is not None and (tree.covers(above, division) or tree.covers(division, above))

    def rules_for(self, division: str | None, at: datetime, pack: str | None) -> Rules:
        """The rule values for a division at a time; of a pinned pack if named."""
        if self.divisions is not self._tree:  # a change of the tree took effect overnight
            self._rebuild()
        return self._book.resolve(division, at, pack)

    def may(self, command: str, by: Signature, areas: tuple[str, ...] | None) -> str:
        """The rule that gives the power. NotAllowed unless this signature may give this command there."""
        return self._permissions.require(command, by, areas, self.divisions)

    def require(self, query: str, by: Signature) -> None:
        self._permissions.require(query, by, None, self.divisions)

    def sees(self, by: Signature) -> Callable[[str | None, str], bool]:
        """What a signature may see: public for all; internal for the organs of the own chain; restricted for the staff of its
        division and of those above; confidential never by stream."""
        own, staff, organ, dam = by.division, by.has(*STAFF), by.has(*ORGANS), by.has(DAM)

        def sees(division: str | None, visibility: str) -> bool:
            if visibility == "public":
                return True
            if visibility == "internal" and dam and not organ:
                return own is not None and division == own
            if visibility == "restricted":  # not for those below: what a superior keeps restricted is no matter of all it lies above
                return staff and (division is None or (own is not None and self.divisions.covers(own, division)))
            if not (organ and visibility == "internal"):
                return False
            return division is None or (own is not None and self.within(division, own))

        return sees

    def known(self, codes: Iterable[str], field: str = "areas") -> list[Failure]:
        """One failure for each code that is no division in force."""
        tree = self.divisions
        return [Failure("reference", f"{code} is not a division in force", field) for code in codes if not tree.in_force(code)]

    def organ(self, division: str | None, function: str) -> Mapping[str, str] | None:
        """The names (zh, en) of the organ that holds a function there, or nearest above; None when none was registered."""
        for place in self.divisions.chain(division) if division is not None else ():
            for organ in list(self._organs.values()):  # another thread takes facts meanwhile
                if organ.division == place and function in (one.partition(".")[0] for one in organ.functions):
                    return {"zh": organ.zh, "en": organ.en}
        return None

    def faults(self) -> dict[str, str]:
        """Packs that hold, or will, and are not what was adopted under their name: a release changed them. Nothing stops for it."""
        loaded, now = {pack.id: pack for pack in self._packs}, self._today()
        differing = [
            f"{event.division} adopted {event.pack}@{event.digest[:DIGEST_LETTERS]}, this release has {loaded[event.pack].name}: adopt it"
            for adopted in self._adopted.values()
            for event, after in zip_longest(adopted, adopted[1:])
            if event.digest and event.digest != loaded[event.pack].digest and (after is None or after.starts.date() > now)
        ]
        return {RULE: "; ".join(sorted(differing))} if differing else {}

    def _take(self, event: object) -> None:
        if isinstance(event, DivisionsLoaded | DivisionChanged) and event.root == self._root:
            self._table = DIVISIONS.evolve(self._table, event)
        elif isinstance(event, RulePackAdopted):
            self._adoptions.append(Adoption(event.division, event.pack, event.starts))
            self._adopted.setdefault(event.division, []).append(event)
        elif isinstance(event, OrganRegistered):
            self._organs[event.organ] = event
            return
        else:
            return
        self._dirty = True

    def _rebuild(self) -> None:
        self._history = DivisionHistory(self._table.units)
        self._day = None
        self._tree = self.divisions
        self._book = RuleBook(self._packs, self._tree, self._adoptions)
