"""Our vault keeps every promise on SQLite and on PostgreSQL; one that honours nothing keeps none."""

from __future__ import annotations

import pytest

from tests.vault.vaults import SUITE, Honours


@pytest.mark.parametrize("promise", SUITE, ids=lambda promise: promise.__name__)
def test_a_vault(promise, vault):
    promise(vault)


@pytest.mark.parametrize("promise", SUITE, ids=lambda promise: promise.__name__)
def test_what_honours_nothing_is_noticed(promise):
    with pytest.raises((AssertionError, KeyError)):
        promise(Honours())
