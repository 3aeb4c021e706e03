"""What the registry decides about organs, posts and rule packs, and that its facts come back as stored."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.registry.deciders.organs import ORGAN, AssignPost, EndPost, RegisterOrgan
from services.registry.deciders.packs import PACK, AdoptRulePack
from services.registry.events.divisions import Change, DivisionChanged, DivisionsLoaded
from services.registry.events.organs import OrganRegistered, PostAssigned, PostEnded
from services.registry.events.packs import RulePackAdopted
from shared.geo.divisions import Divisions
from shared.geo.units import Unit
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken
from shared.kernel.events import decode, encode, type_of
from shared.rules.book import RuleBook
from shared.rules.loading import load_packs
from shared.testing.spec import given

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAY = date(2026, 2, 1)
BY: dict[str, Any] = {"by": Signature("R.ADM", ("ADMIN",)), "now": NOW}
RULES = RuleBook(load_packs(*sorted((Path(__file__).resolve().parents[2] / "services").glob("*/rules"))), Divisions()).resolve(None, NOW)

# ---------------------------------------------------------------- organs and posts

PLACE = Unit("1", "镇", "Town", 4, "2", "town", DAY, None, None, Decimal("124.5"), Decimal("48.5"), ("3",))


def register(**more):
    return RegisterOrgan(
        **{**BY, "organ": "EMB-150722", "division": "150722", "zh": "应急管理局", "en": "Emergency Bureau", "functions": ("EMD",), **more}
    )


REGISTERED = OrganRegistered("EMB-150722", "150722", "应急管理局", "Emergency Bureau", ("EMD",), None, NOW)


def assign(post="B.DUTY", roles=("EMD.duty",), by=None, **more):
    return AssignPost(**{**BY, **({"by": by} if by else {})}, organ="EMB-150722", post=post, roles=roles, **more)


ASSIGNED = PostAssigned("EMB-150722", "B.DUTY", ("EMD.duty",), NOW, None, NOW)


def test_an_organ_is_registered_once_and_again_only_when_it_changed():
    given(ORGAN, rules=RULES).when(register()).then(REGISTERED)
    given(ORGAN, REGISTERED, rules=RULES).when(register(now=NOW + timedelta(days=1))).then()
    given(ORGAN, REGISTERED, rules=RULES).when(register(functions=("EMD", "RSV"))).then(replace(REGISTERED, functions=("EMD", "RSV")))


def test_an_organ_stays_in_its_division():
    given(ORGAN, REGISTERED, rules=RULES).when(register(division="150721")).refused(RuleBroken, rule="registry.organs")


def test_all_faults_of_an_organ_are_told_at_once():
    wrong = register(organ="emb", zh=" ", functions=("EMD", "WIZARD"))
    refused = given(ORGAN, rules=RULES).when(wrong).refused(RuleBroken)
    assert {failure.field for failure in refused.failures} == {"organ", "zh", "functions"}


def test_a_post_carries_roles_of_the_catalogue():
    given(ORGAN, REGISTERED, rules=RULES).when(assign()).then(ASSIGNED)
    given(ORGAN, REGISTERED, ASSIGNED, rules=RULES).when(assign()).then()
    refused = (
        given(ORGAN, REGISTERED, rules=RULES).when(assign(roles=("EMD.duty", "SYS", "WIZARD"))).refused(RuleBroken, rule="registry.roles")
    )
    assert len(refused.failures) == 2, "SYS is the node itself and no post"
    given(ORGAN, REGISTERED, rules=RULES).when(assign(roles=())).refused(RuleBroken)


@pytest.mark.parametrize("post", ["张三", "Zhang San", "b.duty", "", "B.DUTY 1", "B" * 33])
def test_a_post_is_a_handle_and_never_a_person_s_name(post):
    given(ORGAN, REGISTERED, rules=RULES).when(assign(post=post)).refused(RuleBroken, rule="registry.organs")


def test_a_time_without_an_offset_is_refused_before_it_is_compared():
    naive = datetime(2030, 1, 1)
    given(ORGAN, REGISTERED, rules=RULES).when(assign(starts=naive, until=naive)).refused(RuleBroken, rule="time.offset", times=2)
    given(PACK, adopted()).when(adopt("cn-2030-01", starts=naive)).refused(RuleBroken, rule="time.offset")


def test_a_post_ends_after_it_starts():
    given(ORGAN, REGISTERED, rules=RULES).when(assign(until=NOW)).refused(RuleBroken)


def test_only_an_administrator_names_an_administrator():
    officer = Signature("R.OFF", ("EMD.officer",), "150000", 1)
    given(ORGAN, REGISTERED, rules=RULES).when(assign(roles=("ADMIN",), by=officer)).refused(NotAllowed)
    given(ORGAN, REGISTERED, rules=RULES).when(assign(roles=("ADMIN",))).then(replace(ASSIGNED, roles=("ADMIN",)))


def test_an_ended_post_carries_nothing_and_may_begin_anew():
    end = EndPost(**BY, organ="EMB-150722", post="B.DUTY")
    ended = PostEnded("EMB-150722", "B.DUTY", None, NOW)
    given(ORGAN, REGISTERED, ASSIGNED, rules=RULES).when(end).then(ended)
    given(ORGAN, REGISTERED, ASSIGNED, ended, rules=RULES).when(end).refused(NotFound)
    given(ORGAN, REGISTERED, ASSIGNED, ended, rules=RULES).when(assign()).then(ASSIGNED)


# ---------------------------------------------------------------- rule packs


def adopt(pack="cn-2024-11", digest="ab", **more):
    return AdoptRulePack(**BY, division="150000", pack=pack, digest=digest, **more)


def adopted(pack="cn-2024-11", digest="ab", starts=NOW):
    return RulePackAdopted("150000", pack, digest, starts, None, NOW)


def test_a_pack_is_adopted_from_now_or_later_and_once():
    given(PACK).when(adopt()).then(adopted())
    given(PACK, adopted()).when(adopt()).then()
    later = NOW + timedelta(days=30)
    given(PACK, adopted()).when(adopt("cn-2030-01", starts=later)).then(adopted("cn-2030-01", starts=later))
    given(PACK, adopted()).when(adopt(digest="cd", starts=later)).then(adopted(digest="cd", starts=later))


def test_no_pack_is_adopted_backwards():
    given(PACK).when(adopt(starts=NOW - timedelta(seconds=1))).refused(RuleBroken, rule="registry.rulepack")
    given(PACK, adopted("cn-2030-01", starts=NOW + timedelta(days=30))).when(adopt()).refused(RuleBroken)


# ---------------------------------------------------------------- stored form


@pytest.mark.parametrize(
    "fact",
    [
        DivisionsLoaded("1", (PLACE,), "file", NOW),
        DivisionChanged("1", "2", Change.MERGE, DAY, "批复", NOW, into="3"),
        REGISTERED,
        ASSIGNED,
        PostEnded("EMB-150722", "B.DUTY", "reform", NOW),
        adopted(),
    ],
)
def test_every_fact_comes_back_as_it_was_stored(fact):
    assert decode(type_of(fact), encode(fact)) == fact


def test_streams_say_where_they_belong_and_who_may_see_them():
    assert ORGAN.about(ORGAN.fold([REGISTERED])).division == "150722"
    assert PACK.about(PACK.fold([adopted()])).visibility == "public"
