"""What a body may hold at a place, for who sent something else there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel


def fields_at(shape: Any, place: Iterable[str | int]) -> tuple[str, ...]:
    """The names that are known there; none where it is not said what there is."""
    for part in place:
        shape = _inside(_plain(shape), part)
    return tuple(_fields(_plain(shape)))


def _inside(shape: Any, part: str | int) -> Any:
    if isinstance(part, str) and (found := _fields(shape).get(part)) is not None:
        return found
    parts = get_args(shape)
    return parts[-1 if isinstance(part, str) else 0] if parts else None


def _plain(shape: Any) -> Any:
    """Without what is said about it, and without None beside it. None where it may be this or that."""
    if get_origin(shape) is Annotated:
        return _plain(get_args(shape)[0])
    if get_origin(shape) in (Union, UnionType):
        kinds = [kind for kind in get_args(shape) if kind is not NoneType]
        return _plain(kinds[0]) if len(kinds) == 1 else None
    return shape


def _fields(shape: Any) -> Mapping[str, Any]:
    if not isinstance(shape, type):
        return {}
    if issubclass(shape, BaseModel):
        return {field.alias or name: field.annotation for name, field in shape.model_fields.items()}
    return get_type_hints(shape) if is_dataclass(shape) else {}
