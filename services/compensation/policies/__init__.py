"""What follows from a fact: sentences without memory. Each command's id follows from the event, so it counts once."""

from services.compensation.policies.claims import POLICIES

__all__ = ["POLICIES"]
