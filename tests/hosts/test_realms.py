"""The mark that makes a folder a drill's."""

from __future__ import annotations

import pytest

from services.start.settings import Settings
from services.wiring import open_node


def test_a_mark_that_cannot_be_read_is_never_taken_for_real(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "drill.json").write_text("{")
    with pytest.raises(ValueError, match="the folder is a drill's"):
        open_node(Settings(tmp_path / "data", "150000"))
