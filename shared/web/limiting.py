"""How often one network address may send without a token. Kept in memory of each process: a restart forgets, nothing accepted is lost."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from math import ceil
from threading import Lock

from shared.kernel.errors import Failure
from shared.web.call import Call
from shared.web.host import Host
from shared.web.problems import TooMany

ADDRESSES = 10_000  # remembered; the longest silent are forgotten first, and they had earned their burst again
_HOME = 64  # bits of an IPv6 address that stand for one line; the rest anybody there may choose


class Buckets:
    """A bucket of reports for each address: `burst` at once, refilled by `per_minute`."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, and when that was so
        self._lock = Lock()

    def wait_s(self, address: str, burst: int, per_minute: int, now_s: float) -> int:
        """Take one: 0 when there was one, else the seconds until there is."""
        line = _line(address)
        with self._lock:
            left, since = self._left.pop(line, (float(burst), now_s))
            left = min(float(burst), left + (now_s - since) * per_minute / 60)
            taken = left >= 1
            self._left[line] = (left - 1 if taken else left, now_s)
            if len(self._left) > ADDRESSES:
                self._left.popitem(last=False)
        return 0 if taken else max(1, ceil((1 - left) * 60 / per_minute))


def _line(address: str) -> str:
    if ":" not in address:
        return address  # IPv4; or a socket without an address, or a test: one line of its own
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, _HOME), strict=False))


def take_turn(buckets: Buckets, host: Host, caller: Call, rule: str, line: str | None = None) -> None:
    """One entry or try from this address, or on this line, at the rate that the rule says. TooMany."""
    rate = host.directory.rules_for(None, caller.now, None).value(rule)
    client = caller.request.client
    address = line if line is not None else client.host if client else ""
    wait_s = buckets.wait_s(address, rate["burst"], rate["per_minute"], time.monotonic())
    if wait_s:
        raise TooMany(Failure(rule, f"send it again in {wait_s} s"), retry_after_s=wait_s)
