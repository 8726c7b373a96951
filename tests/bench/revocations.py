"""Revocation of many in one act: how long until OCSP and the list say so, and what memory it costs.

`python -m tests.bench.revocations <certificates>`
"""

# ruff: noqa: I001  # the scene comes first: it makes the tables that the others need
from tests.bench import scene

import os
import sys

from django.db import connection
from django.urls import reverse

from certificates.models import Authority
from tests.certificates.making import ceremony
from tests.revocation.crowd import answering, crowd, revoke_at_once


def make(authority: Authority, count: int) -> None:
    """The rows, in a process of its own: what it takes is not what revoking takes."""
    connection.close()  # no connection may be two processes'
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's alone has one
    child = os.fork()
    if child == 0:
        crowd(authority, count)
        os._exit(0)
    _, ended = os.waitpid(child, 0)
    assert ended == 0
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main(count: int) -> None:
    """Ten first, so that everything is loaded; then all."""
    reverse("home")
    authority = ceremony()
    answering(authority)
    make(authority, count + 10)
    revoke_at_once(authority, 10, asked_for=10)
    scene.tell(**revoke_at_once(authority, count, asked_for=count)._asdict())


if __name__ == "__main__":
    main(int(sys.argv[1]))
