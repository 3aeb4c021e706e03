"""The infrastructure's files as data, read strictly: a key given twice is an error, not the last one's gain."""

from __future__ import annotations

from typing import Any

import yaml

from tools.compose import COMPOSE, read

OURS = "ortoo"


class Strict(yaml.SafeLoader):
    """YAML in which no mapping has a key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        assert len(keys) == len(set(keys)), f"given twice near line {node.start_mark.line + 1}: {keys}"
        self.flatten_mapping(node)
        return dict(self.construct_pairs(node, deep=True))


def strictly(text: str) -> Any:
    return yaml.load(text, Strict)


def services(**variables: str) -> dict[str, dict[str, Any]]:
    """As docker compose sees them."""
    return read(variables)["services"]


def ours() -> dict[str, dict[str, Any]]:
    """The services that run `ortoo`, the operator's with them."""
    every = services(COMPOSE_PROFILES="operate")
    return {name: service for name, service in every.items() if service["image"].startswith(OURS)}


def staying() -> dict[str, dict[str, Any]]:
    """Those of them that run until they are stopped."""
    return {name: service for name, service in ours().items() if service["restart"] == "unless-stopped"}


WHOLE = strictly(COMPOSE.read_text(encoding="utf-8"))
