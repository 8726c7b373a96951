"""From the press of the button to the certificate: real web-side service, real broker, real signing worker.

`python -m tests.bench.latency`, in the environment of a site whose signing worker runs.
"""

import json
import statistics
import sys
import time

import django

django.setup()

from certificates.models import Order  # noqa: E402  # models can be imported only after the set-up
from certificates.services import place_order  # noqa: E402
from tests.certificates.making import csr, draft, submission  # noqa: E402

ORDERS, WARM_UP = 60, 5
LONGEST = 60.0  # seconds


def seconds_to_certificate() -> float:
    """Place one order as the key page does, and watch until it is issued."""
    order, sent = draft(), submission(csr())
    begun = time.perf_counter()
    place_order(order=order, submission=sent)
    while True:
        state = Order.objects.values_list("state", flat=True).get(pk=order.pk)
        taken = time.perf_counter() - begun
        if state == "issued":
            return taken
        assert state in ("placed", "signing"), state
        assert taken < LONGEST, "the signing worker does not answer"
        time.sleep(0.005)


if __name__ == "__main__":
    times = sorted([seconds_to_certificate() for _ in range(ORDERS + WARM_UP)][WARM_UP:])
    figures = {"p50": statistics.median(times), "p95": times[int(len(times) * 0.95) - 1], "orders": len(times)}
    sys.stdout.write(json.dumps(figures) + "\n")
