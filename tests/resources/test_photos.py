"""Photos of goods: made anew, kept by their digest, named afterwards; a digest nobody sent is refused wherever photos are named."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from tests.resources.node import Node, running
from tests.resources.requests.test_shown import API, APP, KEEPER, OFF, TOWN, furnished
from tests.support import Post
from tests.volunteers.pages.applicant import picture

ICP, OWNER, POINT = Post("ICP.1", "ICP"), Post("OW-1", "CIT"), Post("W.FP", "WHK")
INVENTED = "f" * 64


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(tmp_path_factory.mktemp("node")) as made:
        furnished(made)
        yield made


def sent(node: Node, data: bytes, who: Post = POINT) -> tuple[int, str | None]:
    """The status, and the digest or the rule."""
    got = node.ask("POST", f"{API}/photos", who, content=data)
    node.opened.host.settle()
    return got.status_code, got.json().get("photo") or got.json().get("rule")


def on_its_way(node: Node) -> None:
    where = {"place": "150722106", "receiver": "W.FP", "to_store": "FP-XW", "incident": "INC-1", "people": 100}
    node.done(f"{API}/requests", TOWN, request="RQ-1", items={"TENT": 10}, needed_by="2021-07-22T08:00:00+08:00", **where)
    node.done(f"{API}/requests/RQ-1/assessment", OFF, vulnerable={"elderly": "test"})
    node.done(f"{API}/allocations", APP, allocation="AL-1", request="RQ-1", store="WH-MD", items={"TENT": 10})
    node.done(f"{API}/vehicles/TR-1", OFF, plate="TEST-1", owner="150722")
    node.done(f"{API}/shipments", APP, shipment="SP-1", allocation="AL-1", vehicle="TR-1", driver="DR-1")
    for step in ("pick", "load", "departure"):
        node.done(f"{API}/shipments/SP-1/{step}", KEEPER)
    node.done(f"{API}/shipments/SP-1/arrival", POINT)


def test_a_photo_is_kept_without_what_a_camera_adds_and_once(node: Node):
    exif = Image.Exif()
    exif[0x010F] = "PLANTEDCAMERA"
    status, digest = sent(node, picture(exif=exif))
    assert status == 201 and digest is not None
    kept = node.opened.host.blobs.get(digest)
    assert kept is not None and b"PLANTEDCAMERA" not in kept
    assert Image.open(io.BytesIO(kept)).format == "JPEG"
    assert sent(node, picture(exif=exif)) == (200, digest)
    assert node.types(f"photo-{digest}") == ["resources.photo.kept.v1"]


def test_what_is_no_picture_too_large_or_of_nobody_who_may_is_refused(node: Node):
    assert sent(node, b"%PDF-1.7 no picture") == (422, "upload.type")
    assert sent(node, b"x" * (4 * 2**20 + 1)) == (422, "upload.size")
    assert sent(node, picture(), OWNER)[0] == 403


def test_a_receipt_names_photos_that_were_sent_and_no_others(node: Node):
    on_its_way(node)
    _, digest = sent(node, picture(size=(64, 64)))
    said = {"short": {"MD-TENT-1": 2}}
    receipt = f"{API}/shipments/SP-1/receipt"
    assert node.refused(receipt, POINT, **said, photos=[INVENTED]) == (422, "goods.photo")
    assert node.refused(receipt, OWNER, **said, photos=[INVENTED])[0] == 403
    assert node.refused(receipt, POINT, **said, photos=["abc"]) == (422, "receipt.photos")
    node.done(receipt, POINT, **said, photos=[digest])
    assert node.get(f"{API}/shipments/SP-1", APP)["photos"] == [digest]
    at = f"{API}/shipments/SP-1/photos"
    shown = node.ask("GET", f"{at}/{digest}", APP)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.content == node.opened.host.blobs.get(str(digest))
    for photo, who in ((INVENTED, APP), (digest, Post("Z.OFF", "EMD.officer", "150783"))):
        assert node.ask("GET", f"{at}/{photo}", who).status_code == 404


@pytest.mark.parametrize("path", ["requisitions/lent", "requisitions/oral", "requisitions/RE-1/taking", "requisitions/RE-1/return"])
def test_nor_does_a_taking_or_a_return_name_others(node: Node, path: str):
    said = {"requisition": "RE-1"} if "RE-1" not in path else {}
    assert node.refused(f"{API}/{path}", ICP, **said, photos=[INVENTED]) == (422, "goods.photo")


def test_a_loan_names_the_photo_of_what_was_lent(node: Node):
    _, digest = sent(node, picture(size=(80, 60)), ICP)
    said = {"subject": "OW-1", "item": "pump", "incident": "INC-1", "value": "100", "purpose": "requisition", "condition": "good"}
    node.done(f"{API}/requisitions/lent", ICP, requisition="RE-L", **said, photos=[digest])
    assert node.get(f"{API}/requisitions/RE-L/certificate", OWNER)["taken"]["photos"] == [digest]
    at = f"{API}/requisitions/RE-L/photos/{digest}"
    assert node.ask("GET", at, OWNER).content[:2] == b"\xff\xd8"
    assert node.ask("GET", at, Post("OW-9", "CIT")).status_code == node.ask("GET", f"{at[:-1]}x", OWNER).status_code == 404
