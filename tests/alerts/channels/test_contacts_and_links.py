"""Addresses and secrets are the node's alone; a link opens one warning for one recipient for a while."""

from __future__ import annotations

from datetime import timedelta
from os import urandom

import jwt
import pytest

from services.alerts.channels import keys
from services.alerts.channels.contacts import Contact, Contacts, faults
from services.alerts.channels.keys import ChannelKeys
from services.alerts.channels.links import AUDIENCE, AnswerLinks, Asked, LinkRefused
from shared.kernel.errors import NotAllowed
from shared.sql.sqlite import File
from shared.web.principals import Principals
from shared.web.problems import Unauthenticated
from tests.alerts.world import NOW

ASKED = Asked("AL-1", "T.XW")
KEY = b"k" * 32
LINKS = AnswerLinks(KEY)
UNTIL = NOW + timedelta(hours=24)


def test_a_contact_is_replaced_whole_and_forgotten_when_empty(tmp_path, database):
    contacts = Contacts(database)
    contacts.keep(Contact("T.XW", "150722", "a@example.org", "https://example.org/h"), "B.OFF", NOW)
    contacts.keep(Contact("T.XW", "150722", "b@example.org"), "B.OFF", NOW)
    assert Contacts(database).find("T.XW") == Contact("T.XW", "150722", "b@example.org")
    contacts.keep(Contact("T.XW", "150722"), "B.OFF", NOW)
    assert contacts.find("T.XW") is None
    assert not any(b"example.org" in file.read_bytes() for file in tmp_path.glob("**/one.db*"))


def test_addresses_and_secrets_are_readable_by_the_node_alone(tmp_path):
    contacts, made = Contacts(File(tmp_path / "contacts.db")), ChannelKeys(tmp_path / "keys")
    contacts.keep(Contact("T.XW", "150722", "a@example.org"), "B.OFF", NOW)
    made.new_webhook("../../T.XW")
    assert made.link() == made.link() and len(made.link()) == 32
    files = [*tmp_path.glob("contacts.db*"), *(tmp_path / "keys").iterdir()]
    assert len(files) >= 3
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_two_processes_that_make_the_link_key_at_the_same_moment_keep_one(tmp_path, monkeypatch):
    first, second = ChannelKeys(tmp_path), ChannelKeys(tmp_path)
    links: list[bytes] = []

    def chance(count: int) -> bytes:
        """While this one makes its key, the other makes one too."""
        monkeypatch.setattr(keys, "token_bytes", urandom)
        links.append(second.link())
        return urandom(count)

    monkeypatch.setattr(keys, "token_bytes", chance)
    links += [first.link(), first.link(), second.link(), ChannelKeys(tmp_path).link()]
    assert len(links) == 5 and len(set(links)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["links.key"], "no draft stays"


@pytest.mark.parametrize("mail", ["a@example.org", "duty.office+1@localhost", "x@127-0-0-1.example"])
def test_a_mail_address_is_taken(mail):
    assert not faults(Contact("X", None, mail=mail))


@pytest.mark.parametrize(
    "mail", ["", "a", "a@", "@b", "a@b c", "a@b\n", "a@b\r\nBcc: c@d", "a@b,c@d", "<a@b>", "é@b", "a" * 65 + "@b", '"a b"@c']
)
def test_what_is_no_single_mail_address_is_refused(mail):
    assert [fault.field for fault in faults(Contact("X", None, mail=mail))] == ["mail"]


@pytest.mark.parametrize(
    "url", ["https://example.org/h?a=1", "https://10.0.0.7:8443/", "http://localhost:9/h", "http://127.0.0.1/", "http://[::1]:1/"]
)
def test_a_webhook_address_is_taken(url):
    assert not faults(Contact("X", None, webhook=url))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "http://example.org/",
        "http://localhost.example.org/",
        "http://127.0.0.1.example.org/",
        "https:///h",
        "https://u:p@example.org/",
        "https://example.org/#x",
        "https://example.org:99999/",
        "https://[::1/",
        "https://example.org/\r\nX: y",
        "https://exämple.org/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "https://example.org/" + "a" * 500,
    ],
)
def test_a_webhook_address_that_is_not_https_or_hides_something_is_refused(url):
    found = faults(Contact("X", None, webhook=url))
    assert [fault.field for fault in found] == ["webhook"]
    assert "example" not in found[0].cure


def test_a_link_stands_for_one_warning_and_one_recipient_until_it_lapses():
    token = LINKS.make(ASKED, UNTIL)
    assert LINKS.read(token, UNTIL - timedelta(seconds=1)) == ASKED
    with pytest.raises(LinkRefused, match="lapsed") as refused:
        LINKS.read(token, UNTIL)
    assert refused.value.code == "link_lapsed" and isinstance(refused.value, NotAllowed)


def test_a_link_that_was_not_made_here_opens_nothing():
    token = LINKS.make(ASKED, UNTIL)
    header, claims, mac = token.split(".")
    body = {"aud": AUDIENCE, "sub": "T.XW", "alert": "AL-1", "exp": int(UNTIL.timestamp())}
    others = [
        AnswerLinks(b"o" * 32).make(ASKED, UNTIL),
        f"{header}.{claims[:-2]}AA.{mac}",
        jwt.encode(body, None, algorithm="none"),
        jwt.encode(body | {"aud": "another"}, KEY, algorithm="HS256"),
        jwt.encode({k: v for k, v in body.items() if k != "aud"}, KEY, algorithm="HS256"),
        jwt.encode({k: v for k, v in body.items() if k != "exp"}, KEY, algorithm="HS256"),
        "",
        "x",
        "a.b.c",
        token + "A" * 5000,
    ]
    for other in others:
        with pytest.raises(LinkRefused, match="as it was given"):
            LINKS.read(other, NOW)


def test_a_link_signs_nobody_in_and_a_sign_in_is_no_link(tmp_path):
    principals = Principals(tmp_path / "node.pem")
    with pytest.raises(Unauthenticated):
        principals.verify(LINKS.make(ASKED, NOW.replace(year=2090)))
    with pytest.raises(LinkRefused):
        LINKS.read(principals.mint("T.XW", ("L4.office",), "150722"), NOW)


def test_the_form_belongs_to_its_link():
    token, other = LINKS.make(ASKED, UNTIL), LINKS.make(Asked("AL-1", "T.NJ"), UNTIL)
    assert LINKS.from_our_form(token, LINKS.form(token))
    assert not LINKS.from_our_form(token, LINKS.form(other))
    assert not LINKS.from_our_form(token, "") and not LINKS.from_our_form(token, "é")
