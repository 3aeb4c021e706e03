"""A short form of `make faults`: one cluster, under load all the while, broken in the ways that a duty room meets first."""

from __future__ import annotations

import secrets

import pytest

from tests.faults.__main__ import suffer
from tests.faults.stand import Stand

SHORT = ("killed", "broker away", "postgres restarted", "restored, topic present", "foreign records")


@pytest.mark.cluster
@pytest.mark.timeout(900)
def test_nothing_answered_is_lost_and_nothing_happens_twice(tmp_path_factory, capsys):
    seed, asked = secrets.randbits(32), []
    folder = tmp_path_factory.mktemp("faults")
    for part in (folder, folder.parent, folder.parent.parent):
        part.chmod(0o755)  # PostgreSQL runs as another user
    with Stand(folder) as stand:
        for name in SHORT:
            said = suffer(stand, name, f"{seed}.{name}", asked)
            with capsys.disabled():
                print(f"\nseed {seed}: {said}", end="")
