"""The root key: one file outside the data folder and outside every backup, replaced whenever something is destroyed.

A new root is written beside the old one, the keyring is wrapped anew and names it in one transaction, then the file takes the old
one's place. Whichever of the two files has the id that the keyring names is the root, so every moment in between can be gone on from.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.sql.ports import StorageFailed
from shared.vault.chance import chance

KEY = 32  # bytes: AES-256
NONCE = 12
LONGEST = 16 * 1024  # bytes of the file
_HEAD = b"ortoo root key\n"


class RootRefused(StorageFailed):
    """The root key cannot be used as it lies there; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root key in memory. Its id is public: it says by which root a data key was wrapped, and nothing of the key."""

    key: bytes = field(repr=False)
    place: str = ""  # where its file was written, and for which keyring: a copy knows that it is one
    keyring: str = ""

    @property
    def id(self) -> str:
        return sha256(_HEAD + self.key).hexdigest()[:16]

    def wrap(self, name: str, key: bytes) -> bytes:
        """A data key as the keyring holds it, bound to its name."""
        nonce = chance(NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, key, name.encode())

    def unwrap(self, name: str, wrapped: bytes) -> bytes | None:
        """The data key; None when it was wrapped by another root or for another name."""
        try:
            return AESGCM(self.key).decrypt(wrapped[:NONCE], wrapped[NONCE:], name.encode())
        except InvalidTag:
            return None


class RootFile:
    """Where the root lies: a file of this user alone. All processes of a node use the same one."""

    def __init__(self, path: Path, point: Callable[[str], None] = lambda _: None) -> None:
        """`point` is told before each step that changes a file; tests die there."""
        self.path, self._beside, self._point = path, path.with_name(f"{path.name}.new"), point

    def current(self) -> Root | None:
        """The root in force; None when there is no file. RootRefused when others could have read it, or when it is none."""
        return _read(self.path)

    def named(self, id: str) -> Root | None:
        """The root of this id, in force or about to be."""
        for path in (self.path, self._beside):
            with suppress(RootRefused):
                if (root := _read(path)) is not None and root.id == id:
                    return root
        self.current()  # says what is wrong with it
        return None

    def refuse(self, keyring: str) -> None:
        """Two keyrings with one root file: whichever replaced the root first would destroy the other. RootRefused."""
        root = self.current()
        if root is not None and root.place == self._place and root.keyring != keyring:
            raise RootRefused(
                f"{self.path} is the root key of {root.keyring}: give {keyring} a copy with a name of its own, by ORTOO_ROOT_KEY; "
                "then each replaces its own"
            )

    def claim(self, keyring: str) -> None:
        """A copy of a root key is this keyring's own from now on. Only under the keyring's lock."""
        root = self.current()
        if root is not None and (root.place, root.keyring) != (self._place, keyring):
            self._point("claim")
            draft = self._draft()
            self._write(draft, Root(root.key, self._place, keyring))
            draft.rename(self.path)
            _sync(self.path.parent)

    def make(self, keyring: str) -> Root:
        """The first root. Of all who make one at once one is first, and all get that one."""
        draft = self._draft()
        self._write(draft, Root(token_bytes(KEY), self._place, keyring))
        try:
            with suppress(FileExistsError):
                os.link(draft, self.path)  # whole, or not there
        finally:
            draft.unlink(missing_ok=True)
        _sync(self.path.parent)
        root = self.current()
        assert root is not None
        return root

    def stage(self, keyring: str) -> Root:
        """A new root, on the disk beside the one in force. Only under the keyring's lock."""
        self._point("stage")
        root = Root(token_bytes(KEY), self._place, keyring)
        self._beside.unlink(missing_ok=True)
        self._write(self._beside, root)
        return root

    def promote(self, id: str) -> None:
        """The staged root takes the place of the old one, whose bytes are overwritten where they lay. Only under the keyring's lock."""
        if (staged := _read(self._beside)) is None or staged.id != id:
            return
        self._point("promote")
        old = os.open(self.path, os.O_WRONLY) if self.path.exists() else None
        try:
            self._beside.rename(self.path)
            _sync(self.path.parent)
            self._point("overwrite")
            if old is not None and os.fstat(old).st_nlink == 0:
                os.pwrite(old, token_bytes(len(_HEAD) + KEY), 0)
                os.fsync(old)
        finally:
            if old is not None:
                os.close(old)

    def undo(self) -> None:
        """Remove what was staged and never came into force. Only under the keyring's lock."""
        if self._beside.exists():
            self._point("undo")
            self._beside.unlink(missing_ok=True)
            _sync(self.path.parent)

    @property
    def _place(self) -> str:
        return str(self.path.resolve())

    def _draft(self) -> Path:
        return self.path.with_name(f"{self.path.name}.{token_bytes(8).hex()}")

    def _write(self, path: Path, root: Root) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(_HEAD + root.key + f"\n{root.place}\n{root.keyring}\n".encode())
                file.flush()
                os.fsync(file.fileno())
            _sync(path.parent)
        except OSError as error:
            raise RootRefused(f"{path}: {error.strerror}; ORTOO_ROOT_KEY names a file in a folder that this user may write to") from error


class Lent(RootFile):
    """A root in memory only, to look into a copy of a keyring: nothing is written, and what the copy replaces dies with it."""

    def __init__(self, root: Root) -> None:
        super().__init__(Path("a root in memory"))
        self._root, self._staged = root, root

    def current(self) -> Root:
        return self._root

    def named(self, id: str) -> Root | None:
        return next((root for root in (self._root, self._staged) if root.id == id), None)

    def refuse(self, keyring: str) -> None:
        """It is nobody's place."""

    def claim(self, keyring: str) -> None:
        """It stays lent."""

    def make(self, keyring: str) -> Root:
        return self._root

    def stage(self, keyring: str) -> Root:
        self._staged = Root(token_bytes(KEY))
        return self._staged

    def promote(self, id: str) -> None:
        if self._staged.id == id:
            self._root = self._staged

    def undo(self) -> None:
        self._staged = self._root


def _read(path: Path) -> Root | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RootRefused(f"{path} cannot be read: {error.strerror}; the root key is a plain file of this user with mode 0600") from error
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise RootRefused(f"{path} is another user's: chown it to the user the node runs as")
        if found.st_mode & 0o077:
            raise RootRefused(
                f"{path} can be read by others: chmod 600 {path}; until the next destruction replaces it, who has it can open backups"
            )
        said = file.read(LONGEST)
    key, told = said[len(_HEAD) :][:KEY], said[len(_HEAD) + KEY :].decode(errors="replace").split("\n")
    if not said.startswith(_HEAD) or len(key) != KEY or len(told) != 4:
        raise RootRefused(f"{path} is no root key: ORTOO_ROOT_KEY names another file, or this one is damaged")
    return Root(key, told[1], told[2])


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
