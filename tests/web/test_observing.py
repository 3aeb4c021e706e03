"""`IngestObservation`: whose readings count, and what becomes of those that contradict each other."""

from __future__ import annotations

from tests.support import DUTY, NEIGHBOUR, OFFICER, PASSER_BY, Post, fresh, problem


def test_a_station_s_readings_are_taken_from_its_own_division(node):
    station = fresh("ST")
    neighbour, office = Post("A.W", "SECT.weather", "150102"), Post("B.W", "SECT.weather")
    node.post(f"/api/alerts/stations/{station}", OFFICER, {"division": "150722", "properties": ["rain"]})
    reading = {"station": station, "property": "rain", "hours": "3", "mm": "0"}
    problem(node.post("/api/alerts/observations", neighbour, reading), 403, "not_allowed", "ERL-58")
    problem(node.post("/api/alerts/observations/batch", neighbour, {"readings": [reading]}), 403, "not_allowed", "ERL-58")
    assert node.post("/api/alerts/observations", office, reading).status_code == 201
    unknown = {**reading, "station": fresh("ST")}
    assert node.post("/api/alerts/observations", neighbour, unknown).status_code == 201, "of the first who reports it"
    problem(node.post("/api/alerts/observations", office, {**unknown, "mm": "80"}), 403, "not_allowed", "ERL-58")
    problem(node.post("/api/alerts/observations", PASSER_BY, reading), 403, "not_allowed", "ERL-58")


def test_a_reading_that_contradicts_another_is_shown_to_the_duty_room_of_its_place(node):
    station, at = fresh("ST"), "2026-07-18T02:00:00+08:00"
    for mm in ("5", "50"):
        sent = {"station": station, "property": "rain", "hours": "3", "mm": mm, "at": at}
        said = node.post("/api/alerts/observations", Post("B.W", "SECT.weather"), sent).json()
    assert said["flags"] == ["Q-TRIAGE"]

    def shown(who):
        return [each["value"] for each in node.get("/api/alerts/board", who).json()["conflicting_readings"] if each["station"] == station]

    assert shown(DUTY) == ["50"] and shown(NEIGHBOUR) == []
