"""CAP messages: repeats, contradictions, series (CAP 1.2, 3.3.3; the traps of real traffic)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from services.alerts.deciders.streams import cap_stream
from services.alerts.deciders.warnings.message import MESSAGE, REFERENCES, ImportAlert, IssueMessage
from services.alerts.events.content import MessageReference
from services.alerts.events.message import MessageConflicting, MessageFault, MessageIssued, MessageReceived, ReceivedMessage
from shared.kernel.decider import Decided
from shared.testing.spec import given
from tests.alerts.world import IDENTIFIER, NOW, RAIN, RULES, SYS, Streams, at

SENT = at("02:00")


def message(identifier: str = "A", **changed: Any) -> ReceivedMessage:
    named: dict[str, Any] = {
        "identifier": identifier,
        "sender": "met",
        "sent": SENT,
        "status": "Actual",
        "msg_type": "Alert",
        "scope": "Public",
    }
    return ReceivedMessage(**(named | {"digest": f"digest of {identifier}", "division": "150722"} | changed))


def take(node: Streams, received: ReceivedMessage) -> Decided:
    return node.handle(ImportAlert(by=SYS, now=NOW, message=received))


def series(node: Streams, identifier: str) -> str:
    return node.state(cap_stream(identifier)).known[-1].series


def refers(identifier: str, sender: str = "met", sent: datetime | None = SENT) -> dict[str, Any]:
    return {"references": (MessageReference(sender, identifier, sent),), "msg_type": "Update"}


def test_a_message_nobody_has_seen_begins_its_own_series():
    decided = take(Streams(), message())
    assert [fact for _, fact in decided.events] == [MessageReceived("A", message(), NOW)]
    assert decided.answer == {"outcome": "accepted", "alert": "A", "faults": []}


def test_faults_are_listed_and_nothing_is_refused_for_them():
    decided = take(Streams(), message(faults=(MessageFault("schema", "no category", "info[1]"),)))
    assert decided.answer["outcome"] == "accepted_with_faults"
    assert decided.answer["faults"] == [{"code": "schema", "message": "no category", "path": "info[1]"}]


def test_a_repeat_adds_nothing():
    node = Streams()
    take(node, message())
    again = take(node, message())
    assert (again.events, again.answer["outcome"], again.answer["alert"]) == ([], "repeated", "A")


def test_the_same_message_in_another_wrapping_is_a_repeat():
    node = Streams()
    take(node, message(meaning="m"))
    assert take(node, message(digest="from an atom feed", meaning="m")).answer["outcome"] == "repeated"


def test_another_meaning_under_the_same_three_names_is_no_repeat():
    node = Streams()
    take(node, message(meaning="m"))
    assert take(node, message(digest="other", meaning="n")).flags == ("Q-TRIAGE",)


def test_other_bytes_under_the_same_three_names_are_kept_and_flagged():
    node = Streams()
    take(node, message())
    decided = take(node, message(digest="other"))
    assert [type(fact) for _, fact in decided.events] == [MessageConflicting]
    assert decided.flags == ("Q-TRIAGE",)
    assert (decided.answer["outcome"], decided.answer["faults"][-1]["code"]) == ("accepted_with_faults", "message.conflicting")
    assert take(node, message(digest="other")).answer["outcome"] == "repeated"


def test_an_identifier_of_another_sender_is_another_message():
    node = Streams()
    take(node, message())
    decided = take(node, message(sender="other", digest="other"))
    assert [type(fact) for _, fact in decided.events] == [MessageReceived]


def test_an_identifier_used_again_later_by_its_sender_continues_the_series():
    node = Streams()
    take(node, message("B", **refers("A")))
    take(node, message("B", sent=SENT + timedelta(hours=1), digest="later"))
    assert series(node, "B") == "A"


def test_an_update_finds_its_parent_by_sender_identifier_and_time():
    node = Streams()
    take(node, message("A"))
    assert take(node, message("B", **refers("A"))).answer["alert"] == "A"
    assert take(node, message("C", **refers("B"))).answer["alert"] == "A"


def test_a_reference_with_the_new_messages_own_time_still_finds_its_parent():
    node = Streams()
    take(node, message("A"))
    assert take(node, message("B", sent=NOW, **refers("A", sent=NOW))).answer["alert"] == "A"


def test_a_reference_with_another_sender_finds_the_identifier():
    node = Streams()
    take(node, message("A"))
    assert take(node, message("B", **refers("A", sender="relay"))).answer["alert"] == "A"


def test_an_update_without_a_known_parent_is_named_by_the_oldest_it_refers_to():
    node = Streams()
    older = MessageReference("met", "A", SENT - timedelta(hours=2))
    newer = MessageReference("met", "B", SENT - timedelta(hours=1))
    timeless = MessageReference("met", "Z", None)
    for references in permutations((newer, timeless, older)):
        assert take(Streams(), message("C", references=references)).answer["alert"] == "A"
    take(node, message("C", references=(newer, older)))
    assert take(node, message("D", **refers("C"))).answer["alert"] == "A"


@pytest.mark.parametrize("order", list(permutations("ABC")))
def test_a_series_is_one_whatever_order_it_arrives_in_when_updates_name_the_first(order):
    node = Streams()
    updates = {"A": message("A"), "B": message("B", **refers("A")), "C": message("C", **refers("A"))}
    for name in order:
        take(node, updates[name])
    assert {series(node, name) for name in "ABC"} == {"A"}


def issue(**changed: Any) -> IssueMessage:
    named: dict[str, Any] = {"by": SYS, "now": NOW, "identifier": IDENTIFIER, "sender": "15072241600000", "sent": NOW, "msg_type": "Alert"}
    return IssueMessage(**(named | {"series": IDENTIFIER, "alert": "AL-1", "content": RAIN} | changed))


def test_an_own_message_is_issued_once():
    issued = MessageIssued(IDENTIFIER, "15072241600000", NOW, "Alert", IDENTIFIER, "AL-1", RAIN, division="150722")
    given(MESSAGE, rules=RULES).when(issue()).then(issued)
    given(MESSAGE, issued, rules=RULES).when(issue()).then()


def test_what_another_warning_of_ours_took_first_is_said_under_a_name_nobody_can_take():
    node = Streams()
    node.handle(issue())
    cancel = issue(alert="AL-9", msg_type="Cancel")
    ((stream, issued),) = node.handle(cancel).events
    assert issued.identifier == "150722.AL-9_20210718022000_Cancel" and stream == cap_stream(issued.identifier)
    assert (issued.alert, issued.series, issued.msg_type) == ("AL-9", IDENTIFIER, "Cancel")
    assert node.handle(cancel).events == []


def test_our_own_message_comes_back_from_the_platform_as_a_repeat_whoever_sends_it():
    node = Streams()
    node.handle(issue())
    decided = take(node, message(IDENTIFIER, sender="relay", sent=SENT))
    assert (decided.events, decided.answer["outcome"], decided.answer["alert"]) == ([], "repeated", "AL-1")


def test_an_update_of_our_own_message_names_our_warning():
    node = Streams()
    node.handle(issue())
    assert take(node, message("B", **refers(IDENTIFIER, sender="15072241600000", sent=NOW))).answer["alert"] == "AL-1"
    assert series(node, "B") == IDENTIFIER


def test_a_message_for_everybody_is_public_and_never_becomes_wider():
    node = Streams()
    take(node, message())
    stream = cap_stream("A")
    assert MESSAGE.about(node.state(stream)).visibility == "public"
    take(node, message(sender="police", scope="Restricted", digest="d"))
    assert MESSAGE.about(node.state(stream)).visibility == "restricted"
    take(node, message(sender="third", digest="e"))
    assert MESSAGE.about(node.state(stream)).visibility == "restricted"


def test_an_import_names_at_most_sixty_four_streams():
    many = tuple(MessageReference("met", f"R{n}", SENT) for n in range(200))
    command = ImportAlert(by=SYS, now=NOW, message=message(references=(MessageReference("met", "A", SENT), *many)))
    streams = MESSAGE.handles[ImportAlert].streams(command)
    assert len(streams) == len(set(streams)) == REFERENCES + 1
    assert streams[0] == cap_stream("A")


def test_the_event_keeps_the_message_as_it_was_read():
    node = Streams()
    odd = message(references=(MessageReference("", "A\u3000,<&", None),), scope="Private")
    take(node, replace(odd, identifier="odd, <id>"))
    assert node.past[cap_stream("odd, <id>")][0].message.references[0].identifier == "A\u3000,<&"


def test_what_was_sent_from_days_ahead_is_taken_and_says_so():
    ahead = take(Streams(), message(sent=NOW + timedelta(hours=25)))
    assert (ahead.answer["outcome"], [fault["code"] for fault in ahead.answer["faults"]]) == ("accepted_with_faults", ["sent.ahead"])
    assert take(Streams(), message(sent=NOW + timedelta(hours=23))).answer["outcome"] == "accepted", "a wrong zone is the sender's affair"
