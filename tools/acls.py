"""Write infra/acls.sh: what each centre may do on the broker, as commands for kafka-acls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from services.start.feeding import AUDIENCES, audiences
from shared.handling.audiences import Audience
from tools.leash import ROOT

SCRIPT = ROOT / "infra/acls.sh"
HEAD = """\
#!/bin/sh
# Which centre may read what on the broker. Made by `python -m tools.acls` from infra/audiences.toml: change that, not this.
# Our own processes need no grant: who comes over the listener inside is trusted, see infra/centres.yml.
# Run it where Kafka's programs are, as an administrator:
#   KAFKA_ACLS="kafka-acls.sh --bootstrap-server kafka:9092" sh infra/acls.sh
# It adds and never takes away; what an audience had that is no more goes with kafka-acls.sh --remove.
set -eu
p=${ORTOO_PROVINCE:-150000}
allow() {
    who=$1
    shift
    ${KAFKA_ACLS:?} --add --allow-principal "User:$who" "$@"
}
"""


def script(given: Sequence[Audience]) -> str:
    """The whole file."""
    return "\n".join((HEAD, *_centres(given), ""))


def _centres(given: Iterable[Audience]) -> Iterator[str]:
    """A centre reads its own topic, with groups of its own."""
    for audience in given:
        log, who = audience.log("$p"), f"centre-{audience.id}"
        yield f"# {audience.zh} {audience.en}"
        yield _allow(who, ("Read", "Describe"), "topic", log)
        yield _allow(who, ("Read", "Describe"), "group", f"{log}.", prefixed=True)


def _allow(who: str, operations: Iterable[str], kind: str, *names: str, prefixed: bool = False) -> str:
    asked = " ".join(f"--operation {operation}" for operation in operations)
    named = " ".join(f'--{kind} "{name}"' for name in names)
    return f"allow {who} {asked} {named}" + (" --resource-pattern-type prefixed" if prefixed else "")


def main(to: Path = SCRIPT) -> None:
    to.write_text(script(audiences(ROOT / AUDIENCES)), encoding="utf-8")


if __name__ == "__main__":
    main()
