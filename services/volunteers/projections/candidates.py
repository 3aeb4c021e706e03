"""Who fits a need (domain 3.18): asked of the dates themselves, so that nothing rests on a timer. No personal value is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from services.volunteers.deciders.insurance.cover import NEXT
from services.volunteers.projections.tables import mask
from shared.handling.timers import utc
from shared.sql.ports import Connection

Row = dict[str, Any]
Distance = Callable[[Row], float | None]  # in kilometres, from the township's point, never from a home
ByPlace = dict[tuple[Any, ...], list[str]]  # division, township and visibility
FAR = 1e9
INSURED, TRAINED, CERTIFIED = "ERL-40.1", "PSER-11", "VSR-15"


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked for: skills, trainings and languages all of them, for a period and a place."""

    since: datetime
    until: datetime
    places: tuple[str, ...]  # the place and the divisions above it, where a cover may hold
    hazard: str | None = None
    skills: tuple[str, ...] = ()
    trainings: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    risks: tuple[str, ...] | None = None  # classes of risk that cover the task; None: all do

    @property
    def weekdays(self) -> int:
        """The weekdays the period touches, as bits."""
        days = (self.until.date() - self.since.date()).days + 1
        return mask(tuple((self.since + timedelta(days=n)).isoweekday() for n in range(min(days, 7))))


def candidates(
    db: Connection, need: Need, sees: Callable[[str | None, str], bool], distance: Distance, most: int, within_km: float | None = None
) -> tuple[list[Row], int, list[Row]]:
    """The nearest of those who fit, how many fit in all, and the nearest of those whom only an insurance keeps from it; where too few
    fit, also those whom a training does: each says why."""
    several = _covered_by_several(db, need)

    def split(trained: bool) -> tuple[ByPlace, ByPlace]:
        insured: ByPlace = {}
        uninsured: ByPlace = {}
        for volunteer, covered, *place in _fitting(db, need, trained):
            found = insured if covered or volunteer in several else uninsured
            found.setdefault(tuple(place), []).append(volunteer)
        return insured, uninsured

    insured, uninsured = split(True)
    nearest, total = _nearest(insured, sees, distance, most, within_km)
    lacking: list[tuple[ByPlace, tuple[str, ...]]] = [(uninsured, (INSURED,))]
    if total < most:
        only_trained, neither = split(False)
        lacking += [(only_trained, (TRAINED,)), (neither, (INSURED, TRAINED))]
    told = [row for found, lacks in lacking for row in _why(db, _nearest(found, sees, distance, most, within_km)[0], need, lacks)]
    return _why(db, nearest, need, ()), total, told[:most]


def _nearest(
    by_place: ByPlace, sees: Callable[[str | None, str], bool], distance: Distance, most: int, within_km: float | None
) -> tuple[dict[str, float | None], int]:
    """So many of them with their distance, and how many there are in all."""
    reached = sorted(_reached(by_place, sees, distance, within_km), key=lambda one: (FAR if one[0] is None else one[0], min(one[1])))
    nearest: dict[str, float | None] = {}
    for km, names in reached:  # whole places, until there are enough
        if len(nearest) >= most:
            break
        nearest |= dict.fromkeys(sorted(names), km)
    return dict(islice(nearest.items(), most)), sum(len(names) for _, names in reached)


def _reached(
    by_place: ByPlace, sees: Callable[[str | None, str], bool], distance: Distance, within_km: float | None
) -> Iterator[tuple[float | None, list[str]]]:
    """The places that the caller may look into and that are near enough, with who fits there."""
    for (division, township, visibility), names in by_place.items():
        if sees(division, visibility):
            km = distance({"division": division, "township": township})
            if within_km is None or (km is not None and km <= within_km):
                yield km, names


def _fitting(db: Connection, need: Need, trained: bool) -> Iterable[Any]:
    values: dict[str, object] = {"since": utc(need.since), "until": utc(need.until), "days": need.weekdays}
    held = ["v.trained_until >= :until", *_trained(need, values)]
    if not trained:
        held = [f"NOT ({' AND '.join(held)})"]
    where = [
        "v.status = 'approved'",
        "v.adult = 1",
        "v.fit = 1",
        *_hazard(need, values),
        *_languages(need, values),
        *_declared(need, values),
        "(v.weekly & :days = :days OR (v.spans > 0 AND EXISTS (SELECT 1 FROM volunteer_span a WHERE a.volunteer = v.volunteer"
        " AND a.available = 1 AND a.since <= :since AND a.until >= :until)))",
        "(v.spans = 0 OR NOT EXISTS (SELECT 1 FROM volunteer_span a WHERE a.volunteer = v.volunteer"
        " AND a.available = 0 AND a.since < :until AND a.until > :since))",
        "NOT EXISTS (SELECT 1 FROM engaged e WHERE e.holder = v.volunteer AND e.since < :until AND e.until > :since)",
        *held,
    ]
    sql = (
        f"SELECT v.volunteer, {_one_cover(need, values)} AS one_cover, v.division, v.township, v.visibility"
        f" FROM volunteer v WHERE {' AND '.join(where)}"
    )
    return db.execute(sql, values)


def _name(of: str, n: int) -> str:
    """The name of a value in a statement: letters only, for both kinds of databases."""
    return f"{of}_{chr(ord('a') + n)}"


def _hazard(need: Need, values: dict[str, object]) -> list[str]:
    if need.hazard is None:
        return []
    values["hazard"] = f"% {need.hazard} %"
    return ["v.excluded NOT LIKE :hazard", "v.too_old NOT LIKE :hazard"]


