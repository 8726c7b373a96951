"""The address of renewal; it stays."""

from django.urls import path

from renewal.views import subscriber

app_name = "renewal"

urlpatterns = [path("", subscriber.home, name="home")]
