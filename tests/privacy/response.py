"""A response through a real node with planted people in it: registered, called up, listed in a shelter, read, paid, and destroyed."""

from __future__ import annotations

import base64
import io
import threading
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import httpx
from PIL import Image

from services.client.expect import described
from services.client.load import BUILDERS, fixture_time, signer
from services.client.openapi import Api
from services.client.script import read_story
from services.client.session import Session
from services.client.story import Player
from tests.privacy.traces import Planted
from tests.support import Door
from tests.volunteers.pages.applicant import AGREED, Applicant, id_number

STORY = Path(__file__).resolve().parents[2] / "stories" / "hulunbuir-2021.yaml"
OPENED = ("dam-06", "dam-09", "dam-12", "report-01", "resp-02", "resp-05")  # of the story: what opens a response of the banner
LOADED = ("rule_pack", "divisions", "hazard_sources", "plans", "assessments", "insurance", "tariffs")
INCIDENT, REGISTERS = "INC-1", ("volunteers", "alerts")
DPO, LEGAL, AUDITOR = ("C.DPO", "DPO", "150700"), ("C.LEG", "LEG", "150700"), ("C.AUD", "AUD", "150700")
OFFICER, SECOND, LEAD = ("B.OFF", "EMD.officer", "150722"), ("B.APP", "EMD.approver", "150722"), ("B.LEAD", "TASK.lead", "150722")
HOST, MONEY, DUTY = ("B.ICP", "ICP.commander", "150722"), ("B.FIN", "FIN", "150722"), ("B.DUTY", "EMD.duty", "150722")
NAMES = {"han": "诸葛试验甲", "latin": "Quirinus Testperson", "mongolian": "ᠲᠤᠷᠰᠢᠯᠲᠠ ᠬᠦᠮᠦᠨ"}
PHONES = {
    "han": "13055500171",
    "latin": "13055500272",
    "mongolian": "13055500373",
    "sheltered": "13055500474",
    "finder": "13055500575",
    "kin": "13055500676",
}
BORN = {"han": "19810305", "latin": "19790911", "mongolian": "19900117", "sheltered": "19550606"}
IDS = {who: id_number(born) for who, born in BORN.items()}
NOTES = {
    "health": "哮喘与青霉素过敏试验记录",
    "flag": "insulin pump, wing seven",
    "kin": "Kinswoman Testperson",
    "listed": "测试收容人",
    "account": "6222995550001117778",
}
MAIL = "quirinus.testperson@planted.example"


def noise(seed: int, size: tuple[int, int] = (96, 96)) -> bytes:
    """A picture like no other."""
    made = io.BytesIO()
    Image.frombytes("RGB", size, Random(seed).randbytes(size[0] * size[1] * 3)).save(made, "JPEG", quality=95)
    return made.getvalue()


PHOTO, LISTED = noise(1), noise(2)
PAPER = b"%PDF-1.4\n" + Random(3).randbytes(4000)


def planted(kept: bytes) -> Planted:
    """Everything personal that is told to the node in this response; `kept` is the photo as the desk made it anew."""
    texts = {f"name of {who}": name for who, name in NAMES.items()} | {f"phone of {who}": phone for who, phone in PHONES.items()}
    texts |= {f"number of {who}": number for who, number in IDS.items()} | NOTES | {"mail": MAIL}
    return Planted(texts, {"photo": PHOTO, "kept photo": kept, "listed": LISTED, "paper": PAPER})


