"""The address of renewal stays, and until the act is open it leads to the desk."""

import pytest
from django.conf import settings
from django.test import Client


@pytest.mark.django_db
def test_the_page_says_what_to_do_today() -> None:
    page = Client().get("/renewal/").content.decode()
    assert "comes later" in page
    assert settings.SITE["help_line"]["en"] in page
