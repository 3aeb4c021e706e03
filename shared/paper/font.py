"""A font that has Chinese, of the machine: papers embed the signs they use, so they look the same wherever they are read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

PACKAGE = "fonts-noto-cjk"  # Debian's name; SIL Open Font License
_PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",  # Debian, Ubuntu
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",  # Arch
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",  # Fedora
    "/usr/share/fonts/opentype/noto/NotoSansCJKsc-Regular.otf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
)
_UNUSED = ("GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG")  # of vertical and of fine setting


@cache
def found() -> Path | None:
    """The first of the fonts papers can be set in that this machine has."""
    return next((path for place in _PLACES if (path := Path(place)).is_file()), None)


@cache
def signs(font: Path) -> frozenset[int]:
    """The signs it has, by their numbers in Unicode."""
    with _simplified(font) as made:
        return frozenset(made.getBestCmap() or ())


def of_signs(font: Path, signs: str, target: Path) -> None:
    """A font of these signs alone, in `target`: reading a whole Chinese font for every paper would take seconds more."""
    with _simplified(font) as made:
        _cut(made, signs, target)


def _cut(made: TTFont, signs: str, target: Path) -> None:
    for table in _UNUSED:
        if table in made:
            del made[table]
    asked = subset.Options()
    asked.layout_features = []
    asked.name_IDs = [1, 2, 4, 6]
    asked.notdef_outline = True
    cut = subset.Subsetter(asked)
    cut.populate(text=signs)
    cut.subset(made)
    made.save(target)


def _simplified(font: Path) -> TTFont:
    """Of a collection the font of simplified Chinese."""
    if font.suffix != ".ttc":
        return TTFont(font, lazy=True)
    with TTCollection(font, lazy=True) as all_of_them:
        names = [one["name"].getDebugName(4) or "" for one in all_of_them.fonts]
    return TTFont(font, fontNumber=next((at for at, name in enumerate(names) if " SC" in name), 0), lazy=True)
