"""No personal value in an event: every text of a command is checked, whole tokens of it (PIPL art. 5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from operator import attrgetter
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from shared.kernel.commands import Command, Text
from shared.kernel.errors import Failure

RUN = 11  # digits in a row; neither personal value is shorter
_DIGIT, _LONG = re.compile(r"\d"), re.compile(rf"\d{{{RUN}}}")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_RESIDENT_ID = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_STAMPED = frozenset(field.name for field in fields(Command))  # by the edge: handles of posts, never typed

_Texts = tuple[tuple[str, ...], tuple[str, ...], Callable[[Any], tuple[Any, ...]]]  # fields with text, public ids of them, their values
_known: dict[type[Command], _Texts] = {}
COVER = "•••"
CURE = "personal value in clear; use the reference"
ID_CURE = "an id is made of 1 to 64 letters, digits, '.', '_' and '-'; it is read by everybody, so it names no person"


def unfit_texts(command: Command) -> list[Failure]:
    """One failure for each text field that holds a mobile or resident identity number (GB 11643), or is no public id where it must be."""
    names, ids, texts = _known.get(type(command)) or _look(type(command))
    found = []
    for name in ids:
        value = getattr(command, name)
        if value is not None and not all(map(_ID.fullmatch, (value,) if value.__class__ is str else _strings(value))):
            found.append(Failure("id.pattern", ID_CURE, name))
    if _may_hold_one(texts(command)):
        found += [Failure("PIPL-5", CURE, name) for name in names if any(map(_holds_one, _strings(getattr(command, name))))]
    return found


def is_public_id(text: str) -> bool:
    """It may be an id that everybody reads."""
    return _ID.fullmatch(text) is not None and not _holds_one(text)


def masked(text: str) -> str:
    """The text with every personal value covered, for what may never be refused; the whole text is kept as a blob."""
    if len(text) < RUN or _LONG.search(text) is None:
        return text
    return _RESIDENT_ID.sub(lambda found: COVER if _valid_id(found[0]) else found[0], _MOBILE.sub(COVER, text))


def _look(command: type[Command]) -> _Texts:
    """Once for each command type: this stands before every decision."""
    marks = {name: _marks(hint) for name, hint in get_type_hints(command, include_extras=True).items() if name not in _STAMPED}
    names = tuple(name for name, found in marks.items() if any(mark.guarded for mark in found))
    ids = tuple(name for name, found in marks.items() if any(mark.public_id for mark in found))
    values = attrgetter(*names, names[0]) if names else lambda _: ()  # of one name alone it would answer the bare value
    _known[command] = found = names, ids, values
    return found


def _marks(hint: Any) -> list[Text]:
    """What is asked of the texts a field may hold; nothing when it holds none."""
    if get_origin(hint) is Annotated:
        kind, *marks = get_args(hint)
        return [mark for mark in marks if isinstance(mark, Text)] or _marks(kind)
    if getattr(hint, "__supertype__", hint) is str:
        return [Text()]
    if isinstance(hint, type) and (is_dataclass(hint) or issubclass(hint, msgspec.Struct)):
        return [Text(guarded=mark.guarded) for inner in get_type_hints(hint, include_extras=True).values() for mark in _marks(inner)]
    return [Text(guarded=mark.guarded, public_id=mark.public_id) for inner in get_args(hint) for mark in _marks(inner)]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _strings(getattr(value, name))
    elif is_dataclass(value):
        for field in fields(value):
            yield from _strings(getattr(value, field.name))


def _may_hold_one(values: Iterable[Any]) -> bool:
    for value in values:
        if value.__class__ is str:
            # A run of 11 covers one of every 11 places: looking there first is far cheaper than looking everywhere.
            if len(value) >= RUN and _DIGIT.search(value[RUN - 1 :: RUN]) is not None and _LONG.search(value) is not None:
                return True
        elif value is not None and _may_hold_one(value if value.__class__ is tuple else _strings(value)):
            return True
    return False


def _holds_one(text: str) -> bool:
    if _LONG.search(text) is None:
        return False
    return bool(_MOBILE.search(text)) or any(_valid_id(token) for token in _RESIDENT_ID.findall(text))


def _valid_id(token: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(token, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == token[-1].upper()
