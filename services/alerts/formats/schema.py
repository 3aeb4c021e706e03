"""The OASIS schema of CAP 1.2, unmodified, and its faults in plain words."""

from __future__ import annotations

import threading
from itertools import islice
from pathlib import Path
from typing import Any

from lxml import etree

from services.alerts.formats.model import NAMESPACE, Fault

XSD = Path(__file__).with_name("CAP-v1.2.xsd")
MOST_FAULTS = 50  # per message; a body with thousands of them is told by the first ones
_PLACE = threading.local()  # an XMLSchema keeps its error log on itself: one for each thread


def schema() -> etree.XMLSchema:
    """The compiled schema of this thread."""
    try:
        found: etree.XMLSchema = _PLACE.schema
    except AttributeError:
        found = _PLACE.schema = etree.XMLSchema(etree.parse(str(XSD)))
    return found


def faults(root: etree._Element) -> list[Fault]:
    """What the schema finds wrong with a message; empty when it is valid."""
    rules = schema()
    if rules.validate(root):
        return []
    log: Any = rules.error_log  # the stubs do not know that it iterates
    return [
        Fault("schema", error.message.replace("{" + NAMESPACE + "}", "")[:300], f"line {error.line}") for error in islice(log, MOST_FAULTS)
    ]
