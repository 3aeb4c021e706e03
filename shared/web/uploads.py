"""Files that people hand over: judged by what they are, made anew where they can be, never trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from shared.kernel.errors import Failure, RuleBroken
from shared.kernel.processor import stay_apart
from shared.vault.personal import Personal

FORMATS = ("JPEG", "PNG", "WEBP")
PDF, CERTIFICATE = b"%PDF-", "certificate"
QUALITY = 85
SCANS = 64  # of a JPEG: a camera's has one, a progressive one about ten; each is gone through whole, and a few bytes make another
# A few bytes may decode to hundreds of megabytes: one picture at a time, and whoever waits for it holds up no other thread.
_ONE = ThreadPoolExecutor(1, "uploads", initializer=stay_apart)

Image.MAX_IMAGE_PIXELS = None  # asked below, before anything is decoded, and answered as a fault of the upload


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken (registration.upload, goods.photo)."""

    bytes: int
    pixels: int  # of a JPEG, which is decoded at a fraction of its size
    whole: int  # pixels of every other picture, which is decoded whole
    edge: int  # of the picture that is kept

    @classmethod
    def of(cls, value: dict[str, Any]) -> Limits:
        return cls(value["bytes"], value["pixels"], value["whole"], value["edge"])


Take = Callable[[bytes, Limits], Personal[bytes]]
"""`photo` or `document`."""


async def taken(take: Take, data: bytes, limits: Limits) -> Personal[bytes]:
    """What this takes, in its turn. RuleBroken."""
    return await asyncio.get_running_loop().run_in_executor(_ONE, partial(take, data, limits))


def photo(data: bytes, limits: Limits, field: str = "photo") -> Personal[bytes]:
    """A picture, made anew as a JPEG without anything beside the picture: no place, no camera, no comment. RuleBroken."""
    _small(data, limits, field)
    return Personal(_again(data, limits, field))


def document(data: bytes, limits: Limits, field: str = CERTIFICATE) -> Personal[bytes]:
    """A PDF as it is, unread; or a picture. RuleBroken."""
    _small(data, limits, field)
    if data.startswith(PDF):
        return Personal(data)
    return photo(data, limits, field)


def _small(data: bytes, limits: Limits, field: str) -> None:
    if len(data) > limits.bytes:
        raise RuleBroken(Failure("upload.size", f"at most {limits.bytes // 2**20} MB: make it smaller", field))


def _upright(opened: Image.Image) -> Image.Image:
    """As it was held; what says so may be broken in a picture that is not."""
    try:
        return ImageOps.exif_transpose(opened)
    except Exception:  # as below: what reads hostile bytes raises whatever it likes
        return opened


def _again(data: bytes, limits: Limits, field: str) -> bytes:
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > SCANS:
        raise RuleBroken(Failure("upload.type", f"a JPEG of more than {SCANS} scans: save it again as a plain one", field))
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as opened:
            _fits(opened, limits, field)
            opened.load()
            small = opened if opened.mode == "RGB" else opened.convert("RGB")
            small.thumbnail((limits.edge, limits.edge), reducing_gap=2.0)
            upright = _upright(small)
            bare = Image.new("RGB", upright.size)
            bare.paste(upright)
    except RuleBroken:
        raise
    except Exception as error:  # decoders of hostile bytes raise whatever they like
        cure = f"a JPEG, PNG or WebP picture{', or a PDF' if field == CERTIFICATE else ''}"
        raise RuleBroken(Failure("upload.type", cure, field)) from error
    made = BytesIO()
    bare.save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def _fits(opened: Image.Image, limits: Limits, field: str) -> None:
    """By what its header says, before anything is decoded; a JPEG is told to come out no larger than needed."""
    wide, high = opened.size
    jpeg = isinstance(opened, JpegImageFile)
    most = limits.pixels if jpeg else limits.whole
    if wide * high > most:
        rule, kind = ("upload.pixels", "") if jpeg else ("upload.pixels_whole", ", or send it as JPEG")
        raise RuleBroken(Failure(rule, f"at most {most // 10**6} million pixels: make it smaller{kind}", field))
    share = min(1.0, limits.edge / max(wide, high))
    opened.draft("RGB", (max(1, int(wide * share)), max(1, int(high * share))))
