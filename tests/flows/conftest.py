"""What every flow stands on: a CA, and the agreement."""

from io import StringIO

import pytest
from django.core.management import call_command

from certificates.models import Authority
from tests.certificates.making import ceremony


@pytest.fixture
def ca(db: None) -> Authority:
    """An issuing CA on P-256 under a root of its own, and the agreement's texts."""
    call_command("load_agreements", stdout=StringIO())
    return ceremony()
