"""No personal value in an event: every text of a command is checked, whole tokens of it (PIPL art. 5); and that it is no book."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from operator import attrgetter
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from shared.kernel.commands import PUBLIC_ID, Code, Command, Text
from shared.kernel.errors import Failure

RUN = 11  # digits; neither personal value is shorter
MOST = 10_000  # characters of one text (own default); what is longer is a document
LONG = 60_000  # of a text that is one (own default): it still fits an event, in Chinese too
STRIDE = 6
# Digits of every script, as full width; and in the groups in which people write them. Groups of other sizes are dates, codes and
# coordinates: they pass. So does a phone in the middle of dotted or hyphenated numbers, such as an object identifier.
_GAP = r"[\s.·\-\u2010-\u2015\uff0d\uff0e]"
_LONG = re.compile(rf"\d{{3}}(?:\d{{8}}|{_GAP}\d{{4}}{_GAP}\d{{4}}|\d{{3}}\s\d{{4}})")
_DIGIT = re.compile(r"\d")
_ELEVEN = re.compile(
    rf"(?<!\d)(?:(?:\+|00)86)?\d{{11}}(?!\d)|"
    rf"(?<![\dA-Fa-f])(?<![\dA-Fa-f][.-])(?:(?:\+|00)?86{_GAP}?)?\d{{3}}({_GAP})\d{{4}}\1\d{{4}}(?![\dA-Fa-f])(?![.-][\dA-Za-z])"
)
_EIGHTEEN = re.compile(r"(?<!\d)\d{17}[\dXxＸｘ](?![\dXxＸｘ])|(?<![\dA-Fa-f])\d{6}\s(?:\d{8}|\d{4}\s\d{4})\s\d{3}[\dXxＸｘ](?![\dA-Za-z])")
# Of 15 digits as it was until 1999, by a date of birth from 1930: later ones are divisions and dates of numbers of our own. Neither
# these nor a card are the decimals of a coordinate.
_FIFTEEN = re.compile(r"(?<![\dA-Za-z])(?<!\d\.)[1-6]\d{5}[3-9]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![\dA-Za-z])")
_CARD = re.compile(r"(?<![\dA-Za-z])(?<!\d\.)(?:62\d{14,17}|4\d{15}|5[1-5]\d{14})(?![\dA-Za-z])")
_HIDDEN = re.compile(r"(?<=\d)[\u00ad\u180e\u200b-\u200f\u2060\ufeff]+(?=\d)")
# What no text has and a database may not keep, and what turns the direction of all that follows; tabs and ends of lines are none of it.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
# A digest or the id of a machine, as the whole text, or with a short word before it that says of what: a run of its digits may look
# like a number, and is none.
_MADE = re.compile(r"(?:sha256:|[A-Za-z]{1,8}-)?(?:[0-9A-Fa-f]{32,128}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_STAMPED = frozenset(field.name for field in fields(Command))  # by the edge: handles of posts, never typed

# Fields with text, how long one may be and whether its words are looked up; public ids of them; their values.
_Texts = tuple[tuple[tuple[str, int, bool], ...], tuple[str, ...], Callable[[Any], tuple[Any, ...]]]
_known: dict[type[Command], _Texts] = {}
# What may be a number somebody is known by: a word, and digits in groups.
_WORDS = (re.compile(r"\+?[0-9A-Za-z０-９][0-9A-Za-z０-９-]{5,}"), re.compile(r"\+?\d[\d -]{5,}\d"))
_TOLD, _ALONE = 7, 10  # digits: no number somebody is known by has fewer; nor fewer than this with neither 0, + nor a letter before them
# What stands in warnings and is nobody's number, whoever registers it as theirs: else strangers could stop a warning. Dates and moments,
# divisions (6, 9, 12 digits) and issuers (14); and the numbers of our own that begin with one of them.
_DATE = r"(?:19|20)\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])"
_OURS = re.compile(rf"(?:[A-Za-z]+-)*(?:[A-Za-z]*{_DATE}|[1-8]\d{{5}}(?:\d{{3}}|\d{{6}}|\d{{8}})?(?!\d)).*")
COVER = "•••"
Knows = Callable[[Collection[str]], Collection[str]]
"""Which of these whole words are personal values that the vault keeps."""
CURE = "personal value in clear; use the reference"
CONTROL_CURE = "a text holds no control characters and none that turn its direction: type it anew"
LENGTH_CURE = "a text has at most {:,} characters here: shorten it, and keep the whole as a document beside it"
ID_CURE = "an id is made of 1 to 64 letters a-z and A-Z, digits 0-9, '.', '_' and '-'; it is read by everybody, so it names no person"


Cover = Callable[[str], str]
"""`masked`, for what one vault knows."""


def nobody(words: Collection[str]) -> Collection[str]:
    """Where no vault is: no word is known."""
    return ()


class Looked(msgspec.Struct, gc=False):
    """What was found in the texts of one command: faults, and by field the words that the vault has to be asked for."""

    faults: list[Failure] = []
    words: list[tuple[int, str, list[str]]] = []  # before which of the faults theirs would stand, of which field, the words

    def unfit(self, known: frozenset[str]) -> list[Failure]:
        """All faults, the vault knowing these words."""
        found = list(self.faults)
        for at, name, words in reversed(self.words):
            if not known.isdisjoint(words):
                found.insert(at, Failure("PIPL-5", CURE, name))
        return found


def unfit_texts(command: Command, knows: Knows = nobody) -> list[Failure]:
    """One failure for each text field that holds a mobile or resident identity number (GB 11643), a bank card or a value the vault
    knows, is too long, or is no public id where it must be."""
    looked = look(command, knows is not nobody)
    return looked.unfit(known_of([looked], knows))


def known_of(looked: Iterable[Looked], knows: Knows) -> frozenset[str]:
    """What the vault knows of all that was found; it is asked once, and only when there is anything to ask."""
    words = {word for one in looked for *_, some in one.words for word in some}
    return frozenset(knows(words)) if words else frozenset()


def look(command: Command, vault: bool) -> Looked:
    """Look at every text of a command. Without a `vault` to be asked no word is gathered."""
    names, ids, texts = _known.get(type(command)) or _look(type(command))
    looked = Looked()
    for name in ids:
        value = getattr(command, name)
        if value is not None and not all(map(PUBLIC_ID.fullmatch, (value,) if value.__class__ is str else _strings(value))):
            looked.faults.append(Failure("id.pattern", ID_CURE, name.removesuffix("_")))
    for name, most, asked in names if vault or _may_be_unfit(texts(command)) else ():
        if not (value := getattr(command, name)):
            continue
        said = (value,) if value.__class__ is str else tuple(_strings(value))
        if any(map(_holds_one, said)):
            looked.faults.append(Failure("PIPL-5", CURE, name.removesuffix("_")))
        elif vault and asked and (words := [word for text in said for word in _words(text)]):
            looked.words.append((len(looked.faults), name.removesuffix("_"), words))
        if any(map(_controlled, said)):
            looked.faults.append(Failure("text.control", CONTROL_CURE, name.removesuffix("_")))
        if max(map(len, said), default=0) > most:
            looked.faults.append(Failure("text.length", LENGTH_CURE.format(most), name.removesuffix("_")))
    return looked


def is_public_id(text: str) -> bool:
    """It may be an id that everybody reads."""
    return PUBLIC_ID.fullmatch(text) is not None and not _holds_one(text)


def masked(text: str, knows: Knows = nobody) -> str:
    """The text with every personal value covered, for what may never be refused; the whole text is kept as a blob."""
    text = _bare(text)
    for pattern in _WORDS if knows is not nobody else ():
        known = frozenset(knows(words)) if (words := [word for word in pattern.findall(text) if _told(word)]) else frozenset()
        text = _covered(text, pattern, known.__contains__) if known else text
    if len(text) < RUN or _LONG.search(text) is None:
        return text
    for pattern, is_one in _NUMBERS:
        text = _covered(text, pattern, is_one)
    return text


def _covered(text: str, pattern: re.Pattern[str], is_one: Callable[[str], bool]) -> str:
    return pattern.sub(lambda found: COVER if is_one(found[0]) else found[0], text)


def _look(command: type[Command]) -> _Texts:
    """Once for each command type: this stands before every decision."""
    marks = {name: _marks(hint) for name, hint in get_type_hints(command, include_extras=True).items() if name not in _STAMPED}
    guarded = {name: found for name, found in marks.items() if any(mark.guarded for mark in found)}
    names = tuple(
        (name, LONG if any(mark.long for mark in found) else MOST, not all(mark.code for mark in found)) for name, found in guarded.items()
    )
    ids = tuple(name for name, found in marks.items() if any(mark.public_id for mark in found))
    values = attrgetter(*guarded, next(iter(guarded))) if guarded else lambda _: ()  # of one name alone it would answer the bare value
    _known[command] = found = names, ids, values
    return found


def _marks(hint: Any) -> list[Text]:
    """What is asked of the texts a field may hold; nothing when it holds none."""
    if get_origin(hint) is Annotated:
        kind, *marks = get_args(hint)
        return [mark for mark in marks if isinstance(mark, Text)] or _marks(kind)
    if getattr(hint, "__supertype__", hint) is str:
        return [Text(code=hint is Code)]
    if isinstance(hint, type) and (is_dataclass(hint) or issubclass(hint, msgspec.Struct)):
        return [
            Text(guarded=mark.guarded, long=mark.long, code=mark.code)
            for inner in get_type_hints(hint, include_extras=True).values()
            for mark in _marks(inner)
        ]
    return [mark for inner in get_args(hint) for mark in _marks(inner)]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _strings(pair)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _strings(getattr(value, name))
    elif is_dataclass(value):
        for field in fields(value):
            yield from _strings(getattr(value, field.name))


def _may_be_unfit(values: Iterable[Any]) -> bool:
    for value in values:
        if value.__class__ is str:
            value = _bare(value)
            # Of every number, gaps and all, a digit stands at one of every 6 places: looking there first is far cheaper than everywhere.
            if len(value) >= RUN and _DIGIT.search(value[STRIDE - 1 :: STRIDE]) is not None and _LONG.search(value) is not None:
                return True
            if len(value) > MOST or _controlled(value):
                return True
        elif value is not None and _may_be_unfit(value if value.__class__ is tuple else _strings(value)):
            return True
    return False


def _controlled(text: str) -> bool:
    return not text.isprintable() and _CONTROL.search(text) is not None


def _bare(text: str) -> str:
    """Without what nobody sees between two digits."""
    return text if text.isascii() else _HIDDEN.sub("", text)


def _words(text: str) -> list[str]:
    """The words of a text that may be what somebody is known by."""
    text = _bare(text)
    if len(text) < _TOLD or _DIGIT.search(text) is None or _MADE.fullmatch(text):
        return []
    return [word for words in _WORDS for word in words.findall(text) if _told(word)]


def _told(word: str) -> bool:
    """Whether a word may be what somebody is known by, and is worth asking the vault."""
    if not word.isascii():
        word = unicodedata.normalize("NFKC", word)
    digits = sum(map(str.isdigit, word))
    if digits < _TOLD or _OURS.fullmatch(word):
        return False
    return digits >= _ALONE or word[0] in "+0" or any(map(str.isalpha, word))


def _holds_one(text: str) -> bool:
    text = _bare(text)
    if len(text) < RUN or _LONG.search(text) is None or _MADE.fullmatch(text):
        return False
    return any(is_one(found[0]) for pattern, is_one in _NUMBERS for found in pattern.finditer(text))


def _plain(token: str) -> str:
    """In Western digits, with nothing between them."""
    return "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in token if sign.isalnum())


def _mobile(token: str) -> bool:
    return re.fullmatch(r"1[3-9]\d{9}", _plain(token)[-RUN:]) is not None


def _resident(token: str) -> bool:
    return valid_id(unicodedata.normalize("NFKC", _plain(token)))


def valid_id(token: str) -> bool:
    """Whether 17 digits and their check character are a resident identity number, of somebody born since 1800 (GB 11643)."""
    try:
        if date(int(token[6:10]), int(token[10:12]), int(token[12:14])).year // 100 not in (18, 19, 20):
            return False
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(token, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == token[-1].upper()


def _card(token: str) -> bool:
    """A bank card by its last digit (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in reversed(_plain(token))]
    return (sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


_NUMBERS = ((_ELEVEN, _mobile), (_EIGHTEEN, _resident), (_FIFTEEN, lambda _: True), (_CARD, _card))
