"""Drill 4: a mail server that refuses, is busy, drops the connection, also after DATA, hangs, or is not there.

None is lost; none is handed over twice where the server's answer was heard; where it was not, the same Message-ID.
The pauses between tries are cut short: `hurry` lets the time of every next try come.
"""

import signal
import time
from collections import Counter
from contextlib import ExitStack

from tests.drills.conftest import Drill
from tests.mail_server import ACCEPT, BUSY, DROP, DROP_AFTER_DATA, REFUSE, SLOW, mail_server

REFUSED, TRIES = 4, 8


def test_a_mail_server_that_misbehaves(drill: Drill) -> None:
    server = drill.mails
    faults = [REFUSE] * REFUSED + [BUSY, DROP, ACCEPT, DROP_AFTER_DATA] * 6 + [DROP_AFTER_DATA, DROP, BUSY] * 3
    server.script.extend(faults)
    drill.site.start("signing", "mail")
    drill.wait_until(lambda found: [*found["orders"].values()] == [["issued", 1]] * 2, 40)  # its own certificates
    promised = set(drill.act("promise", 40))
    for _ in range(TRIES):
        drill.act("hurry")
        time.sleep(1)
    found = drill.wait_until(
        lambda found: not {"queued", "sending"} & {state for state, _ in found["mails"].values()}, 20
    )

    states = {message_id: state for message_id, (state, _) in found["mails"].items()}
    assert set(states) == promised
    assert Counter(states.values()) == {"sent": 40 - REFUSED, "failed": REFUSED}
    heard = Counter(arrival.message_id for arrival in server.arrivals if arrival.heard)
    assert heard == {message_id: 1 for message_id, state in states.items() if state == "sent"}
    unheard = [arrival.message_id for arrival in server.arrivals if not arrival.heard]
    assert len(unheard) == faults.count(DROP_AFTER_DATA)
    assert set(unheard) <= set(heard)  # what came twice came under its own Message-ID
    assert {error for state, error in found["mails"].values() if state == "failed"} == {REFUSE}


def test_a_worker_that_is_killed_before_it_hears_the_answer(drill: Drill) -> None:
    server = drill.mails
    drill.site.start("signing", "mail")
    drill.wait_until(lambda found: [*found["orders"].values()] == [["issued", 1]] * 2, 40)
    server.always = SLOW
    (message_id,) = drill.act("promise", 1)
    _wait_for_arrivals(drill, 1)
    drill.site.stop("mail", by=signal.SIGKILL)
    assert drill.act("look")["mails"][message_id][0] == "sending"

    server.always = ACCEPT
    drill.site.start("mail")
    drill.act("hurry")  # takes it back from the dead worker
    drill.act("hurry")
    drill.wait_until(lambda found: found["mails"][message_id][0] == "sent", 20)
    assert [arrival.message_id for arrival in server.arrivals] == [message_id] * 2


def test_a_mail_server_that_is_not_there_and_an_address_that_breaks_headers(drill: Drill) -> None:
    port = drill.mails.port
    drill.site.start("signing", "mail")
    drill.wait_until(lambda found: [*found["orders"].values()] == [["issued", 1]] * 2, 40)
    drill.stop_mail_server()
    promised = set(drill.act("promise", 10))
    drill.wait_until(
        lambda found: all(mail == ["queued", "ConnectionRefusedError"] for mail in found["mails"].values()), 20
    )
    with ExitStack() as running:
        server = running.enter_context(mail_server(port))
        drill.act("hurry")
        drill.wait_until(lambda found: all(state == "sent" for state, _ in found["mails"].values()), 20)
        assert Counter(arrival.message_id for arrival in server.arrivals) == dict.fromkeys(promised, 1)

        drill.site.stop("mail")
        (spoilt,) = drill.act("promise", 1)
        drill.act("spoil")
        drill.site.start("mail")
        drill.act("hurry")
        drill.wait_until(lambda found: found["mails"][spoilt] == ["queued", "cannot be written"], 20)
        assert {arrival.message_id for arrival in server.arrivals} == promised


def _wait_for_arrivals(drill: Drill, number: int) -> None:
    end = time.monotonic() + 20
    while len(drill.mails.arrivals) < number:
        assert time.monotonic() < end, drill.site.log("mail").read_text()[-2000:]
        time.sleep(0.02)
