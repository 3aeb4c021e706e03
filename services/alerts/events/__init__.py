"""The facts of the service, all of them: who imports one knows every stored name."""

from services.alerts.events import (  # noqa: F401
    alert,
    checklist,
    clock,
    content,
    crossing,
    measures,
    message,
    quarantine,
    reach,
    registers,
    scales,
    task,
)
