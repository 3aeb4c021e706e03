"""How streams of privacy are named."""

from __future__ import annotations

REGISTERS = ("volunteers", "resources", "alerts")
"""The service registers; the retention assessment of an incident has a part for each."""

STANDING, UNASSIGNED = "register", "unassigned"
"""Registers of the vault that are no incident: a standing record, and one taken before an incident was known."""

REPORT = "report:"
"""Before a report's id, of what came with it: so no incident and no other register is called (a `:` is in no public id)."""

HOLDERS = "holders-all"
"""Everybody who holds a copy of vault or keyring."""


UNCALLED = "uncalled"
"""In the place of a call-up, of who is there without one."""

SHIFT = "shift."
"""Before a shift's number: in the place of through whom somebody is called, of a shift that they work."""

STANDING_PURPOSES = {"relief.payment": "relief.household"}
"""The standing record that a purpose copies from, where it is not the registration."""


def standing_of(purpose: str) -> str:
    """The purpose of the standing record that this purpose copies from."""
    return STANDING_PURPOSES.get(purpose, STANDING)


def report_register(report: str) -> str:
    """The register of the vault for what came with a report, while no incident is known."""
    return REPORT + report


def again(register: str, n: int) -> str:
    """The register of the vault for the n-th time: the keys of the one before are destroyed (a `:` is in no public id)."""
    return register if n == 1 else f"{register}:{n}"


def unclaimed_key(register: str, purpose: str) -> str:
    """The clock of a record that no incident has: it is decided about by itself."""
    return f"unclaimed.{register}.{purpose}"


def person_stream(subject: str) -> str:
    """Everything that was done with the data of one person."""
    return f"person-{subject}"


def retention_stream(incident: str, register: str) -> str:
    """The part of an incident's assessment that is about one register."""
    return f"retention-{incident}.{register}"


def activity_stream(incident: str) -> str:
    """Which responses run."""
    return f"activity-{incident}"


def certificate_stream(certificate: str) -> str:
    """One destruction and its copies."""
    return f"certificate-{certificate}"


def assessment_stream(module: str) -> str:
    """The impact assessments of a collecting module."""
    return f"assessment-{module}"


def module_of(purpose: str) -> str:
    """The module that collects for a purpose."""
    return purpose.partition(".")[0]


def rights_stream(request: str) -> str:
    """What somebody asks for about their data."""
    return f"rights-{request}"


def request_scope(request: str) -> tuple[str, str, str]:
    """What the vault keeps the words of a request under: its number, register and purpose."""
    return request, STANDING, "rights.request"


def breach_stream(breach: str) -> str:
    """A leak, change or loss of personal data."""
    return f"breach-{breach}"


def minors_stream(register: str) -> str:
    """The yearly audit of a register that holds data of minors."""
    return f"minors-{register}"


def processor_stream(processor: str) -> str:
    """Somebody who processes data for us."""
    return f"processor-{processor}"