def _languages(need: Need, values: dict[str, object]) -> list[str]:
    values.update((_name("language", n), f"% {code} %") for n, code in enumerate(need.languages))
    return [f"v.languages LIKE :{_name('language', n)}" for n in range(len(need.languages))]


def _declared(need: Need, values: dict[str, object]) -> list[str]:
    """A skill counts as certified, while the certificate holds; as declared, where there never was one."""
    where = []
    for n, code in enumerate(need.skills):
        like, exact = _name("skill", n), _name("skill_is", n)
        values[like], values[exact] = f"% {code} %", code
        held = f"EXISTS (SELECT 1 FROM volunteer_valid q WHERE q.volunteer = v.volunteer AND q.kind = 'skill' AND q.code = :{exact}"
        where.append(
            f"((v.declared LIKE :{like} AND v.certified NOT LIKE :{like})"
            f" OR (v.certified LIKE :{like} AND {held} AND q.since <= :since AND q.until >= :until)))"
        )
    return where


def _trained(need: Need, values: dict[str, object]) -> list[str]:
    """PSER-11: each training named; one of any kind when none is."""
    held = "EXISTS (SELECT 1 FROM volunteer_valid t WHERE t.volunteer = v.volunteer AND t.kind = 'training'"
    period = "AND t.since <= :since AND t.until >= :until)"
    values.update((_name("training", n), code) for n, code in enumerate(need.trainings))
    named = [f"{held} AND t.code = :{_name('training', n)} {period}" for n in range(len(need.trainings))]
    return named or [f"{held} {period}"]


def _one_cover(need: Need, values: dict[str, object]) -> str:
    values.update((_name("place", n), code) for n, code in enumerate(need.places))
    places = ", ".join(f":{_name('place', n)}" for n in range(len(need.places))) or "NULL"
    return (
        "CASE WHEN EXISTS (SELECT 1 FROM cover c WHERE c.holder = v.volunteer AND c.since <= :since AND c.until >= :until"
        f" AND c.territory IN ({places}){_risks(need, values)}) THEN 1 ELSE 0 END"
    )


def _risks(need: Need, values: dict[str, object]) -> str:
    if need.risks is None:
        return ""
    values.update((_name("risk", n), code) for n, code in enumerate(need.risks))
    classes = ", ".join(f":{_name('risk', n)}" for n in range(len(need.risks))) or "NULL"
    return f" AND risk IN ({classes})"


def _covered_by_several(db: Connection, need: Need) -> frozenset[str]:
    """Those whose covers follow each other without a gap; of them no single one holds over the whole period."""
    values: dict[str, object] = {"since": utc(need.since), "until": utc(need.until)}
    values.update((_name("place", n), code) for n, code in enumerate(need.places))
    places = ", ".join(f":{_name('place', n)}" for n in range(len(need.places))) or "NULL"
    sql = (
        f"SELECT holder, since, until FROM cover WHERE territory IN ({places}) AND since < :until AND until > :since"
        f" AND NOT (since <= :since AND until >= :until){_risks(need, values)} ORDER BY holder, since"
    )
    reached: dict[str, str] = {}
    for row in db.execute(sql, values):
        at = reached.get(row["holder"], values["since"])
        assert isinstance(at, str)
        if row["since"] <= _after(at):
            reached[row["holder"]] = max(at, row["until"])
    return frozenset(holder for holder, at in reached.items() if at >= str(values["until"]))


def _after(at: str) -> str:
    return utc(datetime.fromisoformat(at) + NEXT)


def _why(db: Connection, nearest: Mapping[str, float | None], need: Need, lacks: tuple[str, ...]) -> list[Row]:
    """What makes each of them fit, and which rules still stand against them."""
    marks = ", ".join("?" * len(nearest)) or "NULL"
    sql = f"SELECT volunteer, division, township, languages, certified FROM volunteer WHERE volunteer IN ({marks})"
    rows = {row["volunteer"]: row for row in db.execute(sql, tuple(nearest))}
    return [_told(rows[name], km, need, lacks) for name, km in nearest.items()]


def _told(row: Any, km: float | None, need: Need, lacks: tuple[str, ...]) -> Row:
    certified = row["certified"].split()
    if not set(need.skills) <= set(certified):
        lacks = (*lacks, CERTIFIED)
    return {
        "volunteer": row["volunteer"],
        "division": row["division"],
        "township": row["township"],
        "distance_km": None if km is None else round(km, 1),
        "skills": [{"skill": code, "certified": code in certified} for code in need.skills],
        "trainings": list(need.trainings),
        "languages": [code for code in row["languages"].split() if not need.languages or code in need.languages],
        "insured": INSURED not in lacks,
        "lacks": list(lacks),
        "available": True,
        "engaged": False,
    }


def forces(
    rows: Sequence[Row], covered: Mapping[str, bool], busy: frozenset[str], disciplines: tuple[str, ...], distance: Distance
) -> list[Row]:
    """Forces on file that are free and of one of the disciplines, the nearest first; those that lack an insurance after the others."""
    found = []
    for row in rows:
        matched = [one for one in row["disciplines"] if one in disciplines]
        if not matched or row["force"] in busy:
            continue
        insured = covered.get(row["force"], False)
        km = distance({"division": row["home"], "township": None})
        ordered = bool(row["contract"]) or row["kind"] != "social"
        told = {"force": row["force"], "name": row["name"], "disciplines": matched, "members": len(row["members"]), "status": row["status"]}
        told |= {"mode": "order" if ordered else "offer", "insured": insured, "lacks": [] if insured else [INSURED]}
        found.append((not insured, FAR if km is None else km, row["force"], told))
    return [told | {"distance_km": None if km == FAR else round(km, 1)} for _, km, _, told in sorted(found, key=lambda one: one[:3])]
