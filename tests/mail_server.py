"""A real SMTP server on loopback that misbehaves on command, and remembers what it was given and what it answered."""

import asyncio
import socket
from asyncio import WriteTransport
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

ACCEPT = "250 OK"
BUSY = "451 4.3.0 try later"
REFUSE = "550 5.1.1 no such user"
DROP = "drop"  # the connection ends when the recipient is named
SLOW = "slow"  # the mail is kept, and the answer comes so late that a drill can end the worker before
DROP_AFTER_DATA = "drop after data"  # the mail is kept, and the connection ends before the answer


_SLOW_SECONDS = 4


@dataclass
class Arrival:
    """A mail that was sent whole: its bytes, its envelope, and whether its sender was told so."""

    content: bytes
    sender: str
    recipients: list[str]
    heard: bool

    @property
    def mail(self) -> Message:
        """The mail, parsed."""
        return message_from_bytes(self.content)

    @property
    def message_id(self) -> str:
        """Its Message-ID."""
        return str(self.mail["Message-ID"])


@dataclass
class MailServer:
    """What the test may tell the server, and what it saw.

    `script` holds answers for the next mails, one for each time a recipient is named; then `always` holds.
    """

    port: int = 0
    always: str = ACCEPT
    script: deque[str] = field(default_factory=deque)
    arrivals: list[Arrival] = field(default_factory=list)
    connections: int = 0
    tries: int = 0

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count connections."""
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Choose the answer for this mail."""
        self.tries += 1
        envelope.answer = self.script.popleft() if self.script else self.always
        if envelope.answer == DROP:
            _hang_up(server)
            return ACCEPT
        if envelope.answer == REFUSE:
            return REFUSE
        envelope.rcpt_tos.append(address)
        return ACCEPT

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail, unless the answer says that it was not taken."""
        answer: str = envelope.answer
        if answer in (ACCEPT, SLOW, DROP_AFTER_DATA):
            heard = answer == ACCEPT
            self.arrivals.append(Arrival(envelope.original_content, envelope.mail_from, list(envelope.rcpt_tos), heard))
        if answer == DROP_AFTER_DATA:
            _hang_up(server)
        if answer == SLOW:
            await asyncio.sleep(_SLOW_SECONDS)
        return ACCEPT if answer in (SLOW, DROP_AFTER_DATA) else answer


def _hang_up(server: SMTP) -> None:
    """End the connection without a word: what is still written to it reaches nobody."""
    assert isinstance(server.transport, WriteTransport)
    server.transport.abort()


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    """A mail server for as long as the block lasts, on this port or a free one."""
    server = MailServer(port or _free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port, data_size_limit=2**20)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
