"""The embedded host: who waits for an answer gets it, and engines that wait for work are woken."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from services.registry.deciders.organs import RegisterOrgan
from services.start.settings import Settings
from services.wiring import open_node
from shared.handling.pending import Answer, Pending, fingerprint
from shared.web.host import Waiter
from tests.handling.tour import ADMIN
from tests.hosts.alert_work import AREA, draft_of


@pytest.fixture
def host(tmp_path):
    node = open_node(Settings(tmp_path, "150000"))
    yield node.host
    node.host.stop()


def organ(host, done) -> Pending:
    command = RegisterOrgan(by=ADMIN, now=host.now(), organ="EMB-1", division=AREA, zh="局", en="Bureau", functions=("EMD",))
    return Pending(UUID(int=1), command, fingerprint("RegisterOrgan", b""), done)


def broken(*_):
    raise ZeroDivisionError


def test_who_waits_is_answered_even_when_what_follows_the_commit_fails(host, monkeypatch):
    async def ask():
        host.attach(asyncio.get_running_loop())
        waiter = Waiter(asyncio.get_running_loop())
        host.submit("registry", organ(host, waiter))
        monkeypatch.setattr(host.directory, "step", broken)
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(host.running["registry"].writer.step)
        return await asyncio.wait_for(waiter.future, 5)

    assert isinstance(asyncio.run(ask()), Answer)


def test_one_callback_that_fails_leaves_nobody_else_waiting(host):
    async def ask():
        host.attach(asyncio.get_running_loop())
        waiter = Waiter(asyncio.get_running_loop())
        host.submit("registry", organ(host, broken))
        host.submit("registry", organ(host, waiter))
        await asyncio.to_thread(host.running["registry"].writer.step)
        return await asyncio.wait_for(waiter.future, 5)

    assert asyncio.run(ask()).repeated


def test_a_command_is_answered_read_and_reacted_to_without_anybody_polling(host):
    async def ask():
        host.attach(asyncio.get_running_loop())
        host.start()
        answers = []
        for n in range(30):
            waiter = Waiter(asyncio.get_running_loop())
            draft = draft_of(host.now(), f"AL-{n}", None)
            host.submit("alerts", Pending(UUID(int=n), draft, fingerprint("DraftAlert", b""), waiter))
            answers.append(await asyncio.wait_for(waiter.future, 5))
        return answers

    answers = asyncio.run(ask())
    host.settle()
    assert [answer.position for answer in answers] == list(range(1, 31))
    assert host.positions()["150000.alerts"] == 30
    assert host.faults() == {}
