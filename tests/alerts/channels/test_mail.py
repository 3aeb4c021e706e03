"""Mail: sent means that a server took it, and whatever else happens is said."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from services.alerts.api.issuing import cap_of
from services.alerts.channels.contacts import Contact, Contacts
from services.alerts.channels.mail import Mail, composed
from services.alerts.channels.ports import Bulletin
from services.alerts.events.reach import Delivery
from shared.reach.mail import MailServer, addressed
from shared.sql.sqlite import File
from tests.alerts.channels.office import BULLETIN, ISSUED, LETTER, TREE
from tests.alerts.channels.sinks import mail_sink
from tests.alerts.world import NOW, RAIN

ADDRESS = "xw@example.org"


@pytest.fixture
def sink():
    with mail_sink() as running:
        yield running


@pytest.fixture
def contacts(tmp_path):
    made = Contacts(File(tmp_path / "contacts.db"))
    made.keep(Contact("T.XW", "150722", mail=ADDRESS), "B.OFF", NOW)
    return made


def mail(contacts, port, **changed):
    server = replace(MailServer("127.0.0.1", port, "warnings@example.org", "none"), **changed)
    return Mail(server, contacts, NOW.tzinfo, lambda: NOW)


def test_a_warning_is_mailed_in_both_languages(sink, contacts):
    assert mail(contacts, sink.port).deliver(LETTER, replace(BULLETIN, answer="https://node.example/answer/x")).state is Delivery.SENT
    [got] = sink.got
    assert (got["to"], got["from"]) == (ADDRESS, "warnings@example.org")
    assert got["subject"].startswith("[预警发布] ") and "Warning: " in got["subject"]
    text = got.get_content()
    for said in ("黄色（3级）", "yellow (level 3)", "莫旗", "Morin Dawa", "2021-07-19 02:30 UTC+08:00", "heavy rain", "leave low land"):
        assert said in text, said
    assert text.count("https://node.example/answer/x") == 2


def test_a_mail_without_a_public_address_says_where_to_acknowledge():
    text = composed(BULLETIN, NOW.tzinfo).get_content()
    assert "Sign in to acknowledge" in text and "http" not in text


def test_a_lifted_warning_says_so_before_anything_else():
    lifted = Bulletin(replace(ISSUED, msg_type="Cancel"), BULLETIN.cap)
    message = composed(lifted, NOW.tzinfo)
    assert message["subject"].startswith("[预警解除]")
    assert message.get_content().startswith("预警解除")


def test_a_second_copy_is_known_as_one(sink, contacts):
    for _ in range(2):
        mail(contacts, sink.port).deliver(LETTER, BULLETIN)
    first, second = sink.got
    server, later = MailServer("127.0.0.1", 25, "w@example.org"), replace(LETTER, event="150000.alerts:8")
    other = addressed(composed(BULLETIN, NOW.tzinfo), later, server, ADDRESS, NOW)
    assert first["message-id"] == second["message-id"] != other["message-id"]


def test_what_people_typed_adds_no_header(sink, contacts):
    issued = replace(ISSUED, content=replace(RAIN, headline="rain\r\nBcc: all@example.org\r\n\r\nspam"))
    mail(contacts, sink.port).deliver(LETTER, Bulletin(issued, cap_of(issued, TREE)))
    [got] = sink.got
    assert got["bcc"] is None and "Bcc: all@example.org" in got["subject"]


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        ("550 no such user xw@example.org", Delivery.FAILED, "mail server answered 550"),
        ("451 greylisted", Delivery.QUEUED, "mail server answered 451"),
    ],
)
def test_a_refusal_for_good_fails_and_one_for_now_is_tried_again(sink, contacts, answer, state, detail):
    sink.refuses[ADDRESS] = answer
    outcome = mail(contacts, sink.port).deliver(LETTER, BULLETIN)
    assert (outcome.state, outcome.detail) == (state, detail)
    assert sink.got == [] and ADDRESS not in outcome.detail


def test_a_server_that_is_away_is_tried_again(contacts):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    outcome = mail(contacts, port).deliver(LETTER, BULLETIN)
    assert (outcome.state, outcome.detail) == (Delivery.QUEUED, "mail server not reached (ConnectionRefusedError)")


def test_no_server_and_no_address_fail_with_their_cure(contacts):
    outcome = Mail(None, contacts, NOW.tzinfo, lambda: NOW).deliver(LETTER, BULLETIN)
    assert outcome.state is Delivery.FAILED and "set ORTOO_SMTP_HOST" in outcome.detail
    outcome = mail(contacts, 1).deliver(replace(LETTER, recipient="T.NJ"), BULLETIN)
    assert outcome.state is Delivery.FAILED and "SetContact" in outcome.detail


def test_mail_is_never_sent_in_clear_where_it_was_to_be_encrypted(sink, contacts):
    outcome = mail(contacts, sink.port, security="starttls").deliver(LETTER, BULLETIN)
    assert outcome.state is Delivery.FAILED and "starttls" in outcome.detail
    assert sink.got == []


def test_a_server_is_described_by_the_environment():
    said = {"ORTOO_SMTP_HOST": "mail.example.org", "ORTOO_SMTP_FROM": "w@example.org", "ORTOO_SMTP_PASSWORD": "hush"}
    server = MailServer.from_environment(said)
    assert (server.port, server.security) == (587, "starttls")
    assert "hush" not in repr(server)
    assert MailServer.from_environment({}) is None
    for wrong in ({"ORTOO_SMTP_FROM": ""}, {"ORTOO_SMTP_PORT": "smtp"}, {"ORTOO_SMTP_SECURITY": "ssl"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            MailServer.from_environment(said | wrong)


def test_the_password_may_lie_in_a_file(tmp_path):
    said = {"ORTOO_SMTP_HOST": "mail.example.org", "ORTOO_SMTP_FROM": "w@example.org", "ORTOO_SMTP_PASSWORD_FILE": str(tmp_path / "smtp")}
    with pytest.raises(ValueError, match="ORTOO_SMTP_PASSWORD_FILE"):
        MailServer.from_environment(said)
    for kept, password in (("hush\n", "hush"), ("", None)):
        (tmp_path / "smtp").write_text(kept)
        assert MailServer.from_environment(said).password == password
