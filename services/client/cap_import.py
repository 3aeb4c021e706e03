"""`ortoo import cap`: files into `ImportAlert`, several in flight, a summary by outcome."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.client.expect import described
from services.client.openapi import Api, Unfit, sniffed

ENDINGS = {
    ".cap": ("application/cap+xml", "application/xml"),
    ".atom": ("application/atom+xml", "application/xml"),
    ".json": ("application/json",),
    ".xml": (),  # CAP or Atom: the content says which
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file: an outcome per message, or why the request failed."""

    path: Path
    outcomes: tuple[str, ...] = ()
    faults: int = 0
    failure: str | None = None


def alert_files(path: Path) -> list[Path]:
    """The file itself, or every warning file below a folder, in order."""
    if path.is_dir():
        return sorted(one for one in path.rglob("*") if one.is_file() and one.suffix.lower() in ENDINGS)
    return [path]


def import_files(api: Api, paths: Iterable[Path], token: str, in_flight: int = 8) -> Iterator[Imported]:
    """Send files, at most `in_flight` at a time; results in the order of the files."""
    waiting: deque[Future[Imported]] = deque()
    pool = ThreadPoolExecutor(in_flight, thread_name_prefix="import")
    try:
        for path in paths:
            waiting.append(pool.submit(import_file, api, path, token))
            if len(waiting) >= in_flight:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def import_file(api: Api, path: Path, token: str) -> Imported:
    """Send one file. The node knows repeats by content, so sending again after a lost answer is safe."""
    try:
        content = path.read_bytes()
        candidates = ENDINGS.get(path.suffix.lower()) or sniffed(content)
        answer = api.send_raw("ImportAlert", content, candidates, {"Authorization": f"Bearer {token}"})
    except (OSError, httpx.HTTPError, Unfit) as error:
        return Imported(path, failure=f"{type(error).__name__}: {error}")
    if not answer.accepted:
        return Imported(path, failure=described(answer))
    items = answer.get("items") or [answer.body]  # a feed answers for each of its messages
    return Imported(path, tuple(str(item.get("outcome")) for item in items), sum(len(item.get("faults") or ()) for item in items))


def summary(results: Iterable[Imported]) -> Counter[str]:
    """Messages by outcome; failed requests under `failed`."""
    return Counter(outcome for one in results for outcome in (one.outcomes if one.failure is None else ("failed",)))
