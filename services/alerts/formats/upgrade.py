"""CAP 1.0, CAP 1.1 and messages without or with a wrong namespace, turned into the elements of CAP 1.2."""

from __future__ import annotations

from lxml import etree

from services.alerts.formats.model import NAMESPACE, Fault

NS = "{" + NAMESPACE + "}"
_VERSIONS = {"http://www.incident.com/cap/1.0": "1.0", "urn:oasis:names:tc:emergency:cap:1.1": "1.1", NAMESPACE: "1.2"}
_PAIRS = frozenset(NS + name for name in ("eventCode", "parameter", "geocode"))


def is_alert(element: etree._Element) -> bool:
    """An `alert` element of any CAP version, or one of no known namespace that has a CAP child."""
    name = element.tag
    if not isinstance(name, str) or name.rpartition("}")[2] != "alert":
        return False
    if name[1:].rpartition("}")[0] in _VERSIONS:
        return True
    return any(isinstance(child.tag, str) and child.tag.rpartition("}")[2] in ("identifier", "msgType", "info") for child in element)


def upgrade(root: etree._Element) -> list[Fault]:
    """Rename everything to CAP 1.2 in place; what had to be changed."""
    if root.tag == NS + "alert":
        return []
    space = str(root.tag)[1:].rpartition("}")[0] if str(root.tag).startswith("{") else ""
    version = _VERSIONS.get(space)
    rename(root)
    if not space:
        return [Fault("namespace.missing", f"no namespace; read as {NAMESPACE}")]
    if version is None:
        return [Fault("namespace.unknown", f"{space[:100]} is no CAP namespace; read as {NAMESPACE}")]
    if version == "1.0":
        _pairs_of_1_0(root)
    return [Fault("namespace.old", f"CAP {version}; converted to 1.2")]


def rename(root: etree._Element) -> bool:
    """Put every element into the CAP 1.2 namespace; True when one had to be moved."""
    moved = False
    for element in root.iter(etree.Element):
        name = str(element.tag)
        if not name.startswith(NS) and "xmldsig" not in name:
            element.tag = NS + name.rpartition("}")[2]
            moved = True
    return moved


def _pairs_of_1_0(root: etree._Element) -> None:
    """CAP 1.0 writes `<geocode>fips6=006109</geocode>` and has a `password`, gone since 1.1."""
    for element in list(root.iter(etree.Element)):
        if element.tag in _PAIRS and not len(element) and element.text:
            name, _, value = element.text.strip().rpartition("=")
            element.text = None
            etree.SubElement(element, NS + "valueName").text = name
            etree.SubElement(element, NS + "value").text = value
        elif element.tag == NS + "password" and (parent := element.getparent()) is not None:
            parent.remove(element)
