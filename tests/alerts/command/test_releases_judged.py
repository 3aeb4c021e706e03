"""What a release says in words is held to its report, and who stands behind it is neither its author nor who reviewed it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from services.alerts.deciders.incidents.state import CONTROLLED
from services.alerts.deciders.releases.commands import ApproveRelease, UpdateRelease
from services.alerts.deciders.releases.release import RELEASE
from services.alerts.events.release import ReleaseApproved, ReleaseDrafted, ReleaseKind
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken
from shared.testing.spec import given
from tests.alerts.command.test_releases import APPROVED, FIGURES, REVIEWED, draft, drafted, past, published, scene, signed
from tests.alerts.world import GOV, RULES


@pytest.mark.parametrize("text", ["99 人死亡", "死亡99人", "死亡人数为 99", "99 dead", "99 people were killed", "died: 99"])
def test_people_are_counted_in_words_as_in_the_report(text):
    first = given(RELEASE, rules=RULES, others=scene())
    for field in ("headline", "text"):
        refused = first.when(draft(**{field: text})).refused(RuleBroken, "fact.source")
        assert refused.cure == "it says 99 dead: RP-2 gives 0 for dead"
    alone = draft(figures={}, from_report=None, text=text)
    assert "name the report" in first.when(alone).refused(RuleBroken, "fact.source").cure
    first.when(replace(draft(text=text), kind=ReleaseKind.CLARIFICATION)).then_types(ReleaseDrafted)
    update = signed(UpdateRelease, clock="20:00", figures=FIGURES, from_report="RP-2", reason="second dam", text=text)
    past(REVIEWED, APPROVED, published()).when(update).refused(RuleBroken, "fact.source")


def test_each_number_belongs_to_one_word_and_dates_to_none():
    first = given(RELEASE, rules=RULES, others=scene())
    first.when(draft(text="截至7月18日死亡0人，2座水库垮坝")).then_types(ReleaseDrafted)
    refused = first.when(draft(text="死亡1人失踪3人，受伤 5 人")).refused(RuleBroken, "fact.source", times=3)
    assert [failure.cure.partition(":")[0] for failure in refused.failures] == ["it says 1 dead", "it says 3 missing", "it says 5 hurt"]


def test_who_reviewed_it_does_not_approve_it():
    past(replace(REVIEWED, by="B.GOV")).when(signed(ApproveRelease, GOV)).refused(NotAllowed, "release.second_person")
    past(replace(REVIEWED, by="B.GOV"), drafted(), REVIEWED).when(signed(ApproveRelease, GOV)).then_types(ReleaseApproved)


def test_losses_are_the_emergency_departments_while_the_disaster_lasts():
    losses = replace(drafted(), content=replace(drafted().content, kind=ReleaseKind.LOSSES))
    officer = Signature("B.APP", ("EMD.approver",), "150722", 3)
    lasting = given(RELEASE, losses, REVIEWED, rules=RULES, others=scene())
    lasting.when(signed(ApproveRelease, GOV)).refused(NotAllowed, "NDR-17")
    lasting.when(signed(ApproveRelease, officer)).then_types(ReleaseApproved)
    over = structs.replace(scene()["incident-INC-1"], status=CONTROLLED)
    given(RELEASE, losses, REVIEWED, rules=RULES, others=scene(**{"incident-INC-1": over})).when(signed(ApproveRelease, GOV)).then_types(
        ReleaseApproved
    )
