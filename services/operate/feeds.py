"""`ortoo feed list`: the audiences of this node."""

from __future__ import annotations

from typing import Annotated

import typer

from services.start.feeding import audiences
from services.start.serving import fail


def list_audiences(province: Annotated[str, typer.Option(envvar="ORTOO_PROVINCE", help="whose node it is")] = "150000") -> None:
    """Print the audiences of the configuration, a line each; ORTOO_AUDIENCES names its file."""
    try:
        for audience in audiences():
            where = f"{audience.division}{' and public above' if audience.above else ''}"
            asked = f"{', '.join(audience.types)} ({', '.join(audience.visibility)})"
            print("  ".join((audience.log(province), where, asked, f"{audience.zh} {audience.en}")))
    except ValueError as error:
        fail(str(error))
