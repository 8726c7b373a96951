"""Where a measurement takes place: the portal's tables in a database of their own, in a process of their own.

To import this module is to begin: it starts the database that TEST_DATABASE names (`tests.environment`), sets up
Django and makes the tables, so that modules which hold models can be imported after it.
"""

import json
import sys
from io import StringIO
from typing import Any

import django
from django.core.management import call_command
from django.test.utils import setup_test_environment

from tests import environment, postgresql

DATABASE = "PostgreSQL" if environment.POSTGRESQL else "SQLite"

if environment.POSTGRESQL:
    postgresql.create_database(environment.server_folder(), "sigillum")
django.setup()
setup_test_environment()  # mails stay in memory
call_command("migrate", verbosity=0)
call_command("load_agreements", stdout=StringIO())


def tell(**figures: Any) -> None:
    """Hand figures to the process that makes the table."""
    sys.stdout.write(json.dumps({"database": DATABASE, **figures}) + "\n")
    sys.stdout.flush()
