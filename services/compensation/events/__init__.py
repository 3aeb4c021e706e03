"""The facts of the service, all of them: who imports one knows every stored name."""

from services.compensation.events import appeal, claim, clock, decision, entitlement, ground, once, payment, tariff

__all__ = ("appeal", "claim", "clock", "decision", "entitlement", "ground", "once", "payment", "tariff")
