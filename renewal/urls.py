"""The address of renewal; it stays."""

from django.urls import path

from renewal import views

app_name = "renewal"

urlpatterns = [path("", views.home, name="home")]
