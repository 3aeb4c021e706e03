"""For every command there is: under one id it gives one answer and one effect, also to another process."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from services.wiring import SERVICES
from shared.eventlog.verify import verify
from shared.handling.pending import Answer
from tests.handling.desk import Desk
from tests.handling.tour import alerts_tour, registry_tour, resources_tour, volunteers_tour
from tests.handling.tour_compensation import compensation_tour
from tests.handling.tour_privacy import privacy_tour
from tests.hosts.alert_work import AlertsWork

TOURS = {  # one for each service
    "alerts": alerts_tour,
    "registry": registry_tour,
    "volunteers": volunteers_tour,
    "compensation": compensation_tour,
    "privacy": privacy_tour,
    "resources": resources_tour,
}


def desk_of(service, folder):
    work = AlertsWork()
    return Desk(folder, service, rules_for=work.rules_for)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_same_id_twice_is_one_answer_and_one_effect_for_every_command(service, tmp_path):
    desk, other = desk_of(service, tmp_path), desk_of(service, tmp_path)
    seen = set()
    for n, command in enumerate(TOURS[service.name](desk), 1):
        name = type(command).__name__
        first = desk.do(command, id=UUID(int=n))
        assert isinstance(first, Answer), f"{name}: {first!r}"
        assert first.events and not first.repeated, name
        head = desk.log.head()
        again, elsewhere = desk.do(command, id=UUID(int=n)), other.do(command, id=UUID(int=n))
        assert again.repeated and elsewhere.repeated, name
        told = [msgspec.json.encode(msgspec.structs.replace(answer, repeated=False)) for answer in (first, again, elsewhere)]
        assert told[0] == told[1] == told[2], name
        assert desk.log.head() == head, name
        seen.add(name)
    assert seen == set(service.commands), "every command has its example in tests/handling/tour.py"
    assert verify(desk.log).fault is None
