"""Looking for planted identities in bytes: in every encoding a program might have left them in, and in digests nobody keyed."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

WINDOW = 24  # bytes of a picture that are looked for, in several places of it
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_PERCENT = re.compile(rb"(?:%[0-9a-fA-F]{2}|[A-Za-z0-9.+_-]){6,}")
_BYTE = re.compile(rb"%([0-9a-fA-F]{2})")


class Planted:
    """Values by a name that may be told; what is found is named by it, never by the value."""

    def __init__(self, texts: Mapping[str, str], files: Mapping[str, bytes]) -> None:
        self.forms = [*_of_texts(texts), *((name, "bytes", window) for name, data in files.items() for window in _windows(data))]
        self._clean: set[bytes] = set()  # digests of contents that hold nothing: a server's databases begin as copies of one another

    def found(self, data: bytes) -> set[str]:
        """Which of them stand in these bytes, in clear or under an encoding that needs no key."""
        layers = (data, *_undone(data))
        return {f"{name} ({how})" for name, how, form in self.forms if any(form in layer for layer in layers)}

    def found_in(self, *places: Path) -> dict[str, set[str]]:
        """By file, for every file below; also in the files' names."""
        hits: dict[str, set[str]] = {}
        for path in every_file(places):
            with suppress(FileNotFoundError):  # a write-ahead log may go at any time
                if there := self.found(str(path).encode()) | self._found_once(path.read_bytes().rstrip(b"\0")):
                    hits[path.name] = there
        return hits

    def _found_once(self, data: bytes) -> set[str]:
        mark = hashlib.sha256(data).digest()
        there = set() if mark in self._clean else self.found(data)
        if not there:
            self._clean.add(mark)
        return there


def every_file(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        yield from (path for path in sorted(place.rglob("*")) if path.is_file()) if place.is_dir() else [place]


def _of_texts(texts: Mapping[str, str]) -> Iterator[tuple[str, str, bytes]]:
    for name, text in texts.items():
        utf8 = text.encode()
        forms = {"utf-8": utf8, "utf-16-le": text.encode("utf-16-le").rstrip(b"\0"), "utf-16-be": text.encode("utf-16-be").lstrip(b"\0")}
        if not text.isascii():
            forms |= {"gb18030": text.encode("gb18030"), "json": ascii(text)[1:-1].encode()}
        forms |= {digest: hashlib.new(digest, utf8).digest() for digest in ("md5", "sha1", "sha256")}
        yield from ((name, how, form) for how, form in forms.items())


def _windows(data: bytes) -> list[bytes]:
    """Some places of a picture, none of them its head, which pictures share."""
    return [data[at : at + WINDOW] for at in (len(data) // 4, len(data) // 2, len(data) * 3 // 4)]


def _undone(data: bytes) -> Iterator[bytes]:
    """What lies under hexadecimal, base64, percent signs, gzip and deflate."""
    yield b"\n".join(bytes.fromhex(run.decode()) for run in _HEX.findall(data))
    yield b"\n".join(_decoded(run) for run in _BASE64.findall(data))
    if b"%" in data:
        yield b"\n".join(_BYTE.sub(lambda one: bytes([int(one[1], 16)]), run) for run in _PERCENT.findall(data) if b"%" in run)
    for mark in (b"\x1f\x8b\x08", b"\x78\x9c"):
        for found in re.finditer(re.escape(mark), data):
            with suppress(zlib.error):  # two bytes that only looked like a beginning
                yield zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data[found.start() :])


def _decoded(run: bytes) -> bytes:
    """At each of the four places in which the coding may have begun."""
    plain = run.translate(bytes.maketrans(b"-_", b"+/"))
    shifted = (plain[start:] for start in range(4))
    whole = (one if len(one) % 4 != 1 else one[:-1] for one in shifted)
    return b"\n".join(base64.b64decode(one + b"=" * (-len(one) % 4)) for one in whole)
