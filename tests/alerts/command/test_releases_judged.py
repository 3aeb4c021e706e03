"""What a release says in words is held to its report, and who stands behind it is neither its author nor who reviewed it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from services.alerts.deciders.incidents.state import CONTROLLED
from services.alerts.deciders.releases.commands import ApproveRelease, PublishRelease, ReviewRelease, UpdateRelease
from services.alerts.deciders.releases.release import RELEASE
from services.alerts.deciders.releases.wording import counted
from services.alerts.events.release import (
    ReleaseApproved,
    ReleaseDrafted,
    ReleaseKind,
    ReleasePublished,
    ReleaseReviewed,
    ReleaseUpdateDrafted,
)
from services.alerts.events.report import Figure
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, RuleBroken
from shared.testing.spec import given
from tests.alerts.command.test_releases import APPROVED, FIGURES, OFF, REVIEWED, RP2, draft, drafted, past, published, scene, signed
from tests.alerts.world import GOV, RULES

SAYS = [
    ("99 人死亡", [("dead", 99)]),
    ("死亡99人", [("dead", 99)]),
    ("死亡人数为 99", [("dead", 99)]),
    ("died: 99", [("dead", 99)]),
    ("99 people were killed, 12 people are still missing", [("dead", 99), ("missing", 12)]),
    ("死亡1人失踪3人，受伤 5 人", [("dead", 1), ("missing", 3), ("hurt", 5)]),
    ("二〇二一年三人死亡，３人失踪", [("dead", 3), ("missing", 3)]),
    ("死亡三百二十人，3万人受伤，一万两千人失踪", [("dead", 320), ("hurt", 30_000), ("missing", 12_000)]),
    ("1,562 people died", [("dead", 1562)]),
    ("1998年洪水遇难1562人", [("dead", 1562)]),
    ("截至7月18日死亡0人，2座水库垮坝", [("dead", 0)]),
    ("1,5 dead; 12.5 dead; 数十人死亡", []),
    ("dead: 3000 sheep; 死亡3000只羊，死亡3万头牛，死亡十二匹马; 3000 sheep died", []),
]


@pytest.mark.parametrize(("text", "said"), SAYS)
def test_numbers_of_people_are_read_and_those_of_animals_are_not(text, said):
    row = RULES.value("fact.words")
    assert list(counted(text, row["words"], row["animals"])) == said


def review(**said: Any) -> Any:
    return signed(ReviewRelease, OFF, "17:40", **{"secret": "none", "privacy": "none", "facts": "RP-2"} | said)


DOUBT = "it says 99 dead: RP-2 gives 0 for dead"


def test_words_that_count_otherwise_than_the_report_are_a_question_to_who_reviews_them():
    first = given(RELEASE, rules=RULES, others=scene())
    made = first.when(draft(text="99 dead", headline="1998: 99 dead")).then_types(ReleaseDrafted)
    assert (made.flags, made.answer) == (("Q-TRIAGE",), {"doubts": [DOUBT]})
    before = given(RELEASE, made.events[0][1], rules=RULES, others=scene())
    assert before.when(review()).refused(RuleBroken, "fact.words").cure.startswith(DOUBT)
    answered = before.when(review(words="of the flood of 1998")).then_types(ReleaseReviewed).events[0][1]
    assert (answered.words, answered.answered) == ("of the flood of 1998", (DOUBT,))
    unseen = given(RELEASE, made.events[0][1], REVIEWED, rules=RULES, others=scene())
    unseen.when(signed(ApproveRelease, GOV)).refused(RuleBroken, "fact.words")
    approve, publish = signed(ApproveRelease, GOV), signed(PublishRelease)
    approved = given(RELEASE, made.events[0][1], answered, rules=RULES, others=scene()).when(approve).then_types(ReleaseApproved)
    history = (made.events[0][1], answered, approved.events[0][1])
    given(RELEASE, *history, rules=RULES, others=scene()).when(publish).then_types(ReleasePublished)
    corrected = structs.replace(RP2, figures={**RP2.figures, "dead": Figure("dead", Decimal(1))})
    bare = replace(made.events[0][1], content=replace(made.events[0][1].content, figures=()))
    others = scene(**{"report-RP-2": corrected})
    given(RELEASE, bare, answered, rules=RULES, others=others).when(approve).refused(RuleBroken, "fact.words")  # not what was answered
    again = given(RELEASE, bare, answered, bare, REVIEWED, rules=RULES, others=scene())
    again.when(approve).refused(RuleBroken, "fact.words")  # a new text is looked at anew


def test_words_beside_no_report_are_answered_too_and_a_clarification_repeats_what_is_false():
    alone = draft(figures={}, from_report=None, text="1998年洪水遇难1562人")
    first = given(RELEASE, rules=RULES, others=scene())
    made = first.when(alone).then_types(ReleaseDrafted)
    assert made.flags == ("Q-TRIAGE",) and "name the report" in made.answer["doubts"][0]
    before = given(RELEASE, made.events[0][1], rules=RULES, others=scene())
    silent = before.when(review(facts=None)).then_types(ReleaseReviewed)
    assert silent.flags == ("Q-TRIAGE",)
    answered = before.when(review(facts=None, words="the flood of 1998")).then_types(ReleaseReviewed)
    of_measure = replace(made.events[0][1], content=replace(made.events[0][1].content, kind=ReleaseKind.MEASURE))
    for reviewed, passes in ((silent, False), (answered, True)):
        when = given(RELEASE, of_measure, reviewed.events[0][1], rules=RULES, others=scene()).when(
            signed(ApproveRelease, GOV, from_report=None)
        )
        when.then_types(ReleaseApproved) if passes else when.refused(RuleBroken, "fact.words")
    past().when(review(facts=None, words="it is right")).refused(RuleBroken, "fact.source")
    told = first.when(replace(draft(text="99 dead"), kind=ReleaseKind.CLARIFICATION)).then_types(ReleaseDrafted)
    assert told.flags == ()
    update = signed(UpdateRelease, clock="20:00", figures=FIGURES, from_report="RP-2", reason="second dam", text="99 dead")
    assert past(REVIEWED, APPROVED, published()).when(update).then_types(ReleaseUpdateDrafted).flags == ("Q-TRIAGE",)


def test_a_number_that_waits_for_a_person_is_not_told_in_words_either():
    first = given(RELEASE, rules=RULES, others=scene())
    assert "waits for a person" in first.when(draft(text="失踪3人")).refused(RuleBroken, "fact.source").cure


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
