"""Drill 3: the broker stops, and messages come more than once. Every order once, every mail handed over once.

Seconds stand for the ten minutes of a real outage: workers and scheduler lose their connection in the same way, and
nothing but the length of their pauses depends on how long it lasts (they try for ever, every half minute at most).
"""

import time
from collections import Counter
from typing import Any

from tests.drills.conftest import Drill

SECONDS_AWAY = 8
SECONDS_TO_REPAIR = 50  # the sweeps come every 20 s, and take what has waited for 15 s


def all_done(found: dict[str, Any]) -> bool:
    """Every order issued and every mail sent."""
    orders, mails = found["orders"].values(), found["mails"].values()
    return all(state == "issued" for state, _ in orders) and all(state == "sent" for state, _ in mails)


def test_a_broker_that_stops_loses_nothing_and_doubles_nothing(drill: Drill) -> None:
    drill.site.start("signing", "mail", "scheduler")
    of_the_service = [int(pk) for pk in drill.act("look")["orders"]]  # placed by the demo
    before = drill.act("place", 5)
    drill.wait_until(lambda found: len(found["mails"]) == 5 and all_done(found), 40)

    drill.broker.stop()
    away, promised = drill.act("place", 10), drill.act("promise", 10)
    time.sleep(SECONDS_AWAY)
    found = drill.act("look")
    assert [found["orders"][str(pk)][0] for pk in away] == ["placed"] * 10
    assert [found["mails"][message_id][0] for message_id in promised] == ["queued"] * 10
    assert drill.all_alive()

    drill.broker.start()
    drill.wait_until(lambda found: len(found["mails"]) == 25 and all_done(found), SECONDS_TO_REPAIR)
    drill.act("tell_again")
    fresh = drill.act("place", 1)  # comes last in the queues: when it is issued, the doubled messages were worked off
    found = drill.wait_until(lambda found: len(found["mails"]) == 26 and all_done(found), 40)

    assert found["orders"] == {str(pk): ["issued", 1] for pk in of_the_service + before + away + fresh}
    arrivals = Counter(arrival.message_id for arrival in drill.mails.arrivals)
    assert arrivals == dict.fromkeys(found["mails"], 1)
    assert all(b"application/pkcs7-signature" in arrival.content for arrival in drill.mails.arrivals)
    assert drill.all_alive()
