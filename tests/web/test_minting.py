"""Whom a token may name: posts, never persons."""

from __future__ import annotations

import jwt
import pytest

from shared.web.principals import Principals
from shared.web.problems import Unauthenticated


@pytest.mark.parametrize("actor", ["13812345678", "张三", "Zhang San", "", "11010519491231002X"])
def test_an_actor_is_the_public_handle_of_a_post(actor):
    with pytest.raises(ValueError, match="public handle"):
        Principals(None).mint(actor, ("EMD.duty",), "150722")


def test_a_post_and_a_volunteers_public_number_sign(tmp_path):
    principals = Principals(tmp_path / "node.pem")
    assert [principals.verify(principals.mint(actor, ("VOL",), None)).actor for actor in ("V-A", "EMD.DUTY.1")] == ["V-A", "EMD.DUTY.1"]


def test_a_division_that_is_none_does_not_pass(tmp_path):
    principals = Principals(tmp_path / "node.pem")
    claims = jwt.decode(principals.mint("V-A", ("VOL",), None), options={"verify_signature": False})
    token = jwt.encode({**claims, "division": ["150722"]}, (tmp_path / "node.pem").read_bytes(), algorithm="EdDSA")
    with pytest.raises(Unauthenticated, match="cannot be read"):
        principals.verify(token)
