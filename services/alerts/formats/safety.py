"""XML from strangers: encodings named, no DTD, no entities, no network, limits on every size."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import partial

from lxml import etree

from services.alerts.formats.model import Fault, NotUnderstood


@dataclass(frozen=True, slots=True)
class Limits:
    """What one body may cost. The largest real message known has 1.03 MB and about 1,000 elements."""

    body_bytes: int = 8_000_000
    depth: int = 64
    elements: int = 20_000  # of one message
    tags: int = 500_000  # of one body, before it is parsed
    messages: int = 5_000  # of one body
    seconds: float = 10.0  # of one body, looked at between its messages


LIMITS = Limits()

_ENCODINGS = (
    "utf-8 ascii iso8859-1 iso8859-2 iso8859-5 iso8859-7 iso8859-9 iso8859-15 cp1250 cp1251 cp1252 cp1253 cp1254 cp1256 cp874 "
    "gbk gb2312 gb18030 big5 big5hkscs shift_jis euc_jp euc_kr koi8-r utf-16 utf-16-le utf-16-be tis-620"
)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARATION = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["'][^>]*\?>""")
_ANY_DECLARATION = re.compile(r"\A<\?xml\s[^>]*\?>")
_PLAIN = (None, "utf-8", "utf8")
_DECLARED_UTF8 = re.compile(rb"""<\?xml\s+version\s*=\s*["']1\.0["']\s+encoding\s*=\s*["'](?i:utf-8)["'][^>]*\?>""")  # how most begin
_DOCTYPE = re.compile(rb"(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<!DOCTYPE", re.S)  # atomic: cannot backtrack
_parser = partial(
    etree.XMLParser, resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False,
    remove_comments=True, remove_pis=True,
)  # fmt: skip
_EXACT, _BARE = _parser(), _parser(remove_blank_text=True)
_ALL = etree.XPath("count(//*)")
_BELOW = {LIMITS.depth: etree.XPath("boolean(" + "/*" * (LIMITS.depth + 1) + ")")}
_SMALLEST_ELEMENT = 4  # bytes of `<a/>`


def parse(body: bytes, charset: str | None, limits: Limits, *, bare: bool = False) -> tuple[etree._Element, list[Fault]]:
    """The root element, and what was wrong with the encoding. NotUnderstood when it is broken, forbidden or too much.

    A `bare` tree is for what the schema is asked about next: it was not looked at for its depth, and is without the blanks between
    elements, which are half of all nodes. Both together are a sixth of what reading a message costs.
    """
    if len(body) > limits.tags and body.count(b"<") > limits.tags:
        raise NotUnderstood("limit.elements", f"more than {limits.tags} tags in one body")
    trimmed = body.lstrip()
    text, found = utf8(trimmed, charset)
    if len(trimmed) != len(body):
        found = [*found, Fault("xml.blank", "blanks stand before the XML")]
    if _DOCTYPE.match(text):
        raise NotUnderstood("xml.dtd", "a document type declaration is not accepted: CAP has none, and entities are a weapon")
    try:
        root = etree.fromstring(text, _BARE if bare else _EXACT)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _broken(error) from error
    if bare:
        return root, found
    deeper = _BELOW.get(limits.depth) or etree.XPath("boolean(" + "/*" * (limits.depth + 1) + ")")
    if deeper(root.getroottree()):
        raise NotUnderstood("limit.depth", f"elements are nested deeper than {limits.depth}")
    return root, found


def _broken(error: Exception) -> NotUnderstood:
    text = str(error)
    if "not proper UTF-8" in text or "encoding error" in text.lower() or "invalid bytes" in text.lower():
        return NotUnderstood("encoding.wrong", f"the bytes are not the UTF-8 that is declared or implied: {text[:200]}")
    if "xcessive depth" in text:
        return NotUnderstood("limit.depth", f"elements are nested too deep: {text[:200]}")
    return NotUnderstood("xml.broken", f"not well-formed XML: {text[:200]}")


def count_elements(root: etree._Element, size: int, limits: Limits) -> None:
    """NotUnderstood when one message has more elements than allowed; small messages cannot."""
    if size > limits.elements * _SMALLEST_ELEMENT and float(str(_ALL(root))) > limits.elements:
        raise NotUnderstood("limit.elements", f"more than {limits.elements} elements in one message")


def utf8(body: bytes, charset: str | None) -> tuple[bytes, list[Fault]]:
    """The body as UTF-8. A byte order mark counts first, then the charset of the transport, then the XML declaration.

    Nothing is guessed from the letters: a body that none of the three can decode is not understood.
    """
    if charset in _PLAIN and _DECLARED_UTF8.match(body, 0, 400):
        return body, []
    declared = _DECLARATION.match(body, 0, 400)
    named = declared[1].decode().lower() if declared else None
    mark = next(((sign, name) for sign, name in _MARKS if body.startswith(sign)), None)
    wide = _wide(body)
    if mark is None and wide is None and charset in _PLAIN and named in _PLAIN:
        return body, []
    if mark is not None:
        candidates, body = [mark[1]], body[len(mark[0]) :]
    else:
        candidates = [name for name in (wide, charset, named, "utf-8") if name]
    failures: list[str] = []
    for name in candidates:
        try:
            text = _decoded(body, name)
        except (LookupError, UnicodeError) as error:
            failures.append(f"{name}: {error}"[:160])
            continue
        return text, ([Fault("encoding.misdeclared", f"read as {name}; not {failures[0]}")] if failures else [])
    raise NotUnderstood("encoding.wrong", "the bytes do not fit the encoding named: " + "; ".join(failures))


def _wide(body: bytes) -> str | None:
    """UTF-16 without a mark shows by the zero beside its first `<`, `{` or `[`."""
    if len(body) > 1 and body[0] == 0 and body[1] in b"<{[":
        return "utf-16-be"
    return "utf-16-le" if len(body) > 1 and body[1] == 0 and body[0] in b"<{[" else None


def _decoded(body: bytes, name: str) -> bytes:
    codec = codecs.lookup(name).name
    if codec not in _ENCODINGS.split():
        raise LookupError(f"{name} is not accepted")
    if codec.startswith("utf-16") and b"\0" not in body[:4]:
        raise UnicodeError("the bytes are no UTF-16")  # .NET writes encoding="utf-16" over UTF-8 bytes
    text = body.decode("gb18030" if codec in ("gbk", "gb2312") else codec)
    return _ANY_DECLARATION.sub("", text, count=1).encode()  # it names an encoding that holds no more
