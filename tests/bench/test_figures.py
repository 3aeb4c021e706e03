"""The benchmarks produce their figures; how good they are is not for a test to say, since the machine is shared."""

from __future__ import annotations

import importlib

import pytest

from bench.__main__ import NAMES, table
from bench.figures import Figure, Scale, rates

QUICK = Scale(quick=True, runs=1)


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_produces_its_figures(name):
    figures = importlib.import_module(f"bench.{name}").run(QUICK)
    assert figures
    assert all(figure.ours > 0 and (figure.raw is None or figure.raw > 0) for figure in figures), figures
    assert any(figure.bound for figure in figures)
    assert table(figures).count("\n") == len(figures) + 1


def test_a_ratio_is_taken_pair_by_pair():
    assert rates("x", "1/s", [(10.0, 20.0), (30.0, 30.0), (1.0, 4.0)], 0.5).ratio == 0.5


def test_a_bound_that_is_missed_shows():
    assert Figure("x", "1/s", 40, 100, "ratio >= 0.5", 0.4).met is False
    assert Figure("x", "ms", 40, None, "ours <= 100").met is True
    assert Figure("x", "MB", 40, None, "").met is None
