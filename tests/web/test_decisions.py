"""The decision log: every act that a post signed, with its power, basis, pack, second signature and deadlines."""

from __future__ import annotations

from tests.support import AUTHOR, DUTY, NEIGHBOUR, PASSER_BY, SECOND

BOARD = "/api/alerts/decisions"


def of(node, alert, who=DUTY):
    got = node.get(BOARD, who, limit=500)
    assert got.status_code == 200, got.text
    return [row for row in reversed(got.json()["items"]) if row["stream"] == f"alert-{alert}"]


def published(node) -> str:
    """A warning that went out, once the log shows what was decided."""
    alert = node.published()
    assert node.settle(node.draft().headers["Ortoo-Position"], BOARD, DUTY).status_code == 200
    return alert


def test_every_act_of_a_warning_names_who_took_it_and_on_which_basis(node):
    alert = node.published()
    position = node.post(f"/api/alerts/alerts/{alert}/cancellation", SECOND, {"reason": "over"}).headers["Ortoo-Position"]
    assert node.settle(position, BOARD, DUTY).status_code == 200
    taken = of(node, alert)
    acts = [(row["type"].split(".")[2], row["actor"], row["role"]) for row in taken]
    assert acts[0] == ("drafted", AUTHOR.actor, AUTHOR.role)
    assert ("published", SECOND.actor, SECOND.role) in acts and ("cancelled", SECOND.actor, SECOND.role) in acts
    assert all(row["basis"] and row["rulepack"] and row["division"] == "150722" and not row["exercise"] for row in taken), taken


def test_what_a_policy_or_a_timer_carries_out_is_no_decision(node):
    published(node)
    rows = node.get(BOARD, DUTY, limit=500).json()["items"]
    assert rows and not [row for row in rows if row["role"].startswith("SYS")]


def test_it_is_read_by_post_page_by_page(node):
    published(node)
    whole = [row["position"] for row in node.get(BOARD, DUTY, actor=AUTHOR.actor, limit=500).json()["items"]]
    paged, before = [], None
    while True:
        got = node.get(BOARD, DUTY, actor=AUTHOR.actor, limit=1, **({} if before is None else {"before": before})).json()
        paged += [row["position"] for row in got["items"]]
        before = got["next"]
        if before is None or not got["items"]:
            break
    assert paged == whole == sorted(whole, reverse=True)


def test_it_is_for_the_organs_of_the_own_chain(node):
    alert = published(node)
    assert of(node, alert)
    assert not of(node, alert, NEIGHBOUR)
    assert node.get(BOARD, PASSER_BY).status_code == 403
    assert node.get(BOARD).status_code == 401
