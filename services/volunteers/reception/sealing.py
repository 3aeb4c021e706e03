"""What the node signs for people: certificates of service (VSR art. 19). Ed25519, so that a copy can be checked without us."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from services.volunteers.events.service import CertificateIssued
from shared.web.keyfiles import kept


class Sealer:
    """Signs with the node's key, made when first used. The same certificate has the same signature."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._key: Ed25519PrivateKey | None = None

    def sign(self, certificate: CertificateIssued) -> str:
        """The signature of what the certificate says."""
        return urlsafe_b64encode(self._opened().sign(words(certificate))).decode().rstrip("=")

    def public(self) -> bytes:
        """The key that checks signatures, as PEM."""
        return self._opened().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def _opened(self) -> Ed25519PrivateKey:
        if self._key is None:
            key = load_pem_private_key(kept(self._file, _made), None)
            if not isinstance(key, Ed25519PrivateKey):
                raise ValueError(f"{self._file.name} is not an Ed25519 key")
            self._key = key
        return self._key


def words(certificate: CertificateIssued) -> bytes:
    """What is signed: sorted JSON of number, public id, minutes, period, division and day of issue."""
    said = {
        "certificate": certificate.certificate,
        "person": certificate.person,
        "minutes": certificate.minutes,
        "first": certificate.first,
        "last": certificate.last,
        "division": certificate.division,
        "issued": certificate.at.date(),
    }
    return msgspec.json.encode(said, order="sorted")


def _made() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
