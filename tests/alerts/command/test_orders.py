"""Orders: what they must say, who gives them, what they owe, how they are answered, how they end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.alerts.deciders.incidents.closure import ACTIVATION, Closure
from services.alerts.deciders.incidents.state import AFTER_CARE, CLOSED, RESPONDING, Incident, Site
from services.alerts.deciders.orders.commands import (
    AcknowledgeOrder,
    AmendOrder,
    DecideObjection,
    FileOrder,
    IssueOrder,
    ObjectToOrder,
    PaperOrder,
    PublishOrder,
    ReviewProportionality,
)
from services.alerts.deciders.orders.order import ORDER
from services.alerts.deciders.responses.state import ACTIVE, TERMINATED, Response
from services.alerts.deciders.responses.urgent import UrgentPeriod
from services.alerts.events.order import (
    Finding,
    ObjectionDecided,
    ObjectionOutcome,
    OrderAcknowledged,
    OrderAmended,
    OrderEnded,
    OrderFiled,
    OrderIssued,
    OrderObjected,
    OrderPapered,
    OrderPublished,
    ProportionalityReviewed,
)
from services.alerts.events.response import OrderBound
from shared.blocks.open_items import NOTHING
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, When, given
from tests.alerts.world import DUTY, GOV, HQ, RULES, at
from tests.rulebook import FakeRules

ICP = Signature("B.ICP", ("ICP",), "150722", 3)
WHEN = at("14:52")
CATALOGUE = ("ERL-73", "ERL-73.4", "ERL 73", "erl-73.4.1", "ERL-73.5", "ERL-67", "ERL74")
INC = "INC-1"


def issue(**changed: Any) -> IssueOrder:
    said: dict[str, Any] = {
        "measure_type": "close road",
        "basis": "ERL-73",
        "executor": "B.ICP",
        "due": at("16:00"),
        "feedback": "hourly",
        "end_condition": "water below road",
        "remedy": "notice 1",
        "incident": INC,
    }
    return IssueOrder(**({"by": HQ, "now": WHEN, "order": "OR-1"} | said | changed))


def scene(status: str = RESPONDING, commander: str | None = "B.ICP", closure: Closure | None = None, **more: Any) -> dict[str, Any]:
    site = Site(commander, "150722", 3) if commander else None
    incident = Incident(INC, status, division="150722", site=site)
    return {f"incident-{INC}": incident, f"closure-{INC}": closure or Closure(), **more}


def issued(**changed: Any) -> OrderIssued:
    event = given(ORDER, rules=RULES, others=scene()).when(issue(**changed)).then_types(OrderIssued).events[0][1]
    assert isinstance(event, OrderIssued)
    return event


def past(*further: Any, **changed: Any) -> Given:
    return given(ORDER, issued(**changed), *further, rules=RULES, others=scene())


def signed(kind: type, by: Signature = HQ, clock: str = "15:30", day: int = 18, **said: Any) -> Any:
    return kind(by=by, now=at(clock, day), order="OR-1", **said)


def test_an_order_says_who_does_what_on_which_basis_and_the_liable_government():
    decided = given(ORDER, rules=RULES, others=scene()).when(issue(on_screen=("150000.alerts:12",))).then_types(OrderIssued)
    event = decided.events[0][1]
    assert decided.basis == "ERL-73"
    assert (event.issuer, event.liable_government, event.restricts) == ("HQ", "150722", True)
    assert (event.content.areas, event.content.rights) == (("150722",), ("movement",))
    assert event.on_screen == ("150000.alerts:12",)
    assert {due.key: due.due_at for due in event.clocks} == {"K-21": at("00:00", 22), "K-19": at("14:52", 19), "ack": at("15:22")}


def test_without_a_basis_that_is_the_first_fault_and_all_others_are_named_with_it():
    bare = IssueOrder(by=ICP, now=at("14:50"), order="OR-0", measure_type="close road", text="test", incident=INC)
    error = given(ORDER, rules=RULES, others=scene()).when(bare).refused(RuleBroken, "basis", times=6)
    assert "name the legal basis" in error.cure
    assert {failure.rule for failure in error.failures} == {"basis", "SEED-9", "ERL-86", "SEED-14"}


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"measure_type": None}, "ERL-73"),
        ({"measure_type": "close the sky"}, "ERL-73"),
        ({"executor": None}, "SEED-9"),
        ({"due": None}, "SEED-9"),
        ({"due": WHEN}, "SEED-9"),
        ({"feedback": ""}, "SEED-9"),
        ({"end_condition": None}, "ERL-86"),
        ({"remedy": None}, "SEED-14"),
        ({"measure_type": "repair facilities", "remedy": None, "rights": ("property",)}, "SEED-14"),
        ({"executor": "MIL.150722"}, "MIL-7"),
        ({"executor": "某部队一连"}, "MIL-7"),
        ({"executor": "VOL.7"}, "VSR-25"),
        ({"on_screen": ("somewhere",)}, "position"),
        ({"on_screen": ("nolog:5",), "heads": (("150000.alerts", 12),)}, "position"),
        ({"on_screen": ("150000.alerts:13",), "heads": (("150000.alerts", 12),)}, "position"),
        ({"measure_type": "stop trades", "alternatives": "shorter hours"}, "SEED-12"),
        ({"measure_type": "stop trades", "basis": "IDL-42"}, "SEED-12"),
        *(({"measure_type": "stop trades", "basis": basis, "alternatives": "y"}, "SEED-12") for basis in CATALOGUE),
        *(({"basis": basis}, "basis") for basis in ("x", "ERL", "ERL-", "law 73", "GO61-1", "XERL-73", "ERL-73 or so")),
        ({"basis": "FCL-45"}, "FCL-41"),
        ({"basis": "drt 47(1)"}, "DRT-45"),
        ({"measure_type": "other", "basis": "ERL-74", "alternatives": "none serves"}, "SEED-12"),
    ],
)
def test_what_the_law_does_not_allow_is_refused(changed, rule):
    given(ORDER, rules=RULES, others=scene()).when(issue(**changed)).refused(RuleBroken, rule, times=1)


def test_a_general_stoppage_of_trades_with_its_own_provision_and_the_milder_means_weighed_is_an_order():
    issued(measure_type="stop trades", basis="IDL-42", alternatives="shorter hours were tried")
    issued(measure_type="repair facilities", remedy=None)  # restricts nobody
    issued(executor="B.MILLER")  # a post, not troops


@pytest.mark.parametrize("said", ["ERL-73.4", "erl 73.4", "ERL73(4)", "ＥＲＬ－７３（４）", " ERL-073.04 "])
def test_a_basis_is_kept_as_rules_are_named(said):
    assert issued(basis=said).content.basis == "ERL-73.4"
    amended = past().when(signed(AmendOrder, reason="x", basis=said)).then_types(OrderAmended).events[0][1]
    assert amended.content.basis == "ERL-73.4"


def test_what_only_an_urgent_period_opens_needs_one_that_is_open():
    def within(status: str, command: IssueOrder, powers: tuple[str, ...] = ("FCL-45",)) -> When:
        period = UrgentPeriod(status, powers=powers, division="150722")
        return given(ORDER, rules=RULES, others={"urgent-flood.1": period}).when(command)

    command = issue(basis="FCL-45.2", period="flood.1", incident=None)
    assert within("open", command).then_types(OrderIssued).events[0][1].period == "flood.1"
    within("over", command).refused(RuleBroken, "FCL-41", times=1)
    within("new", command).refused(RuleBroken, "FCL-41", times=1)
    within("open", command, ("DRT-47",)).refused(RuleBroken, "FCL-41", times=1)
    past().when(signed(AmendOrder, reason="x", basis="FCL-45")).refused(RuleBroken, "FCL-41", times=1)
    under = ORDER.handles[IssueOrder].under
    assert under is not None
    there = {"urgent-flood.1": UrgentPeriod("open", division="150722")}
    assert under(replace(command, areas=("150721",)), there) == {"150722": ("150721",)}
    past_until = UrgentPeriod("open", powers=("FCL-45",), until=WHEN, division="150722")
    given(ORDER, rules=RULES, others={"urgent-flood.1": past_until}).when(command).refused(RuleBroken, "FCL-41")


def test_orders_on_the_spot_are_the_site_commanders_alone():
    given(ORDER, rules=RULES, others=scene()).when(issue(by=ICP, incident=INC)).then_types(OrderIssued)
    given(ORDER, rules=RULES, others=scene(commander="X.ICP")).when(issue(by=ICP, incident=INC)).refused(NotAllowed, "PSER-21")
    given(ORDER, rules=RULES, others=scene(commander=None)).when(issue(by=ICP, incident=INC)).refused(NotAllowed, "PSER-21")
    given(ORDER, rules=RULES, others=scene()).when(issue(by=ICP, incident=None)).refused(RuleBroken, "PSER-21")


def test_an_order_needs_an_incident_that_is_known_and_open():
    given(ORDER, rules=RULES, others=scene(status="new")).when(issue(incident=INC)).refused(NotFound)
    given(ORDER, rules=RULES, others=scene(status=CLOSED)).when(issue(incident=INC)).refused(WrongState, "incident.life")


def test_powers_end_with_the_response():
    open_ = Closure(items=NOTHING.open("activation/ACT-B", ACTIVATION))
    over = Closure(items=open_.items.settle("activation/ACT-B", "ended"))
    given(ORDER, rules=RULES, others=scene(closure=open_)).when(issue(incident=INC)).then_types(OrderIssued)
    given(ORDER, rules=RULES, others=scene(closure=over)).when(issue(incident=INC)).refused(WrongState, "ERL-86")
    given(ORDER, rules=RULES, others=scene(status=AFTER_CARE)).when(issue(incident=INC)).refused(WrongState, "ERL-86")

    def named(status: str) -> When:
        states = scene() | {"response-ACT-B": Response(status=status, incident=INC)}
        return given(ORDER, rules=RULES, others=states).when(issue(activation="ACT-B", incident=None))

    named(ACTIVE).then_types(OrderIssued, OrderBound)
    named(TERMINATED).refused(WrongState, "ERL-86")
    named("new").refused(NotFound)


def test_an_order_is_as_narrow_as_its_incident():
    states = scene()
    states[f"incident-{INC}"] = Incident(INC, RESPONDING, division="150722", visibility="restricted")
    event = given(ORDER, rules=RULES, others=states).when(issue(incident=INC)).then_types(OrderIssued).events[0][1]
    assert ORDER.about(ORDER.fold([event])).visibility == "restricted"


def test_an_id_is_given_once():
    past().when(issue()).refused(WrongState, "order.life")


def test_filing_within_three_working_days_meets_its_clock_and_late_is_kept_and_marked():
    file = signed(FileOrder, clock="16:00", day=20, desk="desk")
    filed = OrderFiled("OR-1", "desk", "", False, "B.HQ", at("16:00", 20), INC, ("K-21",))
    past().when(file).then(filed)
    late = past().when(replace(file, now=at("00:01", 22))).then_types(OrderFiled)
    assert late.flags == ("A-LATE",) and late.events[0].late
    past().when(replace(file, desk=None)).refused(RuleBroken, "ERL-25")
    league = FakeRules(RULES.values | {"order.desk": "working committee"})
    unnamed = given(ORDER, issued(), rules=league).when(replace(file, desk=None)).then_types(OrderFiled).events[0]
    assert unnamed.desk == "working committee"
    past(filed).when(file).refused(WrongState, "ERL-25")


def test_what_is_owed_is_owed_after_the_end_too():
    ended = OrderEnded("OR-1", "dry", "B.HQ", at("15:40"), stopped=("K-19", "ack"))
    past(ended).when(signed(FileOrder, clock="16:00", day=20, desk="desk")).then_types(OrderFiled)
    past(ended).when(signed(PublishOrder, text="the road is open again")).then_types(OrderPublished)


def test_an_order_is_published_in_words_for_everybody():
    past(text="G111 is closed").when(signed(PublishOrder)).then(OrderPublished("OR-1", "G111 is closed", "B.HQ", at("15:30"), INC))
    past().when(signed(PublishOrder)).refused(RuleBroken, "ERL-7")


def test_an_order_by_word_of_mouth_is_papered_within_two_days():
    oral = issued(oral=True)
    assert [due.due_at for due in oral.clocks if due.key == "K-24"] == [at("14:52", 20)]
    paper = signed(PaperOrder, document="DOC-1")
    papered = OrderPapered("OR-1", "DOC-1", False, "B.HQ", at("15:30"), INC, ("K-24",))
    given(ORDER, oral, rules=RULES).when(paper).then(papered)
    given(ORDER, oral, rules=RULES).when(replace(paper, document=None)).refused(RuleBroken, "K-24")
    given(ORDER, oral, papered, rules=RULES).when(paper).refused(WrongState, "K-24")
    past().when(paper).refused(WrongState, "K-24")
    assert given(ORDER, oral, rules=RULES).when(replace(paper, now=at("14:53", 20))).then_types(OrderPapered).flags == ("A-LATE",)


def test_proportionality_is_reviewed_again_and_again():
    review = signed(ReviewProportionality, clock="10:00", day=19, finding=Finding.KEEP, note="water still high")
    event = past().when(review).then_types(ProportionalityReviewed).events[0]
    assert (event.met, event.clocks[0].due_at, event.late) == (("K-19",), at("10:00", 20), False)
    order = ORDER.fold([issued(), event])
    assert order.clocks.runs("K-19") and order.clocks.late("K-19", at("10:01", 20))
    later = given(ORDER, issued(), event, rules=RULES).when(replace(review, now=at("11:00", 20))).then_types(ProportionalityReviewed)
    assert later.flags == ("A-LATE",)
    past().when(replace(review, finding=None, note="")).refused(RuleBroken, "ERL-10", times=2)


def test_the_executor_acknowledges_and_so_may_others_down_the_tree():
    read = OrderAcknowledged("OR-1", "B.ICP", "150722", at("15:30"), INC, ("ack",))
    past().when(signed(AcknowledgeOrder, ICP)).then(read)
    past(read).when(signed(AcknowledgeOrder, ICP)).then()
    past().when(signed(AcknowledgeOrder, DUTY)).then(OrderAcknowledged("OR-1", "B.DUTY", "150722", at("15:30"), INC))


def test_an_objection_is_kept_and_the_order_stands_until_it_is_decided():
    decided = past().when(signed(ObjectToOrder, ICP, reason="the bypass is under water")).then_types(OrderObjected)
    objected = decided.events[0]
    assert decided.answer == {"objection": 1} and ORDER.fold([issued(), objected]).status == "in force"
    assert past().when(signed(ObjectToOrder, ICP)).then_types(OrderObjected).flags == ("A-INCOMPLETE",)
    decide = signed(DecideObjection, outcome=ObjectionOutcome.DISMISSED, reason="it is passable")
    answered = ObjectionDecided("OR-1", 1, ObjectionOutcome.DISMISSED, "it is passable", "B.HQ", at("15:30"), INC)
    past(objected).when(decide).then(answered)
    past(objected).when(replace(decide, outcome=None, reason=None)).refused(RuleBroken, "ERL-20", times=2)
    past(objected, answered).when(decide).refused(NotFound)
    past(objected).when(replace(decide, objection=7)).refused(NotFound)


def test_an_amended_order_is_acknowledged_and_filed_anew():
    filed = OrderFiled("OR-1", "desk", "", False, "B.HQ", at("15:00"), None, ("K-21",))
    amend = signed(AmendOrder, due=at("20:00"), reason="the water rises")
    event = past(filed).when(amend).then_types(OrderAmended).events[0][1]
    assert (event.content.due, event.amendment, event.content.executor) == (at("20:00"), 1, "B.ICP")
    assert {due.key for due in event.clocks} == {"K-21", "K-19", "ack"}
    assert {due.key for due in past().when(amend).then_types(OrderAmended).events[0][1].clocks} == {"K-19", "ack"}
    order = ORDER.fold([issued(), filed, event])
    assert not order.filed and order.clocks.runs("K-21")
    given(ORDER, issued(), filed, event, rules=RULES).when(signed(FileOrder, clock="16:00", desk="desk")).then_types(OrderFiled)


def test_an_amendment_is_judged_as_the_order_was():
    past().when(signed(AmendOrder, due=at("20:00"))).refused(RuleBroken, "order.reason")
    past().when(signed(AmendOrder, reason="no change")).refused(RuleBroken, "order.same")
    past().when(signed(AmendOrder, reason="x", basis="")).refused(RuleBroken, "basis")
    past().when(signed(AmendOrder, clock="17:00", reason="x", text="y")).refused(RuleBroken, "SEED-9")  # its time limit has passed
    past().when(signed(AmendOrder, ICP, reason="x", text="y")).refused(NotAllowed, "ERL-20")
    past().when(signed(AmendOrder, GOV, reason="x", text="y")).then_types(OrderAmended)
