"""Structured JSON logs with trace ids. Only names, codes and numbers are logged: never a body, never a personal value."""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec

trace: ContextVar[str | None] = ContextVar("trace", default=None)
_logger = logging.getLogger("ortoo")


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "what": record.getMessage(),
            "trace": trace.get(),
        }
        line |= getattr(record, "fields", {})
        return msgspec.json.encode(line).decode()


def configure(level: str = "INFO") -> None:
    """Send the node's logs to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    _logger.handlers[:] = [handler]
    _logger.setLevel(level)
    _logger.propagate = False


def log(what: str, level: int = logging.INFO, **fields: object) -> None:
    """Log a fact by names, codes and numbers."""
    if _logger.isEnabledFor(level):
        _logger.log(level, what, extra={"fields": fields})


def log_bug(error: BaseException) -> None:
    """Log where a bug happened, without its message, which may quote input."""
    frames = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    _logger.error("bug", extra={"fields": {"error": type(error).__name__, "where": frames[-6:]}})


def trace_of(traceparent: str | None) -> str | None:
    """The trace id of a W3C traceparent, or None."""
    parts = (traceparent or "").split("-")
    return parts[1] if len(parts) == 4 and len(parts[1]) == 32 else None
