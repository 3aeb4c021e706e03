"""Letters to who is called: read as a fact for each attempt, sent at least once, told once, and not at all where nobody may read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.privacy.channels.letters import CallUpLetters
from services.privacy.custodian import Custodian
from services.privacy.events.told import CalledPersonTold
from shared.handling.pending import Pending
from shared.reach.mail import MailServer
from shared.reach.outbox import Outbox
from shared.reach.queue import Queue
from shared.sql.sqlite import File, Files
from shared.vault.personal import Personal
from shared.vault.scope import Scope
from shared.vault.vault import open_vault
from tests.alerts.channels.sinks import MailSink, mail_sink
from tests.privacy.test_anew import do
from tests.privacy.test_following import NOW, desk_at, dry
from tests.privacy.world import DPO, GOV, LEGAL, RULES, SYS

ADDRESS = "planted@example.org"
CALL = {"subject": "V-A", "incident": "INC-1", "call_up": "CU-1"}


class Crash(BaseException):
    """The process ends here."""


class Desk:
    """A log of privacy with a vault and a custodian, one person called, and an outbox over a real mail server; the test holds the clock."""

    def __init__(self, folder: Any, sink: MailSink, silent: str | None = None) -> None:
        self.sink, self.silent, self.folder, self.wall = sink, silent, folder, datetime(2026, 1, 1).astimezone()
        self.desk, stores = desk_at(folder / "desk"), Files(folder / "desk")
        self.vault = open_vault(stores, folder / "root.key")
        self.custodian = Custodian(self.desk.log, self.vault, self.vault.database, self.desk.writer.submit, lambda: NOW)
        self.submit: Callable[[Pending], None] = self.decided
        self.launch: Callable[[Callable[[], None]], None] = lambda work: work()
        for module in ("register", "callup"):
            do(self.desk, "DraftImpactAssessment", DPO, module=module, assessment="PIA-1", lawfulness="a", risks="b", protection="c")
            do(self.desk, "ApproveImpactAssessment", GOV, module=module, assessment="PIA-1")
        self.vault.keep(Scope("V-A", "register", "register"), "ref-A", {"name": Personal("Planted Name"), "email": Personal(ADDRESS)}, NOW)
        standing = {"purpose": "register", "ref": "ref-A", "fields": ("name", "email"), "consent": "form"}
        do(self.desk, "CollectPersonalData", SYS, subject="V-A", **standing)
        do(self.desk, "CollectPersonalData", SYS, subject="V-A", purpose="callup.contact", incident="INC-1")
        do(self.desk, "NoteTaskBegan", SYS, subject="V-A", incident="INC-1", task="CU-1", holder="V-A")
        self.restart()

    def restart(self) -> None:
        server = MailServer("127.0.0.1", self.sink.port, "w@example.org", "none")
        letters = CallUpLetters(
            server, self.vault, lambda p: self.submit(p), lambda _: "https://n.example/x", lambda: NOW, lambda: self.wall, self.silent
        )
        self.outbox = Outbox(
            Queue(File(self.folder / "letters.db")),
            self.desk.log,
            letters,
            rules_for=lambda *_: RULES,
            submit=self.desk.writer.submit,
            clock=lambda: NOW,
            wall=lambda: self.wall,
            launch=self.launch,
        )

    def decided(self, pending: Pending) -> None:
        """At once: the attempt waits for it."""
        self.desk.writer.submit(pending)
        self.desk.writer.step()

    def run(self) -> None:
        for _ in range(100):
            if not (self.outbox.step() | self.desk.writer.step()):
                return
        raise AssertionError("it never comes to rest")

    def told(self) -> list[tuple[str, str | None]]:
        return [(one.event.state.value, one.event.detail) for one in self.desk.events if isinstance(one.event, CalledPersonTold)]

    def readings(self) -> int:
        return sum(one.type == "privacy.personal_data.accessed.v1" for one in self.desk.events)


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture
def one(tmp_path: Any, sink: MailSink) -> Desk:
    made = Desk(tmp_path, sink)
    dry(made.desk, made.custodian)
    return made


def ask(one: Desk) -> None:
    do(one.desk, "TellCalledPerson", SYS, **CALL)


def test_a_letter_is_sent_once_and_its_reading_is_a_fact(one, sink):
    ask(one)
    one.run()
    assert one.told() == [("queued", None), ("sent", None)] and one.readings() == 1
    [got] = sink.got
    assert (got["to"], got["auto-submitted"]) == (ADDRESS, "auto-generated") and "https://n.example/x" in got.get_content()
    one.restart()
    one.run()
    assert len(sink.got) == 1 and len(one.told()) == 2


@pytest.mark.parametrize("after_reading", [False, True])
def test_a_crash_around_the_reading_loses_no_letter(one, sink, after_reading):
    ask(one)

    def crash(pending: Pending) -> None:
        if after_reading:
            one.decided(pending)
        raise Crash

    one.submit = crash
    with pytest.raises(Crash):
        one.run()
    assert not sink.got
    one.submit = one.decided
    one.restart()
    one.run()
    assert one.told()[-1] == ("sent", None) and one.readings() == 1 + after_reading and len(sink.got) == 1  # read twice, told once


def test_what_is_not_copied_yet_is_waited_for(tmp_path, sink):
    early = Desk(tmp_path, sink)
    ask(early)
    early.run()
    assert early.told() == [("queued", None)] and not sink.got
    dry(early.desk, early.custodian)
    early.wall += timedelta(minutes=1)
    early.run()
    assert early.told()[-1] == ("sent", None) and len(sink.got) == 1


def test_who_answered_before_it_went_out_is_not_written_to(one, sink):
    ask(one)
    do(one.desk, "NoteTaskEnded", SYS, subject="V-A", incident="INC-1", task="CU-1", holder="V-A")
    one.run()
    assert one.told() == [("queued", None), ("failed", "not sent: they answered, or are asked no more")]
    assert not sink.got and one.readings() == 0


def test_who_is_asked_again_while_the_first_letter_is_told_gets_a_second_one(one, sink):
    ask(one)
    while not sink.got:
        one.outbox.step()
    one.outbox.step()  # its report waits for the pen
    ask(one)
    one.run()
    assert [state for state, _ in one.told()].count("sent") == 2 and len(sink.got) == 2
    assert sink.got[0]["message-id"] != sink.got[1]["message-id"]


def test_what_is_being_sent_while_they_answer_says_what_became_of_it(one, sink):
    started: list[Callable[[], None]] = []
    one.launch = started.append
    one.restart()
    ask(one)
    one.run()
    do(one.desk, "NoteTaskEnded", SYS, subject="V-A", incident="INC-1", task="CU-1", holder="V-A")
    one.run()
    assert one.told() == [("queued", None)]  # not yet known
    started[0]()
    one.run()
    [_, (state, _)] = one.told()
    assert state == "failed" and not sink.got  # the task was over before the address was read


def test_of_whom_nobody_may_read_nobody_writes_to_and_the_log_says_why(one, sink):
    ask(one)
    locked = {"subject": "V-A", "lock": "LK-1", "reason": "lawsuit", "basis": "PIPL-47", "until": NOW + timedelta(days=30)}
    do(one.desk, "LockPersonalData", LEGAL, **locked)
    one.run()
    [queued, (state, why)] = one.told()
    assert queued == ("queued", None) and state == "failed" and why is not None and "locked" in why
    assert not sink.got and one.readings() == 0


def test_a_drill_sends_nothing_and_reads_nothing(tmp_path, sink):
    drill = Desk(tmp_path, sink, "a drill")
    dry(drill.desk, drill.custodian)
    ask(drill)
    drill.run()
    assert drill.told() == [("queued", None), ("failed", "a drill sends nothing out")]
    assert not sink.got and drill.readings() == 0


def test_who_gave_no_address_is_not_queued(one):
    do(one.desk, "CollectPersonalData", SYS, subject="V-B", purpose="register", ref="ref-B", fields=("name",), consent="form")
    do(one.desk, "CollectPersonalData", SYS, subject="V-B", purpose="callup.contact", incident="INC-1")
    do(one.desk, "TellCalledPerson", SYS, **{**CALL, "subject": "V-B"})
    assert one.told() == []


def test_of_whom_nothing_could_be_collected_the_board_is_told_what_to_do(one, sink):
    do(one.desk, "TellCalledPerson", SYS, **{**CALL, "subject": "V-C"})
    one.run()
    [(state, why)] = one.told()
    assert state == "failed" and why is not None and "ApproveImpactAssessment" in why and not sink.got


def test_no_address_lies_in_queue_or_log(one, sink):
    ask(one)
    one.run()
    files = [file for file in one.folder.rglob("*") if file.is_file()]
    assert len(files) > 3
    assert not [file for file in files if ADDRESS.encode() in file.read_bytes()]
