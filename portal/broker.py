"""The broker of the embedded set-up: a folder of small files, one for each message.

kombu's own filesystem transport lets a reader see a file before it is written, which ends the worker. Here a message
appears whole, by renaming, and is taken by renaming, so that one reader has it. As elsewhere a message may get lost
with the process that took it; the sweeps find the row that it spoke of.
"""

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import virtual
from kombu.utils.json import dumps, loads


class Channel(virtual.Channel):
    """Queues as files `<time>-<random>.<queue>` in the one folder that the transport option `folder` names."""

    supports_fanout = False

    @property
    def _folder(self) -> Path:
        return Path(self.connection.client.transport_options["folder"])

    def _messages(self, queue: str) -> list[Path]:
        """What waits in a queue, the oldest first."""
        return sorted(path for path in self._folder.iterdir() if path.suffix == f".{queue}" and path.name[0] != ".")

    def _put(self, queue: str, message: Any, **_: Any) -> None:
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}.{queue}"
        draft = self._folder / f".{name}"
        draft.write_text(dumps(message), encoding="utf-8")
        draft.rename(self._folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in self._messages(queue):
            taken = path.with_name(f".taken-{os.getpid()}-{path.name}")
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue  # another reader was first
            message = loads(taken.read_text(encoding="utf-8"))
            taken.unlink()
            return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._messages(queue))

    def _purge(self, queue: str) -> int:
        waiting = self._messages(queue)
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)


class Transport(virtual.Transport):
    """Celery's way to the folder."""

    Channel = Channel
    global_state = virtual.BrokerState()
    default_port = None
    driver_type = "folder"
    driver_name = "folder"

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        self.state = self.global_state

    def driver_version(self) -> str:
        """There is only this one."""
        return "1"
