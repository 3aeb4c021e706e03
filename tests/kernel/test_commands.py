"""Ids of commands follow from what they are; signatures know their roles."""

from __future__ import annotations

import uuid

from shared.kernel.commands import Signature, command_id, derived_id
from shared.kernel.decider import category
from shared.kernel.errors import Failure, RuleBroken, refuse_all


def test_the_same_caller_and_key_are_the_same_command():
    assert command_id("EMD-1", "k") == command_id("EMD-1", "k")
    assert command_id("EMD-1", "k") not in {command_id("EMD-2", "k"), command_id("EMD-1", "k2")}
    assert (command_id("EMD-1", "k").version, command_id("EMD-1", "k").variant) == (5, uuid.RFC_4122)


def test_no_choice_of_key_makes_another_callers_command():
    for apart in ("", ":", "\x1e", "\x1f", "\0", "1:"):
        assert command_id("a", f"b{apart}c") != command_id(f"a{apart}b", "c")
        assert command_id("ortoo", f"x:1{apart}policy{apart}0") != derived_id("x:1", "policy", 0)


def test_a_derived_id_follows_from_event_policy_and_number():
    assert derived_id("x:1", "policy", 0) == derived_id("x:1", "policy", 0)
    others = (("x:1", "policy", 1), ("x:2", "policy", 0), ("x:1", "other", 0))
    assert len({derived_id("x:1", "policy", 0), *(derived_id(*parts) for parts in others)}) == 4


def test_a_role_covers_what_is_under_it_and_nothing_beside_it():
    duty = Signature("A", ("EMD.duty",))
    assert duty.has("EMD") and duty.has("EMD.duty") and duty.has("SYS", "EMD")
    assert not duty.has("EMD.officer") and not duty.has("EM") and not duty.has()


def test_a_stream_belongs_to_the_category_before_its_first_dash():
    assert category("alert-AL-1-x") == "alert"


def test_a_refusal_tells_every_failure_at_once():
    refuse_all(RuleBroken, [])
    try:
        refuse_all(RuleBroken, [Failure("r.1", "do this"), Failure("r.2", "do that", "field")])
    except RuleBroken as refusal:
        assert (refusal.rule, refusal.cure, len(refusal.failures), refusal.code) == ("r.1", "do this; do that", 2, "rule_broken")
    else:
        raise AssertionError("accepted")
