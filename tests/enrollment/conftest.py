"""Addresses on the public Internet: with others, publicly trusted mail certificates are not offered."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def public_addresses(settings: Settings) -> None:
    settings.PUBLIC_URL, settings.STATUS_URL = "https://portal.example.com", "http://status.example.com"
