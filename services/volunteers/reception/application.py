"""What somebody tells of themself to register, and every fault of it at once. Faults never repeat what was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.volunteers.deciders.people.commands import Hazard
from services.volunteers.deciders.people.registering import unconsented
from services.volunteers.reception.identity import Ages, Checked, IdentityCheck, age, birth_date
from shared.geo.divisions import Divisions
from shared.handling.wellformed import is_line, is_mail, is_mobile, is_phone
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure
from shared.vault.personal import Personal

TYPED = ("name", "id_number", "document", "birth_date", "phone", "email", "address", "kin_name", "kin_phone", "health_note")
LONGEST = {
    "id_number": 40,
    "phone": 40,
    "kin_phone": 40,
    "email": 120,
    "address": 200,
    "health_note": 500,
    "document": 20,
    "birth_date": 10,
}
LANDLINE = "PIPL-8"  # an office's number registered by a stranger would be somebody's from then on, in every warning that names it
NAMES = ("name", "kin_name")
RESIDENT = "resident"  # the identity card; every other document needs the date of birth beside it
DOCUMENTS = (RESIDENT, "passport", "residence_permit", "other")
OLDEST = 120  # years; a date before is a slip of the pen
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all of Unicode's but the ends of lines
_NUMBER = re.compile(r"[A-Za-z0-9() -]{4,40}")
_UNSEEN = frozenset("\u200d\u200c\u180e")  # joiners and the vowel separator: Mongolian and others are written with them


@dataclass(frozen=True, slots=True)
class Application:
    """Everything of one registration. What is personal can be read by `reveal` only."""

    typed: Mapping[str, Personal[str]]  # by field, without the empty ones
    files: Mapping[str, Personal[bytes]] = field(default_factory=dict)  # photo, certificate
    spoiled: tuple[Failure, ...] = ()  # of files that were not taken
    place: str | None = None  # where the person lives: a banner or what lies in it
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    organisation: str | None = None
    fit: bool | None = None
    excluded: tuple[Hazard, ...] = ()
    guardian: bool = False
    adult: bool | None = None  # as an officer says who saw the person
    risk_text: int | None = None
    notice: str | None = None
    consent: bool = False
    separate_consent: bool = False

    def kept(self) -> dict[str, Personal[str] | Personal[bytes]]:
        """What goes into the vault; that a card is a resident's its number says."""
        usual = {"document"} if self.said("document") in ("", RESIDENT) else set()
        return {**{name: value for name, value in self.typed.items() if name not in usual}, **self.files}

    def said(self, name: str) -> str:
        found = self.typed.get(name)
        return found.reveal() if found is not None else ""


def tidied(text: str) -> str:
    """As it is kept: composed, without blanks around it."""
    return unicodedata.normalize("NFC", text).strip()


@dataclass(frozen=True, slots=True)
class Asking:
    """What a registration is measured by. An officer who has the person before them vouches for what they leave out."""

    rules: Rules
    divisions: Divisions
    identity: IdentityCheck
    today: date
    officer: bool = False


def contact_faults(application: Application, asking: Asking) -> list[Failure]:
    """What is wrong with how somebody is reached, when nothing else is told."""
    missing = [] if application.said("phone") else [Failure("registration.missing", "fill this in", "phone")]
    return [*missing, *_kin(application), *_names(application, asking), *_numbers(application, asking)]


@dataclass(frozen=True, slots=True)
class Told:
    """What the document tells: the result of the check, and the age in years as long as it is measured."""

    checked: Checked | None = None  # None: nothing that could be checked was given
    years: int | None = None


def judged(application: Application, asking: Asking) -> tuple[Told, list[Failure]]:
    """What the document tells, and every fault."""
    told = _identity(application, asking)
    faults = [
        *_missing(application, asking),
        *_names(application, asking),
        *_numbers(application, asking),
        *_document(application, told, asking),
        *_place(application, asking),
        *_codes(application, asking),
        *_agreed(application, asking),
        *application.spoiled,
    ]
    return told, faults if asking.officer else [*faults, *_age(application, told, asking)]


def _identity(application: Application, asking: Asking) -> Told:
    """Of a resident's number by the port; other documents cannot be checked from here, and the date beside them says the age."""
    number = application.typed.get("id_number")
    if number is None:
        return Told()
    if (application.said("document") or RESIDENT) != RESIDENT:
        return Told(None, _years(_date(application.said("birth_date")), asking.today))
    ages = Ages(asking.rules.value("volunteer.adult_age"), asking.rules.value("volunteer.elderly_age"))
    checked = asking.identity.check(number, asking.today, ages)
    return Told(checked, _years(birth_date(number), asking.today) if checked.valid else None)


def _years(born: date | None, today: date) -> int | None:
    years = age(born, today) if born is not None and born <= today else None
    return years if years is not None and years <= OLDEST else None


