"""Write constraints.txt: every installed version, without hosts, hashes or what is installed with --no-deps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEAD = "# Every version the product was tested with. Direct dependencies are in pyproject.toml; refresh with: make constraints\n"


def main() -> None:
    """Freeze the running environment."""
    freeze = [sys.executable, "-m", "pip", "freeze", "--exclude-editable"]
    frozen = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout
    apart = {line.partition("==")[0].lower() for line in (ROOT / "tools/no-deps.txt").read_text().splitlines() if "==" in line}
    lines = [line for line in frozen.splitlines() if "==" in line and line.partition("==")[0].lower() not in apart]
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(sorted(lines, key=str.lower)) + "\n")


if __name__ == "__main__":
    main()
