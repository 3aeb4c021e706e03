"""CAP messages to measure with: real ones of the folder ORTOO_CORPUS names, else written by hand; each under an identifier of its own."""

from __future__ import annotations

import os
import re
from itertools import cycle, islice
from pathlib import Path

from tests.alerts.formats.examples import SQUARE, alert, area, info
from tools.cap_corpus_table import files

_IDENTIFIER = re.compile(rb"(<(?:\w+:)?identifier>\s*)([^<\s]+)")


def seeds() -> list[bytes]:
    """One body for each message, however it is written."""
    folder = os.environ.get("ORTOO_CORPUS")
    if folder:
        bodies = [path.read_bytes() for path in files(Path(folder), "valid")]
        return [body for body in bodies if _IDENTIFIER.search(body) and b"Signature" not in body]  # another identifier would break one
    text = "<headline>大风橙色预警</headline><description>" + "未来十二小时阵风可达十级，请注意防范。" * 20 + "</description>"
    place = area(f"<polygon>{SQUARE}</polygon><geocode><valueName>GB/T 2260</valueName><value>150722</value></geocode>")
    dates = "<onset>2026-01-05T08:00:00+08:00</onset><expires>2026-01-06T08:00:00+08:00</expires>"
    one = info(dates + text + place)
    return [alert(one * infos) for infos in (1, 1, 2, 3)]


def messages(number: int, run: int) -> list[bytes]:
    """So many messages that no earlier run has seen."""
    endless = enumerate(cycle(seeds()))
    return [_IDENTIFIER.sub(rb"\g<1>\g<2>-%d-%d" % (run, n), body, count=1) for n, body in islice(endless, number)]
