"""Which code opens a registration: a registration that is refused takes nobody's code away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.volunteers.reception.codes import Codes, Fit
from services.volunteers.reception.forms import Forms
from shared.sql.sqlite import File

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def codes(tmp_path):
    made = Codes(File(tmp_path / "codes.db"), Forms(tmp_path / "form.key"))
    yield made
    made.close()


def test_a_code_is_begun_for_who_has_none_and_changes_nothing_for_who_has_one(codes):
    assert codes.begin_all([("V-1", "first", NOW), ("V-2", "other", NOW)]) == [True, True]
    assert codes.begin_all([("V-1", "second", NOW), ("V-1", "first", NOW)]) == [False, True]
    assert (codes.fits("V-1", "first"), codes.fits("V-1", "second"), codes.fits("V-2", "other")) == (Fit.OPENS, Fit.NONE, Fit.OPENS)


def test_a_code_that_was_replaced_opens_nothing_when_it_is_begun_again(codes):
    codes.begin_all([("V-1", "lost", NOW)])
    codes.give_all([("V-1", "new", NOW)])
    assert codes.begin_all([("V-1", "lost", NOW)]) == [False]
    assert (codes.fits("V-1", "lost"), codes.fits("V-1", "new")) == (Fit.REPLACED, Fit.OPENS)
