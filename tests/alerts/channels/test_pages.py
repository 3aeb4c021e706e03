"""The pages: two languages, no script, nothing of what people typed taken for markup."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.alerts.api.issuing import cap_of
from services.alerts.channels.pages import Reply, Shown, answer_page, printout, refusal_page
from services.alerts.channels.ports import Bulletin
from services.alerts.channels.words import WORDS
from services.alerts.events.reach import Channel, Delivery
from tests.alerts.channels.office import BULLETIN, ISSUED, TREE, parsed
from tests.alerts.world import NOW, RAIN

SHOWN = Shown(BULLETIN, "published", NOW.tzinfo)
REPLY = Reply("T.XW", "f" * 64, asked=True)
ROW = {"recipient": "T.XW", "channel": "list", "state": "queued", "acknowledged_at": None}
NASTY = "<script>alert(1)</script><img src=x onerror='a'>\"&"


def texts(page: str) -> str:
    return " ".join(parsed(page).text_content().split())


def test_both_languages_have_the_same_words():
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    needed = {"red", "orange", "yellow", "blue", "published", "cancelled", "expired", *Channel, *Delivery}
    assert needed <= WORDS["zh"].keys()
    assert all(word for words in WORDS.values() for word in words.values())


@pytest.mark.parametrize(("language", "said"), [("zh", "黄色（3级）"), ("en", "yellow (level 3)")])
def test_a_page_says_the_eight_things_and_asks_for_the_answer(language, said):
    page = answer_page(SHOWN, REPLY, language)
    text = texts(page)
    for part in (said, "heavy rain", "leave low land", "2021-07-18 02:30 UTC+08:00", "2021-07-18 02:20", "150722 weather office", "T.XW"):
        assert part in text, part
    tree = parsed(page)
    [form] = tree.forms
    assert (form.method, form.fields["form"], form.action) == ("POST", "f" * 64, f"?lang={language}")
    assert tree.get("lang") == WORDS[language]["lang"]


def test_what_people_typed_stays_text():
    issued = replace(ISSUED, note=NASTY, content=replace(RAIN, headline=NASTY, cautions=NASTY, issuer=NASTY))
    shown = Shown(Bulletin(issued, cap_of(issued, TREE)), "published", NOW.tzinfo)
    pages = (
        answer_page(shown, replace(REPLY, recipient=NASTY, form=NASTY), "en"),
        printout(shown, [{**ROW, "recipient": NASTY}], NOW, "en"),
        refusal_page(NASTY, "en"),
    )
    for page in pages:
        tree = parsed(page)
        assert not tree.xpath("//script | //img | //@onerror | //style | //@style")
        assert NASTY in tree.text_content()


def test_pages_load_nothing_but_their_own_style_sheet():
    for page in (answer_page(SHOWN, REPLY, "zh"), printout(SHOWN, [ROW], NOW, "zh"), refusal_page("why", "zh")):
        tree = parsed(page)
        assert tree.xpath("//@src | //link/@href") == ["/answer.css"]
        assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_a_warning_that_is_over_says_so_and_asks_nothing(state):
    page = answer_page(replace(SHOWN, state=state), REPLY, "en")
    assert WORDS["en"][state] in texts(page)
    assert not parsed(page).forms


def test_who_was_only_informed_and_who_has_answered_is_not_asked():
    assert not parsed(answer_page(SHOWN, replace(REPLY, asked=False), "en")).forms
    answered = answer_page(SHOWN, replace(REPLY, answered_at=NOW), "en")
    assert not parsed(answered).forms
    assert "Acknowledged. Thank you. 2021-07-18 02:20" in texts(answered)


def test_the_printed_list_has_a_box_for_everybody():
    rows = [
        ROW,
        {**ROW, "recipient": "T.NJ", "channel": "mail", "state": "failed"},
        {**ROW, "recipient": "DAM.YA", "state": "delivered"},
        {**ROW, "recipient": "L5.A", "channel": "in_app", "state": "delivered", "acknowledged_at": "2021-07-18T02:26:00+08:00"},
    ]
    tree = parsed(printout(SHOWN, rows, NOW, "en"))
    lines = [[cell.text_content() for cell in row.xpath("td")] for row in tree.xpath("//tbody/tr")]
    assert [line[:4] for line in lines] == [
        ["☐", "T.XW", "printed list", "waiting"],
        ["☐", "T.NJ", "mail", "failed"],
        ["☑", "DAM.YA", "printed list", "delivered"],
        ["☑", "L5.A", "in the system", "Acknowledged"],
    ]
    assert not [name for name in tree.xpath("//th/text()") if "phone" in name.lower()]
    assert WORDS["en"]["none"] in texts(printout(SHOWN, [], NOW, "en"))
