"""The folder broker: whole messages, each to one reader, in order; queues do not mix."""

import threading
from collections import Counter
from pathlib import Path

import pytest
from kombu import Connection
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
    channel, seen, lock = connection.default_channel, Counter[int](), threading.Lock()
    stop = threading.Event()

    def write(first: int) -> None:
        for number in range(first, first + 200):
            channel._put("signing", {"id": number, "padding": "x" * 5000})

    def read() -> None:
        while not (stop.is_set() and channel._size("signing") == 0):
            try:
                message = channel._get("signing")
            except channel.connection.client.SimpleQueue("signing").Empty:
                continue
            with lock:
                seen[message["id"]] += 1

    writers = [threading.Thread(target=write, args=(n * 200,)) for n in range(3)]
    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join(30)
    stop.set()
    for thread in readers:
        thread.join(30)
    assert seen == Counter(range(600))
