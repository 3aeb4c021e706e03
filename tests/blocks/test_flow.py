"""Which command fits which status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from shared.blocks.flow import Flow
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import WrongState


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Command):
    pass


FLOW = Flow("door", {("shut", Open): "open", ("ajar", Open): "open", ("open", Close): "shut"})
STAMP = {"by": Signature("A"), "now": datetime(2021, 7, 18, tzinfo=UTC)}


def test_what_fits_says_what_follows():
    assert FLOW.require("shut", Open(**STAMP)) == "open"


def test_what_does_not_fit_is_refused_with_the_statuses_that_would():
    with pytest.raises(WrongState) as refused:
        FLOW.require("open", Open(**STAMP))
    assert refused.value.rule == "door"
    assert refused.value.cure == "Open is for: ajar, shut; this is open"


@forall(st.sampled_from(["shut", "ajar", "open", "gone"]), st.sampled_from([Open, Close]))
def test_allows_is_require_without_the_refusal(status, command):
    if FLOW.allows(status, command):
        assert FLOW.require(status, command(**STAMP)) == FLOW.table[status, command]
    else:
        with pytest.raises(WrongState):
            FLOW.require(status, command(**STAMP))
