"""What `ortoo doctor` can find, each kind with a stable code and its cure. `docs/operate.md` has a section for every code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from shared.sql.ports import LogBusy, StorageFailed

GUIDE = "docs/operate.md"
CURES = {
    "folder.missing": "set ORTOO_DATA, or start the node once: ortoo serve",
    "folder.access": "give the folder and all in it to the user who runs the node: chown -R, chmod -R u+rwX",
    "disk.low": "free some space, or move the folder to a larger disk while the node is stopped",
    "keys.missing": "put back the keys folder that was kept apart from the backups; a new key makes every token and link void",
    "keys.open": "chmod 700 on the keys folder and 600 on what is in it; change the keys if somebody may have read them",
    "root.missing": "put the file back where ORTOO_ROOT_KEY says; from nowhere else does anything personal open again",
    "root.refused": "as it says: the file belongs to the user who runs the node, with mode 0600; then destroy or replace the root",
    "root.inside": "stop the node, move the file out, and let ORTOO_ROOT_KEY name where it lies",
    "vault.shut": "restore a newer backup into another folder if there is one; else collect anew what is needed, and erase the rest",
    "vault.lost": "restore a newer backup into another folder if there is one; else collect anew what is needed, and erase the rest",
    "log.missing": "start its service once, or restore a backup: ortoo restore",
    "log.unreadable": "see the fault; if the disk is damaged, restore a backup on another: ortoo restore, then ortoo log heal",
    "log.end": "stop the node and restore a backup: ortoo restore, then ortoo log heal; keep the damaged files, they are evidence",
    "log.broken": "stop the node and restore a backup: ortoo restore, then ortoo log heal; keep the damaged files, they are evidence",
    "log.unguarded": "find out who opened the log by hand, run ortoo log verify, and start the node again: it makes the guards anew",
    "log.cut": "look at what is there and finish by hand what is missing",
    "log.restored": "run ortoo log heal while its processes are stopped",
    "log.older": "a restored log: stop its service at once, then ortoo log heal. Nothing was restored: it is forged, ortoo inbox drop",
    "log.clock": "set the machine's clock by NTP; until it has come up, events are recorded under the time of the last one",
    "content.lost": "import the message again from its sender: its content is kept, and nothing is decided twice",
    "models.stopped": "install a release in which the projection is mended; it is built anew by itself. Or: ortoo rebuild SERVICE",
    "models.behind": "see what else loads the machine; if it stays behind: restart the node, then ortoo rebuild SERVICE",
    "policies.behind": "see the node's own log for why its reactor stands; restart the node",
    "parked.waiting": "cure the reason, then: ortoo parked --replay READER LOG STREAM",
    "deadlines.stuck": "see the node's own log for the bug; restart the node: it sends them again",
    "node.engine": "see the node's own log for what the engine says",
    "node.silent": "see ORTOO_HOST and ORTOO_PORT, and the node's own log; if it hangs, restart it",
    "packs.differ": "the division adopts the pack of this release: AdoptRulePack",
    "relay.fork": "as it says: heal a restored log, stop one of two copies, make a forged topic anew; the relay looks again",
    "relay.away": "see whether the broker runs and ORTOO_KAFKA names it; what waits is sent by itself",
    "relay.behind": "see the service's own log for what the relay says",
    "topic.settings": "change the topic as it says; nothing is changed by itself",
    "inbox.fault": "see what the fault names; the importer reads on by itself once it is cured",
    "feed.forged": "stop the filter, make the topic of that feed anew, then ortoo feed drop AUDIENCE: everything is given anew",
    "inbox.behind": "see whether its importer runs: ortoo cluster status",
    "postgres.refused": "see the address, the role's rights and the server's settings",
    "postgres.collation": "make the database with LOCALE 'C' and restore into it: order by text must be bytewise",
    "postgres.pages": "set full_page_writes=on and restart the server: a power cut may tear a page",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where, in words."""

    code: str
    where: str
    words: str

    @property
    def cure(self) -> str:
        return CURES[self.code]

    @property
    def anchor(self) -> str:
        """Where the guide says more."""
        return f"{GUIDE}#{self.code.replace('.', '')}"

    def lines(self) -> str:
        """As it is printed."""
        return f"{self.code}  {self.where}: {self.words}\n  cure: {self.cure}\n  see {self.anchor}"


def looked(code: str, where: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What a look finds, and that it could not be finished; what else there is to find is not lost by it."""
    try:
        yield from look()
    except (StorageFailed, LogBusy) as error:
        yield Finding(code, where, str(error))
