"""What codes are called on a paper that is handed to people: laws, units, kinds of property, who reviews, donors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from services.resources.api.papers.words import Language

LAWS: dict[str, tuple[str, str]] = {  # domain 0.2
    "ERL": ("突发事件应对法", "Emergency Response Law"),
    "FCL": ("防洪法", "Flood Control Law"),
    "DRT": ("抗旱条例", "Drought Regulation"),
    "FFR": ("森林防火条例", "Forest Fire Regulation"),
    "GFR": ("草原防火条例", "Grassland Fire Regulation"),
    "ADR": ("重大动物疫情应急条例", "Regulation on Major Animal Epidemics"),
    "IDL": ("传染病防治法", "Law on Infectious Diseases"),
    "EQE": ("破坏性地震应急条例", "Regulation on Destructive Earthquakes"),
    "ARC": ("行政复议法", "Administrative Reconsideration Law"),
}
OTHERWISE = {"RQ-07": ("自愿出借", "lent freely")}
UNITS = {  # of the starter catalogue
    "piece": "件",
    "litre": "升",
    "meal": "份",
    "kilogram": "千克",
    "set": "套",
    "box": "盒",
    "square metre": "平方米",
}
TARIFFS = {  # rows of requisition.kinds
    "requisition": ("征用补偿标准", "requisitioned property"),
    "requisition_boat": ("船艇征用补偿标准", "requisitioned boats"),
    "requisition_vehicle": ("车辆征用补偿标准", "requisitioned vehicles"),
    "requisition_machine": ("机械设备征用补偿标准", "requisitioned machines"),
    "requisition_site": ("场地征用补偿标准", "requisitioned sites"),
}
_ARTICLE = re.compile(r"([A-Z]+)-(\d+)(?:\.(\d+))?")
_REVIEWER = re.compile(r"the government (of|above) (\d+)")  # compensation.remedy
_DONOR = re.compile(r"donor (\d+)")


def law(basis: str | None, language: Language) -> str | None:
    """An article by the name of its law, with the id by which the product knows it."""
    if basis in OTHERWISE:
        return f"{_one(OTHERWISE[basis], language)} ({basis})"
    found = _ARTICLE.fullmatch(basis or "")
    if found is None or found[1] not in LAWS:
        return basis
    name, article, part = _one(LAWS[found[1]], language), found[2], found[3]
    if language == "zh":
        return f"《{name}》第{article}条{f'第{part}款' if part else ''} ({basis})"
    return f"{name}, art. {article}{f' para. {part}' if part else ''} ({basis})"


def unit(said: str, language: Language) -> str:
    """A unit in the language of the paper, where it is one that is known; else as the catalogue has it."""
    return UNITS.get(said, said) if language == "zh" else said


def tariff(row: str | None, language: Language) -> str | None:
    """Which tariff it is paid by."""
    return f"{_one(TARIFFS[row], language)} ({row})" if row in TARIFFS else row


def donor(pseudonym: str, language: Language) -> str:
    """What a donor is called in public."""
    if language == "en":
        return pseudonym
    numbered = _DONOR.fullmatch(pseudonym)
    return f"捐赠人 {numbered[1]}" if numbered else {"anonymous": "匿名", "donor": "捐赠人"}.get(pseudonym, pseudonym)


def remedy(said: Mapping[str, Any], language: Language, division: Callable[[str | None], str]) -> str:
    """Who reviews, until when, and by which article, in one language: the notice was given in both (`zh / en`)."""
    organ, zh, text = str(said.get("organ") or ""), language == "zh", str(said.get("text") or "")
    if found := _REVIEWER.fullmatch(organ):
        above, name = found[1] == "above", division(found[2])
        organ = f"{name}{'的上一级' if above else ''}人民政府" if zh else f"the government {found[1]} {name}"
    chinese, both, english = text.partition(" / ")
    parts = organ, (english if both and not zh else chinese), law(said.get("article"), language)
    return ("；" if zh else "; ").join(part for part in parts if part)


def _one(both: tuple[str, str], language: Language) -> str:
    return both[0 if language == "zh" else 1]
