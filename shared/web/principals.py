"""Who is calling: bearer tokens signed by the node's own key (Ed25519, RFC 8037), kept by PyJWT."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from shared.kernel.commands import Signature
from shared.kernel.errors import Failure, NotAllowed
from shared.web.problems import Unauthenticated

LIFETIME_S = 12 * 3600  # one duty shift
KEPT = 10_000
ANYBODY = Signature("ANON", ("none",))


class Principals:
    """Mints and verifies tokens. A verified token is remembered until it expires, since every request carries one."""

    def __init__(self, key_file: Path, realm: str = "real", level_of: Callable[[str | None], int | None] = lambda _: None) -> None:
        self._key = _key(key_file)
        self._public = self._key.public_key()
        self.realm, self._level_of = realm, level_of
        self._seen: dict[str, tuple[float, Signature]] = {}

    def mint(
        self,
        actor: str,
        roles: tuple[str, ...],
        division: str | None,
        *,
        organ: str | None = None,
        realm: str | None = None,
        lifetime_s: int = LIFETIME_S,
    ) -> str:
        """A bearer token for a post."""
        now = int(time.time())
        claims = {
            "sub": actor,
            "roles": list(roles),
            "division": division,
            "organ": organ,
            "realm": realm or self.realm,
            "iat": now,
            "exp": now + lifetime_s,
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA")

    def verify(self, token: str) -> Signature:
        """The signature behind a token. Unauthenticated when it does not hold, NotAllowed when it is of another realm."""
        known = self._seen.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        try:
            claims = jwt.decode(token, self._public, algorithms=["EdDSA"], options={"require": ["sub", "exp", "roles", "realm"]})
            roles = tuple(str(role) for role in claims["roles"])
        except (jwt.InvalidTokenError, TypeError, ValueError) as error:
            raise Unauthenticated(Failure("token", f"get a new token: {type(error).__name__}")) from error
        if claims["realm"] != self.realm:
            raise NotAllowed(Failure("exercise.isolation", "a drill's principal acts in its drill only, and the other way round"))
        division = claims.get("division")
        signature = Signature(str(claims["sub"]), roles, division, self._level_of(division), claims.get("organ"), claims["realm"])
        if len(self._seen) >= KEPT:
            self._seen.clear()
        self._seen[token] = (float(claims["exp"]), signature)
        return signature

    def forget(self) -> None:
        """Levels changed with the divisions: verify every token anew."""
        self._seen.clear()


def _key(path: Path) -> Ed25519PrivateKey:
    """The node's key; made at first use, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        draft = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made)
        try:
            os.link(draft, path)  # whoever comes second keeps the first key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path.name} is not an Ed25519 key")
    return key
