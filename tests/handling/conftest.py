import pytest

from tests.handling.desk import Desk, backed_up, dry
from tests.handling.test_policies import SIMPLE
from tests.hosts.depot import CLERK, Issue


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def lost(tmp_path):
    """(the desk that went on and was lost, the desk opened on its older backup): two receipts before, three commands after."""
    before = Desk(tmp_path / "lost", SIMPLE)
    before.receive(5)
    before.receive(7)
    dry(before.runner().step, before.writer.step)
    backed_up(before, tmp_path / "restored")
    went_on = Desk(tmp_path / "lost", SIMPLE)
    went_on.ids = 100
    went_on.receive(11)
    went_on.do(Issue(by=CLERK, now=went_on.now, item="tent", quantity=4))
    went_on.receive(13)
    dry(went_on.runner().step, went_on.writer.step)
    restored = Desk(tmp_path / "restored", SIMPLE)
    restored.ids = 100
    return went_on, restored
