"""System packages the tests need: installed on Debian as root or through sudo, saying so; elsewhere named, and the run fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def has_chromium() -> bool:
    """A Chromium to look at the pages with."""
    return bool(os.environ.get("CHROMIUM")) or any(shutil.which(name) for name in ("chromium", "chromium-browser"))


def has_chinese_font() -> bool:
    """A font that can draw Chinese, so that screens are what users see."""
    listing = shutil.which("fc-list")
    return listing is not None and bool(subprocess.run([listing, ":lang=zh"], check=False, capture_output=True, text=True).stdout.strip())


def has_curl() -> bool:
    """The README's first five minutes are run with it."""
    return shutil.which("curl") is not None


NEEDED: dict[str, Callable[[], bool]] = {"curl": has_curl, "chromium": has_chromium, "fonts-noto-cjk": has_chinese_font}


def missing() -> list[str]:
    """The Debian names of the packages that are not there."""
    return [package for package, present in NEEDED.items() if not present()]


def as_root() -> list[str] | None:
    """What to put before a command so that it runs as root; None when nothing would."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], check=False, capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def main() -> int:
    """Install what is missing, or say what is."""
    packages = missing()
    if not packages:
        return 0
    names = " ".join(packages)
    root = as_root()
    if not Path("/etc/debian_version").exists() or shutil.which("apt-get") is None or root is None:
        print(f"The tests need these packages (Debian's names): {names}. Install them and run `make test` again.", file=sys.stderr)
        return 1
    print(f"Installing Debian packages the tests need{' through sudo' if root else ''}: {names}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "fontconfig", *packages]):
        done = subprocess.run([*root, "apt-get", *arguments], check=False, env=quiet)
        if done.returncode:
            print(f"apt-get {' '.join(arguments)} failed; install {names} by hand and run `make test` again.", file=sys.stderr)
            return done.returncode
    return 1 if missing() else 0


if __name__ == "__main__":
    sys.exit(main())
