"""The folder broker: whole messages, each to one reader, in order; queues do not mix."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty

import pytest
from kombu.connection import Connection
from kombu.transport import TRANSPORT_ALIASES


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    TRANSPORT_ALIASES["folder"] = "portal.broker:Transport"
    return Connection("folder://", transport_options={"folder": str(tmp_path), "polling_interval": 0.01})


def take(connection: Connection, queue: str) -> object:
    message = connection.SimpleQueue(queue).get(block=False)
    message.ack()
    return message.payload


def test_messages_come_in_order_and_each_queue_has_its_own(connection: Connection) -> None:
    for number in range(3):
        connection.SimpleQueue("signing").put({"id": number})
    connection.SimpleQueue("mail").put({"id": 99})
    assert [take(connection, "signing") for _ in range(3)] == [{"id": 0}, {"id": 1}, {"id": 2}]
    assert take(connection, "mail") == {"id": 99}
    with pytest.raises(connection.SimpleQueue("mail").Empty):
        take(connection, "mail")


def test_size_and_purge_count_one_queue(connection: Connection) -> None:
    channel = connection.default_channel
    for queue in ("signing", "signing", "mail"):
        channel._put(queue, {})
    assert channel._size("signing") == 2
    assert channel._purge("signing") == 2
    assert (channel._size("signing"), channel._size("mail")) == (0, 1)


def test_many_writers_and_readers_neither_lose_nor_double_nor_meet_half_a_message(connection: Connection) -> None:
    """The fault of kombu's own transport: a reader that finds a file before its content is there."""
    channel, seen = connection.default_channel, Counter[int]()

    def write(first: int) -> None:
        for number in range(first, first + 200):
            channel._put("signing", {"id": number, "padding": "x" * 5000})

    def read(_reader: int) -> Counter[int]:
        mine, end = Counter[int](), time.monotonic() + 30
        while time.monotonic() < end and not (written.is_set() and channel._size("signing") == 0):
            with suppress(Empty):
                mine[channel._get("signing")["id"]] += 1
        return mine

    written = threading.Event()
    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read, number) for number in range(3)]
        list(pool.map(write, (0, 200, 400)))
        written.set()
        for reader in readers:
            seen += reader.result()
    assert seen == Counter(range(600))
