"""System packages that tests, or a cluster, need: installed on Debian as root or through sudo, saying so; elsewhere named, and failing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.programs import cache, fetch_jars, has_jars, has_postgres, nginx_program


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


def has_java() -> bool:
    """The broker runs on it."""
    return shutil.which("java") is not None


def has_maven() -> bool:
    """It fetches the broker, once."""
    return has_jars() or shutil.which("mvn") is not None


def has_nginx() -> bool:
    """A cluster has one door."""
    return nginx_program() is not None


CLUSTER: dict[str, Callable[[], bool]] = {
    "postgresql": has_postgres,
    "default-jre-headless": has_java,
    "maven": has_maven,
    "nginx-light": has_nginx,
}
TESTS = {**CLUSTER, "curl": has_curl, "chromium": has_chromium, "fonts-noto-cjk": has_chinese_font}


def missing(needed: dict[str, Callable[[], bool]]) -> list[str]:
    """The Debian names of the packages that are not there."""
    return [package for package, present in needed.items() if not present()]


def as_root() -> list[str] | None:
    """What to put before a command so that it runs as root; None when nothing would."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], check=False, capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def main() -> int:
    """Install what is missing, or say what is; then fetch the broker, if it is not in the cache. With `cluster`: only what that needs."""
    needed = CLUSTER if sys.argv[1:] == ["cluster"] else TESTS
    if (packages := missing(needed)) and ((failed := install(packages)) or missing(needed)):
        return failed or 1
    if not has_jars():
        print(f"Fetching the Kafka broker with Maven into {cache()}", flush=True)
        fetch_jars()
    return 0


def install(packages: list[str]) -> int:
    """By apt-get where that can be; else say what to install."""
    names = " ".join(packages)
    root = as_root()
    if not Path("/etc/debian_version").exists() or shutil.which("apt-get") is None or root is None:
        print(f"These packages are needed (Debian's names): {names}. Install them and try again.", file=sys.stderr)
        return 1
    print(f"Installing Debian packages that are needed{' through sudo' if root else ''}: {names}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "fontconfig", *packages]):
        done = subprocess.run([*root, "apt-get", *arguments], check=False, env=quiet)
        if done.returncode:
            print(f"apt-get {' '.join(arguments)} failed; install {names} by hand and try again.", file=sys.stderr)
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
