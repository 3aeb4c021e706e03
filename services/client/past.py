"""A query as it would have been answered at a past moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote

from services.client.openapi import Answer, Api, Unfit, request

PAUSE_S = 1.0


def ask_then(api: Api, moment: str, query: str, arguments: Mapping[str, str], token: str, told: Callable[[str], None]) -> Answer:
    """Ask a service's query at a moment; while the node reads up to then, `told` hears how far it is. Unfit for what no service answers."""
    prepared = request(api.operation(query), arguments, {"Authorization": f"Bearer {token}"})
    _, api_, service, rest = prepared.path.split("/", 3) if prepared.path.count("/") > 2 else ("", "", "", "")
    if prepared.method != "GET" or api_ != "api" or not rest:
        raise Unfit(f"{query} is no query of a service")
    then = replace(prepared, path=f"/api/{service}/at/{quote(moment, safe='')}/{rest}")
    while (answer := api.once(then)).get("rule") == "past.building":
        told(str(answer.get("cure", "")))
        api.sleep(PAUSE_S)
    return answer
