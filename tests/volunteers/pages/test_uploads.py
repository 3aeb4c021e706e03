"""Uploads are judged by what they are: bombs, wrong types, what a camera adds."""

from __future__ import annotations

import asyncio
import io
import struct
import threading
import zlib

import pytest
from PIL import Image, ImageFile

from shared.kernel.errors import RuleBroken
from shared.vault.personal import Personal
from shared.web import uploads
from shared.web.uploads import Limits, document, photo
from tests.volunteers.pages.applicant import picture

LIMITS = Limits(bytes=200_000, pixels=1_000_000, whole=400_000, edge=200)


def refused(take, data: bytes) -> str:
    with pytest.raises(RuleBroken) as refusal:
        take(data, LIMITS)
    return refusal.value.rule


def bomb(side: int = 50_000) -> bytes:
    """A PNG of a few bytes that says to be two and a half thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_made_anew_without_what_a_camera_adds(kind):
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "PLANTEDCAMERA", {1: "N"}
    kept = photo(picture(kind, exif=exif), LIMITS).reveal()
    with Image.open(io.BytesIO(kept)) as opened:
        assert opened.format == "JPEG" and max(opened.size) == 200 and not opened.getexif()
    assert b"PLANTEDCAMERA" not in kept and b"Exif" not in kept


def test_a_picture_held_sideways_is_turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(photo(picture(size=(400, 100), exif=exif), LIMITS).reveal())) as opened:
        assert opened.size == (50, 200)


def test_a_bomb_is_refused_before_it_is_opened():
    assert refused(photo, bomb()) == "upload.pixels_whole"
    assert refused(document, bomb()) == "upload.pixels_whole"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MZ\x90\x00",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>x</script>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"\xff\xd8\xff\xe0 no picture",
        b"%!PS-Adobe",
        picture("BMP", (20, 20)),
        picture("TIFF", (20, 20)),
        picture()[:200],
        picture("PNG")[:60],
    ],
)
def test_anything_else_is_none(data):
    assert refused(photo, data) == "upload.type"
    assert refused(document, data) == "upload.type"


def test_a_pdf_is_a_certificate_and_no_photo():
    assert document(b"%PDF-1.7\n...", LIMITS).reveal() == b"%PDF-1.7\n..."
    assert refused(photo, b"%PDF-1.7") == "upload.type"


def test_what_is_too_large_is_not_looked_into():
    assert refused(document, b"%PDF-" + b"x" * LIMITS.bytes) == "upload.size"


@pytest.fixture
def decoded(monkeypatch) -> list[tuple[int, int]]:
    """The sizes of the pictures that were decoded, as they were decoded."""
    sizes: list[tuple[int, int]] = []
    load = ImageFile.ImageFile.load

    def noted(self):
        if self.tile:
            sizes.append(self.size)
        return load(self)

    monkeypatch.setattr(ImageFile.ImageFile, "load", noted)
    return sizes


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_small_file_with_many_pixels_is_refused_undecoded(kind, decoded):
    data = picture(kind, (900, 900), **({"lossless": True} if kind == "WEBP" else {}))
    assert len(data) < 10_000 and refused(photo, data) == "upload.pixels_whole" and decoded == []


@pytest.mark.parametrize(("size", "most"), [((1000, 1000), 250_000), ((5000, 200), 40_000), ((399, 399), 160_000)])
def test_a_jpeg_is_decoded_no_larger_than_needed(size, most, decoded):
    with Image.open(io.BytesIO(photo(picture(size=size), LIMITS).reveal())) as opened:
        assert max(opened.size) == 200
    assert decoded and all(wide * high <= most for wide, high in decoded)


def test_one_picture_is_decoded_at_a_time_and_in_no_shared_thread():
    begun, running, together, threads = threading.Lock(), 0, [], set()

    def take(data: bytes, limits: Limits) -> Personal[bytes]:
        nonlocal running
        with begun:
            running += 1
        together.append(running)
        threads.add(threading.current_thread().name.rsplit("_", 1)[0])
        photo(data, limits)
        with begun:
            running -= 1
        return Personal(data)

    async def many() -> None:
        await asyncio.gather(*[uploads.taken(take, picture(), LIMITS) for _ in range(6)])

    asyncio.run(many())
    assert together == [1] * 6 and threads == {"uploads"}


def test_a_jpeg_that_repeats_its_scans_is_refused_before_it_is_decoded():
    """A few kilobytes of them would hold up everybody's pictures for half an hour."""
    made = io.BytesIO()
    Image.new("RGB", (64, 64)).save(made, "JPEG", progressive=True)
    plain = made.getvalue()
    assert photo(plain, LIMITS)
    last = plain.rindex(b"\xff\xda")
    assert refused(photo, plain[:last] + plain[last:-2] * 100 + b"\xff\xd9") == "upload.type"
