"""Who sees what: by visibility, role, and how a division lies to one's own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.registry.deciders.divisions import DivisionTable
from services.registry.directory import Directory
from services.registry.provinces import province
from services.start.settings import Settings
from services.wiring import open_node
from shared.kernel.commands import Signature
from shared.rules.loading import load_packs
from shared.sql.ports import StorageFailed
from shared.web.permissions import Permissions
from shared.web.principals import ANYBODY

SERVICES = Path(__file__).resolve().parents[2] / "services"


@pytest.fixture(scope="module")
def directory() -> Directory:
    made = Directory("150000", load_packs(*sorted(SERVICES.glob("*/rules"))), Permissions([]), lambda: date(2026, 1, 5))
    made._table = DivisionTable("150000", {unit.code: (unit,) for unit in province("150000").units})
    made._rebuild()
    return made


def sees(directory: Directory, role: str, division: str | None, of: str | None, visibility: str) -> bool:
    return directory.sees(Signature("X", (role,), division))(of, visibility)


ORGANS = (
    "AUD",
    "HQ",
    "GOV",
    "EMD.duty",
    "SECT.weather",
    "ICP",
    "ADMIN",
    "SYS",
    "L4.office",
    "L5.committee",
    "INF",
    "WHK",
    "FIN",
    "TASK.lead",
)
OTHERS = ("VOL", "ENT", "CIT", "TEAM", "CHA", "LINK", "none", "WIZARD")


@pytest.mark.parametrize("role", ORGANS)
def test_the_organs_of_the_own_chain_see_what_is_internal(directory, role):
    assert sees(directory, role, "150722", "150722", "internal")
    assert sees(directory, role, "150700", "150722", "internal"), "below"
    assert sees(directory, role, "150722", "150000", "internal"), "above"
    assert sees(directory, role, "150722", None, "internal")
    assert not sees(directory, role, "150722", "150721", "internal"), "a neighbour's"
    assert not sees(directory, role, None, "150722", "internal")
    assert not sees(directory, role, "150722", "150722", "confidential")


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("visibility", ["internal", "restricted", "confidential", "unheard-of"])
def test_who_is_no_organ_sees_what_is_public_and_nothing_else(directory, role, visibility):
    assert sees(directory, role, "150722", "150722", "public")
    assert not sees(directory, role, "150722", "150722", visibility)
    assert not sees(directory, role, "150722", None, visibility)


def test_a_dam_manager_sees_what_is_internal_at_the_own_place_alone(directory):
    own = "150722"
    assert sees(directory, "ENT.dam", own, own, "internal")
    for division in ("150700", "150721", "150000", None):
        assert not sees(directory, "ENT.dam", own, division, "internal")
    assert not sees(directory, "ENT.dam", own, own, "restricted")
    assert not sees(directory, "ENT.dam", None, None, "internal")


def test_what_is_restricted_is_for_the_staff(directory):
    assert sees(directory, "EMD.duty", "150722", "150722", "restricted")
    assert not sees(directory, "WHK", "150722", "150722", "restricted")
    assert not sees(directory, "EMD.duty", "150722", "150721", "restricted")
    assert sees(directory, "EMD.duty", "150700", "150722", "restricted"), "below"
    assert not sees(directory, "EMD.duty", "150722", "150700", "restricted"), "above: no matter of all its counties"
    assert sees(directory, "EMD.duty", "150722", None, "restricted"), "a message from elsewhere that names no place"


def test_anybody_sees_what_is_public(directory):
    look = directory.sees(ANYBODY)
    assert look("150722", "public") and not look(None, "internal") and not look(None, "restricted")


class Failing:
    """A log of which so many reads are answered, and one is not."""

    def __init__(self, log, answered: int) -> None:
        self.name, self._log, self._left = log.name, log, answered

    def read(self, after: int, limit: int = 500):
        self._left -= 1
        if self._left == -1:
            raise StorageFailed("the disk is full")
        return self._log.read(after, limit)


@pytest.fixture
def node(tmp_path):
    opened = open_node(Settings(tmp_path, "150000"))
    yield opened
    opened.host.stop()


def test_what_was_read_before_a_read_that_fails_holds(node, directory):
    made = Directory("150000", directory.packs, Permissions([]), lambda: date(2026, 1, 5))
    made.bind(Failing(node.host.running["registry"].log, answered=1))
    with pytest.raises(StorageFailed):
        made.step()
    assert made.position > 0 and "150722" in made.divisions
    assert not made.step(), "nothing is new"


def test_tokens_learn_their_levels_though_the_log_could_not_be_read_to_its_end(node):
    host = node.host
    token = host.principals.mint("MET.1", ("SECT.weather",), "150722")
    host.directory = Directory("150000", host.directory.packs, Permissions([]), lambda: date(2026, 1, 5))
    host.principals._level_of = host.directory.level
    assert host.principals.verify(token).level is None
    host.directory.bind(Failing(host.running["registry"].log, answered=1))
    with pytest.raises(StorageFailed):
        host.guarded_directory()
    assert host.principals.verify(token).level == 3
