"""Who is calling: bearer tokens signed by the node's own key (Ed25519, RFC 8037), kept by PyJWT."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from shared.handling.guard import ID_CURE, is_public_id
from shared.kernel.commands import Signature
from shared.kernel.errors import Failure, NotAllowed
from shared.kernel.realm import REAL
from shared.web.keyfiles import kept
from shared.web.problems import Unauthenticated

LIFETIME_S = 12 * 3600  # one duty shift
KEPT = 10_000
ANYBODY = Signature("ANON", ("none",))


class Principals:
    """Mints and verifies tokens. A verified token is remembered until it expires, since every request carries one."""

    def __init__(self, key_file: Path | None, realm: str = REAL, level_of: Callable[[str | None], int | None] = lambda _: None) -> None:
        """Without a file the key is nobody else's: no token holds here."""
        self._key = _key(key_file) if key_file is not None else Ed25519PrivateKey.generate()
        self._public = self._key.public_key()
        self.secret = blake2b(self._key.private_bytes_raw(), digest_size=32, person=b"ortoo digests").digest()
        """The node's own, the same after a restart and in every process of a cluster: digests of what is personal are made with it."""
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
        """A bearer token for a post. ValueError for a handle that could name a person, and for another realm than a drill's own."""
        if not is_public_id(actor):
            raise ValueError(f"the actor is the public handle of a post, such as EMD.DUTY.1: {ID_CURE}")
        if self.realm != REAL and realm not in (None, self.realm):
            raise ValueError(f"the key of the drill {self.realm} signs for {self.realm} only")
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
            roles, division = tuple(str(role) for role in claims["roles"]), claims.get("division")
            if not isinstance(division, str | None):
                raise TypeError(type(division).__name__)
        except (jwt.InvalidTokenError, TypeError, ValueError) as error:
            if isinstance(error, jwt.InvalidSignatureError) and _claimed(token) not in (None, self.realm):
                raise NotAllowed(self._isolation()) from error  # refused either way; this says why
            raise Unauthenticated(Failure("token", f"get a new token: {_fault(error)}")) from error
        if claims["realm"] != self.realm:
            raise NotAllowed(self._isolation())
        signature = Signature(str(claims["sub"]), roles, division, self._level_of(division), claims.get("organ"), claims["realm"])
        if len(self._seen) >= KEPT:
            self._seen.clear()
        self._seen[token] = (float(claims["exp"]), signature)
        return signature

    def _isolation(self) -> Failure:
        if self.realm == REAL:
            cure = "the token is of a drill, and a drill cannot use real stock, people or channels: act at the drill's own node"
        else:
            cure = f"this is the drill {self.realm}, where nothing is real: get a token of it"
        return Failure("exercise.isolation", cure)

    def forget(self) -> None:
        """Levels changed with the divisions: verify every token anew."""
        self._seen.clear()


def _fault(error: Exception) -> str:
    if isinstance(error, jwt.ExpiredSignatureError):
        return "this one has expired"
    return "this one was not made by this node" if isinstance(error, jwt.InvalidSignatureError) else "this one cannot be read"


def _claimed(token: str) -> str | None:
    """The realm a token that was not believed says it is of, if it says anything that can be read."""
    try:
        realm = jwt.decode(token, options={"verify_signature": False}).get("realm")
    except jwt.InvalidTokenError:
        return None
    return realm if isinstance(realm, str) else None


def _key(path: Path) -> Ed25519PrivateKey:
    """The node's key; made at first use, readable by its owner only."""
    key = load_pem_private_key(kept(path, _made), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path.name} is not an Ed25519 key")
    return key


def _made() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
