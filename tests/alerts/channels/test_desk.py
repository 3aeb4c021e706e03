"""What a node has to reach recipients with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.alerts.channels.contacts import Contacts
from services.alerts.channels.desk import Desk
from services.alerts.channels.keys import ChannelKeys
from services.alerts.events.reach import Channel, Delivery
from shared.sql.sqlite import File


@pytest.mark.parametrize("channel", [Channel.MAIL, Channel.WEBHOOK])
def test_a_node_that_plays_a_story_sends_nothing_out(tmp_path, channel):
    desk = Desk.open(
        Contacts(File(tmp_path / "contacts.db")), ChannelKeys(tmp_path / "keys"), UTC, None, None, lambda: datetime.now(UTC), sends=False
    )
    outcome = desk.carriers[channel].deliver(None, None)
    assert outcome.state is Delivery.FAILED and "story" in outcome.detail
