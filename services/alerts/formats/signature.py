"""Enveloped XML signatures (XML-DSig): taken off before validation; what can be checked without keys is checked.

The digest tells whether the words were changed after signing. Who signed is not checked here: that needs trusted certificates.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator

from lxml import etree

from services.alerts.formats.model import Fault

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
SIGNATURE = _DS + "Signature"
_HASHES = {
    "http://www.w3.org/2000/09/xmldsig#sha1": "sha1", "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384", "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}  # fmt: skip
_BROKEN = "the digest of the signature does not fit: the words were changed after signing"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_CANONICAL = (
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2006/12/xml-c14n11", "http://www.w3.org/2001/10/xml-exc-c14n#",
)  # fmt: skip
_WITHOUT_BLANKS = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)


def take_off(root: etree._Element) -> tuple[bool, list[Fault], list[Fault]]:
    """Remove the signatures of a message: whether there was one, faults, notes."""
    signatures = list(root.iterchildren(SIGNATURE))
    if not signatures:
        return False, [], []
    for signature in signatures:
        _detach(root, signature)
    faults = []
    if len(signatures) == 1 and _digest_holds(root, signatures[0]) is False:
        faults.append(Fault("signature.digest", _BROKEN, "Signature"))
    return True, faults, [Fault("signature.unverified", "an XML signature is present; who signed was not checked", "Signature")]


def _detach(root: etree._Element, signature: etree._Element) -> None:
    """Take the element but leave the blanks after it: they are part of what was signed."""
    tail, before = signature.tail or "", signature.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        root.text = (root.text or "") + tail
    root.remove(signature)


def _digest_holds(root: etree._Element, signature: etree._Element) -> bool | None:
    """None when the signature is of a kind that cannot be told here."""
    references = signature.findall(f"{_DS}SignedInfo/{_DS}Reference")
    if len(references) != 1 or references[0].get("URI", "") != "":
        return None
    methods = [str(e.get("Algorithm")) for e in references[0].findall(f"{_DS}Transforms/{_DS}Transform")]
    digest = references[0].find(f"{_DS}DigestMethod")
    name = _HASHES.get(str(digest.get("Algorithm"))) if digest is not None else None
    if name is None or _ENVELOPED not in methods or any(method not in (_ENVELOPED, *_CANONICAL) for method in methods):
        return None
    try:
        told = base64.b64decode("".join((references[0].findtext(f"{_DS}DigestValue") or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return any(hashlib.new(name, text, usedforsecurity=False).digest() == told for text in _forms(root))


def _forms(root: etree._Element) -> Iterator[bytes]:
    """What may have been signed: real senders sign before they indent, and name one canonical form but use the other."""
    for exclusive in (False, True):
        yield etree.tostring(root, method="c14n", exclusive=exclusive, with_comments=False)
    bare = etree.fromstring(etree.tostring(root), _WITHOUT_BLANKS)
    for exclusive in (False, True):
        yield etree.tostring(bare, method="c14n", exclusive=exclusive, with_comments=False)
