"""What everybody is told of releases as it happens: that they are there, once for each version, and that they were taken back."""

from __future__ import annotations

from dataclasses import replace

from services.alerts.deciders.releases.bulletin import BULLETIN, PostBulletin, WithdrawBulletin
from services.alerts.events.bulletin import BulletinPosted, BulletinWithdrawn
from services.alerts.events.release import ReleaseKind
from shared.testing.spec import given
from tests.alerts.world import RULES, SYS, at

POST = PostBulletin(by=SYS, now=at("18:00"), release="RL-1", version=1, kind=ReleaseKind.SITUATION)
POSTED = BulletinPosted("RL-1", 1, ReleaseKind.SITUATION, "150722", at("18:00"))
WITHDRAW = WithdrawBulletin(by=SYS, now=at("19:00"), release="RL-1")
WITHDRAWN = BulletinWithdrawn("RL-1", at("19:00"))


def test_everybody_is_told_once_of_each_version():
    given(BULLETIN, rules=RULES).when(POST).then(POSTED)
    given(BULLETIN, POSTED, rules=RULES).when(POST).then()
    given(BULLETIN, POSTED, rules=RULES).when(replace(POST, version=2)).then(replace(POSTED, version=2))
    assert BULLETIN.about(BULLETIN.fold([POSTED])).visibility == "public"


def test_what_was_taken_back_is_told_and_nothing_else_is():
    given(BULLETIN, rules=RULES).when(WITHDRAW).then()
    given(BULLETIN, POSTED, rules=RULES).when(WITHDRAW).then(WITHDRAWN)
    given(BULLETIN, POSTED, WITHDRAWN, rules=RULES).when(WITHDRAW).then()


def test_after_it_was_taken_back_an_older_version_is_not_told_again_and_a_newer_one_is():
    second = replace(POSTED, version=2)
    gone = given(BULLETIN, POSTED, second, WITHDRAWN, rules=RULES)
    for version in (1, 2):
        gone.when(replace(POST, version=version)).then()
    gone.when(replace(POST, version=3)).then(replace(POSTED, version=3))
    given(BULLETIN, POSTED, WITHDRAWN, replace(POSTED, version=3), rules=RULES).when(WITHDRAW).then(WITHDRAWN)
