"""A starter catalogue, loadable as demonstration: what the four layers of GB/T 38565 name first (domain 4.5).

The codes are internal [D]: `99` is "other" in every layer, so that none claims a place of the standard's own table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

PIECE, SET, LITRE, KG, MEAL = "piece", "set", "litre", "kilogram", "meal"
ITEMS: tuple[tuple[str, str, str, str, str, bool, Mapping[str, int]], ...] = (  # item, code, Chinese, English, unit, reusable, packs
    ("TENT", "1999901", "棉帐篷（12平方米）", "cotton tent, 12 m2", PIECE, True, {}),
    ("BED", "1999902", "折叠床", "folding bed", PIECE, True, {}),
    ("QUILT", "1999903", "棉被", "cotton quilt", PIECE, False, {"bale": 10}),
    ("WATER", "1999904", "饮用水", "drinking water", LITRE, False, {"carton": 12}),
    ("FOOD", "1999905", "方便食品", "ready food", MEAL, False, {"carton": 24}),
    ("TENT-SINGLE", "1999906", "单帐篷", "single tent", PIECE, True, {}),
    ("COAT", "1999907", "棉大衣", "cotton coat", PIECE, False, {"bale": 10}),
    ("MATTRESS", "1999908", "褥子", "mattress", PIECE, False, {"bale": 10}),
    ("SLEEPING-BAG", "1999909", "睡袋", "sleeping bag", PIECE, True, {}),
    ("BLANKET", "1999910", "毛毯", "blanket", PIECE, False, {"bale": 20}),
    ("STOVE", "1999911", "火炉", "stove", PIECE, True, {}),
    ("FUEL", "1999912", "燃料", "fuel", KG, False, {"sack": 25}),
    ("FAMILY-KIT", "1999913", "家庭应急包", "family kit", SET, False, {}),
    ("MASK", "1999914", "口罩", "mask", PIECE, False, {"box": 50}),
    ("FODDER", "L-FODDER", "饲草料", "hay and fodder", KG, False, {"bale": 20}),
    ("LIFE-DETECTOR", "2999901", "生命探测仪", "life detector", PIECE, True, {}),
    ("GENERATOR", "2999902", "发电机", "generator", PIECE, True, {}),
    ("SAT-PHONE", "2999903", "卫星电话", "satellite phone", PIECE, True, {}),
    ("BOAT", "2999904", "冲锋舟", "boat", PIECE, True, {}),
    ("LIFE-JACKET", "2999905", "救生衣", "life jacket", PIECE, True, {"bag": 10}),
    ("BLOWER", "2999906", "风力灭火机", "fire blower", PIECE, True, {}),
    ("PROTECTIVE-SUIT", "2999907", "防护服", "protective suit", PIECE, False, {"carton": 25}),
    ("SNOW-PLOUGH", "2999908", "除雪车", "snow plough", PIECE, True, {}),
    ("DRONE", "2999909", "无人机", "drone", PIECE, True, {}),
    ("MEDICINE", "2999910", "药品疫苗", "medicine and vaccine", "box", False, {}),
    ("SAND", "3999901", "沙袋", "sandbag", PIECE, False, {"bale": 100}),
    ("GEOTEXTILE", "3999902", "土工布", "geotextile", "square metre", False, {"roll": 200}),
    ("PILE", "3999903", "桩木", "pile", PIECE, False, {}),
    ("EXCAVATOR", "3999904", "挖掘机", "excavator", PIECE, True, {}),
    ("LOADER", "3999905", "装载机", "loader", PIECE, True, {}),
    ("PUMP", "3999906", "水泵", "pump", PIECE, True, {}),
    ("DEICING-SALT", "3999907", "融雪剂", "de-icing salt", KG, False, {"sack": 25}),
)


def starter() -> Iterator[dict[str, Any]]:
    """Each item as `RegisterItem` takes it."""
    for item, code, zh, en, unit, reusable, packs in ITEMS:
        yield {"item": item, "code": code, "zh": zh, "en": en, "unit": unit, "reusable": reusable, "packs": dict(packs)}
