"""Every command is one HTTP operation: its body is made from the command's own fields, its operationId is its name."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model
from starlette.responses import Response

from shared.kernel.commands import Command
from shared.web.call import Call, answered, call
from shared.web.problems import RESPONSES

Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]
"""A time with its offset, since without one it means nothing between zones; in years that can be told in every zone."""

Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
"""A whole number and nothing that could pass for one: true is no count, nor is "12"."""
SIGNED = ("by", "now", "cosigner")  # stamped by the edge, never read from a body
Fill = Callable[[Call, dict[str, Any]], Awaitable[None]]
"""What the edge adds to a command's fields where the caller left them out. It asks read models, so it decides nothing."""


class Accepted(BaseModel):
    """What a command answers."""

    model_config = ConfigDict(extra="allow")

    outcome: str
    stream: str | None
    version: int | None
    position: int
    flags: list[str]
    events: list[str]
    command: str


class CommandRoutes:
    """Adds the command operations of one service to its router."""

    def __init__(self, router: APIRouter, service: str, log: str) -> None:
        self._router, self._service, self._log = router, service, log

    def post(self, path: str, command: type[Command], fill: Fill | None = None, stamped: tuple[str, ...] = (), **more: Any) -> None:
        """One command at a resource-shaped path; `{field}` of the path is a field of the command, `stamped` ones are `fill`'s alone."""
        in_path = tuple(re.findall(r"{(\w+)(?::path)?}", path))
        body = body_of(command, without=(*in_path, *stamped))
        self._router.add_api_route(
            path,
            _endpoint(self._service, self._log, command, body, in_path, fill),
            methods=["POST"],
            operation_id=command.__name__,
            summary=words(command.__name__),
            description=inspect.getdoc(command),
            status_code=201,
            response_model=None,
            responses={201: {"model": Accepted}, 200: {"model": Accepted, "description": "A repeat: the first answer again"}, **RESPONSES},
            **more,
        )


def body_of(command: type[Command], without: tuple[str, ...] = ()) -> type[BaseModel]:
    """The body of a command as a pydantic model: its fields but those stamped or in the path; unknown fields are refused.

    A field `from_`, which Python could not call otherwise, is `from` in the body.
    """
    hints = get_type_hints(command, include_extras=True)
    fields: dict[str, Any] = {}
    for item in dataclasses.fields(command):
        if item.name in SIGNED or item.name in without:
            continue
        default: Any = ...
        if item.default is not dataclasses.MISSING:
            default = item.default
        elif item.default_factory is not dataclasses.MISSING:
            default = item.default_factory()
        fields[_spoken(item.name)] = (_aware(hints[item.name]), default)
    return create_model(f"{command.__name__}Body", __config__=ConfigDict(extra="forbid"), **fields)


def _spoken(name: str) -> str:
    return name.removesuffix("_")


def _aware(hint: Any) -> Any:
    """Times are moments, whole numbers such that every store and every client can hold them."""
    if hint is datetime:
        return Moment
    if hint is int:
        return Whole
    if isinstance(hint, UnionType):
        return Union[tuple(_aware(part) for part in get_args(hint))]  # noqa: UP007 - made at run time
    if get_origin(hint) is Mapping and get_args(hint)[1] is int:
        return GenericAlias(Mapping, (get_args(hint)[0], Whole))
    return hint


def _endpoint(
    service: str, log: str, command: type[Command], body: type[BaseModel], in_path: tuple[str, ...], fill: Fill | None
) -> Callable[..., Awaitable[Response]]:
    names = {item.name: _spoken(item.name) for item in dataclasses.fields(command) if _spoken(item.name) in body.model_fields}

    async def endpoint(**given: Any) -> Response:
        caller: Call = given["caller"]
        fields: dict[str, Any] = {name: given[name] for name in in_path}
        if names:
            said = given.get("body") or body()  # none was sent where every field may be left out
            fields.update((name, getattr(said, spoken)) for name, spoken in names.items())
        if fill is not None:
            await fill(caller, fields)
        return answered(log, await caller.handle(service, command, fields))

    hints: Mapping[str, Any] = get_type_hints(command, include_extras=True)
    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hints[name]) for name in in_path]
    if names:
        optional = all(not item.is_required() for item in body.model_fields.values())
        parameters.append(
            inspect.Parameter(
                "body",
                inspect.Parameter.KEYWORD_ONLY,
                annotation=body | None if optional else body,
                default=None if optional else inspect.Parameter.empty,
            )
        )
    parameters.append(inspect.Parameter("caller", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Call, Depends(call)]))
    endpoint.__signature__ = inspect.Signature(sorted(parameters, key=lambda p: p.default is not inspect.Parameter.empty))  # type: ignore[attr-defined]
    endpoint.__name__ = command.__name__

    return endpoint


def words(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", lambda found: " " + found[1].lower(), name)
