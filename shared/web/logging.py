"""Structured JSON logs with trace ids. Only names, codes and numbers are logged: never a body, never a personal value."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec

trace: ContextVar[str | None] = ContextVar("trace", default=None)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_chance = Random()
_logger = logging.getLogger("ortoo")


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "what": str(record.msg).partition("\n")[0],  # without its arguments: those of libraries may quote input
            "trace": trace.get(),
        }
        if record.name != _logger.name:
            line["logger"] = record.name
        if record.exc_info and record.exc_info[1] is not None:
            line |= _place(record.exc_info[1])
        line |= getattr(record, "fields", {})
        return msgspec.json.encode(line).decode()


def configure(level: str = "INFO") -> None:
    """Send the node's logs, and the warnings of what it is built on, to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.getLogger().handlers[:] = [handler]
    _logger.setLevel(level)


def log(what: str, level: int = logging.INFO, **fields: object) -> None:
    """Log a fact by names, codes and numbers."""
    if _logger.isEnabledFor(level):
        _logger.log(level, what, extra={"fields": fields})


def log_bug(error: BaseException) -> None:
    """Log where a bug happened, without its message, which may quote input."""
    _logger.error("bug", extra={"fields": _place(error)})


def _place(error: BaseException) -> dict[str, Any]:
    frames = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    return {"error": type(error).__name__, "where": frames[-6:]}


def new_trace() -> str:
    """For a request that brings none: what is logged of it belongs together."""
    return f"{_chance.getrandbits(128):032x}"


def trace_of(traceparent: str | None) -> str | None:
    """The trace id of a W3C traceparent; None for anything else, which is neither logged nor stored."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    return found[1] if found else None