def _missing(application: Application, asking: Asking) -> Iterator[Failure]:
    wanted = ("name",) if asking.officer else ("name", "id_number", "phone")
    for name in wanted:
        if not application.said(name):
            yield Failure("registration.missing", "fill this in", name)
    yield from _kin(application)


def _kin(application: Application) -> Iterator[Failure]:
    if bool(application.said("kin_name")) != bool(application.said("kin_phone")):
        yield Failure("registration.kin", "name and phone go together", "kin_phone" if application.said("kin_name") else "kin_name")


def _names(application: Application, asking: Asking) -> Iterator[Failure]:
    longest: int = asking.rules.value("registration.name_longest")
    for name in NAMES:
        text = application.said(name)
        if len(text) > longest:
            yield Failure("registration.long", f"at most {longest} characters", name)
        elif text and not _legible(text):
            yield Failure("registration.letters", "letters of any script, no control characters", name)


def _legible(text: str) -> bool:
    """Somebody can read it: letters, and nothing that hides or turns what stands beside it."""
    kinds = [unicodedata.category(letter) for letter in text if letter not in _UNSEEN]
    return any(kind.startswith("L") for kind in kinds) and not any(kind.startswith("C") for kind in kinds)


def _numbers(application: Application, asking: Asking) -> Iterator[Failure]:
    for name, longest in LONGEST.items():
        if not (text := application.said(name)):
            continue
        if len(text) > longest:
            yield Failure("registration.long", f"at most {longest} characters", name)
        elif _CONTROL.search(text):
            yield Failure("registration.letters", "no control characters", name)
        elif name.endswith("phone") and not (is_line if asking.officer else is_phone)(text):
            yield Failure("registration.phone", "a phone number, such as 138 0000 0000 or +976 0000 0000", name)
        elif name.endswith("phone") and not asking.officer and not is_mobile(text):
            yield Failure(LANDLINE, "nobody can see from here whose landline it is: give a mobile number, or come to the desk", name)
        elif name == "email" and not is_mail(text):
            yield Failure("registration.email", "a mail address, such as name@example.org", name)


def _document(application: Application, told: Told, asking: Asking) -> Iterator[Failure]:
    kind, number, born = application.said("document") or RESIDENT, application.said("id_number"), application.said("birth_date")
    if kind not in DOCUMENTS:
        yield Failure("registration.document", f"one of {', '.join(DOCUMENTS)}", "document")
    elif kind == RESIDENT:
        if number and (told.checked is None or not told.checked.valid or told.years is None):
            day = birth_date(application.typed["id_number"])
            if day is not None and day > asking.today:
                yield Failure("id.birth", "the date of birth in the number (digits 7 to 14) lies in the future", "id_number")
            else:
                yield Failure("id.checksum", "the identity number is not well formed (GB 11643): check it digit by digit", "id_number")
        elif born and _date(born) not in (None, birth_date(application.typed["id_number"]) if number else None):
            yield Failure("id.differs", "the date of birth is not that of the identity number (digits 7 to 14): check both", "birth_date")
    elif number and not _NUMBER.fullmatch(number):
        yield Failure("registration.number", "4 to 40 letters and digits, as on the document", "id_number")
    if (born or (kind != RESIDENT and number and not asking.officer)) and _years(_date(born), asking.today) is None:
        yield Failure("registration.birth", "the date of birth, as year-month-day", "birth_date")


def _place(application: Application, asking: Asking) -> Iterator[Failure]:
    if application.place is None or not asking.divisions.in_force(application.place):
        yield Failure("registration.place", "choose the place from the list of divisions", "place")


def _codes(application: Application, asking: Asking) -> Iterator[Failure]:
    for name, rule, given in (
        ("languages", "volunteer.languages", application.languages),
        ("skills", "volunteer.skills", application.skills),
    ):
        known = asking.rules.value(rule)
        if any(code not in known for code in given):
            yield Failure(rule, f"choose from the list: {', '.join(known)}", name)


def _agreed(application: Application, asking: Asking) -> Iterator[Failure]:
    risk, notice = asking.rules.value("VSR-12"), asking.rules.value("registration.notice")
    if application.risk_text != risk:
        yield Failure("VSR-12", f"read and accept the risk statement, version {risk}", "risk_text")
    if not application.notice or (not asking.officer and application.notice != notice):
        yield Failure("PIPL-17", f"read the notice about personal data, version {notice}", "notice")
    if not application.consent:
        yield Failure("PIPL-14", "consent to keep the registration", "consent")
    if not application.separate_consent:
        yield from unconsented(application.kept(), asking.rules)


def _age(application: Application, told: Told, asking: Asking) -> Iterator[Failure]:
    if told.years is None:
        return
    if told.years < asking.rules.value("registration.youngest"):
        yield Failure("registration.youngest", "come to the desk together with a parent or guardian", "id_number")
    elif told.years < asking.rules.value("volunteer.adult_age") and not application.guardian:
        yield Failure("volunteer.guardian", asking.rules.value("volunteer.guardian"), "guardian")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
