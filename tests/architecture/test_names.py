"""`services` and `shared` are ours: the wheel is an application for its own environment."""

from __future__ import annotations

from importlib.metadata import packages_distributions
from importlib.util import find_spec

import pytest

from tests.architecture.house import ROOT


@pytest.mark.parametrize("name", ["services", "shared"])
def test_no_dependency_owns_our_import_names(name):
    assert set(packages_distributions().get(name, [])) <= {"ortoo"}
    spec = find_spec(name)
    assert spec is not None and spec.origin == str(ROOT / name / "__init__.py")
