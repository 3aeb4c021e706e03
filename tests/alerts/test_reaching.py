"""Whom a warning reached (ERL art. 64, 65)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given as forall
from hypothesis import strategies as st

from services.alerts.deciders.monitoring.recipients import Roster
from services.alerts.deciders.warnings.alert import ALERT
from services.alerts.deciders.warnings.asked import Asked, Roll
from services.alerts.deciders.warnings.commands import (
    AcknowledgeAlert,
    AskRecipients,
    CancelAlert,
    ConfirmNotice,
    EscalateSilence,
    RecordDissemination,
)
from services.alerts.events.reach import (
    AcknowledgementOverdue,
    AlertAcknowledged,
    AlertDisseminated,
    Channel,
    Delivery,
    NoticeSent,
    NoticeTo,
)
from services.alerts.events.registers import Recipient
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, WrongState
from shared.testing.spec import given
from tests.alerts.world import DUTY, HQ, IDENTIFIER, MET2, NOW, RULES, SYS, TXW, approved, at, facts, published

DUE = NOW + timedelta(minutes=30)
ROSTER = {"recipients-150722": Roster((Recipient("T.XW"), Recipient("DAM.YA", Channel.MAIL)), "150722", True)}
ASKED = AlertDisseminated("AL-1", "T.XW", Channel.IN_APP, Delivery.DELIVERED, IDENTIFIER, NOW, DUE)
MAILED = AlertDisseminated("AL-1", "DAM.YA", Channel.MAIL, Delivery.QUEUED, IDENTIFIER, NOW, DUE)


def ask(identifier: str = IDENTIFIER) -> AskRecipients:
    return AskRecipients(by=SYS, now=NOW, alert="AL-1", identifier=identifier, list="150722")


def ack(by: Signature = TXW, clock: str = "02:26") -> AcknowledgeAlert:
    return AcknowledgeAlert(by=by, now=at(clock), alert="AL-1")


def test_everybody_on_the_list_is_asked_to_acknowledge():
    given(ALERT, *published(), others=ROSTER, rules=RULES).when(ask()).then(ASKED, MAILED)


def test_asking_twice_reaches_nobody_twice():
    given(ALERT, *published(), ASKED, MAILED, others=ROSTER, rules=RULES).when(ask()).then()
    given(ALERT, *published(), ASKED, others=ROSTER, rules=RULES).when(ask()).then(MAILED)


def test_a_list_nobody_set_asks_nobody():
    given(ALERT, *published(), rules=RULES).when(ask()).then()


def test_a_further_message_informs_and_asks_only_who_is_new():
    events = facts(
        given(ALERT, *published(), ASKED, others=ROSTER, rules=RULES).when(ask("update-1")).then_types(AlertDisseminated, AlertDisseminated)
    )
    assert [(event.recipient, event.ack_due) for event in events] == [("T.XW", None), ("DAM.YA", DUE)]


def test_of_a_lifted_warning_nobody_is_asked_to_acknowledge_anything():
    past = (*published(), ASKED)
    past += tuple(facts(ALERT.decide(CancelAlert(by=MET2, now=NOW, alert="AL-1"), ALERT.fold(past), RULES)))
    events = facts(given(ALERT, *past, others=ROSTER, rules=RULES).when(ask("cancel-1")).then_types(AlertDisseminated, AlertDisseminated))
    assert [event.ack_due for event in events] == [None, None]


def test_an_acknowledgement_counts_once():
    done = AlertAcknowledged("AL-1", "T.XW", at("02:26"))
    given(ALERT, *published(), ASKED, rules=RULES).when(ack()).then(done)
    given(ALERT, *published(), ASKED, done, rules=RULES).when(ack()).then()


def test_nobody_acknowledges_who_was_not_asked():
    given(ALERT, *published(), ASKED, rules=RULES).when(ack(HQ)).refused(NotAllowed, "alert.recipients")
    given(ALERT, *approved(), rules=RULES).when(ack()).refused(NotAllowed, "alert.recipients")


def test_a_late_acknowledgement_is_taken_and_marked():
    overdue = AcknowledgementOverdue("AL-1", "T.XW", DUE, DUE)
    given(ALERT, *published(), ASKED, overdue, rules=RULES).when(ack(clock="02:58")).then(
        AlertAcknowledged("AL-1", "T.XW", at("02:58"), late=True)
    )


def silence(clock: str) -> EscalateSilence:
    return EscalateSilence(by=SYS, now=at(clock), alert="AL-1", recipient="T.XW")


def test_silence_is_escalated_once_and_not_before_its_time():
    overdue = AcknowledgementOverdue("AL-1", "T.XW", DUE, at("02:50"))
    given(ALERT, *published(), ASKED, rules=RULES).when(silence("02:49")).then()
    given(ALERT, *published(), ASKED, rules=RULES).when(silence("02:50")).then(overdue)
    given(ALERT, *published(), ASKED, overdue, rules=RULES).when(silence("02:51")).then()


def test_who_answered_is_not_rung():
    given(ALERT, *published(), ASKED, AlertAcknowledged("AL-1", "T.XW", at("02:26")), rules=RULES).when(silence("02:50")).then()


def record(recipient: str, state: Delivery) -> RecordDissemination:
    return RecordDissemination(by=SYS, now=NOW, alert="AL-1", recipient=recipient, channel=Channel.MAIL, state=state)


def test_a_channel_reports_what_became_of_a_delivery_once():
    failed = AlertDisseminated("AL-1", "DAM.YA", Channel.MAIL, Delivery.FAILED, IDENTIFIER, NOW)
    given(ALERT, *published(), MAILED, rules=RULES).when(record("DAM.YA", Delivery.FAILED)).then(failed)
    given(ALERT, *published(), MAILED, failed, rules=RULES).when(record("DAM.YA", Delivery.FAILED)).then()
    given(ALERT, *published(), MAILED, rules=RULES).when(record("T.NJ", Delivery.SENT)).refused(NotFound, "alert.recipients")


def test_a_report_of_a_channel_does_not_move_the_wait():
    failed = AlertDisseminated("AL-1", "DAM.YA", Channel.MAIL, Delivery.FAILED, IDENTIFIER, NOW)
    assert ALERT.fold((*published(), MAILED, failed)).asked["DAM.YA"].due_at == DUE


def test_asking_one_more_copies_one_small_shelf_however_many_were_asked():
    alert = ALERT.fold((*published(), *[replace(ASKED, recipient=f"T.{n}") for n in range(20_000)]))
    assert len(alert.asked) == 20_000 and alert.asked["T.19999"].due_at == DUE
    before = alert.asked._shelves
    after = ALERT.evolve(alert, replace(ASKED, recipient="T.20000")).asked._shelves
    copied = [new for old, new in zip(before, after, strict=True) if new is not old]
    assert len(copied) == 1 and len(copied[0]) < 20_000 / 100


@forall(st.lists(st.tuples(st.sampled_from("ABCDEFGH"), st.booleans())))
def test_a_roll_is_a_mapping_that_never_changes(entries):
    roll, known = Roll(), {}
    for name, answered in entries:
        before = dict(roll)
        after = roll.with_(name, Asked(acknowledged=answered))
        known[name] = Asked(acknowledged=answered)
        assert dict(roll) == before
        roll = after
    assert roll == known and len(roll) == len(known)
    assert all(roll[name] == asked for name, asked in known.items()) and roll.get("Z") is None


def confirm(to: NoticeTo) -> ConfirmNotice:
    return ConfirmNotice(by=DUTY, now=NOW, alert="AL-1", to=to)


def test_each_notice_is_confirmed_once():
    sent = NoticeSent("AL-1", NoticeTo.UP, "B.DUTY", NOW)
    given(ALERT, *published(), rules=RULES).when(confirm(NoticeTo.UP)).then(sent)
    given(ALERT, *published(), sent, rules=RULES).when(confirm(NoticeTo.UP)).then()
    assert set(ALERT.fold((*published(), sent)).notices.unsettled()) == {"garrison", "neighbours"}


def test_a_notice_that_is_not_due_is_not_confirmed():
    given(ALERT, *approved(), rules=RULES).when(confirm(NoticeTo.UP)).refused(WrongState, "ERL-64.1")
