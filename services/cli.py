"""`ortoo`: start a node, look at its logs, mint tokens, play stories, import and watch."""

from __future__ import annotations

from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated

import typer

from services.client.session import Mint
from services.later import group
from services.start.realms import mint
from services.start.serving import fail, settings_of
from services.start.settings import Settings
from shared.kernel.realm import REAL

app = group(
    {
        "run": "services.start.alone:run",
        "serve": "services.start.alone:serve",
        "token": "services.cli:token",
        "watch": "services.client.commands:watch",
        "at": "services.client.commands:at",
        "demo": "services.client.commands:demo",
        "doctor": "services.operate.cli:doctor",
        "lag": "services.operate.cli:lag",
        "parked": "services.operate.cli:parked",
        "rebuild": "services.operate.cli:rebuild_models",
        "backup": "services.operate.cli:back_up",
        "restore": "services.operate.cli:restore",
        "log": "services.operate.cli:log_commands",
        "feed": "services.cli:feed_commands",
        "inbox": "services.operate.inboxes:inbox_commands",
        "cluster": "services.cli:cluster_commands",
        "drill": "services.operate.drills:drill_commands",
        "story": "services.client.commands:story",
        "import": "services.client.commands:imports",
    },
    "Ortoo: emergency coordination on one machine.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
feed_commands = group(
    {"list": "services.operate.feeds:list_audiences", "drop": "services.operate.feeds:drop", "tail": "services.client.tail:tail"},
    "What command centres and neighbours are given.",
)

cluster_commands = group(
    {
        "serve": "services.start.cli:serve",
        "front": "services.start.cli:front",
        "filter": "services.start.cli:run_filter",
        "import": "services.start.receiving:run_import",
        "topics": "services.start.cli:topics",
        "status": "services.operate.processes:status",
    },
    "The processes of a cluster.",
)


@app.callback(invoke_without_command=True)
def main_options(version: Annotated[bool, typer.Option("--version", help="print the version and end")] = False) -> None:
    """Ortoo: emergency coordination on one machine."""
    if version:
        print(installed("ortoo"))
        raise typer.Exit


def token(
    actor: Annotated[str, typer.Option(help="the public handle of the post")],
    role: Annotated[list[str], typer.Option(help="a role, such as EMD.duty; may be given again")],
    division: Annotated[str | None, typer.Option(help="division code")] = None,
    realm: Annotated[str | None, typer.Option(help="a drill of this node, whose key then signs")] = None,
    organ: Annotated[str | None, typer.Option(help="the organ it signs for")] = None,
) -> None:
    """Print a bearer token of this data folder's node, and nothing else."""
    folder = settings_of().folder
    try:
        made = mint(folder, actor, tuple(role), division, organ, realm)
    except OSError as error:
        fail(f"the key in {folder} cannot be used: {error}; make the folder writable, or set ORTOO_DATA")
    except ValueError as error:
        fail(f"no token: {error}")
    print(made)


def main() -> None:
    """The `ortoo` command."""
    app(obj=minting)


def minting(folder: Path) -> Mint:
    """Signs tokens with the key of a data folder, for the client commands that run beside their node."""
    settings = Settings.from_environment()

    def signed(actor: str, role: str, division: str | None, realm: str = REAL) -> str:
        """`real` is the node's own realm, also when it is a drill's."""
        return mint(folder, actor, (role,), division or settings.province, realm=None if realm == REAL else realm)

    return signed
