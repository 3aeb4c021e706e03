"""Where things are: the root of the repository, its source files and its texts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("services", "shared", "tools", "tests", "bench")
PRODUCT = ("services", "shared")
NOT_OURS = {".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache", "__pycache__"}
BUILT = {"data", "build", "dist"}  # at the top only
TEXTS = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".html", ".css", ".js", ".sql", ".csv", ".json", ".sh", ".cfg", ""}


@cache
def texts() -> tuple[Path, ...]:
    """Every text file that belongs to the repository."""
    return tuple(sorted(_walk(ROOT)))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in NOT_OURS or path.is_symlink() or (folder == ROOT and path.name in BUILT):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.suffix in TEXTS:
            yield path


def sources(*tops: str) -> list[Path]:
    """The Python files under these top folders."""
    return [path for path in texts() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in tops]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a source file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def short(path: Path) -> str:
    """A path as people write it in this repository."""
    return path.relative_to(ROOT).as_posix()


def module(path: Path) -> str:
    """The import name of a source file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
