"""Comparing what a node answered with what a story expects. Pure: no I/O, every difference is a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.client.openapi import Answer

TYPE = re.compile(r"[a-z]+\.[a-z_]+\.[a-z_]+\.v[1-9]\d*")


def counted(types: Iterable[str]) -> Iterator[str]:
    """`type*3` written out three times."""
    for one in types:
        name, _, times = one.partition("*")
        yield from [name] * int(times or 1)


def refusal(expect: Mapping[str, Any], answer: Answer) -> list[str]:
    """Differences between an expected refusal and the answer: the status behind the E-code, the rule, and a cure."""
    status = int(str(expect["refused"])[1:4])
    if answer.status != status:
        return [f"expected a refusal {status} ({expect['rule']}), got {described(answer)}"]
    faults = []
    if answer.get("rule") != expect["rule"]:
        faults.append(f"expected rule {expect['rule']}, got {described(answer)}")
    if not answer.get("cure"):
        faults.append("the refusal names no cure")
    return faults


def acceptance(expect: Mapping[str, Any], answer: Answer) -> list[str]:
    """Differences between an expected acceptance and the answer: events exact and in order, flags, what it returns."""
    if not answer.accepted:
        return [f"expected to be accepted, got {described(answer)}"]
    faults = []
    events, wanted = answer.get("events") or [], list(counted(expect.get("events", ())))
    if list(events) != wanted:
        faults.append(f"expected events {wanted}, got {list(events)}")
    if sorted(answer.get("flags") or ()) != sorted(expect.get("flags", ())):
        faults.append(f"expected flags {sorted(expect.get('flags', ()))}, got {sorted(answer.get('flags') or ())}")
    faults += differences({"lots": expect["lots"]} if "lots" in expect else {}, answer.body, "answer")
    faults += differences(expect.get("returns", {}), answer.body, "answer")
    return faults


def missing(wanted: Iterable[str], happened: Iterable[str]) -> list[str]:
    """Types that did not happen as often as wanted; others may have happened too. Clocks are never asked for."""
    lacking = Counter(one for one in wanted if not is_clock(one)) - Counter(happened)
    return [f"{name}*{times}" if times > 1 else name for name, times in lacking.items()]


def is_clock(name: str) -> bool:
    """`alerts.clock.started.v1`: the story shows clocks, it does not require their events."""
    return name.split(".")[1:2] == ["clock"]


def known(types: Iterable[str], published: Collection[str]) -> tuple[list[str], list[str]]:
    """Types the node can append, and those it cannot yet. A node that publishes no list is taken to know all."""
    wanted = list(types)
    return [t for t in wanted if not published or t in published], [t for t in wanted if published and t not in published]


def differences(wanted: Any, got: Any, where: str) -> list[str]:
    """Where `wanted` is not contained in `got`: mappings as subsets, everything else exact, numbers by value."""
    if isinstance(wanted, Mapping):
        if not isinstance(got, Mapping):
            return [f"{where}: expected an object, got {got!r}"]
        if absent := [str(key) for key in wanted if key not in got]:
            return [f"{where}: {', '.join(absent)} is not shown"]
        return [fault for key, value in wanted.items() for fault in differences(value, got[key], f"{where}.{key}")]
    return [] if _same(wanted, got) else [f"{where}: expected {wanted!r}, got {got!r}"]


def _same(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return isinstance(got, Sequence) and len(wanted) == len(got) and all(map(_same, wanted, got))
    if isinstance(wanted, bool) or isinstance(got, bool) or wanted is None or got is None:
        return wanted is got
    if isinstance(wanted, int | float) and isinstance(got, str):  # decimals travel as strings
        try:
            return float(got) == wanted
        except ValueError:
            return False
    return bool(wanted == got)


def described(answer: Answer) -> str:
    """One line that says what an answer was."""
    if answer.accepted:
        return f"{answer.status} accepted"
    said = [str(answer.get(key)) for key in ("code", "rule", "cure", "detail") if answer.get(key)]
    return f"{answer.status} " + (" · ".join(dict.fromkeys(said)) or str(answer.body)[:200])
