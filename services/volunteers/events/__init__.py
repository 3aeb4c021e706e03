"""The facts of the service, all of them: who imports one knows every stored name."""

from services.volunteers.events import callup, clock, engagement, force, gate, honour, placing, policy, service, task, validity, volunteer

__all__ = ("callup", "clock", "engagement", "force", "gate", "honour", "placing", "policy", "service", "task", "validity", "volunteer")
