"""Letters that ask people to a call-up. An address is read for each attempt as anybody reads it: for a purpose, and as a fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from services.privacy.deciders.records.commands import ReadPersonalData, RecordTold
from services.privacy.deciders.records.state import CONTACT
from services.privacy.deciders.records.telling import ADDRESS, MAIL
from services.privacy.events.told import CalledPersonTold
from shared.handling.pending import Answer, Busy, Pending, Result, fingerprint
from shared.handling.wellformed import is_mail
from shared.kernel.commands import Command, Opaque, Signature, new_id
from shared.kernel.envelope import Recorded
from shared.kernel.errors import Destroyed, DomainError
from shared.reach.mail import NO_SERVER, MailServer, addressed, hand_in
from shared.reach.ports import Delivery, Dropped, Letter, Outcome, Told
from shared.sql.ports import LogBusy, StorageFailed
from shared.vault.vault import Vault

TOLD, ENDED = "privacy.personal_data.told.v1", "privacy.personal_data.task_ended.v1"
OUTBOX, OVER = "SYS.OUTBOX", "not sent: they answered, or are asked no more"
WAIT_S = 20  # for the fact that the address is read
LinkOf = Callable[[Letter], str | None]
"""Where its recipient answers; None where the node has no address to be reached at."""


class CallUpLetters:
    """Each says only that somebody is asked, and where to see for what: whoever reads along learns nothing of the person or the place."""

    def __init__(
        self,
        server: MailServer | None,
        vault: Vault,
        submit: Callable[[Pending], None],
        link_of: LinkOf,
        now: Callable[[], datetime],
        wall: Callable[[], datetime],
        silent: str | None = None,
    ) -> None:
        """`silent`: why nothing leaves this node (a drill, a story)."""
        self._server, self._vault, self._submit, self._link_of = server, vault, submit, link_of
        self._now, self._wall, self._silent = now, wall, silent

    def noted(self, recorded: Recorded) -> Letter | Told | Dropped | None:
        """Queued, told, or not to be sent any more since they answered or the offer ended."""
        said: Any = recorded.event if recorded.type in (TOLD, ENDED) else None
        if said is None:
            return None
        if isinstance(said, CalledPersonTold) and said.state is Delivery.QUEUED:
            about, division = f"{said.incident}:{said.call_up}", recorded.envelope.division  # a `:` is in no public id
            return Letter(recorded.position, recorded.id, about, said.subject, said.channel, recorded.id, division)
        if isinstance(said, CalledPersonTold):
            return Told(f"{said.incident}:{said.call_up}", said.subject, said.channel, said.letter) if said.letter is not None else None
        return Dropped(f"{said.incident}:{said.task}", said.subject, MAIL, OVER)

    def attempt(self, letter: Letter, now: datetime) -> Outcome | Callable[[], Outcome]:
        if self._silent is not None:
            return Outcome(Delivery.FAILED, f"{self._silent} sends nothing out")
        if self._server is None:
            return Outcome(Delivery.FAILED, NO_SERVER)
        server = self._server
        return lambda: self._send(letter, server)

    def report(self, letter: Letter, state: Delivery, detail: str, now: datetime) -> Command:
        return RecordTold(
            by=_by(letter),
            now=now,
            subject=letter.recipient,
            incident=incident_of(letter),
            call_up=call_up_of(letter),
            state=state,
            detail=detail or None,
            letter=Opaque(letter.event),
        )

    def _send(self, letter: Letter, server: MailServer) -> Outcome:
        try:
            address = self._read(letter)
        except (NotYet, Busy, LogBusy, StorageFailed):
            return Outcome(Delivery.QUEUED, "the node is busy, or cannot store")
        except Destroyed:  # as everybody is told of what is not copied yet; what is destroyed indeed is not there after the last attempt
            return Outcome(Delivery.QUEUED, "the address is being copied, or is destroyed")
        except DomainError as refusal:
            return Outcome(Delivery.FAILED, f"the address may not be read: {refusal.failures[0].cure}"[:300])
        if not is_mail(address):
            return Outcome(Delivery.FAILED, "what is held is no mail address: correct it (CorrectPersonalData)")
        message = composed(call_up_of(letter), self._link_of(letter))
        return hand_in(server, addressed(message, letter, server, address, self._wall()))

    def _read(self, letter: Letter) -> str:
        """The address, once it is a fact that it is read (ERL art. 84)."""
        waiting: Future[Result] = Future()
        asked = ReadPersonalData(
            by=_by(letter),
            now=self._now(),
            subjects=(letter.recipient,),
            fields=(ADDRESS,),
            purpose=CONTACT,
            incident=incident_of(letter),
        )
        self._submit(
            Pending(
                id=new_id(),  # a repeat would be answered without looking who may read by now
                command=asked,
                fingerprint=fingerprint("ReadPersonalData", letter.event.encode()),
                done=waiting.set_result,
                causation=letter.event,
                fresh=True,
            )
        )
        result = waiting.result(WAIT_S)
        if not isinstance(result, Answer):
            raise result
        records: Mapping[str, Mapping[str, str]] = result.extra["records"]
        ref = records[letter.recipient][ADDRESS]
        address = self._vault.read({ref: letter.recipient}, (ADDRESS,))[ref][ADDRESS]
        return str(address.reveal())


def composed(call_up: str, link: str | None) -> EmailMessage:
    """The mail without its addresses."""
    message = EmailMessage()
    message["Subject"] = f"请答复志愿服务征召 / Please answer a call-up: {call_up}"
    where = (
        (
            "请打开以下链接查看任务、时间、地点与风险告知，并答复“来”或“不来”。链接只属于您，请勿转发：",
            "Open this link to see the task, times, place and risks, and say whether you come. It is yours alone, do not pass it on:",
        )
        if link
        else ("请登录您的志愿者页面（/volunteer/me）查看并答复。", "Sign in to your own page (/volunteer/me) to see it and answer.")
    )
    zh, en = where
    lines = (
        f"您好：现征询您是否参加征召 {call_up}。",
        zh,
        *((link,) if link else ()),
        "是否参加完全自愿；不来不需要理由，也没有任何不利后果。",
        "",
        f"You are asked whether you come to the call-up {call_up}.",
        en,
        *((link,) if link else ()),
        "It is up to you: no reason is asked, and saying no has no consequence.",
    )
    message.set_content("\n".join(lines) + "\n")
    return message


def incident_of(letter: Letter) -> str:
    """Which incident it is for."""
    return letter.about.partition(":")[0]


def call_up_of(letter: Letter) -> str:
    """Which call-up it asks to."""
    return letter.about.partition(":")[2]


def _by(letter: Letter) -> Signature:
    return Signature(OUTBOX, ("SYS",), letter.division)