class Response:
    """Commands at the story's time by whoever may give them."""

    def __init__(self, door: Door) -> None:
        self.door, self.story, self.people = door, read_story(STORY), dict[str, str]()
        self.at, self._keys, self.kept = "2021-07-18T15:00:00+08:00", 0, b""

        def mint(actor: str, role: str, division: str | None, realm: str = "real") -> str:
            return door.principals.mint(actor, (role,), division or self.story.root)

        self.session = Session(Api(door.http, door.http.get("/openapi.json").json()), mint, ("STORY.READER", "SYS", self.story.root))

    def load(self) -> None:
        """Of the story's header what a response needs: plans, assessments, insurance, tariffs."""
        at = fixture_time(self.story)
        for part in LOADED:
            for one in BUILDERS[part](self.story):
                token = self.session.token(*signer(one, self.story))
                answer = self.session.command(one.command, one.arguments, at=at, key=one.key, token=token)
                assert answer.accepted, described(answer)

    def play(self, steps: tuple[str, ...]) -> None:
        """What these steps command is accepted; that alone they show less than the whole story is no matter."""
        faults = [fault for one in Player(self.session, self.story).play(steps) for fault in one.faults]
        assert [fault for fault in faults if "to be accepted" in fault] == []

    def ask(self, command: str, who: tuple[str, str, str] | None, cosigner: tuple[str, str, str] | None = None, **said: Any) -> Any:
        self._keys += 1
        tokens = [self.session.token(*one) if one else None for one in (who, cosigner)]
        return self.session.command(command, said, at=self.at, key=f"planted-{self._keys}", token=tokens[0], cosigner=tokens[1])

    def do(self, command: str, who: tuple[str, str, str] | None, cosigner: tuple[str, str, str] | None = None, **said: Any) -> Any:
        answer = self.ask(command, who, cosigner, **said)
        assert answer.accepted, f"{command}: {described(answer)} {answer.get('failures')}"
        self.settled()
        return answer

    def settled(self) -> None:
        self.session.drain(self.at)

    def register(self) -> None:
        """One by the interface without a token, one by the form, one by an officer."""
        agreed = {"risk_text": 1, "notice": "register/2", "consent": True, "separate_consent": True, "division": "150722"}
        files = {"photo": base64.b64encode(PHOTO).decode(), "certificate": base64.b64encode(PAPER).decode()}
        han = {"name": NAMES["han"], "id_number": IDS["han"], "phone": PHONES["han"], "health_note": NOTES["health"]}
        self.people["han"] = self.do("RegisterVolunteer", None, fit=True, **han, **files, **agreed).body["volunteer"]
        applicant = Applicant(self.door.url)
        said = {"name": NAMES["latin"], "id_number": IDS["latin"], "phone": PHONES["latin"], "email": MAIL, "place": "150722", "fit": "yes"}
        kin = {"kin_name": NOTES["kin"], "kin_phone": PHONES["kin"], "document": "resident"}
        page = applicant.form()
        self.at = "2021-07-18T15:01:00+08:00"
        self.settled()
        wrong = applicant.send({**said, **kin, **AGREED, "phone": "no phone"}, page, wait=False)
        assert wrong.status_code == 422 and NAMES["latin"] in wrong.text, "nothing typed is lost"
        self.at = "2021-07-18T15:02:00+08:00"
        self.settled()
        sent = applicant.send({**said, **kin, **AGREED}, wrong, {"photo": ("me.jpg", PHOTO, "image/jpeg")}, wait=False)
        assert sent.status_code == 201, sent.text
        self.people["latin"] = applicant.number
        applicant.close()
        self.people["mongolian"] = "X-MN"
        told = {"name": NAMES["mongolian"], "id_number": IDS["mongolian"], "phone": PHONES["mongolian"]}
        self.do("RegisterVolunteer", OFFICER, volunteer="X-MN", fit=True, **told, **agreed)
        for volunteer in self.people.values():
            self.do("ReviewVolunteer", SECOND, volunteer=volunteer)
            self.do("RecordTraining", OFFICER, volunteer=volunteer, training="basic")
        self.do("LinkPersons", OFFICER, policy="POL-3", group=[*self.people.values()])

    def call_up(self) -> None:
        times = {"from": "2021-07-19T08:00:00+08:00", "to": "2021-07-20T20:00:00+08:00"}
        named = {"call_up": "CU-X", "incident": INCIDENT, "wave": 1, "quota": 3, "task": "unloading", "risk_text": 1}
        self.do("OfferCallUp", OFFICER, volunteers=[*self.people.values()], **named, **times)
        for volunteer in self.people.values():
            self.do("AnswerCallUp", (volunteer, "VOL", "150722"), call_up="CU-X", volunteer=volunteer, answer="accept", risk_text=1)

    def shelter(self) -> None:
        """A person on the list of a shelter, and one who reported something and left how to be reached."""
        said = {"name": NOTES["listed"], "phone": PHONES["sheltered"], "id_number": IDS["sheltered"], "health_flag": NOTES["flag"]}
        files, sensitive = {"photo": base64.b64encode(LISTED).decode()}, ["id_number", "health_flag", "photo"]
        listed = {"incident": INCIDENT, "purpose": "shelter.list", "values": said, "files": files, "sensitive": sensitive}
        self.do("CollectPersonalData", LEAD, subject="X-SH", **listed)
        words = f"water over the road at {NAMES['mongolian']}, call {PHONES['finder']}"
        self.do("ReceiveReport", DUTY, report="RX-1", place="150722", text=words, subject="X-FI", purpose="report.contact")
        self.do("AttachPersonalData", DUTY, subject="RX-1", incident=INCIDENT, purpose="report.words")
        reached = {"incident": INCIDENT, "purpose": "report.contact", "values": {"phone": PHONES["finder"]}}
        self.do("CollectPersonalData", DUTY, subject="X-FI", **reached)

    def refuse(self) -> None:
        """What is refused leaves no more than what is taken."""
        number = PHONES["sheltered"]
        assert self.ask("RegisterNote", DUTY, incident=INCIDENT, text=f"call {number}").get("rule") == "PIPL-5"
        assert self.ask("RegisterNote", DUTY, incident=INCIDENT, text=f"see {IDS['han']}").get("rule") == "PIPL-5"
        wrong = {"incident": INCIDENT, "purpose": "shelter.list", "values": {"name": NAMES["han"], "account": NOTES["account"]}}
        assert self.ask("CollectPersonalData", LEAD, subject="X-SH", **wrong).status == 422
        assert self.ask("ReadPersonalData", LEAD, subject=self.people["han"], field="phone").status == 422
        for path in (f"/api/volunteers/volunteers/{number}", f"/volunteer?name={NAMES['latin']}"):
            self.door.http.get(path, headers={"Referer": MAIL, "User-Agent": NOTES["flag"]})
        self.door.http.post("/api/volunteers/volunteers", content=f'{{"name": "{NAMES["han"]}", "phone": {{}}}}'.encode())

    def read(self) -> None:
        """Everybody's values leave by a reading with purpose, and only so."""
        self.at = "2021-07-19T09:00:00+08:00"
        read = self.do("ReadPersonalData", LEAD, subjects=[*self.people.values()], purpose="callup.contact", incident=INCIDENT)
        assert {values["phone"] for values in read.body["values"].values()} == {PHONES[who] for who in NAMES}
        seen = self.do("ReadPersonalData", LEAD, subject="X-SH", purpose="shelter.list", incident=INCIDENT).body
        assert (seen["health_flag"], base64.b64decode(seen["photo"])) == (NOTES["flag"], LISTED)
        who = self.people["han"]
        own = self.do("ExportPersonalData", (who, "VOL", "150722"), subject=who).body["records"]
        kept = next(one["values"] for one in own if one["purpose"] == "register")
        self.kept = base64.b64decode(kept["photo"])
        assert base64.b64decode(kept["certificate"]) == PAPER and kept["health_note"] == NOTES["health"]

    def serve(self) -> None:
        """Six hours each, counted and paid."""
        people = [*self.people.values()]
        self.do("CheckIn", LEAD, incident=INCIDENT, people=people)
        self.at = "2021-07-19T15:00:00+08:00"
        self.do("CheckOut", LEAD, incident=INCIDENT, people=people)
        self.at = "2021-07-20T21:00:00+08:00"
        self.do("StandDown", HOST, call_up="CU-X")
        who = self.people["latin"]
        given = {"values": {"account": NOTES["account"], "name": NAMES["latin"]}, "sensitive": ["account"], "purpose": "payment"}
        account = self.do("CollectPersonalData", OFFICER, subject=who, **given).body["ref"]
        claimed = {"claim": "CL-X", "claimant": who, "incident": INCIDENT, "receipts": 0, "account": account}
        assert self.do("ClaimCompensation", (who, "VOL", "150722"), **claimed).body["missing"] == []
        self.at = "2021-07-21T09:00:00+08:00"
        self.do("AssessClaim", OFFICER, claim="CL-X", amount=120.0)
        self.do("DecideClaim", SECOND, claim="CL-X", amount=120.0, remedy="review within 60 days")
        self.do("PayClaim", MONEY, claim="CL-X", amount=120.0)

    def totals(self) -> tuple[Any, Any]:
        """Hours and money, which outlive who they are of."""
        hours = self.session.query("GetHours", {"incident": INCIDENT}, at=self.at).body["persons"]
        claim = self.do("GetClaim", MONEY, claim="CL-X").body
        return {who: hours[who]["hours"] for who in self.people.values()}, {name: claim[name] for name in ("state", "decided", "paid")}

    def end(self) -> None:
        """The response of the banner ends, the only one; what is held of people is assessed."""
        self.at = "2021-07-24T12:00:00+08:00"
        self.do("EndResponse", ("B.HQ", "HQ.commander", "150722"), activation="ACT-B", ended=["M-1", "M-2", "M-3"], kept=[])

    def destroy(self) -> None:
        """From the decision of two to the search of a third."""
        self.at = "2021-07-30T09:00:00+08:00"
        of = {"volunteers": [*self.people.values()], "alerts": ["X-SH", "X-FI", "RX-1"]}
        for number, register in enumerate(REGISTERS, 1):
            self.do("AssessRetention", DPO, register=register, legality="text", necessity="text", safety="text")
            self.do("DecideRetention", DPO, LEGAL, register=register, destroy=of[register], retain=[])
            self.do("DestroyPersonalData", DPO, register=register, certificate=f"DX-{number}", subjects=of[register])
        for number, who in enumerate(self.people.values(), 3):  # their registrations stay until they want them deleted
            self.do("EraseVolunteer", (who, "VOL", "150722"), volunteer=who)
            self.do("ErasePersonalData", DPO, LEGAL, subject=who, certificate=f"DX-{number}", reason="asked for it")
        again = {"name": NAMES["latin"], "phone": PHONES["latin"], "risk_text": 1, "notice": "register/1", "consent": True}
        refused = self.ask("RegisterVolunteer", OFFICER, volunteer="X-MN", division="150722", fit=True, adult=True, **again)
        assert refused.status == 409, "and nothing of it is kept: what was erased stays so"

    def verify(self) -> list[dict[str, Any]]:
        """The node's own search after each destruction of the response; then what privacy shows."""
        for number, register in enumerate(REGISTERS, 1):
            self.do("VerifyDestruction", AUDITOR, register=register, certificate=f"DX-{number}")
        shown: dict[str, Any] = self.do("GetPrivacy", AUDITOR).body
        assert not any(shown[f"{where}_shows_person"] for where in ("replay", "export", "backup"))
        found: list[dict[str, Any]] = self.do("ListDestructions", DPO).body["items"]
        return found

    def readings(self) -> list[tuple[int, str]]:
        """What everybody who might have read before gets now: status and words."""
        asked = [(LEAD, who, "callup.contact") for who in self.people.values()]
        asked += [(OFFICER, who, "register") for who in self.people.values()]
        asked += [(LEAD, "X-SH", "shelter.list"), (DUTY, "X-FI", "report.contact"), (MONEY, self.people["latin"], "payment")]
        told = []
        for who, subject, purpose in asked:
            incident = {"incident": INCIDENT} if "." in purpose else {}
            answer = self.ask("ReadPersonalData", who, subject=subject, purpose=purpose, **incident)
            told.append((answer.status, str(answer.body)))
        return told


class Listening:
    """What is told live to a browser that may see everything, byte by byte."""

    def __init__(self, door: Door, session: Session) -> None:
        self.heard = b""
        self._client = httpx.Client(base_url=door.url, timeout=None)
        self._headers = {"Authorization": f"Bearer {session.token('STORY.READER', 'SYS', '150000')}", "Accept": "text/event-stream"}
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with suppress(httpx.HTTPError), self._client.stream("GET", "/api/events/stream", headers=self._headers) as stream:
            for chunk in stream.iter_raw():
                self.heard += chunk

    def close(self) -> bytes:
        """Everything heard."""
        self._client.close()
        return self.heard
