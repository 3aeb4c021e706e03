"""`/asyncapi.json`: every event of every log as AsyncAPI 3.0, made from the registered types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.handling.declare import Service
from shared.kernel.envelope import Envelope
from shared.kernel.events import registered

ENVELOPE = "CloudEvent"


def document(logs: str, services: Mapping[str, Service], version: str) -> dict[str, Any]:
    """The AsyncAPI document of a node whose logs' names begin so: one channel per log, one message per event type."""
    kinds = {name: dict(registered(name)) for name in services}
    facts = [cls for found in kinds.values() for cls in found.values()]
    shapes, schemas = msgspec.json.schema_components(facts, ref_template="#/components/schemas/{name}")
    shape = dict(zip(facts, shapes, strict=True))  # two services may give a fact the same name
    schemas[ENVELOPE] = _envelope()
    messages: dict[str, Any] = {}
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for service, found in kinds.items():
        log = f"{logs}.{service}"
        channel = log.replace(".", "_")
        for kind, cls in found.items():
            messages[kind] = _message(kind, cls, shape[cls])
        channels[channel] = {
            "address": log,
            "title": log,
            "description": "One log: positions without a gap, each event chained to the one before.",
            "messages": {kind.replace(".", "_"): {"$ref": f"#/components/messages/{kind}"} for kind in found},
        }
        operations[f"read_{channel}"] = {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ortoo event logs",
            "version": version,
            "description": "CloudEvents 1.0 as read by ReadEvents and StreamEvents.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _message(kind: str, cls: type, shape: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": kind,
        "title": cls.__name__,
        "summary": (cls.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/cloudevents+json",
        "payload": {
            "allOf": [
                {"$ref": f"#/components/schemas/{ENVELOPE}"},
                {"type": "object", "properties": {"type": {"const": kind}, "data": shape}},
            ]
        },
    }


def _envelope() -> dict[str, Any]:
    fields = [(field.name, field.type, field.default) for field in msgspec.structs.fields(Envelope) if field.name != "data"]
    attributes = [(name, kind) if default is msgspec.NODEFAULT else (name, kind, default) for name, kind, default in fields]
    schema: dict[str, Any] = msgspec.json.schema(msgspec.defstruct(ENVELOPE, attributes, kw_only=True))["$defs"][ENVELOPE]
    schema["properties"]["chain"] = {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "description": "SHA-256 over the chain before and this record",
    }
    schema["properties"]["data"] = {}
    schema["required"] = [*schema["required"], "chain", "data"]
    return schema
